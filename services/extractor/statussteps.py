"""The steps of the walk from a trigger up the tree: from verbs, nouns and prepositions to what governs them."""

from __future__ import annotations

from typing import Final

from spacy.tokens import Token

from services.extractor.arguments import in_headline, purpose_noun, same_clause
from services.extractor.forms import verb_forms
from services.extractor.kinds import is_verb
from services.extractor.lexicon import word_classes
from services.extractor.nounphrases import carrier, head_noun
from services.extractor.roletypes import ANSWERING
from services.extractor.statusphrases import CALL, describe_noun, in_phase, particles_of, phrasal
from services.extractor.statuswalk import BE, TELLING, Walk, auxiliaries_of, govern, is_infinitive, note_mood
from services.extractor.statuswords import status_words

CUT: Final = frozenset(
    form
    for lemma in (
        "cut",
        "reduce",
        "slash",
        "withhold",
        "freeze",
        "stop",
        "halt",
        "end",
        "trim",
        "curtail",
        "prohibit",
        "suspend",
    )
    for form in verb_forms(lemma)
)
"""Help that is one of these is withdrawn."""
MAX_STEPS: Final = 8
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
_SEEMING: Final = frozenset(form for lemma in ("appear", "seem", "look") for form in verb_forms(lemma))
_TALKS: Final = frozenset({"talks", "negotiations", "discussions"})


def step_from_verb(verb: Token, walk: Walk) -> Token | None:
    """Take the step up from a verb; None where the walk ends."""
    head, label = verb.head, verb.dep_
    if label != "ROOT" and not same_clause(verb, head):
        return None
    if label == "ROOT":
        if is_infinitive(verb):
            walk.note("planned", verb)
        return None
    if label == "acomp" and is_verb(head):
        return head
    if label in ("xcomp", "ccomp") and is_verb(head):
        return _step_to_clause(verb, head, walk)
    if label in ("xcomp", "ccomp", "advcl") and head.tag_.startswith("JJ"):
        govern(head, "j", walk)
        return head.head if is_verb(head.head) else None
    if label in ("pcomp", "prep") or (label == "advcl" and head.dep_ == "prep"):
        place = head.head if head.dep_ in ("prep", "agent", "mark") else head
        if head.lower_ == "of" and place.lower_ == "short":
            walk.negate(place)  # "stopped short of striking"
            return None
        if head.lower_ in _BEFORE:
            walk.note("planned", head)
            return None
        if head.lower_ in _AFTER or place == verb:
            return None
        return _step_to_governor(place, walk)
    if label in ("acl", "relcl"):
        return _step_to_noun(verb, head, walk)
    if label in ("dobj", "nsubj", "nsubjpass", "pobj", "csubj"):
        return step_from_noun(verb, walk)
    if label == "conj" and is_verb(head):
        if not any(child.dep_ in ("nsubj", "nsubjpass") for child in verb.children):
            if is_infinitive(head) or verb.tag_ in ("VB", "VBG") or not auxiliaries_of(verb):
                note_mood(head, walk)
            return step_from_verb(head, walk)
        return None
    if label == "advcl" and (noun := purpose_noun(verb)) is not None:
        return _step_to_noun(verb, noun, walk)
    if label == "advcl" and verb.tag_ == "VBG" and verb.i > head.i and is_verb(head):
        return head if phrasal(head, particles_of(head), walk) else None  # "ruled out resigning"
    if label == "advcl" and is_infinitive(verb):
        # What is to happen on a trip shares the fate of the trip: cancelled, denied, only considered.
        if not walk.said:
            walk.note("planned", verb)
        return head if is_verb(head) else None
    return None


