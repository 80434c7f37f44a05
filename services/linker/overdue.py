"""Which events should have taken place by now though no report says so: a plan whose date has passed without news."""

from __future__ import annotations

from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.days import days_of
from services.linker.profile import AHEAD

GRACE_DAYS: Final = 2
"""Days after the last one planned for: it ends later elsewhere on Earth, and news of it takes a night."""


def overdue_from(event: event_pb2.Event, told_first: int) -> int | None:
    """Return the day (ordinal) from which an event is overdue without news; None where it has no date ahead.

    ``told_first`` is the day of its earliest report: explicit days before it date the plan, not what is planned.
    """
    if event.status not in AHEAD or not event.HasField("time"):
        return None
    days = days_of(event.time)
    if days is None or not days.explicit or days.end < told_first:
        return None
    return days.end + GRACE_DAYS
