"""When an event took or takes place: time expressions of English news against the day of publication.

General date libraries read "four days after" as the future and "Tuesday" as any Tuesday. News has its own habits: a
weekday in the past tense is the last one, a month without a year is the nearest in the direction of the tense, and
"two days after gunmen ..." dates the *other* clause. Durations, ages and prison terms are no times at all.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from spacy.tokens import Span, Token

from services.extractor.gazetteer import lowered

MAX_COST: Final = 1.9
"""An expression that stands further from the event than this, in clause borders, does not date it."""
RECENT: Final[Mapping[str, int]] = {"hour": 1, "day": 7, "week": 28, "month": 120, "year": 1095}
"""Days that "in recent <unit>s" reaches back."""
BYGONE: Final = 60
"""Days after which a date is one of history."""
VAGUE: Final = (2, 6)
"""How many units "days after" and "weeks ago" may mean."""


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
class _Moment:
    """What an expression is resolved against."""

    today: date
    past: bool | None
    anchor: TimeSpan | None


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
_NUMBER_WORDS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30,
    "a couple of": 2, "a few": 3, "several": 4, "a dozen": 12, "half a": 0.5, "few": 3, "couple of": 2,
}  # fmt: skip

_MONTH = r"(?P<month>january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?"  # noqa: E501
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?\b(?![:.,]?\d)"
_YEAR = r"(?P<year>(?:19|20)\d\d)\b"
_DAY_NAMES = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_WEEKDAY = rf"(?P<weekday>{_DAY_NAMES})"
_PART_OF_DAY = r"(?: (?:early |late )?(?P<part>morning|afternoon|evening|night|mornings|evenings|nights))?"
_COUNT = (
    r"(?:(?P<count>a couple of|half a|a few|a dozen|few|several|couple of|\d{1,3}|"
    + "|".join(word for word in _NUMBER_WORDS if " " not in word and word not in ("few", "several"))
    + r") )?"
)
_UNIT = r"(?P<unit>hour|day|night|week|fortnight|month|year|decade|century)(?P<plural>s?)"
_PHASE = (
    r"(?:(?:the )?(?P<phase>early|earlier|late|later|mid|middle of|start of|beginning of|end of)(?:[ -](?:in |on )?))?"
)


def _clamp(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _month(year: int, month: int) -> Days:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month"


def _year(year: int) -> Days:
    return date(year, 1, 1), date(year, 12, 31), "year"


def _week(monday: date) -> Days:
    return monday, monday + timedelta(days=6), "week"


def _shift_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return _clamp(index // 12, index % 12 + 1, day.day)


def _phase(days: Days, phase: str | None, today: date) -> Days:
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


def _full_date(match: re.Match[str], now: _Moment) -> Days | None:
    month, day = _MONTHS[match["month"]], int(match["day"])
    groups = match.groupdict()
    try:
        if groups.get("year"):
            found = date(int(groups["year"]), month, day)
        else:
            found = _nearest(lambda year: date(year, month, day), now)
        last = found
        if groups.get("until"):
            last = found.replace(day=int(groups["until"]))
            if last < found:
                return None
    except ValueError:
        return None
    return found, last, "day"


def _nearest(make: Callable[[int], date], now: _Moment) -> date:
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


def _iso(match: re.Match[str], now: _Moment) -> Days | None:
    try:
        found = date(int(match["year"]), int(match["number"]), int(match["day"]))
    except ValueError:
        return None
    return found, found, "day"


def _month_year(match: re.Match[str], now: _Moment) -> Days | None:
    return _phase(_month(int(match["year"]), _MONTHS[match["month"]]), match["phase"], now.today)


def _bare_month(match: re.Match[str], now: _Moment) -> Days | None:
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
    return _phase(_month(year, month), match["phase"], today)


def _month_of_year(match: re.Match[str], now: _Moment) -> Days | None:
    """Resolve "in January this year"."""
    year = now.today.year + {"last": -1, "this": 0, "next": 1}[match["which"]]
    return _phase(_month(year, _MONTHS[match["month"]]), match["phase"], now.today)


def _bare_year(match: re.Match[str], now: _Moment) -> Days | None:
    return _phase(_year(int(match["year"])), match["phase"], now.today)


def _year_of_noun(match: re.Match[str], now: _Moment) -> Days | None:
    """Resolve "the 2013 floods", where a parse tells which noun the year belongs to."""
    return _bare_year(match, now)


def _decade(match: re.Match[str], now: _Moment) -> Days | None:
    year = int(match["decade"])
    year = year + 1900 if year < 100 else year
    return _phase((date(year, 1, 1), date(year + 9, 12, 31), "year"), match["phase"], now.today)


def _weekday(match: re.Match[str], now: _Moment) -> Days | None:
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


def _named_day(match: re.Match[str], now: _Moment) -> Days | None:
    first, last = _NAMED_DAYS[match["named"]]
    return now.today + timedelta(days=first), now.today + timedelta(days=last), "day"


def _calendar_unit(match: re.Match[str], now: _Moment) -> Days | None:
    """Resolve "last week", "earlier this year", "next month", "late last year"."""
    which, unit, today = match["which"], match["unit"], now.today
    step = {"last": -1, "previous": -1, "past": -1, "this": 0, "current": 0, "next": 1, "coming": 1, "following": 1}[
        which
    ]
    if which == "following" and now.anchor is None:
        return None
    if unit == "week":
        days = _week(today - timedelta(days=today.weekday()) + timedelta(weeks=step))
    elif unit == "month":
        first = _shift_months(today.replace(day=1), step)
        days = _month(first.year, first.month)
    elif unit == "year":
        days = _year(today.year + step)
    elif unit == "decade":
        begin = today.year // 10 * 10 + step * 10
        days = date(begin, 1, 1), date(begin + 9, 12, 31), "year"
    else:
        begin = today.year // 100 * 100 + step * 100
        days = date(begin, 1, 1), date(begin + 99, 12, 31), "year"
    first, last, granularity = _phase(days, match["phase"], today)
    if step == 0 and not match["phase"] and unit in ("week", "month") and first <= today <= last:
        if now.past is True:
            last = today
        elif now.past is False:
            first = today
    return first, last, granularity


def _weekend(match: re.Match[str], now: _Moment) -> Days | None:
    which, today = match["which"] or "", now.today
    saturday = today + timedelta(days=5 - today.weekday())
    ahead = which in ("next", "coming", "this coming") or now.past is False
    if ahead:
        saturday += timedelta(days=7 if which == "next" and today.weekday() >= 5 else 0)
    elif today.weekday() < 5 or which in ("last", "past", "this past"):
        saturday -= timedelta(days=7)
    return saturday, saturday + timedelta(days=1), "day"


def _season(match: re.Match[str], now: _Moment) -> Days | None:
    month, which, today = _SEASONS[match["season"]], match["which"] or "", now.today
    groups = match.groupdict()

    def span(year: int) -> Days:
        first = date(year, month, 1)
        return first, _shift_months(first, 3) - timedelta(days=1), "season"

    if groups.get("year"):
        return _phase(span(int(groups["year"])), match["phase"], today)
    options = [span(today.year + shift) for shift in (-2, -1, 0, 1)]
    if which in ("next", "coming") or (now.past is False and which != "last"):
        later = [option for option in options if option[0] > today or (option[1] >= today and which == "")]
        return _phase(later[0], match["phase"], today)
    earlier = [option for option in options if (option[1] < today if which == "last" else option[0] <= today)]
    return _phase(earlier[-1], match["phase"], today)


_QUARTERS: Final = {"first": 0, "second": 1, "third": 2, "fourth": 3, "final": 3, "last": 3}


def _quarter(match: re.Match[str], now: _Moment) -> Days | None:
    number = _QUARTERS[match["ordinal"]]
    year = int(match["year"]) if match["year"] else now.today.year
    months = 3 if match["piece"] == "quarter" else 6
    if months == 6 and match["ordinal"] not in ("first", "second"):
        return None
    first = date(year, number * months + 1, 1)
    if not match["year"] and now.past is not False and first > now.today:
        first = date(year - 1, first.month, 1)
    return first, _shift_months(first, months) - timedelta(days=1), "season"


def _count(match: re.Match[str]) -> float | None:
    word = match["count"]
    if word is None:
        return None
    return float(word) if word.isdigit() else float(_NUMBER_WORDS[word])


def _move(day: date, count: float, unit: str, sign: int) -> date:
    try:
        if unit in ("hour", "night", "day"):
            days = count / 24 if unit == "hour" else count
            return day + timedelta(days=sign * int(days + (0.5 if unit == "hour" else 0)))
        if unit in ("week", "fortnight"):
            return day + timedelta(days=sign * int(count * (7 if unit == "week" else 14)))
        months = {"month": 1, "year": 12, "decade": 120, "century": 1200}[unit]
        return _shift_months(day, sign * int(count * months))
    except (ValueError, OverflowError):
        return day


_OFFSET_GRAIN: Final = {
    "hour": "day", "day": "day", "night": "day", "week": "week", "fortnight": "week", "month": "month", "year": "year",
    "decade": "year", "century": "year",
}  # fmt: skip


def _offset(first: date, last: date, count: float | None, unit: str, sign: int) -> Days:
    """Move a span by ``count`` units; "days after" without a number gives the range it may mean."""
    grain = _OFFSET_GRAIN[unit]
    if count is None:
        near, far = (0, 1) if unit == "hour" else VAGUE
        unit = "day" if unit == "hour" else unit
        moved = sorted((_move(first, far, unit, sign), _move(first, near, unit, sign)))
        return moved[0], moved[1], grain
    begin, end = _move(first, count, unit, sign), _move(last, count, unit, sign)
    if grain == "week":
        # "two weeks ago" is a week around that day, not the day itself.
        return begin - timedelta(days=3), end + timedelta(days=3), grain
    if grain == "month":
        return begin.replace(day=1), _month(end.year, end.month)[1], grain
    if grain == "year":
        return date(begin.year, 1, 1), date(end.year, 12, 31), grain
    return begin, end, grain


def _ago(match: re.Match[str], now: _Moment) -> Days | None:
    return _offset(now.today, now.today, _count(match), match["unit"], -1)


def _ahead(match: re.Match[str], now: _Moment) -> Days | None:
    return _offset(now.today, now.today, _count(match), match["unit"], 1)


def _anchored(match: re.Match[str], now: _Moment) -> Days | None:
    """Resolve "two days later", "a week earlier": against what the text spoke of last."""
    later = match["turn"] in ("later", "on", "afterwards", "thereafter")
    if now.anchor is None:
        # Wires write "a day earlier" about the day before the report, but "later" needs something to be later than.
        return None if later else _offset(now.today, now.today, _count(match), match["unit"], -1)
    first, last = date.fromisoformat(now.anchor.start[:10]), date.fromisoformat(now.anchor.end[:10])
    return _offset(first, last, _count(match), match["unit"], 1 if later else -1)


def _neighbour(match: re.Match[str], now: _Moment) -> Days | None:
    """Resolve "the next day", "the previous week", "the same day"."""
    which, unit = match["which"], match["unit"]
    sign = {"next": 1, "following": 1, "previous": -1, "same": 0, "very next": 1}[which]
    if now.anchor is None:
        return None
    first, last = date.fromisoformat(now.anchor.start[:10]), date.fromisoformat(now.anchor.end[:10])
    if sign == 0:
        return first, last, now.anchor.granularity
    return _offset(first, last, 1.0, unit, sign)


def _recent(match: re.Match[str], now: _Moment) -> Days | None:
    unit = match["unit"]
    count = _count(match) if "count" in match.re.groupindex else None
    if count is None:
        back = RECENT.get(unit)
        if back is None:
            return None
        return now.today - timedelta(days=back), now.today, _OFFSET_GRAIN[unit]
    return _move(now.today, count, unit, -1), now.today, _OFFSET_GRAIN[unit]


def _after_clause(match: re.Match[str], now: _Moment) -> Days | None:
    """Resolve "four days after <clause>" for the clause: against the time of the main clause, else the report."""
    first = last = now.today
    if now.anchor is not None:
        first, last = date.fromisoformat(now.anchor.start[:10]), date.fromisoformat(now.anchor.end[:10])
    sign = 1 if match["turn"] in ("before", "ahead of", "prior to") else -1
    return _offset(first, last, _count(match), match["unit"], sign)


def _week_after_next(match: re.Match[str], now: _Moment) -> Days | None:
    return _week(now.today - timedelta(days=now.today.weekday()) + timedelta(weeks=2))


def _two_weekdays(match: re.Match[str], now: _Moment) -> Days | None:
    """Resolve "overnight between Monday and Tuesday"."""
    first, second = (_WEEKDAYS[match[name]] for name in ("first", "second"))
    length = (second - first) % 7
    if now.past is False:
        begin = now.today + timedelta(days=(first - now.today.weekday()) % 7)
    else:
        begin = now.today - timedelta(days=(now.today.weekday() - second) % 7 + length)
    return begin, begin + timedelta(days=length), "day"


_COUNTED = (
    r"(?:people|troops|prisoners|men|women|children|dead|miles|km|tonnes|tons|jobs|homes|soldiers|workers|years|hours"
    r"|and|or|to|was|were|has|had|will|would|is|when|after|before|but|that|which|who|with|for|from|the|says?|said|as)\b"
)
"""Words before which four digits are a number, or a year that stands for itself."""
_WHICH_MONTH = (
    r"(?:(?P<which>last|this|next|coming|past|in|since|by|until|till|from|during|of|for|on|between|through) )"
)
_PATTERNS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], _Moment], Days | None]], ...]] = tuple(
    (re.compile(pattern), resolve)
    for pattern, resolve in (
        (r"\b(?P<year>(?:19|20)\d\d)-(?P<number>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])\b", _iso),
        (rf"\b(?:overnight |in the night )?between (?P<first>{_DAY_NAMES}) and (?P<second>{_DAY_NAMES})\b",
         _two_weekdays),
        (rf"(?:{_WEEKDAY},? )?\b(?:the )?{_DAY}(?: ?(?:-|–|to|and) ?(?P<until>[12]\d|3[01]|0?[1-9]))?"
         rf"(?: of)? {_MONTH}(?:,? {_YEAR})?", _full_date),
        (rf"(?:{_WEEKDAY},? )?\b{_MONTH} (?:the )?{_DAY}(?: ?(?:-|–|to|and) ?(?P<until>[12]\d|3[01]|0?[1-9])(?!\d))?"
         rf"(?:(?:,| of)? {_YEAR})?", _full_date),
        (rf"\b{_PHASE}{_MONTH}(?: of)?,? {_YEAR}", _month_year),
        (rf"\b{_PHASE}{_MONTH}(?: of)? (?P<which>this|last|next) year\b", _month_of_year),
        (r"\b(?P<turn>the )?week after next\b", _week_after_next),
        (rf"\b{_COUNT}{_UNIT} (?P<turn>after|before|since|ahead of|prior to)\b", _after_clause),
        (rf"\b(?:more than |over |nearly |almost |about |around |some )?{_COUNT}{_UNIT} ago\b", _ago),
        (rf"\bin {_COUNT}{_UNIT}(?:'s? time| from now)\b", _ahead),
        (rf"\b(?:within|in) the (?:next|coming) {_COUNT}{_UNIT}\b", _ahead),
        (rf"\b(?:(?:over|in|during|within|for) )?(?:the )?(?:past|last) "
         r"(?P<count>\d{1,3}|two|three|four|five|six|seven"
         rf"|eight|nine|ten|few|several|couple of) {_UNIT}\b", _recent),
        (rf"\b(?:in|over|during) (?:recent|the past|the last) {_UNIT}\b", _recent),
        (rf"\b(?:just |only |barely )?{_COUNT}{_UNIT} (?P<turn>later|earlier|afterwards|thereafter|previously)\b",
         _anchored),
        (r"\b(?:on )?the (?P<which>next|following|previous|same|very next) (?P<unit>day|night|week|month|year)"
         r"(?P<plural>)\b", _neighbour),
        (r"\b(?P<named>the day before yesterday|the day after tomorrow|earlier today|early today|yesterday evening"
         r"|tomorrow morning|yesterday|today|tonight|tomorrow|this morning|this afternoon|this evening|last night"
         r"|overnight)\b", _named_day),
        (rf"\b{_PHASE}(?:the )?(?P<which>last|this|next|previous|current|past|coming|following) "
         r"(?P<unit>week|month|year|decade|century)\b(?!-)", _calendar_unit),
        (r"\b(?:(?:over|during|at|on) (?:the )?)?"
         r"(?:(?P<which>this past|this coming|last|this|next|past|coming) )?weekend\b",
         _weekend),
        (rf"\b{_PHASE}(?:(?P<which>last|this|next|coming|in|since|during)(?: the)? )(?:late |early )?"
         rf"(?P<season>spring|summer|autumn|fall|winter)(?:(?: of)? {_YEAR})?\b", _season),
        (rf"\b(?:the )?(?P<ordinal>first|second|third|fourth|final) (?P<piece>quarter|half)(?: (?:of )?{_YEAR})?\b",
         _quarter),
        (r"\b(?:(?P<which>this past|this coming|the following|last|this|next|past|coming) )?"
         rf"(?:early |late )?{_WEEKDAY}\b"
         rf"{_PART_OF_DAY}", _weekday),
        (rf"\b{_PHASE}{_WHICH_MONTH}(?:early |late |mid-)?{_MONTH}(?! \d)", _bare_month),
        (rf"\b(?P<phase>early|late|mid)[ -](?P<which>){_MONTH}(?! \d)", _bare_month),
        (rf"\b{_PHASE}(?:the )?(?P<decade>(?:19|20)\d0)'?s\b", _decade),
        (rf"\b(?:in|since|during|by|until|from|of|for|through)(?: the (?:year|summer|spring) (?:of )?)?"
         rf" {_PHASE}{_YEAR}(?![-–%]| (?:people|troops|prisoners|men|women|dead|miles|km|tonnes|tons|jobs|homes))",
         _bare_year),
        (rf"\b(?P<phase>early|late|mid)[ -]{_YEAR}", _bare_year),
        (rf"\b(?:in|during|at|since) the (?P<phase>){_YEAR}(?= [a-z])", _bare_year),
        (rf"(?<![\d$£€.,:#–-])(?<!\bto )\b(?P<phase>){_YEAR}(?= (?!{_COUNTED})[a-z]{{3,}})", _year_of_noun),
    )
)  # fmt: skip

_QUICK = re.compile(
    r"day|night|week|month|year|hour|decade|centur|19\d\d|20\d\d|morrow|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
    r"|spring|summer|autumn|fall|winter|quarter|half|morning|afternoon|evening|90s|80s|ago|overnight|weekend"
)
_FUTURE = re.compile(
    r"\b(?:will|'ll|shall|would|plans?|planned|planning|scheduled|due|expected|set|slated|to be held|hopes?|intends?"
    r"|ahead of"
    r"|is to|are to|upcoming|going to|next|aims?|agreed to|invited|about to|starting|begins?|deadline|coming)\b"
)
_EXTENDED = re.compile(r"\b(?:since|until|till|by|from)\b")


@dataclass(frozen=True, slots=True)
class _Raw:
    """An expression found, before it is resolved: offsets count in the sentence's text."""

    begin: int
    end: int
    match: re.Match[str]
    resolve: Callable[[re.Match[str], _Moment], Days | None]


