"""The patterns of time expressions, tried in order, each with what resolves it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from services.extractor.calendartimes import (
    bare_month,
    bare_year,
    calendar_unit,
    decade,
    full_date,
    iso,
    month_of_year,
    month_year,
    named_day,
    quarter,
    season,
    two_weekdays,
    week_after_next,
    weekday,
    weekend,
    year_of_noun,
)
from services.extractor.relativetimes import NUMBER_WORDS, after_clause, ago, ahead_of, anchored, neighbour, recent
from services.extractor.timespans import Days, Moment

_MONTH = r"(?P<month>january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?"  # noqa: E501
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?\b(?![:.,]?\d)"
_YEAR = r"(?P<year>(?:19|20)\d\d)\b"
_DAY_NAMES = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_WEEKDAY = rf"(?P<weekday>{_DAY_NAMES})"
_PART_OF_DAY = r"(?: (?:early |late )?(?P<part>morning|afternoon|evening|night|mornings|evenings|nights))?"
_COUNT = (
    r"(?:(?P<count>a couple of|half a|a few|a dozen|few|several|couple of|\d{1,3}|"
    + "|".join(word for word in NUMBER_WORDS if " " not in word and word not in ("few", "several"))
    + r") )?"
)
_UNIT = r"(?P<unit>hour|day|night|week|fortnight|month|year|decade|century)(?P<plural>s?)"
_PHASE = (
    r"(?:(?:the )?(?P<phase>early|earlier|late|later|mid|middle of|start of|beginning of|end of)(?:[ -](?:in |on )?))?"
)
_COUNTED = (
    r"(?:people|troops|prisoners|men|women|children|dead|miles|km|tonnes|tons|jobs|homes|soldiers|workers|years|hours"
    r"|and|or|to|was|were|has|had|will|would|is|when|after|before|but|that|which|who|with|for|from|the|says?|said|as)\b"
)
"""Words before which four digits are a number, or a year that stands for itself."""
_WHICH_MONTH = (
    r"(?:(?P<which>last|this|next|coming|past|in|since|by|until|till|from|during|of|for|on|between|through) )"
)
PATTERNS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Moment], Days | None]], ...]] = tuple(
    (re.compile(pattern), resolve)
    for pattern, resolve in (
        (r"\b(?P<year>(?:19|20)\d\d)-(?P<number>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])\b", iso),
        (rf"\b(?:overnight |in the night )?between (?P<first>{_DAY_NAMES}) and (?P<second>{_DAY_NAMES})\b",
         two_weekdays),
        (rf"(?:{_WEEKDAY},? )?\b(?:the )?{_DAY}(?: ?(?:-|–|to|and) ?(?P<until>[12]\d|3[01]|0?[1-9]))?"
         rf"(?: of)? {_MONTH}(?:,? {_YEAR})?", full_date),
        (rf"(?:{_WEEKDAY},? )?\b{_MONTH} (?:the )?{_DAY}(?: ?(?:-|–|to|and) ?(?P<until>[12]\d|3[01]|0?[1-9])(?!\d))?"
         rf"(?:(?:,| of)? {_YEAR})?", full_date),
        (rf"\b{_PHASE}{_MONTH}(?: of)?,? {_YEAR}", month_year),
        (rf"\b{_PHASE}{_MONTH}(?: of)? (?P<which>this|last|next) year\b", month_of_year),
        (r"\b(?P<turn>the )?week after next\b", week_after_next),
        (rf"\b{_COUNT}{_UNIT} (?P<turn>after|before|since|ahead of|prior to)\b", after_clause),
        (rf"\b(?:more than |over |nearly |almost |about |around |some )?{_COUNT}{_UNIT} ago\b", ago),
        (rf"\bin {_COUNT}{_UNIT}(?:'s? time| from now)\b", ahead_of),
        (rf"\b(?:within|in) the (?:next|coming) {_COUNT}{_UNIT}\b", ahead_of),
        (rf"\b(?:(?:over|in|during|within|for) )?(?:the )?(?:past|last) "
         r"(?P<count>\d{1,3}|two|three|four|five|six|seven"
         rf"|eight|nine|ten|few|several|couple of) {_UNIT}\b", recent),
        (rf"\b(?:in|over|during) (?:recent|the past|the last) {_UNIT}\b", recent),
        (rf"\b(?:just |only |barely )?{_COUNT}{_UNIT} (?P<turn>later|earlier|afterwards|thereafter|previously)\b",
         anchored),
        (r"\b(?:on )?the (?P<which>next|following|previous|same|very next) (?P<unit>day|night|week|month|year)"
         r"(?P<plural>)\b", neighbour),
        (r"\b(?P<named>the day before yesterday|the day after tomorrow|earlier today|early today|yesterday evening"
         r"|tomorrow morning|yesterday|today|tonight|tomorrow|this morning|this afternoon|this evening|last night"
         r"|overnight)\b", named_day),
        (rf"\b{_PHASE}(?:the )?(?P<which>last|this|next|previous|current|past|coming|following) "
         r"(?P<unit>week|month|year|decade|century)\b(?!-)", calendar_unit),
        (r"\b(?:(?:over|during|at|on) (?:the )?)?"
         r"(?:(?P<which>this past|this coming|last|this|next|past|coming) )?weekend\b",
         weekend),
        (rf"\b{_PHASE}(?:(?P<which>last|this|next|coming|in|since|during)(?: the)? )(?:late |early )?"
         rf"(?P<season>spring|summer|autumn|fall|winter)(?:(?: of)? {_YEAR})?\b", season),
        (rf"\b(?:the )?(?P<ordinal>first|second|third|fourth|final) (?P<piece>quarter|half)(?: (?:of )?{_YEAR})?\b",
         quarter),
        (r"\b(?:(?P<which>this past|this coming|the following|last|this|next|past|coming) )?"
         rf"(?:early |late )?{_WEEKDAY}\b"
         rf"{_PART_OF_DAY}", weekday),
        (rf"\b{_PHASE}{_WHICH_MONTH}(?:early |late |mid-)?{_MONTH}(?! \d)", bare_month),
        (rf"\b(?P<phase>early|late|mid)[ -](?P<which>){_MONTH}(?! \d)", bare_month),
        (rf"\b{_PHASE}(?:the )?(?P<decade>(?:19|20)\d0)'?s\b", decade),
        (rf"\b(?:in|since|during|by|until|from|of|for|through)(?: the (?:year|summer|spring) (?:of )?)?"
         rf" {_PHASE}{_YEAR}(?![-–%]| (?:people|troops|prisoners|men|women|dead|miles|km|tonnes|tons|jobs|homes))",
         bare_year),
        (rf"\b(?P<phase>early|late|mid)[ -]{_YEAR}", bare_year),
        (rf"\b(?:in|during|at|since) the (?P<phase>){_YEAR}(?= [a-z])", bare_year),
        (rf"(?<![\d$£€.,:#–-])(?<!\bto )\b(?P<phase>){_YEAR}(?= (?!{_COUNTED})[a-z]{{3,}})", year_of_noun),
    )
)  # fmt: skip
QUICK = re.compile(
    r"day|night|week|month|year|hour|decade|centur|19\d\d|20\d\d|morrow|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
    r"|spring|summer|autumn|fall|winter|quarter|half|morning|afternoon|evening|90s|80s|ago|overnight|weekend"
)
