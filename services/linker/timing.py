"""How well the times of two reports fit: the part of the score that keeps this month's exchange from last winter's.

A report may say when the event takes place (explicit days), may only be dated itself (the day of the report stands
in), or neither. An event that has not begun has two times: when it was agreed or announced, and when it is to be.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from services.linker import weights as w
from services.linker.days import Days
from services.linker.profile import AHEAD, ENDED
from services.linker.traits import traits_of


class Timed(Protocol):
    """What has times: a profile, or what the index keeps of one. Days are ordinals."""

    @property
    def type(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def days(self) -> Days | None: ...

    @property
    def told_first(self) -> int: ...

    @property
    def told_last(self) -> int: ...


class Times(NamedTuple):
    """The times of an event without all else that is compared."""

    type: str
    status: str
    days: Days | None
    told_first: int
    told_last: int


def times_of(event: Timed) -> Times:
    """Return the times of an event alone."""
    return Times(event.type, event.status, event.days, event.told_first, event.told_last)


def time_score(mention: Timed, event: Timed) -> float:
    """Return what the times of a mention and an event say about their being one: + fits, - does not."""
    if mention.status in ENDED or event.status in ENDED:
        return _ended(mention, event)
    if mention.status in AHEAD and event.status in AHEAD:
        return _both_ahead(mention, event)
    if mention.status in AHEAD:
        return _plan_and_fact(mention, event)
    if event.status in AHEAD:
        return _plan_and_fact(event, mention)
    lasts = traits_of(mention.type).lasts_days
    if mention.type != event.type:
        lasts = max(lasts, traits_of(event.type).lasts_days)
    if "ongoing" in (mention.status, event.status):
        lasts += 14
    return _both_facts(mention, event, lasts)


def told_apart(one: Timed, other: Timed) -> int:
    """Return how many days lie between the reports of the one and those of the other, 0 where they overlap."""
    return max(0, one.told_first - other.told_last, other.told_first - one.told_last)


def _plan_days(profile: Timed) -> Days | None:
    """The days an event is planned for: those ahead of all reports; others date the plan or a step on its way."""
    days = profile.days
    return days if days and days.explicit and days.end > profile.told_last else None


def _both_facts(mention: Timed, event: Timed, lasts: int) -> float:
    one, other = mention.days, event.days
    if one is None or other is None:
        gap = told_apart(mention, event)
        return 0.2 if gap <= 3 else 0.0 if gap <= 14 + lasts else -0.7 if gap <= 60 else -1.5
    start, end, sure = one
    other_start, other_end, other_sure = other
    gap = max(0, start - other_end, other_start - end)
    if sure and other_sure:
        if gap == 0:
            if max(one.width, other.width) <= 3:
                return w.SAME_DAYS
            if max(one.width, other.width) > w.YEARS and min(one.width, other.width) <= 3:
                return w.STATE_OF_YEARS
            return w.SAME_PERIOD if min(one.width, other.width) <= 31 else w.SAME_YEAR
        if gap <= 1:
            return -0.2 if lasts else -0.8
        return -0.3 if gap <= lasts else -2.0 - min(2.0, (gap - lasts) / 30)
    if sure or other_sure:
        fact_start, fact_end, report_start = (start, end, other_start) if sure else (other_start, other_end, start)
        if report_start < fact_start - 1 - lasts:
            return -2.5
        lag = report_start - fact_end
        return w.SAME_PERIOD if lag <= 2 else 0.0 if lag <= 7 + lasts else -1.0 if lag <= 30 else -2.5
    if gap <= 1:
        return 0.5
    return 0.2 if gap <= 3 + lasts else -0.4 if gap <= 10 + lasts else -1.2 if gap <= 30 else -2.5


def _both_ahead(mention: Timed, event: Timed) -> float:
    one, other = _plan_days(mention), _plan_days(event)
    if one and other:
        gap = one.gap(other)
        # A plan may be put off by some days and stay the same plan.
        return w.FOLLOWS_PLAN if gap <= 2 else -0.3 if gap <= 14 else -2.0
    gap = told_apart(mention, event)
    return 0.4 if gap <= 3 else 0.2 if gap <= 14 else -0.3 if gap <= 60 else -1.0 if gap <= w.HORIZON_DAYS else -2.5


def _plan_and_fact(plan: Timed, fact: Timed) -> float:
    planned_for = _plan_days(plan)
    # Explicit days before the report date the agreement itself ("agreed on Tuesday"); of a month, it may be any day.
    plan_made = plan.told_first
    if plan.days and plan.days.explicit and not planned_for:
        plan_made = min(plan_made, plan.days.end if plan.days.width <= 8 else plan.days.start)
    happened = fact.days or Days(fact.told_first, fact.told_last, False)
    if happened.end < plan_made - 2:
        return w.IMPOSSIBLE
    if planned_for:
        gap = planned_for.gap(happened)
        return w.FOLLOWS_PLAN if gap <= 3 else -0.3 if gap <= 14 else -2.5
    wait = happened.start - plan.told_last
    if wait <= w.SOON_DAYS:
        return 0.4 if wait <= 7 else 0.2
    # The longer it took, the likelier it is that another plan came true.
    late = (wait - w.SOON_DAYS) / (w.HORIZON_DAYS - w.SOON_DAYS)
    return -0.5 - late if wait <= w.HORIZON_DAYS else -2.5


def _ended(mention: Timed, event: Timed) -> float:
    one, other = _plan_days(mention), _plan_days(event)
    if one and other and one.gap(other) > 14:
        return -2.0
    gap = told_apart(mention, event)
    return 0.4 if gap <= 14 else -0.2 if gap <= w.DENIAL_DAYS else -2.0
