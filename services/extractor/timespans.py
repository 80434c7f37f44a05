"""What a time expression means, and what it is resolved against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """First and last day of what an expression means."""

    start: str
    """ISO 8601 day, UTC: "2025-02-11"."""
    end: str
    granularity: str
    """One of: day, week, month, season, year, unknown."""
    text: str
    """The words as they stand in the text."""
    origin: str = "text"
    """text, or report where it is only the day of the report."""


@dataclass(frozen=True, slots=True)
class TimedExpression:
    """A time expression of a sentence with its meaning. Token numbers count in the sentence's Doc."""

    start: int
    end: int
    time: TimeSpan
    relative: bool
    """True for "two days after <clause>": it dates the clause that follows, not the one it stands in."""


Days = tuple[date, date, str]
"""First day, last day, granularity."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What an expression is resolved against."""

    today: date
    past: bool | None
    anchor: TimeSpan | None
