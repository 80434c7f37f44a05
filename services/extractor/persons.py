"""What an article tells of the persons in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

from services.extractor.entities import Actor, fold
from services.extractor.gazetteer import Title
from services.extractor.leaders import Leader

LEADS: Final = frozenset({"chief", "leader", "monarch"})
"""Offices that name who leads a country; any of them can stand for another."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the article as far as the article tells."""

    name: str
    """Canonical name: "Vladimir Putin"; only the surname where the article gives no more."""
    country: str
    """ISO 3166-1 alpha-3; empty where the article does not tell."""
    sector: str
    gender: str
    """m, f or empty."""
    offices: frozenset[str]
    """Offices the person is introduced with: {"chief", "senator"}."""
    count: int
    """How often the article names the person."""
    age: int = 0
    """In years; 0 where the article does not tell."""

    @property
    def actor(self) -> Actor:
        """The person as an actor."""
        return Actor(f"person:{fold(self.name)}", self.name, "person", self.country, self.sector)


@dataclass(frozen=True, slots=True)
class NameMention:
    """A place in a sentence where a person is named; token numbers count in the sentence's Doc."""

    sentence: int
    start: int
    end: int
    lead: int
    """Where the titles before the name begin; equal to ``start`` where it has none."""
    person: Person


@dataclass(frozen=True, slots=True)
class Description:
    """A person referred to by office: "the US president". Token numbers count in the sentence's Doc."""

    sentence: int
    start: int
    end: int
    words: str
    """The title as it stands, lower case: "prime minister"; empty for one that somebody held before."""
    title: Title
    country: str
    definite: bool

    @property
    def office(self) -> str:
        """What the title is an office of."""
        return self.title.office


@dataclass(slots=True)
class Known:
    """What is gathered about one person while the article is read."""

    variants: Counter[str] = field(default_factory=Counter)
    countries: Counter[str] = field(default_factory=Counter)
    sectors: Counter[str] = field(default_factory=Counter)
    genders: Counter[str] = field(default_factory=Counter)
    offices: set[str] = field(default_factory=set)
    employers: list[str] = field(default_factory=list)
    count: int = 0
    order: int = 0
    age: int = 0
    leader: Leader | None = None
    """Who the person is in the table of heads of state and government."""

    def name(self) -> str:
        """The canonical name: the table's, else the one written most often."""
        if self.leader is not None:
            return self.leader.name
        spelt = max(self.variants, key=lambda name: (not name.isupper(), self.variants[name], -len(name)))
        return spelt.title() if spelt.isupper() and len(spelt) > len("Xi") else spelt

    def country(self) -> str:
        """The country that the article tells most often, else the table's."""
        if not self.countries and self.leader is not None:
            return self.leader.country
        return self.countries.most_common(1)[0][0] if self.countries else ""

    def note(self, title: Title) -> None:
        """Note a title that stands beside the person's name."""
        if title.gender:
            self.genders[title.gender] += 1
        if title.sector:
            self.sectors[title.sector] += 1
        if title.office:
            self.offices.add(title.office)

    def sector(self, year: int) -> str:
        """The sector in ``year``: what the article tells, but nobody leads a country after the end of their term."""
        told = [(sector, n) for sector, n in self.sectors.items() if sector]
        # What somebody is for news (minister, general) counts before what anybody may be (teacher, father).
        sector = max(told, key=lambda one: (one[0] != "CVL", one[1]))[0] if told else ""
        if self.leader is None or sector not in ("", "GOV", "CVL"):
            return sector
        if sector == "GOV" and not self.offices <= LEADS:
            return sector
        return self.leader.sector(year) or sector


_FORMER: Final = {"GOV": "ELI", "LEG": "ELI", "IGO": "ELI", "MIL": "CVL", "COP": "CVL", "SPY": "CVL", "JUD": "CVL"}
"""Sector of somebody who has left an office, by that of the office."""


def former(title: Title) -> Title:
    """Return what "former" makes of a title: no office that a later "the president" could mean."""
    office = f"former {title.office}" if title.office else ""
    return replace(title, sector=_FORMER.get(title.sector, title.sector), office=office)
