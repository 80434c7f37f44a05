"""Expressions that count from another time: "two days ago", "the next week", "a month after the crash"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from services.extractor.daymath import OFFSET_GRAIN, move_day, offset_days
from services.extractor.timespans import Days, Moment, TimeSpan

RECENT: Final[Mapping[str, int]] = {"hour": 1, "day": 7, "week": 28, "month": 120, "year": 1095}
"""Days that "in recent <unit>s" reaches back."""
NUMBER_WORDS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30,
    "a couple of": 2, "a few": 3, "several": 4, "a dozen": 12, "half a": 0.5, "few": 3, "couple of": 2,
}  # fmt: skip


def _count(match: re.Match[str]) -> float | None:
    word = match["count"]
    if word is None:
        return None
    return float(word) if word.isdigit() else float(NUMBER_WORDS[word])


def ago(match: re.Match[str], now: Moment) -> Days | None:
    return offset_days(now.today, now.today, _count(match), match["unit"], -1)


def ahead_of(match: re.Match[str], now: Moment) -> Days | None:
    return offset_days(now.today, now.today, _count(match), match["unit"], 1)


def anchored(match: re.Match[str], now: Moment) -> Days | None:
    """Resolve "two days later", "a week earlier": against what the text spoke of last."""
    later = match["turn"] in ("later", "on", "afterwards", "thereafter")
    if now.anchor is None:
        # Wires write "a day earlier" about the day before the report, but "later" needs something to be later than.
        return None if later else offset_days(now.today, now.today, _count(match), match["unit"], -1)
    first, last = date.fromisoformat(now.anchor.start[:10]), date.fromisoformat(now.anchor.end[:10])
    return offset_days(first, last, _count(match), match["unit"], 1 if later else -1)


def neighbour(match: re.Match[str], now: Moment) -> Days | None:
    """Resolve "the next day", "the previous week", "the same day"."""
    which, unit = match["which"], match["unit"]
    sign = {"next": 1, "following": 1, "previous": -1, "same": 0, "very next": 1}[which]
    if now.anchor is None:
        return None
    first, last = date.fromisoformat(now.anchor.start[:10]), date.fromisoformat(now.anchor.end[:10])
    if sign == 0:
        return first, last, now.anchor.granularity
    return offset_days(first, last, 1.0, unit, sign)


def recent(match: re.Match[str], now: Moment) -> Days | None:
    unit = match["unit"]
    count = _count(match) if "count" in match.re.groupindex else None
    if count is None:
        back = RECENT.get(unit)
        if back is None:
            return None
        return now.today - timedelta(days=back), now.today, OFFSET_GRAIN[unit]
    return move_day(now.today, count, unit, -1), now.today, OFFSET_GRAIN[unit]


def after_clause(match: re.Match[str], now: Moment) -> Days | None:
    """Resolve "four days after <clause>" for the clause: against the time of the main clause, else the report."""
    first = last = now.today
    if now.anchor is not None:
        first, last = date.fromisoformat(now.anchor.start[:10]), date.fromisoformat(now.anchor.end[:10])
    sign = 1 if match["turn"] in ("before", "ahead of", "prior to") else -1
    return offset_days(first, last, _count(match), match["unit"], sign)


def after_event(match: re.Match[str], event: TimeSpan) -> TimeSpan:
    """Return the days "two days after" an event of known time."""
    first, last = date.fromisoformat(event.start[:10]), date.fromisoformat(event.end[:10])
    sign = -1 if match["turn"] in ("before", "ahead of", "prior to") else 1
    begin, end, granularity = offset_days(first, last, _count(match), match["unit"], sign)
    return TimeSpan(begin.isoformat(), end.isoformat(), granularity, match.group(), "text")
