"""Arithmetic of days: months and years as spans, parts of them, and steps from one day to another."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from services.extractor.timespans import Days, Moment

VAGUE: Final = (2, 6)
"""How many units "days after" and "weeks ago" may mean."""


def _clamp(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def month_days(year: int, month: int) -> Days:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month"


def year_days(year: int) -> Days:
    return date(year, 1, 1), date(year, 12, 31), "year"


def week_days(monday: date) -> Days:
    return monday, monday + timedelta(days=6), "week"


def shift_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return _clamp(index // 12, index % 12 + 1, day.day)


def narrowed(days: Days, phase: str | None, today: date) -> Days:
    """Narrow a span down to its early, middle or late part; "earlier this year" ends today."""
    first, last, granularity = days
    if not phase:
        return days
    length = (last - first).days + 1
    if phase in ("earlier", "later"):
        if not first <= today <= last:
            return days
        return (first, today, granularity) if phase == "earlier" else (today, last, granularity)
    third = max(length // 3, 1)
    if phase in ("early", "start of", "beginning of"):
        return first, first + timedelta(days=third - 1), granularity
    if phase in ("late", "end of"):
        return last - timedelta(days=third - 1), last, granularity
    return first + timedelta(days=third), last - timedelta(days=third), granularity


def nearest_year(make: Callable[[int], date], now: Moment) -> date:
    """Choose the year for a date that is given without one, by tense."""
    candidates = []
    for year in (now.today.year - 1, now.today.year, now.today.year + 1):
        try:
            candidates.append(make(year))
        except ValueError:
            continue  # 29 February exists in some years only.
    if not candidates:
        raise ValueError("no such day in the years around the publication")
    if now.past is True:
        before = [day for day in candidates if day <= now.today]
        return before[-1] if before else candidates[0]
    if now.past is False:
        after = [day for day in candidates if day >= now.today]
        return after[0] if after else candidates[-1]
    return min(candidates, key=lambda day: abs((day - now.today).days))


def move_day(day: date, count: float, unit: str, sign: int) -> date:
    try:
        if unit in ("hour", "night", "day"):
            days = count / 24 if unit == "hour" else count
            return day + timedelta(days=sign * int(days + (0.5 if unit == "hour" else 0)))
        if unit in ("week", "fortnight"):
            return day + timedelta(days=sign * int(count * (7 if unit == "week" else 14)))
        months = {"month": 1, "year": 12, "decade": 120, "century": 1200}[unit]
        return shift_months(day, sign * int(count * months))
    except (ValueError, OverflowError):
        return day


OFFSET_GRAIN: Final = {
    "hour": "day", "day": "day", "night": "day", "week": "week", "fortnight": "week", "month": "month", "year": "year",
    "decade": "year", "century": "year",
}  # fmt: skip


def offset_days(first: date, last: date, count: float | None, unit: str, sign: int) -> Days:
    """Move a span by ``count`` units; "days after" without a number gives the range it may mean."""
    grain = OFFSET_GRAIN[unit]
    if count is None:
        near, far = (0, 1) if unit == "hour" else VAGUE
        unit = "day" if unit == "hour" else unit
        moved = sorted((move_day(first, far, unit, sign), move_day(first, near, unit, sign)))
        return moved[0], moved[1], grain
    begin, end = move_day(first, count, unit, sign), move_day(last, count, unit, sign)
    if grain == "week":
        # "two weeks ago" is a week around that day, not the day itself.
        return begin - timedelta(days=3), end + timedelta(days=3), grain
    if grain == "month":
        return begin.replace(day=1), month_days(end.year, end.month)[1], grain
    if grain == "year":
        return date(begin.year, 1, 1), date(end.year, 12, 31), grain
    return begin, end, grain
