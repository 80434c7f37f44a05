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
    yield from (redis_model.source_term(domain) for origin in event["origins"] for domain in origin["domains"])
    yield from (redis_model.story_term(story) for story in event["story_ids"])
    yield from map(redis_model.word_term, redis_model.words(event["title"])[:TITLE_WORDS])
    place = event.get("place", {})
    yield from _countries(place)
    where = place.get("name") or place.get("text") or ""
    yield from map(redis_model.place_term, _whole_and_words(where))
    if place.get("geonames_id"):
        yield redis_model.place_term(str(place["geonames_id"]))
    for participant in event["participants"][:PARTICIPANTS]:
        entity = participant.get("entity", {})
        yield from _countries(entity)
        name = entity.get("name") or participant["text"]
        yield from map(
            redis_model.entity_term, (value for value in (entity.get("id", ""), *_whole_and_words(name)) if value)
        )


def _countries(holder: Json) -> Iterator[str]:
    if holder.get("country"):
        yield redis_model.country_term(holder["country"])


def _whole_and_words(name: str) -> Iterator[str]:
    if name.strip():
        yield name
        yield from redis_model.words(name)


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
    place = event.get("place", {})
    if isinstance(place.get("lat"), float) and isinstance(place.get("lon"), float):  # no NaN, which is a text in JSON
        ranks[redis_model.LATITUDE], ranks[redis_model.LONGITUDE] = place["lat"], place["lon"]
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