def _scan(sentence: Span) -> list[_Raw]:
    text = sentence.text
    lower = lowered(text)
    if not _QUICK.search(lower):
        return []
    found: list[_Raw] = []
    covered = bytearray(len(lower))
    for pattern, resolve in _PATTERNS:
        for match in pattern.finditer(lower):
            if any(covered[match.start() : match.end()]):
                continue
            if not _is_time(match, resolve, text):
                continue
            covered[match.start() : match.end()] = b"\1" * (match.end() - match.start())
            found.append(_Raw(match.start(), match.end(), match, resolve))
    found.sort(key=lambda raw: raw.begin)
    return found


def _is_time(match: re.Match[str], resolve: Any, text: str) -> bool:
    groups = match.groupdict()
    month = groups.get("month")
    if month is not None and not text[match.start("month")].isupper():
        return False
    if groups.get("first") and not text[match.start("first")].isupper():
        return False
    if groups.get("weekday") and not text[match.start("weekday")].isupper():
        return False
    if resolve is _after_clause:
        before = text[: match.start()].rstrip().lower()
        # "after three years after all" aside, a number before "years since" after "for" is a duration.
        if before.endswith(("for", "-")) or (groups.get("count") is None and not groups.get("plural")):
            return False
    if resolve in (_ago, _anchored) and groups.get("count") is None and not groups.get("plural"):
        return False
    if resolve is _bare_month and groups.get("which") == "for" and month == "may":
        return False
    if resolve is _season and groups.get("season") == "fall" and groups.get("which") in ("in", "since", "during", ""):
        return bool(groups.get("year")) or "the fall of" not in text.lower()
    return True


