"""Which lands an unnamed group belongs to: "Turkish and Greek officials", "militants loyal to the emir of Qatar"."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from spacy.tokens import Span, Token

from services.extractor.actors import ActorResolver
from services.extractor.entities import Actor, fold
from services.extractor.gazetteer import gazetteer
from services.extractor.lexicon import word_classes
from services.extractor.phrases import nationalities, phrase, seat

_LOCAL: Final = frozenset({"based", "operating", "living", "stationed", "headquartered", "fighting", "active"})
"""What is said of a group before the land it is in: "a group based in Trinidad"."""
_ALLEGIANCE: Final = frozenset({"loyal", "allied", "faithful"})
"""What is said of a group before whom it fights for."""
_STATE_FORCES: Final = frozenset({"troop", "soldier", "force", "army", "navy", "warship", "warplane"})


def joint_lands(head: Token) -> list[Span]:
    """Return the lands of "leaders of Japan, South Korea and China", who are three sides."""
    if head.tag_ != "NNS" or head.lemma_.lower() not in word_classes()["leader"] | _STATE_FORCES:
        return []
    for preposition in head.children:
        if preposition.lower_ in ("of", "from") and preposition.i > head.i:
            named = [word for word in preposition.children if word.dep_ == "pobj" and word.ent_type_ == "GPE"]
            for land in named:
                named += [other for other in land.children if other.dep_ == "conj" and other.ent_type_ == "GPE"]
            if len(named) > 1:
                return [phrase(land) for land in named]
    return []


def joint_peoples(head: Token) -> list[Token]:
    """Return the nationalities of "Turkish and Greek officials" or "Turkish, Greek officials", who are two sides."""
    for child in head.children:
        if child.i < head.i and child.ent_type_ in ("NORP", "GPE") and child.dep_ in ("amod", "compound", "nmod"):
            before = child.doc[max(0, child.i - 2) : child.i]
            if len(before) == 2 and before[0].ent_type_ == child.ent_type_ == "NORP" and before[1].text == ",":
                return [before[0], child]
            others = [other for other in child.children if other.dep_ == "conj" and other.ent_type_ in ("NORP", "GPE")]
            if others:
                return [child, *others]
    return []


def with_land(actor: Actor, head: Token, resolver: ActorResolver) -> Actor:
    """Return ``actor`` with the country its group sits in: "Demonstrators in Baghdad" are Iraqis as far as told."""
    if actor.kind != "group" or actor.country:
        return actor
    country = _land(head, resolver)
    return replace(actor, country=country) if country else actor


def people_of(head: Token, resolver: ActorResolver) -> Actor | None:
    """Return the group that several unnamed people of one land are: "five Iraqi youths"; None where no land is told."""
    if head.tag_ != "NNS" and head.lower_ not in word_classes()["group"] | word_classes()["org"]:
        return None
    owned = {actor.country for word in nationalities(head) for actor in resolver.resolve_all(_alone(word))}
    country = owned.pop() if len(owned) == 1 else _land(head, resolver)
    if not country:
        return None
    name = f"{gazetteer().countries[country].demonym} {head.lower_}"
    return Actor(f"group:{fold(name)}", name, "group", country)


def _alone(word: Token) -> Span:
    return word.doc[word.i : word.i + 1]


def _land(head: Token, resolver: ActorResolver) -> str:
    """Return the country that what follows a noun puts it in; empty where nothing does or several."""
    found = {actor.country for place in _places(head) for actor in resolver.resolve_all(phrase(place)) if actor.country}
    return found.pop() if len(found) == 1 else ""


def _places(head: Token) -> list[Token]:
    preposition = seat(head)
    if preposition is not None:
        return _named(preposition)
    found: list[Token] = []
    for child in head.children:
        near = child.i > head.i and child.i - head.i < 5
        if near and child.dep_ in ("acl", "amod") and child.lower_ in _LOCAL | _ALLEGIANCE:
            found += [place for under in child.children if under.lower_ in ("in", "to") for place in _named(under)]
        elif near and child.lower_ == "to":  # "the parties |to| the conflict in Iraq"
            shared = [under for thing in child.children for under in thing.children if under.lower_ == "in"]
            found += [place for under in shared for place in _named(under)]
    return found


def _named(preposition: Token) -> list[Token]:
    things = [thing for thing in preposition.children if thing.dep_ == "pobj"]
    owners = [word for thing in things for word in thing.children if word.dep_ in ("poss", "compound", "amod")]
    return [word for word in (*things, *owners) if word.ent_type_ in ("GPE", "LOC", "ORG", "NORP", "PERSON")]
