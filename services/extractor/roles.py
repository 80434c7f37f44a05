"""Who did it to whom: the participants of a trigger as phrases of the sentence, each with its role.

Verbs give them by subject, object and prepositions; nouns by possessors, "of", "by", "between", "with", by nationality
adjectives and by the light verb that carries them ("paid a visit"). Custody words give the country that holds
somebody: who is freed "from a Russian prison" was held by Russia.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from spacy.tokens import Token

from services.extractor.arguments import in_headline, same_clause, subjects
from services.extractor.frames import Frame, frame
from services.extractor.kinds import is_person, is_verb
from services.extractor.nounphrases import governing_verb, owners, prepositional
from services.extractor.nounroles import noun_roles, provided_roles
from services.extractor.phrases import Part, actor_heads, actors_only, named_only, named_within, nationalities, phrase
from services.extractor.roletypes import ANSWERED, ANSWERING, CUSTODY_TYPES, PROTESTS, SPEECH_OF_EVENTS
from services.extractor.statuswords import status_words
from services.extractor.triggers import Trigger
from services.extractor.verbroles import grievances, verb_roles

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
_MAX_STEPS: Final = 6


def participants(trigger: Trigger, path: tuple[Token, ...]) -> list[Part]:
    """Return the phrases that take part in the event, agents first; ``path`` as in ``Status``."""
    rules = frame(trigger.type)
    found: list[tuple[str, Token]] = []
    source = noun_roles if trigger.is_noun else verb_roles
    for role, tokens in source(trigger, rules, path):
        found += [(role, head) for head in actor_heads(tokens)]
    if trigger.type in PROTESTS:
        verb = governing_verb(trigger.token) if trigger.is_noun else None
        for holder in (trigger.token, verb):
            if holder is not None:
                found += [(role, head) for role, tokens in grievances(holder, rules) for head in actor_heads(tokens)]
    if trigger.type == "mobilization":
        foes = [item for word in trigger.token.subtree if word.lower_ == "against" for item in word.children]
        found += [(rules.patient, head) for foe in foes for head in (foe, *named_within(foe)) if head.ent_type_]
    for word in _chain(trigger.token):
        found += [("source", head) for head in actor_heads(_obliging(word))]
    refused = _refused(path)
    for governor in path:
        told = _of_governor(trigger, governor, rules, refused=refused)
        found += [(role, head) for role, tokens in told for head in actor_heads(tokens)]
    if refused:
        barred = {thing.i for verb in path for thing in _let(verb)}
        found = [(rules.patient if head.i in barred and role == rules.agent else role, head) for role, head in found]
    if not any(role == rules.agent for role, _ in found):
        found += [(rules.agent, head) for head in actor_heads(_ruling(trigger.token))]
    if trigger.type in CUSTODY_TYPES:
        acting = {head.i for _, head in found}
        found += [("source", token) for token in _holders(trigger.token) if token.head.i not in acting]
    if all(role != rules.patient for role, _ in found) or (rules.reciprocal and len({head.i for _, head in found}) < 2):
        found += [(rules.patient, head) for head in _conditions(trigger.token, path)]
    if trigger.is_noun and len({head.i for _, head in found}) < 2:
        found += [(role, head) for role, tokens in provided_roles(trigger, rules) for head in actor_heads(tokens)]
    parts: list[Part] = []
    seen: set[int] = set()
    for role, head in found:
        if head.i in seen or (head.i == trigger.token.i and not is_person(head)):
            continue
        if not in_headline(head) or same_clause(head, trigger.token):
            seen.add(head.i)
            parts.append(Part(role, phrase(head)))
    return parts


def _chain(token: Token) -> list[Token]:
    """Return ``token`` and what it depends on inside its clause."""
    found = [token]
    while len(found) < _MAX_STEPS and found[-1].dep_ not in ("ROOT", "relcl", "acl"):
        found.append(found[-1].head)
    return found


def _let(verb: Token) -> list[Token]:
    """Return whom a verb lets or makes do something, however it is parsed: "refused to allow |planes| to land"."""
    meaning = status_words().get((verb.lower_, "v"))
    if not is_verb(verb) or meaning is None or meaning.control != "object":
        return []
    clauses = [child for child in verb.children if child.dep_ == "ccomp"]
    return [
        thing
        for holder in (verb, *clauses)
        for thing in holder.children
        if thing.dep_ in (("dobj", "dative") if holder is verb else ("nsubj", "nsubjpass"))
    ]


def _ruling(doing: Token) -> list[Token]:
    """Return who says of a doing that it is out of the question, and would be who does it: nobody else is named."""
    verb = doing.head
    if doing.dep_ != "csubj" or doing.tag_ != "VBG" or verb.dep_ != "ccomp":
        return []
    meaning = status_words().get((verb.head.lower_, "v"))
    return subjects(verb.head) if meaning is not None and meaning.control == "other" else []


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
                yield from named_only(subjects(child))


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
        elif not (governor.lower_ in SPEECH_OF_EVENTS and rules.reciprocal):
            doers = subjects(governor)
            if trigger.token in doers:
                return  # "the release of X came days after ..."
            yield _answering(trigger, governor) or rules.agent, doers
            if rules.reciprocal:
                yield rules.agent, prepositional(governor, "with")
        return
    if (governor.lower_, "n") in status_words():
        side = rules.patient if refused and rules.patient != "subject" else rules.agent
        yield side, [child for child in governor.children if child.dep_ == "poss"] + owners(governor)
        for preposition in ("between", "by"):
            yield side, prepositional(governor, preposition)
        yield rules.agent if rules.reciprocal else "target", named_only(prepositional(governor, "from"))
        if rules.reciprocal:
            yield rules.agent, prepositional(governor, "with")
        verb = governing_verb(governor)
        meaning = status_words().get((verb.lower_, "v")) if verb is not None else None
        if verb is not None and meaning is not None and meaning.control in ("agent", "object"):
            yield (rules.agent if rules.reciprocal else "source"), subjects(verb)
            if status_words()[(governor.lower_, "n")].effect == "requested":
                yield rules.agent, actors_only(prepositional(verb, "to") + prepositional(governor, "to"))


def _answering(trigger: Trigger, governor: Token) -> str:
    """Return the role of who rejects what was said to them: "denied the accusation"; empty for other verbs."""
    answered = trigger.is_noun and trigger.type in ANSWERED and trigger.token.dep_ in ("dobj", "nsubjpass")
    return frame(trigger.type).patient if answered and governor.lower_ in ANSWERING else ""


def _holders(trigger: Token) -> Iterator[Token]:
    """Yield the countries whose prisons, courts or police the sentence names."""
    if named_only(prepositional(trigger, "in")):
        return  # "arrested in Colombia": the prisons of another country are another story
    for token in trigger.doc:
        if token.lower_ in _CUSTODY:
            yield from nationalities(token)
            yield from (child for child in token.children if child.dep_ == "poss" and child.ent_type_ == "GPE")
