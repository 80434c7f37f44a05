"""Under which terms an event is found, and where it stands in each order. Pure, from the event's JSON.

The cache writes by it and the api looks back by it: what an event was found under at some moment follows from its state
at that moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final

from services.contracts import redis_model
from services.contracts.instants import from_rfc3339

TITLE_WORDS: Final = 40
"""Words of a title that are indexed; a longer one is not a title."""

PARTICIPANTS: Final = 50
"""Participants that are indexed, so that a list of hundreds of names cannot flood the indexes."""

_RECENT: Final = 2.0**34
"""Divides seconds since 1970 to a fraction of one: breaks ties in counts until the year 2514."""

Json = Mapping[str, Any]


def state_of(event: Json) -> str:
    """Return which of redis_model.STATES an event is in."""
    if event["merged_into"]:
        return "merged"
    return "retracted" if event["retracted"] else "live"


def terms_of(event: Json) -> frozenset[str]:
    """Return the terms under which an event is found."""
    return frozenset(term for term in _terms(event) if "\n" not in term)  # one a line in the scripts' arguments


def _terms(event: Json) -> Iterator[str]:
    yield redis_model.ALL_EVENTS
    yield redis_model.state_term(state_of(event))
    yield redis_model.activity_term(event.get("activity", ""))
    yield redis_model.sample_term(event["sample"])
    yield redis_model.type_term(event["type"])
    yield redis_model.topic_term(event["topic"])
    yield redis_model.status_term(event["status"])
    yield from map(redis_model.source_term, sources_of(event))
    yield from (redis_model.story_term(story) for story in event["story_ids"])
    yield from map(redis_model.word_term, words_of(event))
    yield from map(redis_model.country_term, countries_of(event))
    yield from map(redis_model.place_term, places_of(event))
    yield from map(redis_model.entity_term, entities_of(event))


def sources_of(event: Json) -> frozenset[str]:
    """Return the domains of all outlets that report an event, those that carry another's report included."""
    return frozenset(domain.lower() for origin in event["origins"] for domain in origin["domains"])


def words_of(event: Json) -> frozenset[str]:
    """Return the words of an event's title, normalised."""
    return frozenset(redis_model.words(event["title"])[:TITLE_WORDS])


def countries_of(event: Json) -> frozenset[str]:
    """Return the countries (ISO 3166-1 alpha-3) of an event's place and of who takes part."""
    holders = (event.get("place", {}), *(each.get("entity", {}) for each in event["participants"][:PARTICIPANTS]))
    return frozenset(holder["country"].upper() for holder in holders if holder.get("country"))


def places_of(event: Json) -> frozenset[str]:
    """Return by what an event's place is found, normalised: its name, the words of it, and its GeoNames id."""
    place = event.get("place", {})
    found = _whole_and_words(place.get("name") or place.get("text") or "")
    return found | {str(place["geonames_id"])} if place.get("geonames_id") else found


def entities_of(event: Json) -> frozenset[str]:
    """Return by what who takes part is found, normalised: ids, whole names, and the words of these."""
    found: set[str] = set()
    for participant in event["participants"][:PARTICIPANTS]:
        entity = participant.get("entity", {})
        found |= _whole_and_words(entity.get("name") or participant["text"])
        if entity.get("id"):
            found.add(redis_model.normalised(entity["id"]))
    return frozenset(found)


def point_of(event: Json) -> tuple[float, float] | None:
    """Return longitude and latitude of an event's place in degrees, if they are known."""
    place = event.get("place", {})
    lon, lat = place.get("lon"), place.get("lat")
    return (lon, lat) if isinstance(lon, float) and isinstance(lat, float) else None  # no NaN, which is a text in JSON


def _whole_and_words(name: str) -> frozenset[str]:
    whole = redis_model.normalised(name)
    return frozenset((whole, *redis_model.words(whole))) if whole else frozenset()


def ranks_of(event: Json) -> dict[str, float]:
    """Return where an event stands in each of redis_model.ORDERS; orders in which it has no place are left out."""
    changed_us = instant_us(event["last_changed"])
    ranks: dict[str, float] = {
        redis_model.CHANGED: changed_us,
        redis_model.SOURCES: len(event["independent_sources"]) + max(changed_us, 0) / 1_000_000 / _RECENT,
    }
    if event.get("first_seen"):
        ranks[redis_model.FIRST_SEEN] = instant_us(event["first_seen"])
    start_us = day_or_instant_us(event.get("time", {}).get("start", ""))
    if start_us is not None:
        ranks[redis_model.TIME] = start_us
    point = point_of(event)
    if point is not None:
        ranks[redis_model.LONGITUDE], ranks[redis_model.LATITUDE] = point
    return ranks


def articles_of(event: Json) -> frozenset[str]:
    """Return the ids of the articles that an event names as its evidence or as the cause of a change."""
    found = {evidence["article_id"] for evidence in event["evidence"]} | {
        change["article_id"] for change in event["changes"]
    }
    return frozenset(identity for identity in found if is_id(identity))


def is_id(text: str) -> bool:
    """True for 32 hex digits in lower case, which is what ``ids`` gives."""
    return len(text) == 32 and not text.strip("0123456789abcdef")


def instant_us(text: str) -> int:
    """Return an RFC 3339 instant as microseconds since 1970. Raises ValueError."""
    return redis_model.microseconds(from_rfc3339(text))


def day_or_instant_us(text: str) -> int | None:
    """Return a day (its first moment in UTC) or an instant as microseconds since 1970; None where it is neither."""
    try:
        if len(text) == len("2031-11-19"):
            return redis_model.microseconds(datetime.combine(date.fromisoformat(text), time(), UTC))
        return instant_us(text)
    except (ValueError, OverflowError):
        return None
