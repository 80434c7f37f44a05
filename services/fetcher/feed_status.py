"""What people are told about a feed: its condition, its last decision, when it is asked next. Pure."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.fetcher.pace import Rhythm
from services.fetcher.state import FeedRecord
from services.fetcher.subscriptions import Subscription


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
        "last": asdict(known.last) if known.last is not None else None,
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
