"""Who did it to whom: the participants of a trigger as phrases of the sentence, each with its role.

Verbs give them by subject, object and prepositions; nouns by possessors, "of", "by", "between", "with", by nationality
adjectives and by the light verb that carries them ("paid a visit"). Custody words give the country that holds
somebody: who is freed "from a Russian prison" was held by Russia.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from spacy.tokens import Span, Token

from services.contracts.ontology import event_types
from services.extractor.arguments import (
    carrier,
    governing_verb,
    is_passive,
    is_proper,
    is_verb,
    objects,
    owners,
    prepositional,
    prepositions,
    relative_verbs,
    subjects,
    widen,
)
from services.extractor.forms import verb_forms
from services.extractor.frames import Frame, frame
from services.extractor.lexicon import word_classes
from services.extractor.status import CUT, HELP
from services.extractor.statuswords import status_words
from services.extractor.triggers import Trigger

_AT: Final = ("on", "against", "at", "toward", "towards", "into", "upon", "over")
_TO_TYPES: Final = frozenset(
    (
        "visit",
        "aid",
        "military-aid",
        "extradition",
        "apology",
        "deportation",
        "arms-deal",
        "endorsement",
        "release",
        "warning",
        "threat",
        "guilty-plea",
        "asylum",
        "withdrawal",
        "displacement",
        "peacekeeping",
        "mobilization",
        "announcement",
        "sanctions-lifted",
        "criticism",
        "meeting",
        "demand",
        "pledge",
        "defiance",
        "concession",
        "restriction-lifted",
        "cooperation",
        "negotiations",
        "investigation",
    )
)
_WITH_TYPES: Final = frozenset(
    (
        "diplomatic-relations",
        "diplomatic-break",
        "military-aid",
        "merger",
        "sanctions",
        "restriction",
        "boycott",
        "refusal",
    )
)
_FOR_TYPES: Final = frozenset({"aid", "military-aid", "endorsement", "debt", "restriction"})
_FROM_GIVER: Final = frozenset({"aid", "military-aid", "arms-deal", "debt", "investment"})
_JOINT_WORK: Final = frozenset({"cooperation"})
"""Types whose object is only what is shared."""
_OWN_FORCES: Final = frozenset({"mobilization", "withdrawal", "peacekeeping"})
"""Types whose object is no other side: who deploys troops does nothing to the troops."""
_HARM: Final = frozenset(
    form for lemma in ("kill", "wound", "injure", "hit", "destroy", "damage", "hurt") for form in verb_forms(lemma)
)
_HARMFUL: Final = frozenset({"strike", "bombing", "attack", "shooting", "battle"})
_FROM_TYPES: Final = frozenset(
    (
        "withdrawal",
        "rescue",
        "release",
        "displacement",
        "deportation",
        "extradition",
        "diplomatic-break",
        "sanctions",
        "demand",
        "restriction",
        "peacekeeping",
    )
)
_THERE: Final = frozenset(
    (
        "strike",
        "bombing",
        "attack",
        "invasion",
        "restriction",
        "restriction-lifted",
        "aid",
        "military-aid",
        "mobilization",
        "peacekeeping",
        "espionage",
    )
)
"""Types that happen to the country or town they take place in: "bombed a church in Jolo", "a curfew in Cizre"."""
_COUNTRY_IS_TARGET: Final = frozenset(
    {"sanctions", "sanctions-lifted", "aid", "military-aid", "invasion", "restriction"}
)
_SPEECH: Final = frozenset(
    (
        "criticism",
        "accusation",
        "demand",
        "refusal",
        "endorsement",
        "threat",
        "warning",
        "veto",
        "investigation",
        "pledge",
        "concession",
        "defiance",
        "boycott",
        "apology",
    )
)
_PROTESTS: Final = frozenset({"protest", "riot", "labour-strike", "hunger-strike", "boycott", "crackdown"})
_GRIEVING: Final = frozenset(
    form
    for lemma in (
        "demand",
        "convince",
        "persuade",
        "protest",
        "call",
        "press",
        "denounce",
        "oppose",
        "condemn",
        "show",
        "urge",
        "seek",
        "ask",
    )
    for form in verb_forms(lemma)
)
"""Verbs that tell what a protest is for or against."""
_BETWEEN_STATES: Final = frozenset({"conflict-war-peace", "politics-government", "economy-business-finance"})
_CUSTODY_TYPES: Final = frozenset(
    (
        "release",
        "arrest",
        "charge",
        "trial",
        "conviction",
        "acquittal",
        "sentencing",
        "prisoner-exchange",
        "pardon",
        "extradition",
        "execution",
        "hostage-taking",
    )
)
_CUSTODY: Final = frozenset(
    (
        "prison",
        "prisons",
        "jail",
        "jails",
        "custody",
        "detention",
        "captivity",
        "court",
        "courts",
        "authorities",
        "prosecutors",
        "colony",
        "cell",
        "police",
    )
)
_SPEECH_OF_EVENTS: Final = frozenset({"announce", "announced", "announces", "announcing", "unveil", "unveiled"})
_JOINT_PLACES: Final = frozenset({"during", "in", "at", "after", "following", "over", "by"})
_MAX_STEPS: Final = 6
_NO_ACTOR: Final = frozenset({"there", "this", "that", "which", "what", "one"})


@dataclass(frozen=True, slots=True)
class Part:
    """A phrase that takes part in an event."""

    role: str
    span: Span


def phrase(head: Token) -> Span:
    """Return the noun phrase of ``head``: what stands before it, names and "of" after it, but no clauses."""
    last = head.i
    for child in head.children:
        if child.i > head.i and (
            (child.dep_ in ("appos", "nmod", "flat") and is_proper(child) and child.i - head.i < 8)
            or (child.dep_ == "prep" and child.lower_ == "of")
            or seat(head) == child
        ):
            last = max(last, child.right_edge.i if child.dep_ == "prep" else child.i)
    first = head.left_edge.i
    for word in head.doc[first : head.i]:
        if word.dep_ == "cc" and head.doc[word.i + 1 : head.i].text[:1].strip():
            first = word.i + 1
    # A phrase of thirty words is a clause that the parser hung on its noun.
    return head.doc[max(first, head.i - 20) : min(last, head.i + 12) + 1]


def seat(head: Token) -> Token | None:
    """Return the preposition that says whence a group is, right after it: "Rebels in Mali blocked the road"."""
    if head.dep_ not in ("nsubj", "nsubjpass") or not head.tag_.startswith("NN") or is_proper(head):
        return None
    for child in head.children:
        if child.dep_ == "prep" and child.i == head.i + 1 and child.lower_ in ("in", "from", "across", "throughout"):
            named = any(item.dep_ == "pobj" and item.ent_type_ in ("GPE", "LOC", "ORG") for item in child.children)
            return child if named else None
    return None


def _heads(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        if is_verb(token) and token.tag_ != "VBG":
            yield from _heads(subjects(token))
            continue
        wide = list(widen(token))
        for each in wide:
            counts = each.lower_ in word_classes()["quantity"] or each.tag_ == "CD"
            if each.lower_ in _NO_ACTOR or (counts and len(wide) > 1):
                continue
            yield each


def participants(trigger: Trigger, path: tuple[Token, ...]) -> list[Part]:
    """Return the phrases that take part in the event, agents first; ``path`` as in ``Status``."""
    rules = frame(trigger.type)
    found: list[tuple[str, Token]] = []
    source = _of_noun if trigger.is_noun else _of_verb
    for role, tokens in source(trigger, rules, path):
        found += [(role, head) for head in _heads(tokens)]
    if trigger.type in _PROTESTS:
        verb = governing_verb(trigger.token) if trigger.is_noun else None
        for holder in (trigger.token, verb):
            if holder is not None:
                found += [(role, head) for role, tokens in _grievances(holder, rules) for head in _heads(tokens)]
    if trigger.type == "mobilization":
        foes = [item for word in trigger.token.subtree if word.lower_ == "against" for item in word.children]
        found += [(rules.patient, head) for foe in foes for head in (foe, *_named_within(foe)) if head.ent_type_]
    for word in _chain(trigger.token):
        found += [("source", head) for head in _heads(_obliging(word))]
    refused = _refused(path)
    for governor in path:
        told = _of_governor(trigger, governor, rules, refused=refused)
        found += [(role, head) for role, tokens in told for head in _heads(tokens)]
    if trigger.type in _CUSTODY_TYPES:
        acting = {head.i for _, head in found}
        found += [("source", token) for token in _holders(trigger.token) if token.head.i not in acting]
    if all(role != rules.patient for role, _ in found) or (rules.reciprocal and len({head.i for _, head in found}) < 2):
        found += [(rules.patient, head) for head in _conditions(trigger.token, path)]
    parts: list[Part] = []
    seen: set[int] = set()
    for role, head in found:
        if head.i not in seen and head.i != trigger.token.i:
            seen.add(head.i)
            parts.append(Part(role, phrase(head)))
    return parts


def _chain(token: Token) -> list[Token]:
    """Return ``token`` and what it depends on inside its clause."""
    found = [token]
    while len(found) < _MAX_STEPS and found[-1].dep_ not in ("ROOT", "relcl", "acl"):
        found.append(found[-1].head)
    return found


def _obliging(verb: Token) -> list[Token]:
    """Return who says that something must be done: "Georgia said that Russia must return the drone"."""
    said = verb.head
    meaning = status_words().get((said.lower_, "v"))
    if verb.dep_ != "ccomp" or not is_verb(said) or meaning is None or meaning.control != "other":
        return []
    obliged = any(child.dep_ == "aux" and child.lower_ in ("must", "should", "ought") for child in verb.children)
    return subjects(said) if obliged else []


def _conditions(trigger: Token, path: tuple[Token, ...]) -> Iterator[Token]:
    """Yield who is to give way where something is threatened: "will strike unless Israel withdraws"."""
    words: Iterable[Token] = (trigger, *path)
    if any((meaning := status_words().get((word.lower_, "v"))) and meaning.effect == "threatened" for word in path):
        words = trigger.doc  # the condition of a threat is hung on any verb of its content
    for word in words:
        for child in word.children:
            if child.dep_ == "advcl" and any(mark.lower_ in ("unless", "if", "until") for mark in child.children):
                yield from _names(subjects(child))


def _of_verb(trigger: Trigger, rules: Frame, path: tuple[Token, ...]) -> Iterator[tuple[str, list[Token]]]:
    verb = trigger.token
    if trigger.pattern.roles == "patient":
        yield rules.patient, subjects(verb)
    elif trigger.pattern.roles == "source":
        yield rules.agent, subjects(verb) or (objects(verb) if is_passive(verb) else [])
    else:
        done_to = objects(verb)
        numbers = {thing.i for thing in done_to}
        # A headline's subject may be the object: "Man convicted of murder".
        yield rules.agent, [token for token in subjects(verb) if token.i not in numbers]
        if trigger.type in _JOINT_WORK:
            done_to = [thing for thing in done_to if is_proper(thing)]
        own = [thing for thing in done_to if trigger.type in _OWN_FORCES and not is_proper(thing)]
        yield "subject", own
        yield rules.patient, [thing for thing in done_to if thing not in own]
    yield from _by_preposition(verb, trigger.type, rules)
    if trigger.type in _SPEECH:
        yield from _addressed(verb, rules)
    if trigger.type == "visit":
        yield rules.patient, _names(prepositional(verb, "in") + prepositional(verb, "at"))
    for thing in objects(verb):
        if not is_passive(verb) and not is_proper(thing):
            yield from _by_preposition(thing, trigger.type, rules)
            if trigger.type in ("sanctions-lifted", "restriction-lifted", "restriction", "withdrawal", "ceasefire"):
                yield rules.patient, _nationalities(thing)


def _addressed(verb: Token, rules: Frame) -> Iterator[tuple[str, list[Token]]]:
    """Yield whom words are aimed at: who is to act ("demanded that Greece act"), whose doing is praised or rejected."""
    for clause in _clauses(verb):
        doers = [word for word in clause.children if word.dep_ in ("nsubj", "nsubjpass")]
        yield rules.patient, doers
        if not doers:
            # "promised to send aid to Mozambique", "refused to meet the king"
            yield rules.patient, list(_named_within(clause))
        elif not _actors(doers):
            # "demanded that control be taken away from the generals"
            yield rules.patient, _named(prepositional(clause, "from") + prepositional(clause, "by"))
    after = prepositions(verb)
    for thing in [
        thing for name in ("on", "to", "with", "from") for thing in after.get(name, ()) if not _actors([thing])
    ]:
        if not thing.ent_type_ and thing.tag_.startswith("NN"):  # "reneged on a promise to the miners"
            yield rules.patient, list(_named_within(thing))
    for thing in objects(verb):
        if not is_proper(thing) and not is_passive(verb):
            yield rules.patient, [child for child in thing.children if child.dep_ == "poss"] + owners(thing)
            for preposition in ("by", "from", "of", "for", "at"):
                whole = prepositional(thing, preposition)
                yield rules.patient, _actors(whole) + [item for item in whole if _possessed(item)]
            for clause in _clauses(thing):
                yield rules.patient, [word for word in clause.children if word.dep_ in ("nsubj", "nsubjpass")]


def _grievances(holder: Token, rules: Frame) -> Iterator[tuple[str, list[Token]]]:
    """Yield whom a protest is against: "to demand reforms from the king", "in protest at the decision of X"."""
    for child in holder.children:
        clause = child.dep_ in ("advcl", "xcomp", "acl", "conj") and child.lower_ in _GRIEVING
        cause = child.dep_ == "prep" and child.lower_ in ("over", "against", "at")
        against = child.dep_ == "prep" and any(
            item.lower_ in ("protest", "defiance", "response", "opposition", "support") for item in child.children
        )
        if clause or cause or against:
            yield rules.patient, list(_named_within(child))


def _named_within(holder: Token, steps: int = 8) -> Iterator[Token]:
    """Yield the first names found downwards of ``holder``; where something happens is not asked for.

    A name that only describes a noun stands for the noun: "by Turkish forces" is about the forces.
    """
    before = ("amod", "compound", "nmod")
    for child in holder.children:
        if child.dep_ in ("relcl", "nsubj", "punct", "cc") or (child.dep_ == "prep" and child.lower_ in ("in", "near")):
            continue
        if child.ent_type_ in ("PERSON", "ORG", "GPE", "NORP"):
            yield holder if child.dep_ in before and holder.tag_.startswith("NN") else child
        elif steps:
            yield from _named_within(child, steps - 1)


def _clauses(word: Token) -> list[Token]:
    """Return the verbs of what is said, asked or promised: "is willing to go", "<statement>, he protested"."""
    found = []
    for child in word.children:
        if child.dep_ == "acomp":
            found += [deeper for deeper in child.children if deeper.dep_ == "xcomp" and is_verb(deeper)]
        elif child.dep_ in ("ccomp", "xcomp", "acl") and is_verb(child):
            told_before = child.dep_ == "ccomp" and any(item.dep_ == "nsubj" for item in child.children)
            if told_before or (child.i > word.i and not (child.dep_ == "acl" and child.tag_ == "VBN")):
                found.append(child)
    return found


def _possessed(noun: Token) -> bool:
    """True for "Serbia's rulers": whoever that is, the name says whose."""
    return any(child.dep_ == "poss" and child.ent_type_ for child in noun.children)


def _of_noun(trigger: Trigger, rules: Frame, path: tuple[Token, ...]) -> Iterator[tuple[str, list[Token]]]:
    noun = trigger.token
    outer = carrier(noun)
    for thing in prepositional(noun, "of"):
        if not is_proper(thing):  # "a suspension of links with Libya"
            yield from _by_preposition(thing, trigger.type, rules)
    for holder in {noun.i: noun, outer.i: outer}.values():
        yield rules.role(rules.possessor), [child for child in holder.children if child.dep_ == "poss"]
        yield from _before(holder, trigger.type, rules)
        yield rules.role(rules.of), prepositional(holder, "of")
        yield from _by_preposition(holder, trigger.type, rules)
        for clause in relative_verbs(holder):
            meaning = status_words().get((clause.lower_, "v"))
            within = any(child.dep_ == "prep" and child.i < clause.i for child in clause.children)
            if within or (meaning is not None and meaning.control == "agent"):
                yield rules.agent, [token for token in subjects(clause) if token.i != holder.i]
                if within:
                    yield rules.patient, objects(clause)
                yield from _by_preposition(clause, trigger.type, rules)
    if trigger.type in _SPEECH:
        above = noun.head if noun.dep_ == "dobj" else noun
        for clause in _clauses(noun) + (_clauses(above) if is_verb(above) else []):
            yield rules.patient, [word for word in clause.children if word.dep_ in ("nsubj", "nsubjpass")]
    verb = governing_verb(noun)
    if verb is None:
        return
    meaning = status_words().get((verb.lower_, "v"))
    carried = meaning is not None and meaning.control in ("agent", "object")
    carried = carried or (trigger.type in ("demand", "pledge") and noun.dep_ == "dobj")
    carried = carried or (trigger.type in HELP and verb.lower_ in CUT)
    outer = _whole(outer)
    if trigger.type in _HARMFUL and outer.dep_ == "nsubj" and verb.lower_ in _HARM:
        yield rules.patient, objects(verb)
    said = verb.lower_ in _SPEECH_OF_EVENTS and rules.reciprocal
    if outer.dep_ in ("dobj", "nsubjpass", "conj", "attr", "dative") and carried and not said:
        yield (rules.patient if trigger.pattern.roles == "patient" else rules.agent), subjects(verb)
    if outer.dep_ == "dobj" and carried and not rules.reciprocal:
        yield rules.patient, [child for child in verb.children if child.dep_ == "dative" and child.tag_ != "IN"]
    if outer.dep_ in ("dobj", "nsubjpass", "nsubj", "conj") and (carried or outer.dep_ == "nsubj"):
        yield from _by_preposition(verb, trigger.type, rules)
    if outer.dep_ == "pobj" and (rules.reciprocal or carried) and outer.head.head == verb:
        joined = outer.head.lower_ in _JOINT_PLACES and rules.reciprocal
        if joined or (carried and outer.head.lower_ in ("in", "to", "on", "for", "into", "with")):
            yield rules.agent, subjects(verb) or (objects(verb) if not joined else [])
            if joined and not is_passive(verb):
                yield rules.patient, prepositional(verb, "with")


def _whole(noun: Token) -> Token:
    """Return what an event is part of or counted by: "five million dollars of aid", "an extension of the truce"."""
    for _ in range(3):
        if noun.dep_ != "pobj" or noun.head.lower_ != "of" or not noun.head.head.tag_.startswith(("NN", "CD", "$")):
            break
        noun = noun.head.head
    return noun


def _before(noun: Token, event_type: str, rules: Frame) -> Iterator[tuple[str, list[Token]]]:
    """Yield who stands before a noun: "Russian strikes", "US-Ukraine talks", "Fogel release"."""
    for child in noun.children:
        if child.dep_ not in ("amod", "compound", "nmod") or child.i > noun.i:
            continue
        named = child.ent_type_ in ("GPE", "ORG") and child.tag_.startswith(("JJ", "NNP"))
        # A town before the noun is where an event happens ("the Athens riots"), but who acts between states.
        if child.ent_type_ == "NORP" or (named and event_types()[event_type].topic in _BETWEEN_STATES):
            target = event_type in _COUNTRY_IS_TARGET and not child.tag_.startswith("JJ")
            yield (rules.patient if target else rules.agent), [child]
        elif child.ent_type_ == "PERSON":
            yield rules.role(rules.possessor), [child]
        elif child.lower_ in word_classes()["worker"] or child.lower_ in word_classes()["group"]:
            yield rules.agent, [child]


def _nationalities(noun: Token) -> list[Token]:
    return [
        child
        for child in noun.children
        if child.ent_type_ in ("NORP", "GPE") and child.i < noun.i and child.dep_ != "det"
    ]


def _by_preposition(holder: Token, event_type: str, rules: Frame) -> Iterator[tuple[str, list[Token]]]:
    after = prepositions(holder)
    if not after:
        return

    def of(*names: str) -> list[Token]:
        return [token for name in names for token in after.get(name, ())]

    yield rules.agent, of("between", "among")
    if not (is_verb(holder) and is_passive(holder)):
        yield rules.agent, _names(of("by"))
    if rules.reciprocal or event_type in _WITH_TYPES:
        yield (rules.agent if rules.reciprocal else rules.patient), of("with")
    elif event_type in ("criticism", "demand", "lawsuit"):
        yield rules.patient, _names(of("with"))
    yield rules.patient, _actors(of(*_AT))
    if event_type == "investigation":  # "into crimes committed by Croat forces"
        yield rules.patient, [name for thing in of("into") if not thing.ent_type_ for name in _named_within(thing)]
    if event_type in _TO_TYPES:
        yield rules.patient, _actors(of("to"))
    if event_type in _FOR_TYPES:
        yield rules.patient, _actors(of("for"))
    if event_type in _FROM_GIVER:
        yield rules.agent, _actors(of("from"))
    elif event_type in _FROM_TYPES:
        from_where = of("from")
        yield rules.patient, _names(from_where) if event_type in _CUSTODY_TYPES else _named(from_where)
    if event_type in _THERE:
        yield rules.patient, _names(of("in", "near"))


def _named(tokens: list[Token]) -> list[Token]:
    """Return the names among ``tokens``, and the nationalities before those that are none: "against German goods"."""
    names = _names(tokens)
    return names + [each for token in tokens if token not in names for each in _nationalities(token)]


def _names(tokens: list[Token]) -> list[Token]:
    return [token for token in tokens if token.ent_type_ in ("PERSON", "ORG", "GPE", "NORP", "LOC", "FAC")]


def _actors(tokens: list[Token]) -> list[Token]:
    """Drop what is only a day, a sum or a thing: "on Tuesday", "on charges"."""
    kept = []
    for token in tokens:
        people = word_classes()["person"] | word_classes()["org"] | word_classes()["group"] | word_classes()["leader"]
        if token.ent_type_ in ("DATE", "TIME", "MONEY", "CARDINAL", "PERCENT", "ORDINAL", "QUANTITY"):
            continue
        if token.ent_type_ or token.lower_ in people or is_verb(token) or token.tag_.startswith(("NNP", "PRP")):
            kept.append(token)
        else:
            kept += _nationalities(token)
    return kept


def _refused(path: tuple[Token, ...]) -> bool:
    return any((meaning := status_words().get((word.lower_, "v"))) and meaning.effect == "denied" for word in path)


def _of_governor(
    trigger: Trigger, governor: Token, rules: Frame, *, refused: bool
) -> Iterator[tuple[str, list[Token]]]:
    """Yield who plans, agrees to or asks for the event; whose plan or request is ``refused`` is a target."""
    if is_verb(governor):
        meaning = status_words().get((governor.lower_, "v"))
        if meaning is None or meaning.control in ("other", ""):
            return
        if meaning.control == "object":
            yield (rules.agent if rules.reciprocal else "source"), subjects(governor)
            yield rules.agent, [child for child in governor.children if child.dep_ in ("dobj", "dative", "nsubjpass")]
        elif not (governor.lower_ in _SPEECH_OF_EVENTS and rules.reciprocal):
            yield rules.agent, subjects(governor)
            if rules.reciprocal:
                yield rules.agent, prepositional(governor, "with")
        return
    if (governor.lower_, "n") in status_words():
        side = rules.patient if refused and rules.patient != "subject" else rules.agent
        yield side, [child for child in governor.children if child.dep_ == "poss"] + owners(governor)
        for preposition in ("between", "by"):
            yield side, prepositional(governor, preposition)
        yield rules.agent if rules.reciprocal else "target", _names(prepositional(governor, "from"))
        if rules.reciprocal:
            yield rules.agent, prepositional(governor, "with")
        verb = governing_verb(governor)
        meaning = status_words().get((verb.lower_, "v")) if verb is not None else None
        if verb is not None and meaning is not None and meaning.control in ("agent", "object"):
            yield (rules.agent if rules.reciprocal else "source"), subjects(verb)
            if status_words()[(governor.lower_, "n")].effect == "requested":
                yield rules.agent, _actors(prepositional(verb, "to") + prepositional(governor, "to"))


def _holders(trigger: Token) -> Iterator[Token]:
    """Yield the countries whose prisons, courts or police the sentence names."""
    if _names(prepositional(trigger, "in")):
        return  # "arrested in Colombia": the prisons of another country are another story
    for token in trigger.doc:
        if token.lower_ in _CUSTODY:
            yield from _nationalities(token)
            yield from (child for child in token.children if child.dep_ == "poss" and child.ent_type_ == "GPE")
