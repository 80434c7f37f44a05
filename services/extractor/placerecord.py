"""A place on the map, and how towns, regions, states and countries become one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from services.extractor.gazetteer import gazetteer
from services.extractor.geography import Area, City, place_tables


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the map."""

    text: str
    """As it stands in the text."""
    name: str
    """Canonical name."""
    country: str
    """ISO 3166-1 alpha-3; empty where it lies in several or none is known."""
    admin1: str
    """First-level division; known for the United States and for regions."""
    lat: float | None
    lon: float | None
    geonames_id: int
    """0 where unknown."""
    precision: str
    """One of: site, city, admin1, country, region."""
    origin: str = "text"
    """text; where the sentence names none: dateline, where the report was written, or article, what the rest tells."""


EXACTNESS: Final[Mapping[str, int]] = {"site": 4, "city": 4, "admin1": 3, "region": 2, "country": 1}
"""How exact a place of each precision is."""


def exactness(place: Place | None) -> int:
    """Return how exact a place is; 0 for none."""
    return EXACTNESS.get(place.precision, 0) if place is not None else 0


def area_place(state: str, country: str) -> Place:
    """Return a whole country (alpha-3), or a division of it by name, as a place that no single sentence names."""
    if state:
        lat, lon = centre_of(state) if country == "USA" else (None, None)
        return Place(state, state, country, state, lat, lon, 0, "admin1")
    name = gazetteer().countries[country].name if country in gazetteer().countries else country
    return Place(name, name, country, "", None, None, 0, "country")


def centre_of(state: str) -> tuple[float | None, float | None]:
    """Return the mean position of a state's towns, weighted by population: where its events are likeliest."""
    return _centres().get(state, (None, None))


@cache
def _centres() -> Mapping[str, tuple[float, float]]:
    sums: dict[str, list[float]] = {}
    for cities in place_tables().cities.values():
        for city in cities:
            weighted = sums.setdefault(city.admin1, [0.0, 0.0, 0.0])
            weighted[0] += city.population
            weighted[1] += city.lat * city.population
            weighted[2] += city.lon * city.population
    return MappingProxyType(
        {state: (round(lat / total, 2), round(lon / total, 2)) for state, (total, lat, lon) in sums.items() if total}
    )


def from_city(text: str, city: City) -> Place:
    return Place(text, city.name, city.country, city.admin1, city.lat, city.lon, city.geonames_id, "city")


def from_area(text: str, area: Area, precision: str) -> Place:
    admin1 = area.admin1 if precision != "site" else ""
    return Place(text, area.name, area.country, admin1, area.lat, area.lon, 0, precision)
