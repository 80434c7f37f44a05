"""How far along an event is, read from what governs its trigger: considered, requested, ... denied, cancelled.

From the trigger the walk goes up the tree through verbs, plans and agreements; each step may have an effect (its own
verb form, negation, a condition, a word of ``status_words.tsv``). ``_combine`` then decides among the effects: what is
refused or called off is so whatever was planned; of what is merely weighed nothing stronger holds; of requests and
agreements the outermost counts ("accepted an invitation to visit" is agreed).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from spacy.tokens import Token

from services.extractor.arguments import carrier, head_noun, is_verb, modifiers, objects, purpose_noun
from services.extractor.forms import verb_forms
from services.extractor.statuswords import status_words
from services.extractor.triggers import Trigger

DURATIVE: Final = frozenset(
    ("negotiations", "trial", "labour-strike", "hunger-strike", "rescue", "campaign", "protest")
)
"""Types that last: one that has begun and not ended is ongoing."""
_TELLING: Final = frozenset({"announce", "announced", "announces", "announcing", "declare", "declared", "declares"})
"""Who announces that something happens need not take part in it; who announces it ("announced sanctions") does."""
_SPEECH: Final = frozenset(
    {"demand", "protest", "criticism", "warning", "endorsement", "accusation", "sport-result", "award"}
)
_HOSTILE: Final = frozenset(
    {"attack", "coup", "cyberattack", "robbery", "bombing", "hostage-taking", "murder", "shooting"}
)
"""An attempt at one of these is one itself, as police and newspapers count them."""
HELP: Final = frozenset({"aid", "military-aid"})
_GIVEN: Final = frozenset({"aid", "military-aid", "debt", "investment"})
_TRYING: Final = frozenset({"try", "tries", "tried", "trying", "attempt", "attempts", "attempted", "attempting"})
_PROJECTS: Final = frozenset(
    {"aid", "military-aid", "negotiations", "campaign", "labour-strike", "hunger-strike", "investigation", "rescue"}
)
_HOSTILE_PLANS: Final = frozenset(
    (
        "sanctions",
        "restriction",
        "trade-measure",
        "diplomatic-break",
        "boycott",
        "crackdown",
        "deportation",
        "strike",
        "bombing",
        "attack",
        "invasion",
        "hostage-taking",
        "labour-strike",
        "hunger-strike",
        "protest",
    )
)
"""Who announces one of these against somebody threatens it (PLOVER: THREATEN), whatever the words."""
CUT: Final = frozenset(
    form
    for lemma in ("cut", "reduce", "slash", "withhold", "freeze", "stop", "halt", "end", "trim", "curtail", "prohibit")
    for form in verb_forms(lemma)
)
"""Help that is one of these is withdrawn."""
_ENDING: Final = frozenset(form for lemma in ("end", "halt", "stop", "cease", "finish") for form in verb_forms(lemma))
_RELIEF: Final = frozenset({"sanctions-lifted", "restriction-lifted", "ceasefire", "withdrawal"})
"""Types that are the end of something themselves."""
_MAX_STEPS: Final = 8
_BE: Final = frozenset({"be", "is", "are", "was", "were", "'s", "’s", "'re", "’re", "been", "being", "am"})
_CONDITION: Final = frozenset({"if", "unless", "whether", "lest", "provided", "should"})
_GENERALLY: Final = frozenset({"rarely", "seldom", "usually", "sometimes", "typically", "normally"})
"""What happens so is a habit and no event."""
_AFTER: Final = frozenset(
    ("after", "before", "until", "following", "since", "despite", "because", "subsequent", "given", "due", "from")
)
_BEFORE: Final = frozenset({"ahead", "pending"})
"""Words that put the event after the day of the report; "before" and "until" stand in stories of the past as well."""
_DURING: Final = frozenset({"amid", "amidst"})
_SELF: Final = frozenset(
    (
        "start",
        "beginning",
        "signing",
        "part",
        "end",
        "completion",
        "conclusion",
        "round",
        "series",
        "extension",
        "mandate",
        "renewal",
        "resumption",
        "expansion",
        "delivery",
        "deployment",
        "kind",
        "number",
    )
)
"""Nouns whose "of" says nothing of the status: "the start of talks" is as far along as "start" is."""
_FIRST: Final = frozenset({"first", "last", "only", "latest", "second", "third", "youngest", "oldest", "one"})
_APART: Final = frozenset({"over", "from", "as", "under", "near", "with"})
"""Prepositions of cause and setting: a strike planned "over a takeover" tells nothing of the takeover."""
_PLAIN: Final = frozenset({"in", "at"})
"""Prepositions that do not lead from an intention to its content: who voted "in an election" has not planned one."""
_CALL: Final = frozenset({"call", "calls", "called", "calling"})
_PHRASAL: Final = (
    (_CALL, frozenset({"off"}), "cancelled"),
    (frozenset({"put", "puts", "putting"}), frozenset({"off"}), "cancelled"),
    (frozenset({"rule", "rules", "ruled", "ruling"}), frozenset({"out"}), "denied"),
    (frozenset({"turn", "turns", "turned", "turning"}), frozenset({"down"}), "denied"),
    (frozenset({"go", "goes", "went", "gone", "going"}), frozenset({"ahead"}), ""),
    (frozenset({"carry", "carries", "carried", "carrying"}), frozenset({"out"}), ""),
)
_PHASE: Final = frozenset({"underway", "ongoing", "imminent", "pending", "under"})


@dataclass(frozen=True, slots=True)
class Reason:
    """A word that has a say in how far along an event is."""

    word: Token
    effect: str
    """A status, an effect of ``status_words.tsv``, or negation, would, hypothetical, past-progressive, amid."""


@dataclass(frozen=True, slots=True)
class Status:
    """How far along an event is as one sentence tells."""

    value: str
    """A status of the ontology; empty where the sentence says that nothing happened."""
    threatened: bool = False
    explicit: bool = False
    """True where a word or verb form says so; False for a noun that merely refers to the event."""
    path: tuple[Token, ...] = ()
    """The words that govern the event, from the trigger upwards."""
    reasons: tuple[Reason, ...] = ()
    """The words that the value was decided by, from the trigger upwards."""
    corrected_by: str = ""
    """What the rest of the article corrected the value by: "date", "earlier mention", "later events"; mostly empty."""


@dataclass(slots=True)
class _Walk:
    """What the walk gathered, from the trigger upwards."""

    effects: list[str] = field(default_factory=list)
    path: list[Token] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    negations: int = 0
    given: bool = False
    """True for what is counted in money: "pledged a million dollars in aid"."""
    helps: bool = False
    """True for aid: to cut it is to withdraw it."""
    said: bool = False
    """True where an infinitive tells the outcome: who blocks a road "to demand" something demands it."""
    explicit: bool = False

    def note(self, effect: str, word: Token) -> None:
        if effect:
            self.effects.append(effect)
            self.reasons.append(Reason(word, effect))
            self.explicit = True

    def negate(self, word: Token) -> None:
        self.negations += 1
        self.reasons.append(Reason(word, "negation"))

    def report(self) -> None:
        """Take "would" for the plan that it is in reported speech: "said he would visit"."""
        self.effects = ["planned" if effect == "would" else effect for effect in self.effects]
        self.reasons = [Reason(each.word, "planned") if each.effect == "would" else each for each in self.reasons]


def _auxiliaries(verb: Token) -> dict[str, Token]:
    return {child.lower_: child for child in verb.children if child.dep_ in ("aux", "auxpass")}


def _mood(verb: Token, walk: _Walk) -> None:
    """Note what the form of a verb says."""
    auxiliaries = _auxiliaries(verb)

    def one_of(words: Collection[str]) -> Token | None:
        return next((token for lower, token in auxiliaries.items() if lower in words), None)

    for child in verb.children:
        if child.dep_ == "neg" or (
            child.dep_ in ("advmod", "preconj") and child.lower_ in ("never", "neither", "hardly")
        ):
            walk.negate(child)
        if child.dep_ == "advmod" and child.lower_ in _GENERALLY:
            walk.note("hypothetical", child)
        if child.dep_ in ("mark", "advmod") and child.lower_ in _CONDITION:
            walk.note("considered", child)
        if child.dep_ == "advmod" and child.lower_ == "longer" and any(word.lower_ == "no" for word in child.children):
            walk.negate(child)
        if child.dep_ == "advcl":
            for mark in (word for word in child.children if word.lower_ == "unless" and word.dep_ == "mark"):
                walk.note("threatened", mark)
    if word := one_of(("will", "'ll", "’ll", "shall", "wo")):
        walk.note("planned", word)
    elif word := one_of(("would", "'d", "’d")):
        walk.note("hypothetical" if "have" in auxiliaries else "would", word)
    elif word := one_of(("could", "may", "might", "can")):
        walk.note("hypothetical" if "have" in auxiliaries and "could" in auxiliaries else "considered", word)
    elif word := one_of(("should", "must", "ought")):
        walk.note("requested", word)
    elif (verb.tag_ == "VBG" and (word := one_of(_BE))) or (word := one_of(("being",))):
        walk.note("past-progressive" if one_of(("was", "were")) else "ongoing", word)


def _infinitive(verb: Token) -> bool:
    return verb.tag_ == "VB" and "to" in _auxiliaries(verb)


def _govern(word: Token, pos: str, walk: _Walk) -> str:
    """Note what a governing word does to the event; return its control."""
    meaning = status_words().get((word.lower_, pos))
    walk.path.append(word)
    if meaning is None:
        return ""
    walk.note(meaning.effect, word)
    # "held talks", "launched a raid": who carries something out says that it takes place.
    carried = pos == "v" and meaning.control == "agent" and word.lower_ not in _BE and word.lower_ not in _TELLING
    walk.explicit = walk.explicit or carried
    return meaning.control or "none"


def _step_from_verb(verb: Token, walk: _Walk) -> Token | None:
    """Take the step up from a verb; None where the walk ends."""
    head, label = verb.head, verb.dep_
    if label == "ROOT":
        if _infinitive(verb):
            walk.note("planned", verb)
        return None
    if label == "acomp" and is_verb(head):
        return head
    if label in ("xcomp", "ccomp") and is_verb(head):
        return _step_to_clause(verb, head, walk)
    if label in ("xcomp", "ccomp", "advcl") and head.tag_.startswith("JJ"):
        _govern(head, "j", walk)
        return head.head if is_verb(head.head) else None
    if label in ("pcomp", "prep") or (label == "advcl" and head.dep_ == "prep"):
        place = head.head if head.dep_ in ("prep", "agent", "mark") else head
        if head.lower_ in _BEFORE:
            walk.note("planned", head)
            return None
        if head.lower_ in _AFTER or place == verb:
            return None
        return _step_to_governor(place, walk)
    if label in ("acl", "relcl"):
        return _step_to_noun(verb, head, walk)
    if label in ("dobj", "nsubj", "nsubjpass", "pobj", "csubj"):
        return _step_from_noun(verb, walk)
    if label == "conj" and is_verb(head):
        if not any(child.dep_ in ("nsubj", "nsubjpass") for child in verb.children):
            if _infinitive(head) or verb.tag_ in ("VB", "VBG") or not _auxiliaries(verb):
                _mood(head, walk)
            return _step_from_verb(head, walk)
        return None
    if label == "advcl" and (noun := purpose_noun(verb)) is not None:
        return _step_to_noun(verb, noun, walk)
    if label == "advcl" and _infinitive(verb) and not walk.said:
        # What is to happen on a trip shares the fate of the trip: cancelled, denied, only considered.
        walk.note("planned", verb)
        return head if is_verb(head) else None
    return None


def _step_to_clause(verb: Token, head: Token, walk: _Walk) -> Token | None:
    if head.lower_ in _BE and _infinitive(verb):
        walk.path.append(head)
        walk.note("planned", head)
        return head
    if head.lower_ == "going" and _infinitive(verb):
        walk.path.append(head)
        walk.note("planned", head)
        return None
    before = len(walk.effects)
    if verb.dep_ == "ccomp" and head.lower_ in _TELLING:
        walk.report()
        return None
    if head.lower_ in ("have", "has", "had") and any(word.lower_ == "yet" for word in (*head.children, *verb.children)):
        walk.note("hypothetical", head)
        return None
    control = _govern(head, "v", walk)
    if control == "other" and verb.dep_ == "xcomp" and _infinitive(verb) and head.lower_ in ("told", "tell", "tells"):
        walk.note("requested", head)
        return head
    if control == "other":
        # Reported speech: "said he would visit" tells of a plan; the speaker's own mood says nothing of the event.
        walk.report()
        return None
    if control == "" and _infinitive(verb) and "have" not in _auxiliaries(verb):
        walk.note("considered", head)
    if verb.dep_ == "ccomp" and len(walk.effects) == before and not _infinitive(verb):
        return None
    return head


def _step_to_noun(verb: Token, noun: Token, walk: _Walk) -> Token | None:
    if not _infinitive(verb):
        return None
    if any(child.lower_ in _FIRST for child in noun.children) or noun.lower_ in _FIRST:
        return None
    if _govern(noun, "n", walk) == "":
        # Headlines: "Leaders of Vietnam and Philippines to meet in Hanoi".
        walk.note("planned" if noun.dep_ == "ROOT" else "considered", verb)
        return None
    return noun


def _step_to_governor(place: Token, walk: _Walk) -> Token | None:
    if is_verb(place):
        before = len(walk.effects)
        _govern(place, "v", walk)
        return place if len(walk.effects) > before else None
    if place.tag_.startswith("NN"):
        before = len(walk.effects)
        _govern(place, "n", walk)
        return place if len(walk.effects) > before or place.lower_ in _SELF else None
    if place.tag_.startswith("JJ"):
        _govern(place, "j", walk)
    return None


def _describe_noun(noun: Token, walk: _Walk) -> None:
    """Note what stands before a noun: "a possible swap", "no talks"."""
    words = list(modifiers(noun)) + [child for child in noun.children if child.dep_ == "det"]
    for word in words:
        if word.i and word.nbor(-1).text == "-":
            continue  # "long-threatened" describes what has come to pass
        if word.lower_ == "no":
            walk.negate(word)
        meaning = status_words().get((word.lower_, "a"))
        if meaning is not None:
            walk.note(meaning.effect, word)
    for child in noun.children:
        if child.dep_ == "acl" and child.tag_ in ("VBN", "VBD"):
            # "a summit planned for June", "talks called off"
            particles = {word.lower_ for word in child.children if word.dep_ in ("prt", "advmod")}
            if not _phrasal(child, particles, walk):
                meaning = status_words().get((child.lower_, "v"))
                if meaning is not None and meaning.effect in ("planned", "cancelled", "denied"):
                    walk.note(meaning.effect, child)


def _step_from_noun(noun: Token, walk: _Walk) -> Token | None:
    """Take the step up from a noun; None where the walk ends."""
    head, label = noun.head, noun.dep_
    outer = head_noun(noun)
    if outer is not None:
        if carrier(noun) == noun:
            return None
        _describe_noun(outer, walk)
        if outer.lower_ not in ("effort", "efforts"):
            _govern(outer, "n", walk)
        return outer
    if label == "conj" and not is_verb(head):
        return _step_from_noun(head, walk)
    if label in ("dobj", "nsubjpass", "nsubj", "csubj", "attr", "oprd", "dative", "dep", "appos") and is_verb(head):
        return _step_to_verb(noun, head, walk)
    if label == "pobj" and head.dep_ in ("prep", "agent", "dative", "prt", "advmod", "pcomp"):
        return _step_over_preposition(head, walk)
    return None


def _step_to_verb(noun: Token, verb: Token, walk: _Walk) -> Token | None:
    phrasal = {child.lower_ for child in verb.children if child.dep_ in ("prt", "advmod", "prep")}
    if _phrasal(verb, phrasal, walk):
        return verb
    if walk.helps and noun.dep_ in ("dobj", "nsubjpass") and verb.lower_ in CUT:
        walk.path.append(verb)
        walk.note("cancelled", verb)
        return verb
    if verb.lower_ in _CALL:
        # To call a meeting or an election is to plan it; to call a strike unlawful says nothing.
        if noun.dep_ == "dobj" and not any(child.dep_ == "oprd" for child in verb.children):
            walk.note("planned", verb)
        return verb
    if noun.dep_ in ("nsubj", "csubj") and not _in_phase(verb, walk):
        # What an event does ("the strikes threaten ...") says nothing of the event, unless it is about its course.
        meaning = status_words().get((verb.lower_, "v"))
        if meaning is not None and meaning.effect in ("considered", "threatened", "requested", "denied", "agreed"):
            walk.path.append(verb)
            return None
        if meaning is not None and meaning.effect == "cancelled":
            walk.path.append(verb)
            return verb
    _govern(verb, "v", walk)
    return verb


def _phrasal(verb: Token, particles: set[str], walk: _Walk) -> bool:
    """Note what a verb with its particle does to an event: "call off", "rule out"; False for other verbs."""
    for verbs, wanted, effect in _PHRASAL:
        if verb.lower_ in verbs and particles & wanted:
            walk.path.append(verb)
            walk.note(effect, verb)
            return True
    return False


def _in_phase(verb: Token, walk: _Walk) -> bool:
    """Note "is under way", "is due", "are ongoing" said of the event; True where something was."""
    for child in verb.children:
        if child.dep_ == "prep" and child.lower_ == "out" and any(word.lower_ == "question" for word in child.subtree):
            walk.note("denied", child)
            return True
        if child.dep_ in ("acomp", "advmod", "prep", "oprd", "attr") and child.lower_ in _PHASE:
            walk.note("ongoing" if child.lower_ in ("underway", "ongoing", "under") else "planned", child)
            return True
        if child.dep_ == "acomp":
            meaning = status_words().get((child.lower_, "j")) or status_words().get((child.lower_, "a"))
            if meaning is not None:
                walk.note(meaning.effect, child)
                return True
    return False


def _step_over_preposition(preposition: Token, walk: _Walk) -> Token | None:
    lower = preposition.lower_
    place = preposition.head
    if walk.given and lower == "in":
        return _step_to_governor(place, walk) if is_verb(place) else place
    if is_verb(place) and lower in _APART:
        return None
    if is_verb(place) and lower in _PLAIN:
        _shared_future(place, walk)
        return None
    if lower in _DURING:
        walk.note("amid", preposition)
        return None
    if lower in _BEFORE or (lower == "of" and place.lower_ in _BEFORE):
        walk.note("planned", preposition if lower in _BEFORE else place)
        return None
    if lower in _AFTER or place.lower_ in _AFTER:
        return None
    if lower == "to" and place.lower_ in ("prior", "up"):
        walk.note("planned", place)
        return None
    if lower in ("during", "by", "while"):
        _shared_future(place, walk)
        return None
    if lower == "without":
        walk.negate(preposition)
        return None
    before = len(walk.path)
    found = _step_to_governor(place, walk)
    if found is None and is_verb(place):
        del walk.path[before + 1 :]
        _shared_future(place, walk)
    return found


def _shared_future(verb: Token, walk: _Walk) -> None:
    """Note that what surrounds the event lies ahead: "will be hosted for a summit", "may sign at the talks"."""
    if not is_verb(verb):
        return
    around = _Walk()
    token: Token | None = verb
    for _ in range(_MAX_STEPS):
        if token is None:
            break
        if is_verb(token):
            _mood(token, around)
            token = _step_from_verb(token, around)
        else:
            token = _step_from_noun(token, around)
    for effect in ("considered", "would", "cancelled", "planned"):
        if effect in around.effects and not around.negations:
            walk.note(effect, next(reason.word for reason in around.reasons if reason.effect == effect))
            return


def _is_help(trigger: Trigger) -> bool:
    return trigger.type in HELP or trigger.token.lower_ == "mediation"


def status(trigger: Trigger) -> Status:
    """Return how far along the event of ``trigger`` is."""
    walk = _Walk(said=trigger.type in _SPEECH, given=trigger.type in _GIVEN, helps=_is_help(trigger))
    token: Token | None = trigger.token
    if trigger.is_noun:
        _describe_noun(trigger.token, walk)
    else:
        if walk.helps and trigger.token.lower_ in CUT:
            walk.note("cancelled", trigger.token)
        around = (child for thing in objects(trigger.token) for child in thing.children)
        nobody = next((child for child in around if child.lower_ == "no" and child.dep_ == "det"), None)
        if nobody is not None:
            walk.negate(nobody)
    for _ in range(_MAX_STEPS):
        if token is None:
            break
        if is_verb(token) and not (token == trigger.token and trigger.is_noun):
            _mood(token, walk)
            token = _step_from_verb(token, walk)
        else:
            token = _step_from_noun(token, walk)
    if trigger.token.doc[-1].text == "?":
        walk.note("considered", trigger.token.doc[-1])
    value, threatened = _combine(walk, trigger)
    threatened = threatened or (value == "planned" and trigger.type in _HOSTILE_PLANS)
    explicit = walk.explicit or walk.negations > 0 or not trigger.is_noun
    return Status(value, threatened, explicit, tuple(walk.path), tuple(walk.reasons))


def _combine(walk: _Walk, trigger: Trigger) -> tuple[str, bool]:
    effects = walk.effects
    if trigger.type in _HOSTILE and any(word.lower_ in _TRYING for word in walk.path):
        effects = [effect for effect in effects if effect != "considered"]
    threatened = "threatened" in effects
    negated = walk.negations % 2 == 1
    if "hypothetical" in effects:
        return "", False
    if "requested" in effects and trigger.type not in _RELIEF and any(word.lower_ in _ENDING for word in walk.path):
        return "", False
    if "cancelled" in effects:
        outer = effects[effects.index("cancelled") :]
        if "requested" in outer:
            return "", False  # who is asked to call it off has not done so; the request is told by its own word
        if "denied" in outer:
            return "planned", False
    if "denied" in effects:
        return ("considered" if negated else "denied"), False
    if negated:
        # What simply did not happen is no event; what was not planned, agreed or going on is denied.
        hoped = {"planned", "agreed", "requested", "considered", "ongoing", "would", "cancelled"} & set(effects)
        return ("denied" if hoped - {"cancelled"} else "planned" if hoped else ""), False
    for wins in ("considered", "threatened", "would"):
        if wins in effects:
            return "considered", threatened
    if "cancelled" in effects:
        return "cancelled", False
    for effect in reversed(effects):
        if effect in ("requested", "agreed"):
            return effect, False
    if "ended" in effects:
        # To end a project is to call it off; to end fighting is not to call off a battle.
        return ("cancelled" if trigger.type in _PROJECTS else ""), False
    if "ongoing" in effects:
        return "ongoing", False
    if "planned" in effects:
        return "planned", False
    lasting = trigger.type in DURATIVE
    if "started" in effects or "amid" in effects:
        return ("ongoing" if lasting or "amid" in effects else "occurred"), False
    return "occurred", False
