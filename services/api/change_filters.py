"""Which changes a subscriber asks for, whichever way they reach it: server-sent events, webhooks, command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import Field

from services.api.filters import QUERY_WORDS, Filters, Range, time_range
from services.api.values import NEWS_KINDS, EventIds, Kinds, box_of
from services.contracts import event_index, redis_model
from services.contracts.redis_model import ACTIVITIES


class ChangeFilters(Filters):
    """Parameters of GET /v1/changes, and the filters of a webhook."""

    kind: Kinds = Field(
        default_factory=list,
        description="Kinds of change; any of them. Without it all but activity-changed, which tells that an event grew "
        "quiet or was archived because nothing more was heard of it.",
    )
    event: EventIds = Field(default_factory=list, description="Event ids; any of them.")


class StreamFilters(ChangeFilters):
    """Parameters of GET /v1/changes."""

    last_event_id: str = Field(
        default="",
        max_length=50,
        description="Id of the last change received: what came after it is sent first; "
        "`beginning`: everything that is kept. The header Last-Event-ID goes before it.",
    )


@dataclass(frozen=True, slots=True)
class Facets:
    """What a change can be filtered by."""

    event_id: str
    type: str
    topic: str
    status: str
    kind: str
    sample: bool
    countries: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    """Domains of all outlets, those that carry another's report included."""
    entities: frozenset[str] = frozenset()
    """Ids, names and words of names of whoever takes part, normalised: what the indexes hold."""
    places: frozenset[str] = frozenset()
    """Name of the place, its words and its GeoNames id, normalised."""
    point: tuple[float, float] | None = None
    """Longitude and latitude in degrees."""
    independent_sources: int = 0
    words: frozenset[str] = frozenset()
    """Of the title, normalised."""
    activity: str = ACTIVITIES[0]
    """One of redis_model.ACTIVITIES."""
    begins_us: float | None = None
    """When the event takes or took place (its start), in microseconds since 1970, if that is known."""


_PLAIN: Final = frozenset[str]()


@dataclass(frozen=True, slots=True)
class ChangeSelection:
    """Decides which changes a subscriber gets. What is empty asks for everything."""

    events: frozenset[str] = _PLAIN
    types: frozenset[str] = _PLAIN
    topics: frozenset[str] = _PLAIN
    statuses: frozenset[str] = _PLAIN
    kinds: frozenset[str] = _PLAIN
    countries: frozenset[str] = _PLAIN
    sources: frozenset[str] = _PLAIN
    sample: bool | None = None
    entity: str = ""
    """Normalised."""
    place: str = ""
    """Normalised."""
    box: tuple[float, float, float, float] | None = None
    """West, south, east, north. West of 170 and east of -170 is the box across the antimeridian."""
    min_sources: int = 0
    words: frozenset[str] = _PLAIN
    activities: frozenset[str] = _PLAIN
    time: Range | None = None

    def takes(self, facets: Facets) -> bool:
        """True where the change is asked for."""
        return (
            (not self.topics or facets.topic in self.topics)
            and (not self.types or facets.type in self.types)
            and (not self.statuses or facets.status in self.statuses)
            and self.takes_kind(facets.kind)
            and (not self.events or facets.event_id in self.events)
            and (self.sample is None or facets.sample is self.sample)
            and facets.independent_sources >= self.min_sources
            and (not self.countries or not self.countries.isdisjoint(facets.countries))
            and (not self.sources or not self.sources.isdisjoint(facets.sources))
            and (not self.entity or self.entity in facets.entities)
            and (not self.place or self.place in facets.places)
            and self.words <= facets.words
            and (self.box is None or _inside(self.box, facets.point))
            and (not self.activities or facets.activity in self.activities)
            and (self.time is None or self.time.holds(facets.begins_us))
        )

    def takes_kind(self, kind: str) -> bool:
        """True where changes of this kind are asked for."""
        return not self.kinds or kind in self.kinds


def change_selection(filters: ChangeFilters) -> ChangeSelection:
    """Return what decides for ``filters``."""
    return ChangeSelection(
        events=frozenset(filters.event),
        types=frozenset(filters.type),
        topics=frozenset(filters.topic),
        statuses=frozenset(filters.status),
        kinds=frozenset(filters.kind or NEWS_KINDS),
        countries=frozenset(filters.country),
        sources=frozenset(domain.lower() for domain in filters.source),
        sample=None if filters.sample == "all" else filters.sample == "true",
        entity=redis_model.normalised(filters.entity),
        place=redis_model.normalised(filters.place),
        box=box_of(filters.box) if filters.box else None,
        min_sources=filters.min_sources,
        words=frozenset(redis_model.words(filters.q)[:QUERY_WORDS]),
        activities=frozenset(filters.activity),
        time=time_range(filters),
    )


def facets_of(change: Mapping[str, Any]) -> Facets:
    """Return what a change, as the cache wrote it with its event, can be filtered by. Raises KeyError and the like
    where it is of another layout.
    """
    event = change["event"]
    return Facets(
        event_id=change["event_id"],
        type=event["type"],
        topic=event["topic"],
        status=event["status"],
        kind=change["kind"],
        sample=event["sample"],
        countries=event_index.countries_of(event),
        sources=event_index.sources_of(event),
        entities=event_index.entities_of(event),
        places=event_index.places_of(event),
        point=event_index.point_of(event),
        independent_sources=len(event["independent_sources"]),
        words=event_index.words_of(event),
        activity=event.get("activity") or ACTIVITIES[0],
        begins_us=event_index.day_or_instant_us(event.get("time", {}).get("start", "")),
    )


def _inside(box: tuple[float, float, float, float], point: tuple[float, float] | None) -> bool:
    if point is None:
        return False
    (west, south, east, north), (lon, lat) = box, point
    between = west <= lon <= east if west <= east else lon >= west or lon <= east
    return between and south <= lat <= north
