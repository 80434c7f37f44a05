"""Participants of an event told by a verb, and whom words, demands and protests are aimed at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spacy.tokens import Token

from services.extractor.arguments import is_passive, objects, subjects
from services.extractor.forms import verb_forms
from services.extractor.frames import Frame
from services.extractor.kinds import is_proper
from services.extractor.nounphrases import owners, prepositional, prepositions, relative_verbs
from services.extractor.phrases import (
    actors_only,
    content_clauses,
    is_possessed,
    named_only,
    named_or_national,
    named_within,
    nationalities,
)
from services.extractor.prepositionroles import preposition_roles
from services.extractor.roletypes import HARMFUL, JOINT_WORK, OWN_FORCES, SPEECH_TYPES
from services.extractor.triggers import Trigger

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
_DISPERSING: Final = frozenset({"disperse", "scatter", "repel", "dispersing"})


def verb_roles(trigger: Trigger, rules: Frame, path: tuple[Token, ...]) -> Iterator[tuple[str, list[Token]]]:
    """Yield the roles of an event told by a verb, with the heads of the phrases that play them."""
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
        if trigger.type in JOINT_WORK:
            done_to = [thing for thing in done_to if is_proper(thing)]
        own = [thing for thing in done_to if trigger.type in OWN_FORCES and not is_proper(thing)]
        yield "subject", own
        yield rules.patient, [thing for thing in done_to if thing not in own]
    yield from preposition_roles(verb, trigger.type, rules)
    if trigger.type in SPEECH_TYPES:
        yield from _addressed(verb, rules)
    if trigger.type == "concession":  # "allow the return of UN inspectors"
        returning = [item for thing in objects(verb) for item in prepositional(thing, "of")]
        yield rules.patient, [item for item in returning if owners(item)]
    if trigger.type in HARMFUL:  # "opened fire to disperse the miners"
        yield (
            rules.patient,
            [
                thing
                for child in verb.children
                if child.dep_ == "advcl" and child.lower_ in _DISPERSING
                for thing in objects(child)
            ],
        )
    if trigger.type == "crackdown":  # "prevented a march by students"
        for thing in objects(verb):
            for doing in (thing, *relative_verbs(thing)):
                yield rules.patient, prepositional(doing, "by")
    if trigger.type == "visit":
        yield rules.patient, named_only(prepositional(verb, "in") + prepositional(verb, "at"))
    for thing in objects(verb):
        if not is_passive(verb) and not is_proper(thing):
            yield from preposition_roles(thing, trigger.type, rules)
            if trigger.type in ("sanctions-lifted", "restriction-lifted", "restriction", "withdrawal", "ceasefire"):
                yield rules.patient, nationalities(thing)


def _addressed(verb: Token, rules: Frame) -> Iterator[tuple[str, list[Token]]]:
    """Yield whom words are aimed at: who is to act ("demanded that Greece act"), whose doing is praised or rejected."""
    for clause in content_clauses(verb):
        doers = [word for word in clause.children if word.dep_ in ("nsubj", "nsubjpass")]
        yield rules.patient, doers
        if not doers:
            # "promised to send aid to Mozambique", "refused to meet the king"
            yield rules.patient, list(named_within(clause))
        elif not actors_only(doers):
            # "demanded that control be taken away from the generals"
            yield rules.patient, named_or_national(prepositional(clause, "from") + prepositional(clause, "by"))
    after = prepositions(verb)
    for thing in [
        thing for name in ("on", "to", "with", "from") for thing in after.get(name, ()) if not actors_only([thing])
    ]:
        if not thing.ent_type_ and thing.tag_.startswith("NN"):  # "reneged on a promise to the miners"
            yield rules.patient, list(named_within(thing))
    for thing in objects(verb):
        if not is_proper(thing) and not is_passive(verb):
            yield rules.patient, [child for child in thing.children if child.dep_ == "poss"] + owners(thing)
            for preposition in ("by", "from", "of", "for", "at"):
                whole = prepositional(thing, preposition)
                yield rules.patient, actors_only(whole) + [item for item in whole if is_possessed(item)]
            for clause in content_clauses(thing):
                yield rules.patient, [word for word in clause.children if word.dep_ in ("nsubj", "nsubjpass")]


def grievances(holder: Token, rules: Frame) -> Iterator[tuple[str, list[Token]]]:
    """Yield whom a protest is against: "to demand reforms from the king", "in protest at the decision of X"."""
    for child in holder.children:
        clause = child.dep_ in ("advcl", "xcomp", "acl", "conj") and child.lower_ in _GRIEVING
        cause = child.dep_ == "prep" and child.lower_ in ("over", "against", "at")
        against = child.dep_ == "prep" and any(
            item.lower_ in ("protest", "defiance", "response", "opposition", "support") for item in child.children
        )
        if clause or cause or against:
            yield rules.patient, list(named_within(child))
