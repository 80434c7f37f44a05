"""From the name of a place to its coordinates: towns of one name are told apart by the countries the article names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from spacy.tokens import Span

from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer
from services.extractor.geography import Area, City, Division, place_tables, us_states
from services.extractor.placerecord import Place, centre_of, from_area, from_city
from services.extractor.placewords import DIRECTIONS

NO_CONTEXT: Final[Mapping[str, int]] = MappingProxyType({})
CONTEXT_WEIGHT: Final = 12.0
"""How many times more people a town must have to win over one in a country that the article names."""
NEAR_WEIGHT: Final = 5.0
"""The same for a town in a state of the United States that the article names."""
CAPITAL_WEIGHT: Final = 2.0
"""How many times more people a town must have to win over a capital of its name."""
MIN_UNNAMED_POPULATION: Final = 200_000
"""How many inhabitants a town needs where the tagger does not take its name for a place."""


def dateline_place(name: str, context_countries: Mapping[str, int] = NO_CONTEXT) -> Place | None:
    """Return the place that a dateline names, "LA CROSSE, Wisconsin"; None where it is in no table."""
    town, _, wider = name.partition(", ")
    found = lookup_place(town, wider, context_countries, article=False)
    return replace(found, text=name, origin="dateline") if found is not None else None


def named_places(sentence: Span, context_countries: Mapping[str, int] = NO_CONTEXT) -> list[Place]:
    """Return the places that the tagger finds in a parsed sentence and a table has, in order."""
    found = []
    for entity in sentence.ents:
        if entity.label_ in ("GPE", "LOC", "FAC"):
            text = entity.text.removeprefix("the ").removesuffix("'s").removesuffix("’s")
            place = lookup_place(text, "", context_countries, article=entity.text.startswith("the "))
            if place is not None:
                found.append(place)
    return found


@lru_cache(maxsize=8_192)
def known_site(name: str) -> Area | None:
    return place_tables().sites.get(fold(name))


def has_article(doc: Any, first: int) -> bool:
    return first > 0 and doc[first - 1].lower_ == "the"


def lookup_place(
    text: str,
    outer: str,
    context: Mapping[str, int],
    *,
    article: bool,
    division: bool = False,
    named: bool = True,
    town: bool = False,
) -> Place | None:
    """Resolve one name.

    ``division``: a word like "province" follows; ``named``: the tagger takes it for a place; ``town``: "town of" or the
    like leads to it, so that any name of a town will do.
    """
    key = fold(text.removeprefix("the "))
    if not key or (not text[:1].isupper() and not text.startswith("al-")):
        return None
    tables = place_tables()
    site = tables.sites.get(key)
    if site is not None:
        return from_area(text, site, "site")
    region = tables.regions.get(key)
    outer_country = country_code(outer)
    cities = tables.cities.get(key, ()) or (_by_other_name(key, context, town=town) if named or town else ())
    state = us_states().get(key)
    if state is not None and _means_state(key, outer, context):
        centre = centre_of(state.name)
        return Place(text, state.name, "USA", state.name, centre[0], centre[1], 0, "admin1")
    if division and site is None:
        found = _division(text, key, outer_country, context)
        if found is not None:
            return found
    if outer:
        inner = _in_outer(cities, outer, outer_country)
        if inner is not None:
            return from_city(text, inner)
    entry = gazetteer().lookup(text)
    if entry is not None and entry.kind == "country":
        return Place(text, entry.name, entry.country, "", None, None, 0, "country")
    if region is not None and not article and cities and cities[0].population > 1_000_000:
        region = None
    if region is not None:
        return from_area(text, region, "region" if not region.country or not region.admin1 else "admin1")
    if entry is not None and entry.kind == "capital":
        own = [city for city in cities if city.country == entry.country]
        if own:
            return from_city(text, _choose(cities, context, capital=own[0]))
        return Place(text, entry.name, entry.country, "", None, None, 0, "city")
    if entry is not None:
        return None
    if cities and not article:
        city = _choose(cities, context)
        if division:
            # "Donetsk region", where no list of divisions has it: around the town of that name.
            return Place(text, city.name, city.country, city.name, city.lat, city.lon, 0, "admin1")
        # "Police" and "Reading" are towns too: a name that the tagger takes for something else must be a large one.
        if named or town or city.population >= MIN_UNNAMED_POPULATION:
            return from_city(text, city)
    return _division(text, key, outer_country, context) if named else None


def _by_other_name(key: str, context: Mapping[str, int], *, town: bool) -> tuple[City, ...]:
    """Return the smaller towns that have this name besides their own; without ``town`` in countries of ``context``."""
    options = place_tables().other_names.get(key, ())
    near = tuple(city for city in options if context.get(city.country))
    return near or (options if town else ())


def _division(text: str, key: str, outer_country: str, context: Mapping[str, int]) -> Place | None:
    """Resolve a province, oblast or state (ISO 3166-2); on the first level it lies where its namesake town does."""
    options = place_tables().divisions.get(key, ())
    if not options:
        return None

    def weight(option: Division) -> tuple[bool, int]:
        return option.country == outer_country and bool(outer_country), context.get(option.country, 0)

    chosen = max(options, key=weight)
    if key in DIRECTIONS and not any(weight(chosen)):
        return None  # "the Eastern District" is a district of Fiji only where Fiji is spoken of
    name, country = chosen.name, chosen.country
    own = [city for city in place_tables().cities.get(key, ()) if city.country == country and chosen.first]
    lat, lon = (own[0].lat, own[0].lon) if own else (None, None)
    return Place(text, name, country, name, lat, lon, 0, "admin1")


def _means_state(key: str, outer: str, context: Mapping[str, int]) -> bool:
    if key == "georgia":
        return context.get("USA", 0) > context.get("GEO", 0) and context.get("GEO", 0) == 0
    if key in ("washington", "new york"):
        return False
    return key != "jersey"


def country_code(name: str) -> str:
    entry = gazetteer().lookup(name) if name else None
    return entry.country if entry is not None and entry.kind == "country" else ""


def _in_outer(cities: tuple[City, ...], outer: str, country: str) -> City | None:
    state = us_states().get(fold(outer))
    for city in cities:
        if (state is not None and city.admin1 == state.name) or (country and city.country == country and state is None):
            return city
    return None


def _choose(cities: tuple[City, ...], context: Mapping[str, int], capital: City | None = None) -> City:
    total = sum(number for name, number in context.items() if name.isupper()) or 1

    def weight(city: City) -> float:
        share = context.get(city.country, 0) / total
        near = NEAR_WEIGHT if context.get(city.admin1, 0) else 1.0
        return city.population * (1.0 + CONTEXT_WEIGHT * share) * (CAPITAL_WEIGHT if city is capital else near)

    return max(cities, key=weight)