def _today(published: datetime) -> date:
    return (published.astimezone(UTC) if published.tzinfo is not None else published).date()


def _tokens(sentence: Span, raw: _Raw) -> tuple[int, int]:
    """Return the token numbers (in the Doc) that the expression covers."""
    base = sentence.start_char
    first, last = -1, -1
    for token in sentence:
        begin = token.idx - base
        if begin < raw.end and begin + len(token) > raw.begin:
            first = token.i if first < 0 else first
            last = token.i + 1
    return first, last


_TOLD: Final = frozenset({"announce", "say", "tell", "report", "unveil", "reveal", "publish", "add", "write"})
"""Lemmas of verbs of reporting: their day is that of the report."""
_TIMETABLE: Final = frozenset({"schedule", "set", "plan", "expect", "slate", "postpone", "delay", "time", "fix"})
"""Lemmas of verbs whose participle dates what lies ahead: "was scheduled for Friday"."""


def _dated_verb(sentence: Span, first: int) -> Any:
    """Return the verb that an expression beginning at token ``first`` belongs to, in a parsed sentence."""
    token: Any = sentence.doc[first] if first >= 0 else None
    for _ in range(5):
        if token is None or not token.dep_ or token.head.i == token.i:
            return None
        token = token.head
        if token.tag_.startswith("VB"):
            return token
    return None


