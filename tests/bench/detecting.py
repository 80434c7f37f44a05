"""How long an item waits to be found, beside fixed polling with the same number of requests. Simulated, no sockets.

Feeds publish for three weeks as newsrooms do: between two items a day and ten an hour, asleep at night in their own
time zone, slower at weekends, in bursts now and then. The poller of services.fetcher.schedule decides as in production
with a virtual clock; two weeks let it learn, the third is measured. Its one parameter, what a poll is worth, is set so
that it makes as many requests as polling every feed each 15 or 60 minutes does.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean, quantiles
from typing import Any

from services.fetcher import pace, schedule
from services.fetcher.feed_model import PollHints
from services.fetcher.settings import FetcherSettings

_START = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
_LEARNING, _MEASURED = timedelta(days=14), timedelta(days=7)
_FEEDS = 60
_STEPS = 6
_HINTS = PollHints()


@dataclass(frozen=True)
class _Feed:
    times: list[datetime]
    window: int


@dataclass(frozen=True)
class _Outcome:
    polls: int
    delays_s: list[float]
    missed: int


def benchmark() -> Iterator[dict[str, Any]]:
    """Yield mean, median and 95th percentile of the delay for each way of polling, and requests per item."""
    feeds = [_newsroom(random.Random(n)) for n in range(_FEEDS)]
    yield _told("adaptive, as it is set", _adaptive(feeds, pace.POLL_WORTH_S))
    for minutes in (15, 60):
        fixed = _fixed(feeds, timedelta(minutes=minutes))
        yield _told(f"fixed, {minutes} minutes", fixed)
        worth, equal = _as_many(feeds, fixed.polls)
        yield {
            **_told(f"adaptive, as many requests as every {minutes} minutes", equal),
            "poll_worth_s": round(worth),
            "mean_ratio_to_fixed": round(fmean(equal.delays_s) / fmean(fixed.delays_s), 3),
        }


def _told(how: str, outcome: _Outcome) -> dict[str, Any]:
    cuts = quantiles(outcome.delays_s, n=20)
    return {
        "bench": "detecting",
        "figure": "detection_delay",
        "polling": how,
        "p50_s": round(cuts[9]),
        "p95_s": round(cuts[18]),
        "mean_s": round(fmean(outcome.delays_s)),
        "requests": outcome.polls,
        "requests_per_item": round(outcome.polls / len(outcome.delays_s), 2),
        "items": len(outcome.delays_s),
        "missed": outcome.missed,
    }


def _newsroom(dice: random.Random) -> _Feed:
    per_hour = 2 / 24 * (120 ** dice.random())  # two a day to ten an hour
    zone, night = dice.randrange(24), dice.uniform(0.03, 0.4)
    times: list[datetime] = []
    at, burst_until = _START - timedelta(days=3), _START
    while at < _START + _LEARNING + _MEASURED:
        if at > burst_until and dice.random() < 0.004:
            burst_until = at + timedelta(hours=2)
        local = at + timedelta(hours=zone)
        rate = per_hour * (1.4 if 7 <= local.hour < 22 else night) * (0.5 if local.weekday() > 4 else 1.0)
        rate *= 4 if at < burst_until else 1
        step = timedelta(minutes=10)
        times += sorted(at + dice.random() * step for _ in range(_poisson(rate / 6, dice)))
        at += step
    return _Feed(times, dice.choice((15, 20, 30, 50)))


def _poisson(mean: float, dice: random.Random) -> int:
    count, at = 0, dice.expovariate(1.0)
    while at < mean:
        count, at = count + 1, at + dice.expovariate(1.0)
    return count


def _fixed(feeds: Sequence[_Feed], every: timedelta) -> _Outcome:
    return _sum([_poll(feed, lambda *_: every, random.Random(n)) for n, feed in enumerate(feeds)])


def _adaptive(feeds: Sequence[_Feed], worth_s: float) -> _Outcome:
    settings = FetcherSettings()
    limits = schedule.Limits(settings.min_interval_s, settings.max_interval_s, worth_s)

    def one(feed: _Feed, number: int) -> _Outcome:
        dice = random.Random(number)
        rhythm = pace.Rhythm()

        def wait(now: datetime, asked: datetime | None, fresh: Sequence[datetime], listed: Sequence[datetime]) -> Any:
            nonlocal rhythm
            rhythm = pace.begun(listed, now) if asked is None else pace.heard(rhythm, fresh, asked, now)
            window_s = (listed[-1] - listed[0]).total_seconds() if len(listed) > 1 else 0.0
            known = schedule.Known(rhythm, listed[-1] if listed else None, window_s)
            return schedule.after_success(now, {}, _HINTS, known, limits, dice.random()).at - now

        return _poll(feed, wait, random.Random(number))

    return _sum([one(feed, n) for n, feed in enumerate(feeds)])


def _poll(feed: _Feed, wait: Any, dice: random.Random) -> _Outcome:
    now, asked, seen = _START + dice.random() * timedelta(hours=1), None, 0
    polls, missed, delays = 0, 0, []
    since, end = _START + _LEARNING, _START + _LEARNING + _MEASURED
    while now < end:
        out = bisect_right(feed.times, now)
        first = max(out - feed.window, 0)
        fresh = feed.times[max(seen, first) : out]
        if now >= since:
            polls += 1
            missed += max(first - seen, 0)
            delays += [(now - time).total_seconds() for time in fresh if time >= since]
        waited = wait(now, asked, fresh, feed.times[first:out])
        asked, seen, now = now, out, now + waited
    return _Outcome(polls, delays, missed)


def _sum(outcomes: Sequence[_Outcome]) -> _Outcome:
    return _Outcome(
        sum(outcome.polls for outcome in outcomes),
        [delay for outcome in outcomes for delay in outcome.delays_s],
        sum(outcome.missed for outcome in outcomes),
    )


def _as_many(feeds: Sequence[_Feed], polls: int) -> tuple[float, _Outcome]:
    """Return what a poll must be worth for that many requests, to within two in a hundred, and what comes of it."""
    worth = pace.POLL_WORTH_S
    for _ in range(_STEPS):
        outcome = _adaptive(feeds, worth)
        if abs(outcome.polls - polls) < 0.02 * polls:
            break
        # Where nothing else bounds it, the number of polls goes with the square root (see services/fetcher/pace.py).
        worth = max(worth * (outcome.polls / polls) ** 2, 1.0)
    return worth, outcome
