"""Expressions that name a stretch of the calendar: dates, months, weekdays, seasons, quarters, decades."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from services.extractor.daymath import month_days, narrowed, nearest_year, shift_months, week_days, year_days
from services.extractor.timespans import Days, Moment

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",), ("june", "jun"),
            ("july", "jul"), ("august", "aug"), ("september", "sept", "sep"), ("october", "oct"), ("november", "nov"),
            ("december", "dec"),
        ),
        1,
    )
    for name in names
}  # fmt: skip
_WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        (("monday", "mon"), ("tuesday", "tue"), ("wednesday", "wed"), ("thursday", "thu"), ("friday", "fri"),
         ("saturday", "sat"), ("sunday", "sun"))
    )
    for name in names
}  # fmt: skip
_SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""First month of each season; meteorological seasons of the northern hemisphere, where most of the wire is written."""


def full_date(match: re.Match[str], now: Moment) -> Days | None:
    month, day = _MONTHS[match["month"]], int(match["day"])
    groups = match.groupdict()
    try:
        if groups.get("year"):
            found = date(int(groups["year"]), month, day)
        else:
            found = nearest_year(lambda year: date(year, month, day), now)
        last = found
        if groups.get("until"):
            last = found.replace(day=int(groups["until"]))
            if last < found:
                return None
    except ValueError:
        return None
    return found, last, "day"


def iso(match: re.Match[str], now: Moment) -> Days | None:
    try:
        found = date(int(match["year"]), int(match["number"]), int(match["day"]))
    except ValueError:
        return None
    return found, found, "day"


def month_year(match: re.Match[str], now: Moment) -> Days | None:
    return narrowed(month_days(int(match["year"]), _MONTHS[match["month"]]), match["phase"], now.today)


def bare_month(match: re.Match[str], now: Moment) -> Days | None:
    month, which, today = _MONTHS[match["month"]], match["which"] or "", now.today
    year = today.year
    if which in ("last", "past", "the past"):
        year -= month >= today.month
    elif which in ("next", "coming"):
        year += month <= today.month
    elif which != "this":
        if now.past is False:
            year += month < today.month
        else:
            year -= month > today.month
    return narrowed(month_days(year, month), match["phase"], today)


def month_of_year(match: re.Match[str], now: Moment) -> Days | None:
    """Resolve "in January this year"."""
    year = now.today.year + {"last": -1, "this": 0, "next": 1}[match["which"]]
    return narrowed(month_days(year, _MONTHS[match["month"]]), match["phase"], now.today)


def bare_year(match: re.Match[str], now: Moment) -> Days | None:
    return narrowed(year_days(int(match["year"])), match["phase"], now.today)


def year_of_noun(match: re.Match[str], now: Moment) -> Days | None:
    """Resolve "the 2013 floods", where a parse tells which noun the year belongs to."""
    return bare_year(match, now)


def decade(match: re.Match[str], now: Moment) -> Days | None:
    year = int(match["decade"])
    year = year + 1900 if year < 100 else year
    return narrowed((date(year, 1, 1), date(year + 9, 12, 31), "year"), match["phase"], now.today)


def weekday(match: re.Match[str], now: Moment) -> Days | None:
    number, which, today = _WEEKDAYS[match["weekday"]], match["which"] or "", now.today
    back = (today.weekday() - number) % 7
    if which in ("last", "this past", "past"):
        found = today - timedelta(days=back or 7)
    elif which in ("next", "coming", "this coming", "the following"):
        found = today + timedelta(days=(7 - back) % 7 or 7)
    elif which == "this":
        found = today + timedelta(days=number - today.weekday())
        if found < today and now.past is False:
            found += timedelta(days=7)
    elif now.past is False:
        found = today + timedelta(days=(7 - back) % 7)
    else:
        found = today - timedelta(days=back)
    return found, found, "day"


_NAMED_DAYS: Final = {
    "yesterday": (-1, -1), "today": (0, 0), "tonight": (0, 0), "tomorrow": (1, 1), "this morning": (0, 0),
    "this afternoon": (0, 0), "this evening": (0, 0), "last night": (-1, -1), "overnight": (-1, 0),
    "the day before yesterday": (-2, -2), "the day after tomorrow": (2, 2), "earlier today": (0, 0),
    "yesterday evening": (-1, -1), "tomorrow morning": (1, 1), "early today": (0, 0),
}  # fmt: skip