def _is_past(verb: Any) -> bool:
    """True for a verb whose own day has passed whatever lies ahead of it: "a plan |announced| Wednesday"."""
    if verb is None or verb.lemma_.lower() in _TIMETABLE:
        return False
    if verb.tag_ == "VBD":
        return True
    return verb.tag_ == "VBN" and (
        verb.lemma_.lower() in _TOLD or any(child.lower_ in ("had", "was", "were", "has") for child in verb.children)
    )


def _resolve(raw: _Raw, now: _Moment, text: str, lower: str) -> TimeSpan | None:
    past = now.past
    if past is None:
        window = lower[max(0, raw.begin - 60) : raw.begin]
        clause = re.split(r"[,;—]| (?:after|who|which|when|while) ", window)[-1]
        past = False if _FUTURE.search(clause) else None
    try:
        days = raw.resolve(raw.match, _Moment(now.today, past, now.anchor))
    except (ValueError, OverflowError, IndexError):
        return None
    if days is None:
        return None
    first, last, granularity = days
    lead = lower[max(0, raw.begin - 6) : raw.begin] + lower[raw.begin : raw.begin + 6]
    extended = _EXTENDED.search(lead)
    if extended is not None:
        word = extended.group()
        if word in ("since", "from") and first <= now.today and last < now.today and word == "since":
            last = now.today
        elif word in ("by", "until", "till") and last > now.today:
            first = min(now.today, first)
    return TimeSpan(first.isoformat(), last.isoformat(), granularity, text[raw.begin : raw.end].strip(" ,."), "text")


