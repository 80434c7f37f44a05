"""Participants of an event told by a noun: possessors, "of", what stands before it, the verb that carries it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spacy.tokens import Token

from services.contracts.ontology import event_types
from services.extractor.arguments import is_passive, objects, subjects
from services.extractor.frames import Frame
from services.extractor.kinds import is_person, is_proper, is_verb
from services.extractor.lexicon import word_classes
from services.extractor.nounphrases import carrier, governing_verb, prepositional, relative_verbs
from services.extractor.phrases import actors_only, content_clauses, named_only
from services.extractor.prepositionroles import preposition_roles
from services.extractor.roletypes import (
    ANSWERED,
    ANSWERING,
    BETWEEN_STATES,
    COUNTRY_IS_TARGET,
    HARDWARE,
    HARM,
    HARMFUL,
    OWN_FORCES,
    RECEIVING,
    SPEECH_OF_EVENTS,
    SPEECH_TYPES,
)
from services.extractor.status import HELP
from services.extractor.statussteps import CUT
from services.extractor.statuswords import status_words
from services.extractor.triggers import Trigger

_ATTRIBUTIVE: Final = frozenset({"us", "u.s.", "uk", "u.k.", "un", "u.n.", "eu", "nato"})
"""Names that stand before nouns as adjectives do: "the U.S. invasion"."""
_JOINT_PLACES: Final = frozenset({"during", "in", "at", "after", "following", "over", "by"})


def noun_roles(trigger: Trigger, rules: Frame, path: tuple[Token, ...]) -> Iterator[tuple[str, list[Token]]]:
    """Yield the roles of an event told by a noun, with the heads of the phrases that play them."""
    noun = trigger.token
    outer = carrier(noun)
    for thing in prepositional(noun, "of"):
        if not is_proper(thing):  # "a suspension of links with Libya"
            yield from preposition_roles(thing, trigger.type, rules)
    if noun.lower_ in word_classes()["group"] | word_classes()["person"]:
        # "Gunmen killed six workers", "drew crowds of protesters": the word tells who does it.
        yield rules.agent, [noun]
        verb = governing_verb(noun)
        if verb is not None and noun.dep_ == "nsubj":
            yield rules.patient, objects(verb)
            yield from preposition_roles(verb, trigger.type, rules)
        return
    doers = _doers(noun)
    yield rules.agent, doers
    for holder in {noun.i: noun, outer.i: outer}.values():
        undergone = noun.lower_ in word_classes()["ousting"]
        possessor = rules.patient if undergone or (doers and not rules.reciprocal) else rules.role(rules.possessor)
        yield possessor, [child for child in holder.children if child.dep_ == "poss"]
        yield from _before(holder, trigger.type, rules)
        yield from _of(holder, trigger.type, rules.patient if undergone else rules.role(rules.of))
        yield from preposition_roles(holder, trigger.type, rules)
        for clause in relative_verbs(holder):
            meaning = status_words().get((clause.lower_, "v"))
            within = any(child.dep_ == "prep" and child.i < clause.i for child in clause.children)
            if not within and meaning is not None and meaning.control == "agent":
                yield rules.agent, [token for token in subjects(clause) if token.i != holder.i]
                yield from preposition_roles(clause, trigger.type, rules)
    if trigger.type in SPEECH_TYPES:
        above = noun.head if noun.dep_ == "dobj" else noun
        for clause in content_clauses(noun) + (content_clauses(above) if is_verb(above) else []):
            yield rules.patient, [word for word in clause.children if word.dep_ in ("nsubj", "nsubjpass")]
    verb = governing_verb(noun)
    if verb is None:
        return
    if trigger.type in SPEECH_TYPES and verb.lower_ in RECEIVING and noun.dep_ == "dobj":
        yield rules.agent, actors_only(prepositional(noun, "from") + prepositional(verb, "from"))
        yield rules.patient, subjects(verb)
        return
    meaning = status_words().get((verb.lower_, "v"))
    carried = meaning is not None and meaning.control in ("agent", "object")
    carried = carried or (trigger.type in ("demand", "pledge") and noun.dep_ == "dobj")
    carried = carried or (trigger.type in HELP and verb.lower_ in CUT)
    outer = _whole(outer)
    if trigger.type in HARMFUL and outer.dep_ == "nsubj" and verb.lower_ in HARM:
        yield rules.patient, objects(verb)
    said = verb.lower_ in SPEECH_OF_EVENTS and rules.reciprocal
    if outer.dep_ in ("dobj", "nsubjpass", "conj", "attr", "dative") and carried and not said:
        answered = trigger.type in ANSWERED and verb.lower_ in ANSWERING
        yield (rules.patient if trigger.pattern.roles == "patient" or answered else rules.agent), subjects(verb)
    if outer.dep_ == "dobj" and carried and not rules.reciprocal:
        yield rules.patient, [child for child in verb.children if child.dep_ == "dative" and child.tag_ != "IN"]
    if outer.dep_ in ("dobj", "nsubjpass", "nsubj", "conj") and (carried or outer.dep_ == "nsubj"):
        yield from preposition_roles(verb, trigger.type, rules)
    if outer.dep_ == "pobj" and (rules.reciprocal or carried) and outer.head.head == verb:
        joined = outer.head.lower_ in _JOINT_PLACES and rules.reciprocal
        if joined or (carried and outer.head.lower_ in ("in", "to", "on", "for", "into", "with")):
            yield rules.agent, subjects(verb) or (objects(verb) if not joined else [])
            if joined and not is_passive(verb):
                yield rules.patient, prepositional(verb, "with")


def provided_roles(trigger: Trigger, rules: Frame) -> Iterator[tuple[str, list[Token]]]:
    """Yield who does what an agreement provides for: "a deal under which Iran frees two Germans"."""
    for holder in {each.i: each for each in (trigger.token, carrier(trigger.token))}.values():
        for clause in relative_verbs(holder):
            if any(child.dep_ == "prep" and child.i < clause.i for child in clause.children):
                yield rules.agent, subjects(clause)
                yield rules.patient, objects(clause)
                yield from preposition_roles(clause, trigger.type, rules)


def _of(holder: Token, event_type: str, role: str) -> Iterator[tuple[str, list[Token]]]:
    """Yield what follows "of": forces withdraw themselves, and arms that are delivered are no side."""
    things = prepositional(holder, "of")
    own = event_type in OWN_FORCES
    moved = [
        thing
        for thing in things
        if not is_proper(thing) and (own or (event_type in HARDWARE and thing.lower_ in word_classes()["weapon"]))
    ]
    yield "subject", moved
    yield role, [thing for thing in things if thing not in moved]


def _doers(noun: Token) -> list[Token]:
    """Return who does it where "by" tells so: "the minister's dismissal by X", "the release of A and his wife by X"."""
    found = [thing for thing in prepositional(noun, "by") if named_only([thing]) or is_person(thing)]
    verb = governing_verb(noun)
    if found or noun.dep_ not in ("nsubj", "nsubjpass") or verb is None:
        return found
    for word in noun.doc[noun.i + 1 : verb.i]:
        if word.lower_ == "by" and word.dep_ in ("prep", "agent") and not is_verb(word.head):
            found += named_only([child for child in word.children if child.dep_ == "pobj"])
    return found


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
        if child.ent_type_ == "NORP" or (named and event_types()[event_type].topic in BETWEEN_STATES):
            adjective = child.tag_.startswith("JJ") or child.lower_ in _ATTRIBUTIVE
            target = event_type in COUNTRY_IS_TARGET and not adjective
            yield (rules.patient if target else rules.agent), [child]
        elif child.ent_type_ == "PERSON":
            yield rules.role(rules.possessor), [child]
        elif child.lower_ in word_classes()["worker"] or child.lower_ in word_classes()["group"]:
            yield rules.agent, [child]
        elif event_type in HARMFUL:  # "US Predator attacks"
            yield (
                rules.agent,
                [
                    under
                    for under in child.children
                    if under.dep_ in ("compound", "amod", "nmod")
                    and (under.ent_type_ in ("NORP", "GPE") or under.lower_ in _ATTRIBUTIVE)
                ],
            )
