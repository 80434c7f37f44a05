"""Heads of state and of government with their years: whom "Merkel" or "the German chancellor" means on a given day.

The table knows persons better than one article can, but it is only right for its time: somebody is of the government
while a term runs and of the elites after it. Who is named in an article is learnt from the article first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from services.extractor.actortables import rows, split
from services.extractor.entities import fold
from services.extractor.schema import TERM

KNOWN_UNTIL: Final = 2025
"""Year up to which the table is complete: nobody is taken for the unnamed holder of an office in a later year."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of office, in years, both included."""

    title: str
    first: int
    last: int | None
    """None where it runs on."""

    def covers(self, year: int) -> bool:
        """True where the term runs in a part of ``year``."""
        return self.first <= year and (self.last is None or year <= self.last)


@dataclass(frozen=True, slots=True)
class Leader:
    """Somebody who leads or led a country."""

    name: str
    """Canonical name."""
    country: str
    """ISO 3166-1 alpha-3."""
    terms: tuple[Term, ...]

    def sector(self, year: int) -> str:
        """Return the sector in ``year``: GOV in office, ELI after it, empty before."""
        if any(term.covers(year) for term in self.terms):
            return "GOV"
        return "ELI" if self.terms[0].first <= year else ""


@dataclass(frozen=True, slots=True)
class LeaderName:
    """A name of a leader as folded words."""

    words: tuple[str, ...]
    leader: Leader
    alone: bool
    """True where the name means this person without any introduction."""


class Leaders:
    """The table with its look-ups."""

    def __init__(self) -> None:
        self._names: dict[str, list[LeaderName]] = {}
        self._by_surname: dict[str, list[Leader]] = {}
        self._by_country: dict[str, list[Leader]] = {}
        for country, names, lone, terms in rows("leaders"):
            found = [TERM.fullmatch(term) for term in split(terms)]
            leader = Leader(
                split(names)[0],
                country,
                tuple(
                    Term(one["title"], int(one["first"]), int(one["last"]) if one["last"] else None)
                    for one in found
                    if one is not None
                ),
            )
            self._by_country.setdefault(country, []).append(leader)
            unmistakable = {fold(name) for name in split(lone)}
            for name in dict.fromkeys(fold(name) for name in (*split(names), *split(lone))):
                words = tuple(name.split())
                alone = name in unmistakable or (bool(unmistakable) and len(words) > 1)
                self._names.setdefault(words[0], []).append(LeaderName(words, leader, alone))
            for surname in {fold(name).split()[-1] for name in split(names)}:
                self._by_surname.setdefault(surname, []).append(leader)
        for listed in self._names.values():
            listed.sort(key=lambda name: -len(name.words))

    def starting_with(self, word: str) -> list[LeaderName]:
        """Return the names whose first folded word is ``word``, longest first."""
        return self._names.get(word, [])

    def titled(self, title: str, surname: str, year: int) -> Leader | None:
        """Return whom "President Bush" means in ``year``: who held the office last, if nobody else can be meant.

        ``title`` is lower case, ``surname`` folded. None where no or several countries' leaders fit.
        """
        fitting = [
            (term.covers(year), term.first, leader)
            for leader in self._by_surname.get(surname, ())
            for term in leader.terms
            if term.title == title and term.first <= year
        ]
        serving = [one for one in fitting if one[0]] or fitting
        if len({one[2].country for one in serving}) != 1:
            return None
        return max(serving, key=lambda one: one[1])[2]

    def holder(self, country: str, title: str, year: int) -> Leader | None:
        """Return who alone held the office of ``title`` in all of ``year``; None where two did or it is not known."""
        if year > KNOWN_UNTIL:
            return None
        fitting = [
            leader
            for leader in self._by_country.get(country, ())
            if any(term.title == title and term.covers(year) for term in leader.terms)
        ]
        return fitting[0] if len(fitting) == 1 else None


@cache
def leaders() -> Leaders:
    """Return the table, read at the first call."""
    return Leaders()
