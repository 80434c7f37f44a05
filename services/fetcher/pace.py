"""How often a feed brings something, learned from itself, and when it is worth asking again. Pure.

A poll costs the publisher and us something, and an item that waits to be found costs its readers something. Say that
one poll is worth ``POLL_WORTH_S`` seconds of one item's waiting. A feed with ``rate`` items a second, polled every T
seconds, lets items wait rate * T / 2 and costs POLL_WORTH_S / T, both per second; the sum is least at
T = sqrt(2 * POLL_WORTH_S / rate). So a feed with a hundredth of the items is polled a tenth as often and not a
hundredth (the same square root as in crawling for freshness: Wolf et al., "Optimal crawling strategies for web search
engines", WWW 2002). Newsrooms sleep, so the rate is learned for each hour of the day, and the wait is what brings the
integral of 1/T to one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

POLL_WORTH_S: Final = 450.0
"""Seconds of one item's waiting that a poll is worth: with an item an hour, 30 minutes between polls."""
HALF_LIFE_S: Final = 7 * 86_400.0
"""An item counts half after a week: a newsroom's habits change slowly, and weekends must not vanish."""
SEEN_BACK: Final = timedelta(days=14)
"""Items of a first listing that are older say little about today."""
_MEAN_LIFE_S: Final = HALF_LIFE_S / math.log(2)
_SHRINK_S: Final = 2 * 3600.0
"""How long an hour of the day must have been watched before it outweighs the mean of all hours."""
_PRIOR_ITEMS: Final = 0.3
_PRIOR_S: Final = 8_640.0
"""Before anything is known a feed is taken for one of three items a day, on the strength of a tenth of a day."""
_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a feed's items came, by hour of the day. Counts decay by ``HALF_LIFE_S``."""

    since: datetime | None = None
    """Since when its items are known; None before its first listing."""
    counted_at: datetime | None = None
    """The moment the counts are of."""
    hours: tuple[float, ...] = ()
    """24 decayed counts of items, by hour UTC; empty where there were none."""

    def items(self, now: datetime) -> float:
        """Return the decayed number of items at ``now``."""
        return sum(self.hours) * self._faded(now)

    def rate(self, hour: int, now: datetime) -> float:
        """Return the expected items per second at ``hour`` (0-23, UTC) of the days around ``now``."""
        mean, known, weight, faded = self._weights(now)
        if not self.hours:
            return mean
        around = self.hours[hour - 1] / 4 + self.hours[hour] / 2 + self.hours[(hour + 1) % 24] / 4
        return (around * faded + known) * weight

    def rates(self, now: datetime) -> list[float]:
        """Return the expected items per second for each hour, UTC, of the days around ``now``."""
        mean, known, weight, faded = self._weights(now)
        if not self.hours:
            return [mean] * 24
        counts = (self.hours[-1], *self.hours, self.hours[0])
        # The hours beside one count half: a story at five to is as likely as one at five past.
        return [((counts[n] / 4 + counts[n + 1] / 2 + counts[n + 2] / 4) * faded + known) * weight for n in range(24)]

    def _weights(self, now: datetime) -> tuple[float, float, float, float]:
        """Mean rate of all hours, what it adds to each hour's count, what a count is worth, how far counts faded."""
        watched_s, faded = self._watched_s(now), self._faded(now)
        mean = (sum(self.hours) * faded + _PRIOR_ITEMS) / (watched_s + _PRIOR_S)
        return mean, mean * _SHRINK_S, 1 / (watched_s / 24 + _SHRINK_S), faded

    def _faded(self, now: datetime) -> float:
        if self.counted_at is None:
            return 0.0
        return math.exp2(-max((now - self.counted_at).total_seconds(), 0.0) / HALF_LIFE_S)

    def _watched_s(self, now: datetime) -> float:
        """Seconds it has been watched, faded as the counts are."""
        if self.since is None:
            return 0.0
        age_s = max((now - self.since).total_seconds(), 0.0)
        return _MEAN_LIFE_S * -math.expm1(-age_s / _MEAN_LIFE_S)


def begun(times: Sequence[datetime], now: datetime) -> Rhythm:
    """Return the rhythm of a feed whose first listing shows items of these dates."""
    known = [time for time in times if now - SEEN_BACK <= time <= now]
    since = min(known, default=now)
    if len(known) < len(times):
        since = now - SEEN_BACK  # it reaches further back than we look
    return _counted(Rhythm(since), known, now)


def heard(rhythm: Rhythm, times: Sequence[datetime | None], asked_before: datetime, now: datetime) -> Rhythm:
    """Return the rhythm after a listing with new items of these dates (None: undated).

    A date that does not lie between the last two polls is not believed; the item came now.
    """
    if not times:
        return rhythm
    earliest = asked_before - timedelta(hours=1)
    came = [time if time is not None and earliest <= time <= now else now for time in times]
    return _counted(rhythm if rhythm.since is not None else Rhythm(asked_before), came, now)


def worthwhile_s(rhythm: Rhythm, now: datetime, longest_s: float, poll_worth_s: float = POLL_WORTH_S) -> float:
    """Return in how many seconds the next poll is worth its cost, at most ``longest_s``."""
    due, waited_s = 0.0, 0.0
    at = now.astimezone(UTC)
    rates = rhythm.rates(now)
    while waited_s < longest_s:
        step_s = min(_HOUR_S - (at.minute * 60 + at.second + at.microsecond / 1e6), longest_s - waited_s)
        per_s = math.sqrt(rates[at.hour] / (2 * poll_worth_s))
        if due + per_s * step_s >= 1.0:
            return waited_s + (1.0 - due) / per_s
        due, waited_s, at = due + per_s * step_s, waited_s + step_s, at + timedelta(seconds=step_s)
    return longest_s


def _counted(rhythm: Rhythm, times: Sequence[datetime], now: datetime) -> Rhythm:
    faded = rhythm._faded(now)
    hours = [count * faded for count in rhythm.hours] or [0.0] * 24
    for time in times:
        hours[time.astimezone(UTC).hour] += math.exp2(-(now - time).total_seconds() / HALF_LIFE_S)
    return replace(rhythm, counted_at=now, hours=tuple(round(count, 3) for count in hours))
