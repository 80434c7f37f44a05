"""Which events should have taken place by now though no report says so: a plan whose date has passed without news."""

from __future__ import annotations

from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.days import days_of
from services.linker.profile import AHEAD, Profile

GRACE_DAYS: Final = 2
"""Days after the last one planned for: it ends later elsewhere on Earth, and news of it takes a night."""


def overdue_from(event: event_pb2.Event, profile: Profile) -> int | None:
    """Return the day (ordinal) from which an event with this ``profile`` is overdue without news; None where it has no
    date ahead.

    Explicit days before its earliest report date the plan, not what is planned; and the day on which something was
    agreed, or cleared, is often that of the latest report.
    """
    if event.status not in AHEAD or not event.HasField("time"):
        return None
    days = days_of(event.time)
    if days is None or not days.explicit or days.end < profile.told_first:
        return None
    if event.status == "agreed" and days.end <= profile.told_last:
        return None
    return days.end + GRACE_DAYS
