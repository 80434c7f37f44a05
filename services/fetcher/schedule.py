"""When to poll a feed next. Pure: what happened goes in, a time and the reason for it come out.

Three voices are heard. What the publisher asks for (Cache-Control, Expires, Retry-After, ttl, skipHours, updatePeriod)
is a floor, within the limits of the settings. What the feed was seen to do sets the pace (see pace.py), often enough
that its window of items does not run over. Errors back off, twice as long each time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from services.fetcher.dates import read_date
from services.fetcher.feed_model import PollHints
from services.fetcher.pace import POLL_WORTH_S, Rhythm, worthwhile_s

WINDOW_SHARE: Final = 0.25
"""A feed that lists six hours of news is polled after a quarter of that, so that nothing falls out unseen."""
IDLE_SHARE: Final = 0.1
"""A feed silent for ten days can wait one more: growing with the silence keeps a dead feed cheap."""
JITTER: Final = 0.1
ERROR_JITTER: Final = 0.25
MAX_RETRY_AFTER_S: Final = 86_400.0
GONE_APART_S: Final = 86_400.0
GONE_POLLS: Final = 3
"""A feed that answers 410 this often, each a day apart, is taken at its word and asked no more."""
_MAX_AGE: Final = re.compile(r"(?:^|[,\s])(?:max-age)\s*=\s*\"?(\d{1,10})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on the time between two polls of one feed, in seconds."""

    min_interval_s: float
    max_interval_s: float
    poll_worth_s: float = POLL_WORTH_S
    """See pace.py: the less a poll is worth, the more often feeds are polled."""

    def clamp(self, seconds: float) -> float:
        return min(max(seconds, self.min_interval_s), self.max_interval_s)


@dataclass(frozen=True, slots=True)
class Known:
    """What sets a feed's pace; see the fields of the same names in state.FeedRecord."""

    rhythm: Rhythm = field(default_factory=Rhythm)
    newest_at: datetime | None = None
    window_s: float = 0.0
    window_share: float = WINDOW_SHARE


@dataclass(frozen=True, slots=True)
class NextPoll:
    """The decision: when, and why then."""

    at: datetime
    reason: str


def after_success(
    now: datetime, headers: Mapping[str, str], hints: PollHints, known: Known, limits: Limits, dice: float
) -> NextPoll:
    """Decide after a 200 or 304. ``headers`` are those of the answer with lower-case names, ``dice`` a random number
    in [0, 1) for the jitter."""
    floor_s, said_by = _floor(now, headers, hints)
    pace_s, pace = pace_of(now, known, limits)
    if floor_s > pace_s:
        wait_s, reason = limits.clamp(floor_s), said_by
        if floor_s > limits.max_interval_s:
            reason += ", capped at the longest interval"
    else:
        wait_s, reason = pace_s, pace
    # Jitter only ever adds: the publisher's floor is kept, and feeds that started together drift apart.
    return _outside_skipped(NextPoll(now + timedelta(seconds=wait_s * (1 + JITTER * dice)), reason), hints)


def after_error(now: datetime, errors: int, retry_after_s: float | None, limits: Limits, dice: float) -> NextPoll:
    """Decide after the ``errors``-th failure in a row (1, 2, ...); ``retry_after_s`` is what the server asked for."""
    backoff_s = limits.clamp(limits.min_interval_s * 2.0 ** min(errors - 1, 30))
    wait_s, reason = backoff_s, f"failure {errors} in a row"
    if retry_after_s is not None and retry_after_s > backoff_s:
        wait_s, reason = min(retry_after_s, MAX_RETRY_AFTER_S), "Retry-After"
    return NextPoll(now + timedelta(seconds=wait_s * (1 + ERROR_JITTER * dice)), reason)


def after_gone(now: datetime, gone: int, limits: Limits) -> NextPoll:
    """Decide after the ``gone``-th 410 in a row, each counted only a day after the one before."""
    if gone >= GONE_POLLS:
        return NextPoll(now + timedelta(days=36_500), "gone for good (410): it is asked no more")
    return NextPoll(
        now + timedelta(seconds=max(limits.max_interval_s, GONE_APART_S)), "gone (410), asked again to be sure"
    )


def pace_of(now: datetime, known: Known, limits: Limits) -> tuple[float, str]:
    """Return how many seconds to wait for a feed of which this is known, and why."""
    rhythm = known.rhythm
    if known.newest_at is None and not rhythm.hours:
        return limits.clamp(limits.min_interval_s * 4), "nothing is known of its pace yet"
    wait_s = worthwhile_s(rhythm, now, limits.max_interval_s, limits.poll_worth_s)
    reason = f"it brings {_often(rhythm, now)}"
    if 0 < known.window_s * known.window_share < wait_s:
        wait_s = known.window_s * known.window_share
        reason = f"it lists only the last {_span(known.window_s)}"
        if known.window_share < WINDOW_SHARE:
            reason += ", and items were missed before"
    idle_s = (now - known.newest_at).total_seconds() if known.newest_at is not None else 0.0
    if idle_s * IDLE_SHARE > wait_s:
        wait_s, reason = idle_s * IDLE_SHARE, f"silent for {_span(idle_s)}"
    return limits.clamp(wait_s), reason


def retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds a Retry-After header asks for (RFC 9110, section 10.2.3); None for garbage and the past."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:12])
    else:
        at = read_date(text)
        seconds = (at - now).total_seconds() if at is not None else -1.0
    return min(seconds, MAX_RETRY_AFTER_S) if seconds > 0 else None


def freshness_s(now: datetime, headers: Mapping[str, str]) -> float:
    """Return for how many seconds the answer is fresh by Cache-Control or Expires (RFC 9111, 4.2); 0 if unsaid."""
    control = headers.get("cache-control", "")
    if "no-cache" in control.lower() or "no-store" in control.lower():
        return 0.0
    match = _MAX_AGE.search(control)
    if match is not None:
        age = headers.get("age", "").strip()
        spent = float(age[:10]) if age.isascii() and age.isdigit() else 0.0
        return max(float(match.group(1)) - spent, 0.0)
    expires = read_date(headers.get("expires", ""))
    sent = read_date(headers.get("date", "")) or now
    return max((expires - sent).total_seconds(), 0.0) if expires is not None else 0.0


def _floor(now: datetime, headers: Mapping[str, str], hints: PollHints) -> tuple[float, str]:
    said = (
        (freshness_s(now, headers), "its cache headers ask for it"),
        (hints.ttl_s or 0.0, "its ttl asks for it"),
        (hints.update_period_s or 0.0, "its updatePeriod asks for it"),
        (retry_after(headers.get("retry-after", ""), now) or 0.0, "Retry-After"),
    )
    return max(said, key=lambda pair: pair[0])


def _outside_skipped(poll: NextPoll, hints: PollHints) -> NextPoll:
    at, moved = poll.at.astimezone(UTC), False
    for _ in range(24 * 8):
        if at.hour not in hints.skip_hours and at.weekday() not in hints.skip_days:
            break
        at, moved = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1), True
    return NextPoll(at, f"{poll.reason}; moved out of the hours it asks to skip") if moved else poll


def _often(rhythm: Rhythm, now: datetime) -> str:
    """Say how many items come at this hour of the day."""
    per_hour = rhythm.rate(now.astimezone(UTC).hour, now) * 3600
    return f"{per_hour:.2g} items an hour at this time of day" if per_hour >= 1 else f"{per_hour * 24:.2g} items a day"


def _span(seconds: float) -> str:
    for unit, length in (("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0)):
        if seconds >= length:
            return f"{seconds / length:.3g} {unit}s"
    return f"{seconds:.3g} seconds"