def named_day(match: re.Match[str], now: Moment) -> Days | None:
    first, last = _NAMED_DAYS[match["named"]]
    return now.today + timedelta(days=first), now.today + timedelta(days=last), "day"


def calendar_unit(match: re.Match[str], now: Moment) -> Days | None:
    """Resolve "last week", "earlier this year", "next month", "late last year"."""
    which, unit, today = match["which"], match["unit"], now.today
    step = {"last": -1, "previous": -1, "past": -1, "this": 0, "current": 0, "next": 1, "coming": 1, "following": 1}[
        which
    ]
    if which == "following" and now.anchor is None:
        return None
    if unit == "week":
        days = week_days(today - timedelta(days=today.weekday()) + timedelta(weeks=step))
    elif unit == "month":
        first = shift_months(today.replace(day=1), step)
        days = month_days(first.year, first.month)
    elif unit == "year":
        days = year_days(today.year + step)
    elif unit == "decade":
        begin = today.year // 10 * 10 + step * 10
        days = date(begin, 1, 1), date(begin + 9, 12, 31), "year"
    else:
        begin = today.year // 100 * 100 + step * 100
        days = date(begin, 1, 1), date(begin + 99, 12, 31), "year"
    first, last, granularity = narrowed(days, match["phase"], today)
    if step == 0 and not match["phase"] and unit in ("week", "month") and first <= today <= last:
        if now.past is True:
            last = today
        elif now.past is False:
            first = today
    return first, last, granularity


def weekend(match: re.Match[str], now: Moment) -> Days | None:
    which, today = match["which"] or "", now.today
    saturday = today + timedelta(days=5 - today.weekday())
    ahead = which in ("next", "coming", "this coming") or now.past is False
    if ahead:
        saturday += timedelta(days=7 if which == "next" and today.weekday() >= 5 else 0)
    elif today.weekday() < 5 or which in ("last", "past", "this past"):
        saturday -= timedelta(days=7)
    return saturday, saturday + timedelta(days=1), "day"


def season(match: re.Match[str], now: Moment) -> Days | None:
    month, which, today = _SEASONS[match["season"]], match["which"] or "", now.today
    groups = match.groupdict()

    def span(year: int) -> Days:
        first = date(year, month, 1)
        return first, shift_months(first, 3) - timedelta(days=1), "season"

    if groups.get("year"):
        return narrowed(span(int(groups["year"])), match["phase"], today)
    options = [span(today.year + shift) for shift in (-2, -1, 0, 1)]
    if which in ("next", "coming") or (now.past is False and which != "last"):
        later = [option for option in options if option[0] > today or (option[1] >= today and which == "")]
        return narrowed(later[0], match["phase"], today)
    earlier = [option for option in options if (option[1] < today if which == "last" else option[0] <= today)]
    return narrowed(earlier[-1], match["phase"], today)


_QUARTERS: Final = {"first": 0, "second": 1, "third": 2, "fourth": 3, "final": 3, "last": 3}


def quarter(match: re.Match[str], now: Moment) -> Days | None:
    number = _QUARTERS[match["ordinal"]]
    year = int(match["year"]) if match["year"] else now.today.year
    months = 3 if match["piece"] == "quarter" else 6
    if months == 6 and match["ordinal"] not in ("first", "second"):
        return None
    first = date(year, number * months + 1, 1)
    if not match["year"] and now.past is not False and first > now.today:
        first = date(year - 1, first.month, 1)
    return first, shift_months(first, months) - timedelta(days=1), "season"


def week_after_next(match: re.Match[str], now: Moment) -> Days | None:
    return week_days(now.today - timedelta(days=now.today.weekday()) + timedelta(weeks=2))


def two_weekdays(match: re.Match[str], now: Moment) -> Days | None:
    """Resolve "overnight between Monday and Tuesday"."""
    first, second = (_WEEKDAYS[match[name]] for name in ("first", "second"))
    length = (second - first) % 7
    if now.past is False:
        begin = now.today + timedelta(days=(first - now.today.weekday()) % 7)
    else:
        begin = now.today - timedelta(days=(now.today.weekday() - second) % 7 + length)
    return begin, begin + timedelta(days=length), "day"