def find_times(
    sentence: Span, published: datetime, *, past: bool | None = None, anchor: TimeSpan | None = None
) -> list[TimedExpression]:
    """Return the time expressions of ``sentence`` in order.

    ``past`` tells the tense that weekdays and months without a year are read in (None: guessed from the words before
    each). ``anchor`` is what "the next day" follows: the last time the article spoke of. Within the sentence each
    expression becomes the anchor of the next.
    """
    if len(sentence) == 0:
        return []
    parsed = bool(sentence[0].dep_)
    raws = [raw for raw in _scan(sentence) if parsed or raw.resolve is not _year_of_noun]
    if not raws:
        return []
    text = sentence.text
    lower = lowered(text)
    today = _today(published)
    found: list[TimedExpression] = []
    inner: TimeSpan | None = None
    for raw in raws:
        relative = raw.resolve is _after_clause
        first, last = _tokens(sentence, raw)
        tense = True if past is False and _is_past(_dated_verb(sentence, first)) else past
        if relative and inner is None and anchor is not None and _is_noun_next(sentence, last):
            # "two days after the attack": of the attack the text has spoken, its own clause is what it dates.
            days = _after_event(raw.match, anchor)
            found.append(TimedExpression(first, last, replace(days, text=text[raw.begin : raw.end]), False))
            found.append(TimedExpression(first, last, anchor, True))
            continue
        # "two days after" counts from the main clause of its own sentence only; without one, from the report.
        time = _resolve(raw, _Moment(today, tense, inner if relative else inner or anchor), text, lower)
        if time is None or first < 0:
            continue
        found.append(TimedExpression(first, last, time, relative))
        if not relative:
            inner = time
    return found


