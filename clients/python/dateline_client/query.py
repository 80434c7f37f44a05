"""Filters as keyword arguments ↔ query parameters, and answers ↔ errors: what both clients do alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypedDict

import httpx

from dateline_client.errors import ApiError

PAGE = 100
"""Events asked for at once."""

Texts = str | Sequence[str]
Moment = str | date | datetime
Parameters = list[tuple[str, str | int | float | bool | None]]


class EventQuery(TypedDict, total=False):
    """Filters of events and of changes."""

    topic: Texts
    type: Texts
    status: Texts
    country: Texts
    """ISO 3166-1 alpha-3."""
    source: Texts
    entity: str
    place: str
    box: Sequence[float]
    """West, south, east, north in degrees."""
    min_sources: int
    q: str
    """Words that must all stand in the title."""
    sample: bool
    activity: Texts
    """live, quiet, archived."""
    time_from: Moment
    """When the event takes or took place, by its start."""
    time_to: Moment


class ListQuery(EventQuery, total=False):
    """Filters of lists of events."""

    since: Moment
    """When it changed last."""
    until: Moment
    as_of: Moment
    """Events as they stood then."""
    state: str
    sort: str
    order: str
    view: str
    """full or summary."""
    limit: int
    """At most so many events; all of them where it is left out."""


class ChangeQuery(EventQuery, total=False):
    """Filters of changes."""

    kind: Texts
    event: Texts
    """Event ids."""


def parameters(filters: Any) -> Parameters:
    """Return keyword arguments as query parameters."""
    found: Parameters = []
    for name, value in filters.items():
        if value is None:
            continue
        if isinstance(value, bool):
            found.append((name, "true" if value else "false"))
        elif isinstance(value, datetime | date):
            if isinstance(value, datetime) and value.tzinfo is None:
                raise ValueError(f"{name}={value!r} has no time zone: pass an aware datetime")
            found.append((name, value.isoformat()))
        elif isinstance(value, str | int | float):
            found.append((name, str(value)))
        elif name == "box":
            found.append((name, ",".join(map(str, value))))
        else:
            found += [(name, str(each)) for each in value]
    return found


def page_size(limit: int | None) -> int:
    """Return how many events to ask for at once. Raises ValueError where ``limit`` asks for none."""
    if limit is not None and limit < 1:
        raise ValueError(f"limit={limit!r}: ask for at least one event, or leave it out")
    return PAGE if limit is None else min(limit, PAGE)


def check(answer: httpx.Response) -> None:
    """Raise ApiError where an answer, read to its end, is none of success."""
    if answer.is_success:
        return
    try:
        problem = json.loads(answer.content)
    except ValueError:
        problem = {}
    asked = answer.headers.get("retry-after", "")
    raise ApiError(
        answer.status_code, problem if isinstance(problem, dict) else {}, float(asked) if asked.isdigit() else None
    )


def headers(api_key: str) -> dict[str, str]:
    """Return what every request carries."""
    known = {"User-Agent": "dateline-client/0.1"}
    return {**known, "Authorization": f"Bearer {api_key}"} if api_key else known
