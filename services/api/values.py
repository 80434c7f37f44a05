"""What a filter's values may be: each check returns the value as it is stored, or says what to write instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from services.api.hints import closest_country, did_you_mean
from services.contracts.countries import country_names
from services.contracts.event_index import is_id
from services.contracts.instants import from_rfc3339
from services.contracts.ontology import STATUSES, TOPIC_FAMILIES, event_types
from services.contracts.redis_model import ACTIVITIES

CHANGE_KINDS = (
    "created",
    "corroborated",
    "status-changed",
    "detail-changed",
    "contradicted",
    "overdue",
    "merged",
    "split",
    "activity-changed",
    "retracted",
)
"""Kinds of change, as listed at Change.kind in event.proto."""

NEWS_KINDS = tuple(kind for kind in CHANGE_KINDS if kind != "activity-changed")
"""What those who name no kind are told. That nothing was heard of an event is no news: it comes to those who ask."""

MOST_VALUES = 50
"""Values one parameter may have."""


def split_commas(value: object) -> object:
    """Accept ``?type=visit,meeting`` beside ``?type=visit&type=meeting``."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return value
    return [part.strip() for item in value for part in str(item).split(",") if part.strip()]


def _known(values: Iterable[str], allowed: Collection[str], what: str, where: str) -> list[str]:
    checked = []
    for value in values:
        folded = value.lower()
        if folded not in allowed:
            raise ValueError(f"{value!r} is not a {what}: {did_you_mean(folded, allowed)}{where}")
        checked.append(folded)
    return _few(checked)


def _few(values: list[str]) -> list[str]:
    if len(values) > MOST_VALUES:
        raise ValueError(f"{len(values)} values are too many: at most {MOST_VALUES}")
    return values


def _types(values: list[str]) -> list[str]:
    return _known(values, event_types(), "type", "GET /v1/types lists them all")


def _topics(values: list[str]) -> list[str]:
    return _known(values, TOPIC_FAMILIES, "topic", "GET /v1/types lists them all")


def _statuses(values: list[str]) -> list[str]:
    return _known(values, STATUSES, "status", "use one of " + ", ".join(STATUSES))


def _kinds(values: list[str]) -> list[str]:
    return _known(values, CHANGE_KINDS, "kind of change", "use one of " + ", ".join(CHANGE_KINDS))


def _activities(values: list[str]) -> list[str]:
    return _known(values, ACTIVITIES, "activity", "use one of " + ", ".join(ACTIVITIES))


def _countries(values: list[str]) -> list[str]:
    for value in values:
        if value.upper() not in country_names():
            meant = closest_country(value)
            hint = f"did you mean {meant}? " if meant else ""
            raise ValueError(f"{value!r} is not a country code: {hint}use ISO 3166-1 alpha-3, such as KEN for Kenya")
    return _few([value.upper() for value in values])


def _event_ids(values: list[str]) -> list[str]:
    for value in values:
        if not is_id(value.lower()):
            raise ValueError(
                f"{value!r} is no id of an event: ids have 32 digits from 0 to f, GET /v1/events lists them"
            )
    return _few([value.lower() for value in values])


def instant(value: str) -> str:
    """Check an instant or a day; a day stands for its first moment in UTC. Returns RFC 3339."""
    try:
        if len(value) == len("2031-11-19"):
            return datetime.combine(date.fromisoformat(value), time(), UTC).isoformat()
        return from_rfc3339(value).isoformat()
    except ValueError as error:
        raise ValueError(
            f"{value!r} is not an instant: write 2031-11-19 or 2031-11-19T09:00:00Z (a + must be sent as %2B)"
        ) from error


def after(value: str, read: Mapping[str, Any], begins: str) -> str:
    """Check that an instant lies after the one named ``begins``, where both are there. Raises ValueError."""
    beginning = read.get(begins)
    if value and beginning and datetime.fromisoformat(value) <= datetime.fromisoformat(beginning):
        raise ValueError(f"{value} does not lie after {begins}, {beginning}: nothing can lie between the two")
    return value


def box_of(text: str) -> tuple[float, float, float, float]:
    """Return west, south, east and north of a box in degrees (order of RFC 7946, section 5). Raises ValueError."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise ValueError(f"{text!r} is no box: write west,south,east,north in degrees, such as 28,-5,42,6") from error
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError(
            f"{text!r} is no box: longitudes lie from -180 to 180, latitudes from -90 to 90, and south before north"
        )
    return west, south, east, north


def _box_text(value: object) -> object:
    """Accept [28, -5, 42, 6] in a JSON body beside "28,-5,42,6"."""
    if isinstance(value, list | tuple) and all(
        isinstance(part, int | float) and not isinstance(part, bool) for part in value
    ):
        return ",".join(map(str, value))
    return value


def as_text(value: object) -> object:
    """Accept true and false in a JSON body beside "true" and "false"."""
    return str(value).lower() if isinstance(value, bool) else value


def _box(value: str) -> str:
    if value:
        box_of(value)
    return value


def _some_of(values: Iterable[str]) -> WithJsonSchema:
    """Describe a list of known values; several may also stand in one, divided by commas."""
    return WithJsonSchema({"type": "array", "items": {"type": "string", "enum": list(values)}, "maxItems": MOST_VALUES})


Types = Annotated[list[str], BeforeValidator(split_commas), AfterValidator(_types), _some_of(event_types())]
Topics = Annotated[list[str], BeforeValidator(split_commas), AfterValidator(_topics), _some_of(TOPIC_FAMILIES)]
Statuses = Annotated[list[str], BeforeValidator(split_commas), AfterValidator(_statuses), _some_of(STATUSES)]
Kinds = Annotated[list[str], BeforeValidator(split_commas), AfterValidator(_kinds), _some_of(CHANGE_KINDS)]
Countries = Annotated[
    list[str],
    BeforeValidator(split_commas),
    AfterValidator(_countries),
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "string", "pattern": "^[A-Za-z]{3}$", "examples": ["KEN"]},
            "maxItems": MOST_VALUES,
        }
    ),
]
Sources = Annotated[list[str], BeforeValidator(split_commas), AfterValidator(_few)]
EventIds = Annotated[
    list[str],
    BeforeValidator(split_commas),
    AfterValidator(_event_ids),
    WithJsonSchema(
        {"type": "array", "items": {"type": "string", "pattern": "^[0-9a-fA-F]{32}$"}, "maxItems": MOST_VALUES}
    ),
]
Activities = Annotated[list[str], BeforeValidator(split_commas), AfterValidator(_activities), _some_of(ACTIVITIES)]
Instant = Annotated[
    str,
    AfterValidator(instant),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}],
            "examples": ["2031-11-19T09:00:00Z", "2031-11-19"],
        }
    ),
]
Box = Annotated[
    str,
    BeforeValidator(_box_text),
    Field(max_length=100),
    AfterValidator(_box),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^$|^(-?[0-9]{1,3}(\\.[0-9]{1,9})?(,|$)){4}",
            "maxLength": 100,
            "examples": ["28,-5,42,6"],
        }
    ),
]