def _is_noun_next(sentence: Span, last: int) -> bool:
    """True where "after" has an event told of before for its object, not a clause: "after |the attack|"."""
    doc = sentence.doc
    if last >= sentence.end or last < 1 or not doc[last - 1].dep_:
        return False
    objects = [child for child in doc[last - 1].children if child.dep_ == "pobj"]
    if doc[last - 1].lower_ == "to":  # "prior to"
        objects += [child for child in doc[last - 2].children if child.dep_ == "pobj"]
    return any(
        child.pos_ == "NOUN" and any(each.lower_ in ("the", "that", "this") for each in child.children)
        for child in objects
    )


def _after_event(match: re.Match[str], event: TimeSpan) -> TimeSpan:
    """Return the days "two days after" an event of known time."""
    first, last = date.fromisoformat(event.start[:10]), date.fromisoformat(event.end[:10])
    sign = -1 if match["turn"] in ("before", "ahead of", "prior to") else 1
    begin, end, granularity = _offset(first, last, _count(match), match["unit"], sign)
    return TimeSpan(begin.isoformat(), end.isoformat(), granularity, match.group(), "text")


def told_day(sentence: Span, published: datetime) -> str:
    """Return the day (ISO 8601) on which a source said what the sentence tells, in the week before; else empty."""
    limit = (_today(published) - timedelta(days=6)).isoformat()
    for found in find_times(sentence, published, past=True):
        verb = _dated_verb(sentence, found.start)
        day = found.time.start == found.time.end and limit <= found.time.start <= _today(published).isoformat()
        if day and verb is not None and verb.lemma_.lower() in _TOLD and not found.relative:
            return found.time.start
    return ""