def _step_to_clause(verb: Token, head: Token, walk: Walk) -> Token | None:
    if head.lower_ in BE and is_infinitive(verb):
        if any(word.lower_ == "yet" for word in (*head.children, *verb.children)):
            walk.note("hypothetical", head)  # "is yet to free them"
            return None
        walk.path.append(head)
        walk.note("planned", head)
        return head
    if head.lower_ == "going" and is_infinitive(verb):
        walk.path.append(head)
        walk.note("planned", head)
        return None
    if _is_sought(head):
        return None
    if verb.dep_ == "ccomp" and head.lower_ in _SEEMING and any(child.lower_ == "it" for child in head.children):
        walk.path.append(head)
        walk.note("considered", head)  # "it appeared that she wanted them to leave": an impression
        return None
    if verb.tag_ == "VBG" and phrasal(head, particles_of(head), walk):
        return head
    before = len(walk.effects)
    if verb.dep_ == "ccomp" and head.lower_ in TELLING:
        walk.report()
        return None
    if head.lower_ in ("have", "has", "had") and any(word.lower_ == "yet" for word in (*head.children, *verb.children)):
        walk.note("hypothetical", head)
        return None
    control = govern(head, "v", walk)
    if control == "other" and verb.dep_ == "xcomp" and is_infinitive(verb) and head.lower_ in ("told", "tell", "tells"):
        walk.note("requested", head)
        return head
    if control == "other":
        # Reported speech: "said he would visit" tells of a plan; the speaker's own mood says nothing of the event.
        walk.report()
        if is_infinitive(verb) and verb.i < head.i and any(child.dep_ == "nsubj" for child in verb.children):
            walk.note("planned", verb)  # headlines: "US to withdraw troops, Pentagon says"
        return None
    if control == "" and is_infinitive(verb) and "have" not in auxiliaries_of(verb):
        walk.note("considered", head)
    bare = verb.tag_ == "VB" and control == "object" and not auxiliaries_of(verb)  # "to help him win"
    if verb.dep_ == "ccomp" and len(walk.effects) == before and not (bare or is_infinitive(verb)):
        return None
    return head


def _step_to_noun(verb: Token, noun: Token, walk: Walk) -> Token | None:
    if not is_infinitive(verb):
        return _step_to_claim(verb, noun, walk)
    if any(child.lower_ in _FIRST for child in noun.children) or noun.lower_ in _FIRST:
        return None
    if govern(noun, "n", walk) == "":
        # Headlines: "Leaders of Vietnam and Philippines to meet in Hanoi".
        headline = noun.dep_ == "ROOT" or (noun.dep_ in ("nsubj", "dep") and in_headline(noun))
        walk.note("planned" if headline else "considered", verb)
        return None
    return noun


def _step_to_claim(verb: Token, noun: Token, walk: Walk) -> Token | None:
    """Take the step to who denies a claim, which holds for the event too: "dismissed rumours that he would go"."""
    claims = word_classes()["claim"]
    denying = noun.head
    if noun.lower_ not in claims or noun.dep_ not in ("dobj", "nsubjpass") or denying.lower_ not in ANSWERING:
        return None
    if not any(child.lower_ == "that" for child in verb.children) and verb.dep_ != "acl":
        return None
    walk.path += [noun, denying]
    walk.note("denied", denying)
    return None


def _step_to_governor(place: Token, walk: Walk) -> Token | None:
    if is_verb(place):
        if phrasal(place, particles_of(place), walk):
            return place
        before = len(walk.effects)
        govern(place, "v", walk)
        return place if len(walk.effects) > before else None
    if place.tag_.startswith("NN"):
        before = len(walk.effects)
        govern(place, "n", walk)
        return place if len(walk.effects) > before or place.lower_ in _SELF else None
    if place.tag_.startswith("JJ"):
        govern(place, "j", walk)
    return None


def _is_sought(verb: Token) -> bool:
    """True for "a man wanted for murder": the murder is what he is said to have done."""
    if verb.lower_ not in ("wanted", "sought") or any(child.dep_ in ("dobj", "xcomp") for child in verb.children):
        return False
    return any(child.dep_ == "prep" and child.lower_ == "for" for child in verb.children)


