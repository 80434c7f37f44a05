"""What people are told about a feed: its condition, its last decision, when it is asked next. Pure."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from services.fetcher.pace import Rhythm
from services.fetcher.state import Decision, FeedRecord
from services.fetcher.subscriptions import Subscription

_OF_A_DECISION: Final = tuple(field.name for field in fields(Decision))
"""``asdict`` copies each value deeply, and this is asked after every poll."""


def feed_status(subscription: Subscription, record: FeedRecord | None, now: datetime) -> dict[str, Any]:
    """Return what the board and `dateline feeds why` show of a feed; JSON types and datetimes only."""
    known = record or FeedRecord(subscription.url, now)
    condition = "paused" if subscription.paused else known.condition
    asleep = condition in ("paused", "retired")
    return {
        "url": subscription.url,
        "title": known.title or subscription.title,
        "category": subscription.category,
        "sample": subscription.sample,
        "condition": condition,
        "address": known.address,
        "pushed_until": known.pushed_until,
        "next_at": None if asleep else known.next_at,
        "next_because": "" if asleep else known.reason,
        "last": {name: getattr(known.last, name) for name in _OF_A_DECISION} if known.last is not None else None,
        "polls": known.polls,
        "errors": known.errors,
        "last_error": known.last_error,
        "failing_since": known.first_failed_at,
        "last_success_at": known.last_success_at,
        "newest_at": known.newest_at,
        "items_a_day": round(_items_a_day(known.rhythm, now), 1) if known.rhythm.hours else None,
        "gaps": known.gaps,
        "last_gap_at": known.last_gap_at,
        "retired_at": known.retired_at,
    }


def _items_a_day(rhythm: Rhythm, now: datetime) -> float:
    return sum(rhythm.rates(now)) * 3600
