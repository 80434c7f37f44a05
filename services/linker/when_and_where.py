"""When and where the event takes place, chosen among what the reports say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker import weights as w
from services.linker.days import Days, days_of
from services.linker.origins import Origin
from services.linker.profile import AHEAD, Spot, spot_of
from services.linker.report import Report
from services.linker.reports import in_order_told, same_stage
from services.linker.score import distance_km

_PRECISION: Final = {"site": 5, "city": 4, "admin1": 3, "region": 2, "country": 1}
_DAY_BY_WORDS: Final = 2
"""Explicit times of at most this many days count as naming a day."""


def merge_time(reports: Sequence[Report], status: str) -> Report | None:
    """Return the report that gives the time of an event that is at ``status``; None where none gives any.

    Only reports that see the event at the same stage count: once it has taken place, the day it was planned for does
    not. Words of a text go before the day of a report. Of an event ahead the latest plan holds; of one that took place
    the days with the most sources, a narrower time counting for the wider ones that contain it.
    """
    known = [(r, r.days) for r in reports if r.days is not None]
    staged = [(r, days) for r, days in known if same_stage(r.status, status)]
    pool = staged or known
    explicit = [(r, days) for r, days in pool if days.explicit]
    if not explicit:
        # The event is at least as old as its first report.
        return min(pool, key=lambda item: (item[1].start, in_order_told(item[0])))[0] if pool else None
    if status in AHEAD:
        future = [item for item in explicit if item[1].end > item[0].told_on]
        return max(future or explicit, key=lambda item: in_order_told(item[0]))[0]
    sources: dict[Days, set[Origin]] = {}
    for report, days in explicit:
        sources.setdefault(days, set()).add(report.origin)
    agreeing = {
        days: len(set().union(*(s for o, s in sources.items() if o.start <= days.start and days.end <= o.end)))
        for days in sources
    }
    # max keeps the first of equals: the one told first.
    return max(explicit, key=lambda item: (agreeing[item[1]], -item[1].width, item[0].confidence))[0]


@dataclass(slots=True)
class _Vote:
    """What speaks for one place."""

    precision: int
    sources: set[Origin]
    confidence: float
    headline: bool
    report: Report
    """The first that gives it."""
    named: bool = False
    """True where a sentence names it."""


_Key = tuple[str, str, str]
"""Country, first-level division, town; empty where a place is wider than that."""


def merge_place(reports: Sequence[Report], wide: bool = False) -> Report | None:
    """Return the report that gives the most precise place in the country that most sources give.

    Among several places the one that most give; None where no report gives any.

    Of an event that reaches beyond one town (``wide``) a town told is only where it was seen. There the place has to be
    given by more than half of the sources, a narrower one counting for the wider ones around it, and that of a headline
    goes first.
    """
    votes: dict[_Key, _Vote] = {}
    for report in reports:
        spot = report.spot
        if spot is None:
            continue
        key = (spot.country, (spot.area or spot.region) if not spot.city else "", spot.city)
        precision = _PRECISION.get(report.precision, 0)
        vote = votes.get(key)
        if vote is None:
            vote = votes[key] = _Vote(precision, set(), 0.0, False, report)
        vote.precision = max(vote.precision, precision)
        vote.sources.add(report.origin)
        vote.named |= report.names_place
        vote.confidence += report.confidence
        vote.headline |= report.in_title
    if not votes:
        return None
    votes = _in_one_country(votes)
    chosen = list(_agreed(votes).values()) if wide else list(votes.values())
    best = max(chosen, key=lambda v: (wide and v.headline, v.precision, len(v.sources), v.confidence))
    return best.report


def _in_one_country(votes: dict[_Key, _Vote]) -> dict[_Key, _Vote]:
    """Leave out what lies in another country than most sources say: one wrong town must not outdo five right lands.

    Where some name the place in so many words, those who only write from somewhere have no say in this.
    """
    sources: dict[str, set[Origin]] = {}
    named = any(vote.named for (country, _, _), vote in votes.items() if country)
    for (country, _, _), vote in votes.items():
        if country and (vote.named or not named):
            sources.setdefault(country, set()).update(vote.sources)
    most = max(map(len, sources.values()), default=0)
    return {key: vote for key, vote in votes.items() if not key[0] or len(sources.get(key[0], ())) == most}


def _agreed(votes: dict[_Key, _Vote]) -> dict[_Key, _Vote]:
    sources = {source for vote in votes.values() for source in vote.sources}
    agreed = {
        key: vote
        for key, vote in votes.items()
        if 2 * len({s for other, v in votes.items() if _within(other, key) for s in v.sources}) > len(sources)
    }
    return agreed or votes


def _within(narrow: _Key, wide: _Key) -> bool:
    return all(not part or part == own for part, own in zip(wide, narrow, strict=True))


def other_day(held: event_pb2.EventTime, told: event_pb2.EventTime) -> bool:
    """Tell whether two times that each name a day by words name different ones (neighbouring days: time zones)."""
    return days_apart(days_of(held), days_of(told))


def days_apart(one: Days | None, other: Days | None) -> bool:
    """Tell the same of two times as days; a time that names none differs from nothing."""
    if one is None or other is None or not (one.explicit and other.explicit):
        return False
    return max(one.width, other.width) <= _DAY_BY_WORDS and one.gap(other) >= 2


def other_place(held: event_pb2.Place, told: event_pb2.Place) -> bool:
    """Tell whether two places exclude each other: two countries, or two towns that are not near each other.

    A site that nobody located ("the courthouse") may be in any town of its country.
    """
    return spots_apart(spot_of(held), spot_of(told), "site" in (held.precision, told.precision))


def spots_apart(one: Spot | None, other: Spot | None, site: bool) -> bool:
    """Tell the same of two places as spots; ``site``: one of them is a site."""
    if one is None or other is None:
        return False
    if one.country and other.country and one.country != other.country:
        return True
    if not (one.city and other.city) or one.city == other.city:
        return False
    km = distance_km(one, other)
    if km is None:
        return not site
    return km > w.NEAR_KM
