"""Which events a request asks for: the query parameters and what they mean to the indexes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import inf
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from services.api.values import (
    Activities,
    Box,
    Countries,
    Instant,
    Sources,
    Statuses,
    Topics,
    Types,
    after,
    as_text,
    box_of,
)
from services.contracts import redis_model
from services.contracts.event_index import ranks_of, terms_of

MOST_EVENTS = 200
QUERY_WORDS = 12
"""Words of a text query that count; each costs a look-up for every event looked at."""

Sample = Annotated[
    Literal["true", "false", "all"],
    BeforeValidator(as_text),
    Field(description="true: only the fictional sample newsroom; false: without it; all: both."),
]


def _filled(value: str) -> str:
    if value and not redis_model.normalised(value):
        raise ValueError("holds nothing to look for: write a name, or leave it out")
    return value


def _worded(value: str) -> str:
    if value and not redis_model.words(value):
        raise ValueError("holds no word to look for: write words of a title, or leave it out")
    return value


Name = Annotated[str, Field(max_length=200), AfterValidator(_filled)]
Words = Annotated[str, Field(max_length=200), AfterValidator(_worded)]


class Filters(BaseModel):
    """What events and changes can both be filtered by."""

    model_config = ConfigDict(extra="forbid")

    type: Types = Field(default_factory=list, description="Event types; any of them. GET /v1/types lists them.")
    topic: Topics = Field(default_factory=list, description="IPTC topics (top level); any of them.")
    status: Statuses = Field(default_factory=list, description="Statuses; any of them.")
    country: Countries = Field(
        default_factory=list,
        description="ISO 3166-1 alpha-3: where the event takes place, or a country that a participant is, belongs to "
        "or acts for; any of them.",
    )
    source: Sources = Field(default_factory=list, description="Domains that report the event; any of them.")
    sample: Sample = "all"
    entity: Name = Field(
        default="",
        description='Who takes part: entity id ("country:KEN"), whole name, or one word of a name, without regard to '
        "case and accents.",
    )
    place: Name = Field(
        default="",
        description="Where it takes place: whole name of a place, or one word of it, without regard to case and "
        "accents; or its GeoNames id.",
    )
    box: Box = Field(
        default="",
        description="Where it takes place: west,south,east,north in degrees. Events without coordinates are left out.",
    )
    min_sources: int = Field(default=0, ge=0, le=1_000, description="At least so many independent sources.")
    q: Words = Field(default="", description="Words that must all stand in the title.")
    activity: Activities = Field(
        default_factory=list,
        description="live; quiet: nothing was heard of it for some days; archived: nothing for weeks; any of them.",
    )
    time_from: Instant = Field(
        default="",
        validate_default=False,
        description="Takes or took place at this instant or later (by its start). Events without a known time are left "
        "out.",
    )
    time_to: Instant = Field(
        default="", validate_default=False, description="Takes or took place before this instant (by its start)."
    )

    @field_validator("time_to")
    @classmethod
    def _after_its_beginning(cls, value: str, info: ValidationInfo) -> str:
        return after(value, info.data, "time_from")


class EventFilters(Filters):
    """Parameters of GET /v1/events."""

    since: Instant = Field(default="", validate_default=False, description="Last changed at this instant or later.")
    until: Instant = Field(default="", validate_default=False, description="Last changed before this instant.")
    state: Literal["live", "merged", "retracted", "all"] = Field(
        default="live", description="Merged and retracted events are left out unless asked for."
    )
    as_of: Instant = Field(
        default="",
        validate_default=False,
        description="Events as they stood at this moment, and only those that the filters would have found then. "
        "They come by their last change until then. Where events that stood then have left the store because they did "
        "not change for long, the answer is 410 and says from when on lists are kept; `not_kept` on a page says how "
        "many may be missing for another reason.",
    )
    sort: Literal["last_changed", "first_seen", "time", "sources"] = Field(
        default="last_changed",
        description="time: when it takes or took place, events without a known time are left out; sources: number of "
        "independent sources.",
    )
    order: Literal["desc", "asc"] = Field(default="desc", description="desc: the newest, or the most, first.")
    view: Literal["full", "summary"] = Field(
        default="full", description="summary leaves out evidence, reports by source, codes and related events."
    )
    limit: int = Field(default=50, ge=1, le=MOST_EVENTS, description="Events on a page.")
    cursor: str = Field(
        default="", max_length=300, description="next_cursor of the page before, with the same filters."
    )

    @field_validator("until")
    @classmethod
    def _after_since(cls, value: str, info: ValidationInfo) -> str:
        return after(value, info.data, "since")

    @field_validator("sort", "order")
    @classmethod
    def _by_last_change_where_past(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("as_of") and value not in ("last_changed", "desc"):
            raise ValueError("with as_of, events come by their last change, newest first: leave sort and order out")
        return value

    @cached_property
    def asked(self) -> IndexQuery:
        """What to read for it, before any cursor."""
        return index_query(self)


class OneEvent(BaseModel):
    """Parameters of GET /v1/events/{id}."""

    model_config = ConfigDict(extra="forbid")

    as_of: Instant = Field(
        default="",
        validate_default=False,
        description="The event as it stood at this moment; without it, as it stands.",
    )


class OneHistory(BaseModel):
    """Parameters of GET /v1/events/{id}/history."""

    model_config = ConfigDict(extra="forbid")

    as_of: Instant = Field(
        default="",
        validate_default=False,
        description="Only what had changed by this moment; without it, all changes that are kept.",
    )


@dataclass(frozen=True, slots=True)
class Range:
    """Scores of one of redis_model.ORDERS, from ``low`` to below ``high``."""

    order: str
    low: float = -inf
    high: float = inf
    whole: bool = False
    """True where ``high`` itself lies inside."""

    def holds(self, score: float | None) -> bool:
        """True where a score lies in it; an event that has none does not."""
        return score is not None and self.low <= score and (score < self.high or (self.whole and score == self.high))

    @property
    def bounds(self) -> tuple[str, str]:
        """The bounds as Redis takes them."""
        low = "-inf" if self.low == -inf else repr(self.low)
        if self.high == inf:
            return low, "+inf"
        return low, repr(self.high) if self.whole else f"({self.high!r}"


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """A request in terms of the indexes: an event must carry a term of every dimension, and lie in a range of every
    group of ranges.
    """

    dimensions: tuple[tuple[str, ...], ...]
    ranges: tuple[tuple[Range, ...], ...]
    order: str
    """One of redis_model.ORDERS."""
    descending: bool
    as_of_us: int | None
    """Microseconds since 1970; None: now."""
    summary: bool
    limit: int

    @property
    def identity(self) -> str:
        """Equal for queries that one walk of pages belongs to."""
        return repr((self.dimensions, self.ranges, self.order, self.descending, self.as_of_us))

    def takes(self, event: Mapping[str, Any]) -> bool:
        """True where an event, as its JSON tells it, is asked for."""
        terms, ranks = terms_of(event), ranks_of(event)
        return all(not terms.isdisjoint(dimension) for dimension in self.dimensions) and all(
            any(each.holds(ranks.get(each.order)) for each in group) for group in self.ranges
        )


def index_query(filters: EventFilters) -> IndexQuery:
    """Return what to read for ``filters``, before any cursor."""
    everything = redis_model.ALL_EVENTS if filters.state == "all" else redis_model.state_term(filters.state)
    dimensions: list[tuple[str, ...]] = [
        (everything,),
        tuple(map(redis_model.type_term, filters.type)),
        tuple(map(redis_model.topic_term, filters.topic)),
        tuple(map(redis_model.status_term, filters.status)),
        tuple(map(redis_model.country_term, filters.country)),
        tuple(map(redis_model.source_term, filters.source)),
        tuple(map(redis_model.activity_term, filters.activity)),
        *((redis_model.word_term(word),) for word in redis_model.words(filters.q)[:QUERY_WORDS]),
    ]
    if filters.entity:
        dimensions.append((redis_model.entity_term(filters.entity),))
    if filters.place:
        dimensions.append((redis_model.place_term(filters.place),))
    if filters.sample != "all":
        dimensions.append((redis_model.sample_term(filters.sample == "true"),))
    return IndexQuery(
        dimensions=tuple(dimension for dimension in dimensions if dimension),
        ranges=tuple(_ranges(filters)),
        order=filters.sort,
        descending=filters.order == "desc",
        as_of_us=_us(filters.as_of) if filters.as_of else None,
        summary=filters.view == "summary",
        limit=filters.limit,
    )


def time_range(filters: Filters) -> Range | None:
    """Return when events take place that are asked for; None: whenever."""
    return _between(redis_model.TIME, filters.time_from, filters.time_to)


def _between(order: str, low: str, high: str) -> Range | None:
    return Range(order, _us(low) if low else -inf, _us(high) if high else inf) if low or high else None


def _ranges(filters: EventFilters) -> list[tuple[Range, ...]]:
    spans = (_between(redis_model.CHANGED, filters.since, filters.until), time_range(filters))
    groups: list[tuple[Range, ...]] = [(span,) for span in spans if span is not None]
    if filters.min_sources:
        groups.append((Range(redis_model.SOURCES, low=filters.min_sources),))
    if filters.box:
        west, south, east, north = box_of(filters.box)
        groups.append((Range(redis_model.LATITUDE, south, north, whole=True),))
        if west <= east:
            groups.append((Range(redis_model.LONGITUDE, west, east, whole=True),))
        else:  # across the antimeridian (RFC 7946, section 5.2)
            groups.append(
                (
                    Range(redis_model.LONGITUDE, west, 180.0, whole=True),
                    Range(redis_model.LONGITUDE, -180.0, east, whole=True),
                )
            )
    return groups


def _us(instant: str) -> int:
    return redis_model.microseconds(datetime.fromisoformat(instant))
