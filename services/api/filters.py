"""Which events a request asks for: the query parameters and what they mean to the indexes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.api.values import Countries, Instant, Sources, Statuses, Topics, Types
from services.contracts import redis_model

MOST_EVENTS = 200
QUERY_WORDS = 12
"""Words of a text query that count; each costs a look-up for every event looked at."""

Sample = Annotated[
    Literal["true", "false", "all"],
    Field(description="true: only the fictional sample newsroom; false: without it; all: both."),
]


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


class EventFilters(Filters):
    """Parameters of GET /v1/events."""

    participant: str = Field(
        default="",
        max_length=200,
        description='Entity id ("country:KEN"), whole name, or one word of a name, without regard to case and accents.',
    )
    since: Instant = Field(default="", validate_default=False, description="Last changed at this instant or later.")
    until: Instant = Field(default="", validate_default=False, description="Last changed before this instant.")
    q: str = Field(default="", max_length=200, description="Words that must all stand in the title.")
    state: Literal["live", "merged", "retracted", "all"] = Field(
        default="live", description="Merged and retracted events are left out unless asked for."
    )
    view: Literal["full", "summary"] = Field(
        default="full", description="summary leaves out evidence, reports by source, codes and related events."
    )
    limit: int = Field(default=50, ge=1, le=MOST_EVENTS, description="Events on a page.")
    cursor: str = Field(
        default="", max_length=300, description="next_cursor of the page before, with the same filters."
    )


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """A request in terms of the indexes: a member must lie in every dimension, in any of its terms."""

    dimensions: tuple[tuple[str, ...], ...]
    lower: str
    """Lower bound of members, as ZRANGE … BYLEX takes it."""
    upper: str
    summary: bool
    limit: int

    @property
    def identity(self) -> str:
        """Equal for queries that one walk of pages belongs to."""
        return repr((self.dimensions, self.lower, self.upper))


def index_query(filters: EventFilters) -> IndexQuery:
    """Return what to read for ``filters``, before any cursor."""
    dimensions: list[tuple[str, ...]] = [
        tuple(map(redis_model.type_term, filters.type)),
        tuple(map(redis_model.topic_term, filters.topic)),
        tuple(map(redis_model.status_term, filters.status)),
        tuple(map(redis_model.country_term, filters.country)),
        tuple(map(redis_model.source_term, filters.source)),
        *((redis_model.word_term(word),) for word in redis_model.words(filters.q)[:QUERY_WORDS]),
    ]
    if filters.participant.strip():
        dimensions.append((redis_model.participant_term(filters.participant),))
    if filters.sample != "all":
        dimensions.append((redis_model.sample_term(filters.sample == "true"),))
    everything = redis_model.ALL_EVENTS if filters.state == "all" else redis_model.state_term(filters.state)
    dimensions.append((everything,))
    return IndexQuery(
        dimensions=tuple(dimension for dimension in dimensions if dimension),
        lower=f"[{_position(filters.since)}" if filters.since else "-",
        upper=f"({_position(filters.until)}" if filters.until else "+",
        summary=filters.view == "summary",
        limit=filters.limit,
    )


def _position(instant: str) -> str:
    return redis_model.position(redis_model.microseconds(datetime.fromisoformat(instant)))