def speaks_of_past(sentence: Span, published: datetime) -> bool:
    """True where the sentence dates something long before the report: what it tells is not news of that day."""
    limit = (_today(published) - timedelta(days=BYGONE)).isoformat()
    return any(found.time.end < limit for found in find_times(sentence, published) if not found.relative)


def event_time(
    sentence: Span,
    trigger: Token,
    published: datetime,
    *,
    past: bool | None = None,
    anchor: TimeSpan | None = None,
    ahead: bool = False,
) -> TimeSpan | None:
    """Return when the event that ``trigger`` names takes or took place; None where its clause does not tell.

    ``ahead``: it has not begun on the day of the report, so earlier days date something else. Raises nothing: an odd
    date ("31 February") is no date.
    """
    expressions = find_times(sentence, published, past=past, anchor=anchor)
    if not expressions:
        return None
    best: TimeSpan | None = None
    best_cost = MAX_COST
    parsed = bool(trigger.dep_)
    today = _today(published).isoformat()
    for expression in expressions:
        if ahead and expression.time.end < today:
            continue
        if expression.relative:
            cost = _relative_cost(sentence, expression, trigger)
        elif parsed:
            cost = _tree_cost(sentence, expression, trigger)
        else:
            cost = _flat_cost(sentence, expression, trigger)
        if cost < best_cost:
            best, best_cost = expression.time, cost
    return best


_BORDERS: Final[Mapping[str, float]] = {
    "relcl": 2.5, "advcl": 2.0, "ccomp": 2.0, "acl": 1.2, "csubj": 2.0, "parataxis": 2.0, "xcomp": 0.8, "conj": 0.6,
    "pcomp": 0.6, "appos": 1.0,
}  # fmt: skip
"""What it costs to leave a clause of each kind, on the way from the event up to what the expression belongs to."""
_WHILE: Final = frozenset({"as", "when", "while", "where", "whereas"})
"""Words that join clauses about the same time."""


