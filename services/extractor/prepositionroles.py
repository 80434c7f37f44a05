"""Participants that prepositions give a verb or noun: "between", "by", "with", "against", "to", "from"."""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Token

from services.extractor.arguments import is_passive
from services.extractor.frames import Frame
from services.extractor.kinds import is_verb
from services.extractor.nounphrases import prepositions, relative_verbs
from services.extractor.phrases import actors_only, named_only, named_or_national, named_within
from services.extractor.roletypes import (
    AT,
    CUSTODY_TYPES,
    FOR_TYPES,
    FROM_GIVER,
    FROM_TYPES,
    HERE_AND_THERE,
    MEASURES,
    THERE_TYPES,
    TO_TYPES,
    WITH_TYPES,
)


def preposition_roles(holder: Token, event_type: str, rules: Frame) -> Iterator[tuple[str, list[Token]]]:
    """Yield the roles that the prepositions of ``holder``, a verb or noun, give to what follows them."""
    after = prepositions(holder)
    if not after:
        return

    def of(*names: str) -> list[Token]:
        return [token for name in names for token in after.get(name, ())]

    yield rules.agent, of("between", "among")
    if not (is_verb(holder) and is_passive(holder)):
        yield rules.agent, named_only(of("by"))
    if rules.reciprocal or event_type in WITH_TYPES:
        yield (rules.agent if rules.reciprocal else rules.patient), of("with")
    elif event_type in ("criticism", "demand", "lawsuit"):
        yield rules.patient, named_only(of("with"))
    asked = event_type == "demand" and "from" in after  # "demands answers from X on Y"
    yield rules.patient, [] if asked else actors_only(of(*(HERE_AND_THERE if event_type in CUSTODY_TYPES else AT)))
    if event_type in MEASURES:  # "duties on bicycles imported from China"
        yield rules.patient, [name for thing in of("on") if not actors_only([thing]) for name in named_within(thing)]
    if event_type in ("investigation", "cyberattack"):  # "into crimes committed by Croat forces"
        for thing in of("into"):
            blamed = [doer for doing in (thing, *relative_verbs(thing)) for doer in _behind(doing)]
            yield rules.patient, blamed or ([] if thing.ent_type_ else list(named_within(thing)))
    if event_type in TO_TYPES:
        yield rules.patient, actors_only(of("to"))
    if event_type in FOR_TYPES:
        yield rules.patient, actors_only(of("for"))
    if event_type in FROM_GIVER:
        yield rules.agent, actors_only(of("from"))
    elif event_type in FROM_TYPES:
        from_where = of("from")
        yield rules.patient, _states(from_where) if event_type in CUSTODY_TYPES else named_or_national(from_where)
    if event_type in THERE_TYPES:
        yield rules.patient, named_only(of("in", "near"))


def _behind(doing: Token) -> list[Token]:
    """Return who is told to have done what a noun or a participle says: "killings |by| the army"."""
    agents = [child for child in doing.children if child.lower_ == "by" and child.dep_ in ("prep", "agent")]
    things = [thing for by in agents for thing in by.children if thing.dep_ == "pobj" and thing.tag_.startswith("NN")]
    return actors_only(things) or [thing for thing in things if thing.tag_ == "NNS"]


def _states(tokens: list[Token]) -> list[Token]:
    """Return those of ``tokens`` that may hold somebody: countries and organisations, no prisons and persons."""
    return [token for token in tokens if token.ent_type_ in ("GPE", "NORP", "ORG")]