def step_from_noun(noun: Token, walk: Walk) -> Token | None:
    """Take the step up from a noun; None where the walk ends."""
    head, label = noun.head, noun.dep_
    if not same_clause(noun, head):
        return None
    outer = head_noun(noun)
    if outer is not None:
        if carrier(noun) == noun:
            return None
        describe_noun(outer, walk)
        if outer.lower_ not in ("effort", "efforts"):
            govern(outer, "n", walk)
        return outer
    if label == "conj" and not is_verb(head):
        return step_from_noun(head, walk)
    if label in ("dobj", "nsubjpass", "nsubj", "csubj", "attr", "oprd", "dative", "dep", "appos") and is_verb(head):
        return _step_to_verb(noun, head, walk)
    if label == "pobj" and head.dep_ in ("prep", "agent", "dative", "prt", "advmod", "pcomp"):
        return _step_over_preposition(head, walk)
    return None


def _step_to_verb(noun: Token, verb: Token, walk: Walk) -> Token | None:
    if walk.answered and not walk.path and noun.dep_ in ("dobj", "nsubjpass") and verb.lower_ in ANSWERING:
        walk.path.append(verb)
        return None  # who denies an accusation has been accused
    if phrasal(verb, particles_of(verb), walk):
        return verb
    if walk.helps and noun.dep_ in ("dobj", "nsubjpass") and verb.lower_ in CUT:
        walk.path.append(verb)
        walk.note("cancelled", verb)
        return verb
    if verb.lower_ in CALL:
        # To call a meeting or an election is to plan it; to call a strike unlawful says nothing.
        if noun.dep_ == "dobj" and not any(child.dep_ == "oprd" for child in verb.children):
            walk.note("planned", verb)
        return verb
    if verb.lower_ in BE and any(child.dep_ == "xcomp" and is_infinitive(child) for child in verb.children):
        walk.note("planned", verb)  # "900 jobs are to go"
        return verb
    if noun.dep_ in ("nsubj", "csubj") and not in_phase(verb, walk):
        # What an event does ("the strikes threaten ...") says nothing of the event, unless it is about its course.
        meaning = status_words().get((verb.lower_, "v"))
        if meaning is not None and meaning.effect in ("considered", "threatened", "requested", "denied", "agreed"):
            walk.path.append(verb)
            return None
        if meaning is not None and meaning.effect == "cancelled":
            walk.path.append(verb)
            return verb
    govern(verb, "v", walk)
    return verb


def _step_over_preposition(preposition: Token, walk: Walk) -> Token | None:
    lower = preposition.lower_
    place = preposition.head
    if walk.given and lower == "in":
        return _step_to_governor(place, walk) if is_verb(place) else place
    topic = _talked_about(preposition)
    if topic is not None:
        return _step_to_governor(topic, walk)
    if is_verb(place) and (lower in _APART or (lower == "for" and _is_sought(place))):
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


def _talked_about(preposition: Token) -> Token | None:
    """Return the talks whose topic follows, though parsers hang it on the verb: "renewed talks today on a pullout"."""
    if preposition.lower_ not in ("on", "over", "about") or not is_verb(preposition.head):
        return None
    things = (child for child in preposition.head.children if child.dep_ == "dobj" and child.i < preposition.i)
    return next((thing for thing in things if thing.lower_ in _TALKS), None)


def _shared_future(verb: Token, walk: Walk) -> None:
    """Note that what surrounds the event lies ahead: "will be hosted for a summit", "may sign at the talks"."""
    if not is_verb(verb):
        return
    around = Walk()
    token: Token | None = verb
    for _ in range(MAX_STEPS):
        if token is None:
            break
        if is_verb(token):
            note_mood(token, around)
            token = step_from_verb(token, around)
        else:
            token = step_from_noun(token, around)
    for effect in ("considered", "would", "cancelled", "planned"):
        if effect in around.effects and not around.negations:
            walk.note(effect, next(reason.word for reason in around.reasons if reason.effect == effect))
            return
