"""When an event took or takes place: time expressions of English news against the day of publication.

General date libraries read "four days after" as the future and "Tuesday" as any Tuesday. News has its own habits: a
weekday in the past tense is the last one, a month without a year is the nearest in the direction of the tense, and
"two days after gunmen ..." dates the *other* clause. Durations, ages and prison terms are no times at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from spacy.tokens import Span

from services.extractor.calendartimes import bare_month, season, year_of_noun
from services.extractor.gazetteer import lowered
from services.extractor.relativetimes import after_clause, after_event, ago, anchored
from services.extractor.timepatterns import PATTERNS, QUICK
from services.extractor.timespans import Days, Moment, TimedExpression, TimeSpan

BYGONE: Final = 60
"""Days after which a date is one of history."""
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
    resolve: Callable[[re.Match[str], Moment], Days | None]


@lru_cache(maxsize=512)
def _scan(text: str) -> tuple[_Raw, ...]:
    """Return the expressions of a sentence in order; each of its events asks for them several times."""
    lower = lowered(text)
    if not QUICK.search(lower):
        return ()
    found: list[_Raw] = []
    covered = bytearray(len(lower))
    for pattern, resolve in PATTERNS:
        for match in pattern.finditer(lower):
            if any(covered[match.start() : match.end()]):
                continue
            if not _is_time(match, resolve, text):
                continue
            covered[match.start() : match.end()] = b"\1" * (match.end() - match.start())
            found.append(_Raw(match.start(), match.end(), match, resolve))
    return tuple(sorted(found, key=lambda raw: raw.begin))


def _is_time(match: re.Match[str], resolve: Any, text: str) -> bool:
    groups = match.groupdict()
    month = groups.get("month")
    if month is not None and not text[match.start("month")].isupper():
        return False
    if groups.get("first") and not text[match.start("first")].isupper():
        return False
    if groups.get("weekday") and not text[match.start("weekday")].isupper():
        return False
    if resolve is after_clause:
        before = text[: match.start()].rstrip().lower()
        # "after three years after all" aside, a number before "years since" after "for" is a duration.
        if before.endswith(("for", "-")) or (groups.get("count") is None and not groups.get("plural")):
            return False
    if resolve in (ago, anchored) and groups.get("count") is None and not groups.get("plural"):
        return False
    if resolve is bare_month and groups.get("which") == "for" and month == "may":
        return False
    if resolve is season and groups.get("season") == "fall" and groups.get("which") in ("in", "since", "during", ""):
        return bool(groups.get("year")) or "the fall of" not in text.lower()
    return True


def utc_day(published: datetime) -> date:
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


def _resolve(raw: _Raw, now: Moment, text: str, lower: str) -> TimeSpan | None:
    past = now.past
    if past is None:
        window = lower[max(0, raw.begin - 60) : raw.begin]
        clause = re.split(r"[,;—]| (?:after|who|which|when|while) ", window)[-1]
        past = False if _FUTURE.search(clause) else None
    try:
        days = raw.resolve(raw.match, Moment(now.today, past, now.anchor))
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
    text = sentence.text
    raws = [raw for raw in _scan(text) if parsed or raw.resolve is not year_of_noun]
    if not raws:
        return []
    lower = lowered(text)
    today = utc_day(published)
    found: list[TimedExpression] = []
    inner: TimeSpan | None = None
    for raw in raws:
        relative = raw.resolve is after_clause
        first, last = _tokens(sentence, raw)
        tense = True if past is False and _is_past(_dated_verb(sentence, first)) else past
        if relative and inner is None and anchor is not None and _is_noun_next(sentence, last):
            # "two days after the attack": of the attack the text has spoken, its own clause is what it dates.
            days = after_event(raw.match, anchor)
            found.append(TimedExpression(first, last, replace(days, text=text[raw.begin : raw.end]), False))
            found.append(TimedExpression(first, last, anchor, True))
            continue
        # "two days after" counts from the main clause of its own sentence only; without one, from the report.
        time = _resolve(raw, Moment(today, tense, inner if relative else inner or anchor), text, lower)
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


def told_day(sentence: Span, published: datetime) -> str:
    """Return the day (ISO 8601) on which a source said what the sentence tells, in the week before; else empty."""
    limit = (utc_day(published) - timedelta(days=6)).isoformat()
    for found in find_times(sentence, published, past=True):
        verb = _dated_verb(sentence, found.start)
        day = found.time.start == found.time.end and limit <= found.time.start <= utc_day(published).isoformat()
        if day and verb is not None and verb.lemma_.lower() in _TOLD and not found.relative:
            return found.time.start
    return ""


def speaks_of_past(sentence: Span, published: datetime) -> bool:
    """True where the sentence dates something long before the report: what it tells is not news of that day."""
    limit = (utc_day(published) - timedelta(days=BYGONE)).isoformat()
    return any(found.time.end < limit for found in find_times(sentence, published) if not found.relative)
