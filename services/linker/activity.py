"""How long nothing was heard of an event, and what that means: live, quiet, archived, in the end forgotten.

Quiet is news for readers only. An archived event costs the linker a fraction of a live one: it is found by people,
bodies, towns and days, no longer by the words of its reports, which go on to count as usual. A report that finds it
makes it live again. A forgotten one keeps its last state downstream; a later report of it founds a new event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker import weights as w
from services.linker.days import days_of
from services.linker.overdue import overdue_from
from services.linker.profile import AHEAD, Profile

LIVE: Final = "live"
QUIET: Final = "quiet"
ARCHIVED: Final = "archived"
FORGOTTEN: Final = "forgotten"
AT_ONCE: Final = 16
"""Events looked at with one message because a day has come, so that no message waits for many."""


@dataclass(frozen=True, slots=True)
class Memory:
    """For how many days without news an event is kept in which way. Raises ValueError where they do not rise."""

    quiet_days: int = 7
    archive_days: int = 30
    horizon_days: int = 400

    def __post_init__(self) -> None:
        if not 1 <= self.quiet_days < self.archive_days < self.horizon_days:
            raise ValueError(
                f"days until events are quiet, archived and forgotten must rise from 1, not {self.quiet_days}, "
                f"{self.archive_days}, {self.horizon_days}: correct DATELINE_QUIET_DAYS, DATELINE_ARCHIVE_DAYS or "
                "DATELINE_HORIZON_DAYS"
            )

    @property
    def article_days(self) -> int:
        """How long an article that nobody copied is remembered: revisions and repeats come within days."""
        return 2 * self.archive_days


def _stages(event: event_pb2.Event, told_first: int, changed_day: int, memory: Memory) -> tuple[tuple[int, str], ...]:
    """The first day of each stage, if nothing is heard of the event."""
    rests_from, archive_days = changed_day, memory.archive_days
    if event.status in AHEAD:
        days = days_of(event.time) if event.HasField("time") else None
        if days is not None and days.explicit and days.end >= told_first:
            # Nobody reports daily on what is set for next year.
            rests_from = max(changed_day, min(days.end, changed_day + memory.horizon_days))
        else:
            archive_days = min(max(archive_days, w.HORIZON_DAYS), memory.horizon_days - 1)
    return (
        (rests_from + memory.quiet_days, QUIET),
        (rests_from + archive_days, ARCHIVED),
        (rests_from + memory.horizon_days, FORGOTTEN),
    )


def activity_on(day: int, event: event_pb2.Event, told_first: int, changed_day: int, memory: Memory) -> str:
    """Return what an event is on a ``day`` that last changed on ``changed_day`` (ordinals)."""
    found = LIVE
    for first, stage in _stages(event, told_first, changed_day, memory):
        if day >= first:
            found = stage
    return found


def next_day(after: int, event: event_pb2.Event, profile: Profile, changed_day: int, memory: Memory) -> int:
    """Return the first day after ``after`` on which to look at an event of which nothing is heard until then.

    It is stored with the event and looked up there, never computed anew: rules that change later can neither lose an
    event nor leave one due for ever.
    """
    days = [first for first, _ in _stages(event, profile.told_first, changed_day, memory) if first > after]
    due = None if event.overdue else overdue_from(event, profile)
    if due is not None:
        days.append(max(due, after + 1))
    return min(days, default=after + 1)