_SEQUENCE: Final = frozenset({"follow", "precede", "trigger", "prompt", "cause", "spark", "lead"})
"""Lemmas of verbs that join an event to a later or an earlier one, which is what they date."""


def _tree_cost(sentence: Span, expression: TimedExpression, trigger: Token) -> float:
    doc = sentence.doc
    if expression.start <= trigger.i < expression.end:
        return MAX_COST
    head = doc[expression.start : expression.end].root
    above = {token.i: distance for distance, token in enumerate([trigger, *trigger.ancestors])}
    if doc[expression.end - 1].i in above and doc[expression.end - 1].lower_ in ("after", "before", "to"):
        return MAX_COST  # "two days after the |crash|" dates its own clause
    cost, token = 0.0, head
    while token.i not in above:
        if token.dep_ == "advcl" and any(child.lower_ in _WHILE for child in token.lefts):
            cost += 1.0
        elif token.dep_ == "relcl" and token.head.i == trigger.i:
            cost += 1.0  # "a fire that killed nine last week"
        elif token.dep_ in ("relcl", "advcl", "ccomp", "csubj", "parataxis"):
            cost += 2.5
        elif token.dep_ == "acl":
            cost += 1.2
        elif token.dep_ == "conj":
            cost += 0.5
        elif token.i == head.i and token.dep_ in ("nmod", "compound", "nummod", "amod") and token.head.i not in above:
            cost += 2.5  # "the 1950s |model|": the expression says of which time another noun is
        elif token.dep_ == "pobj" and token.i != head.i and token.pos_ in ("NOUN", "PROPN"):
            # The expression qualifies another noun: "in an interview on Tuesday".
            cost += 0.5
        if token.head.i == token.i:
            return MAX_COST
        token = token.head
    meeting = token
    token = trigger
    while token.i != meeting.i:
        border = _BORDERS.get(token.dep_, 0.0)
        if token.dep_ == "advcl" and any(child.lower_ in _WHILE for child in token.lefts):
            border = 1.0
        elif token.dep_ == "advcl" and token.tag_ == "VB" and any(child.lower_ == "to" for child in token.lefts):
            border = 0.8  # "left on Monday to |visit|": a purpose is of the time of what serves it
        elif token.dep_ == "conj" and expression.start > token.i:
            border = 0.4
        elif token.dep_ == "acl" and any(child.dep_ == "mark" for child in token.lefts):
            border = 2.0
        cost += border
        token = token.head
    if meeting.i == trigger.i:
        cost -= 0.3
    if meeting.lemma_.lower() in _SEQUENCE and trigger.dep_ in ("nsubj", "nsubjpass") and trigger.head.i == meeting.i:
        cost += 2.0  # "the quake was followed by aftershocks on Monday"
    lower, upper = sorted((trigger.i, head.i))
    return float(cost + 0.015 * (upper - lower))


def _relative_cost(sentence: Span, expression: TimedExpression, trigger: Token) -> float:
    """Cost for "two days after <clause>": it dates what follows it, up to the end of that clause."""
    if trigger.i < expression.end:
        return MAX_COST
    doc = sentence.doc
    between = doc[expression.end : trigger.i]
    if any(token.text in (";", "—", "–") for token in between):
        return MAX_COST
    borders = sum(token.lower_ in ("who", "which", "while", "before", "when", "where") for token in between)
    commas = sum(token.text == "," for token in between)
    return float(0.5 + borders * 0.8 + commas * 0.5 + 0.015 * len(between))


_FLAT_BORDERS: Final = frozenset({
    "who", "which", "that", "after", "before", "while", "when", "if", "because", "although", "but", "said", ";",
    "where",
})  # fmt: skip


def _flat_cost(sentence: Span, expression: TimedExpression, trigger: Token) -> float:
    between: Any
    if expression.start >= trigger.i:
        between = sentence.doc[trigger.i + 1 : expression.start]
        cost = 0.0
    else:
        between = sentence.doc[expression.end : trigger.i]
        cost = 0.4
    cost += sum(1.0 for token in between if token.lower_ in _FLAT_BORDERS)
    cost += sum(0.4 for token in between if token.text == ",")
    return float(cost + 0.08 * len(between))
