"""Event times as whole days, so that comparing two of them is arithmetic."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from services.contracts.dateline.v1 import article_pb2, event_pb2

_EPOCH = date(1970, 1, 1).toordinal()


class Days(NamedTuple):
    """The days in which an event takes or took place: first and last, as proleptic ordinals (``date.toordinal``)."""

    start: int
    end: int
    explicit: bool
    """True where words of the text say so, False where it is only the day of the report."""

    @property
    def width(self) -> int:
        """How many days it spans: 1 for a day."""
        return self.end - self.start + 1

    def gap(self, other: Days) -> int:
        """Days between the two, 0 where they share a day."""
        return max(0, self.start - other.end, other.start - self.end)


@lru_cache(maxsize=8_192)
def day_of(text: str) -> int | None:
    """Return the day of ISO 8601 text ("2025-02-11", "2025-02-11T18:00:00Z"), or None where it has none."""
    try:
        return date.fromisoformat(text[:10]).toordinal()
    except ValueError:
        return None


def days_of(time: event_pb2.EventTime) -> Days | None:
    """Return the days of an event time, or None where neither end is known. An open end is the known end."""
    return _days(time.start, time.end, time.origin)


@lru_cache(maxsize=16_384)
def _days(first_day: str, last_day: str, origin: str) -> Days | None:
    start, end = day_of(first_day), day_of(last_day)
    if start is None and end is None:
        return None
    first = start if start is not None else end
    last = end if end is not None else start
    assert first is not None
    assert last is not None
    return Days(min(first, last), max(first, last), origin == "text")


def told_on(article: article_pb2.ArticleRef) -> int:
    """Return the day on which an article was published, or first seen where it does not say."""
    stamp = article.published_at if article.published_at.seconds else article.first_seen_at
    return _EPOCH + stamp.seconds // 86_400
