"""What `dateline feeds why` says of a feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from services.cli.feed_words import told_feed
from services.fetcher.feed_status import feed_status
from services.fetcher.pace import begun
from services.fetcher.state import Decision, FeedRecord
from services.fetcher.subscriptions import Subscription

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://news.example/feed"
LATER = NOW + timedelta(minutes=12)
LAST = Decision(NOW - timedelta(minutes=5), "not-modified", "nothing has changed", "sent", LATER, "it is calm", 304)
FINE = FeedRecord(
    URL, LATER, "it is calm", last_success_at=NOW, last=LAST, rhythm=begun([NOW - timedelta(hours=5)], NOW)
)


def told(record: FeedRecord, **subscribed: Any) -> str:
    """What is said of a feed, by way of the JSON that the API hands on."""
    status = orjson.loads(orjson.dumps(feed_status(Subscription(URL, **subscribed), record, NOW)))
    return told_feed(status, NOW)


def test_a_feed_that_is_fine_is_told_with_its_last_and_its_next_poll() -> None:
    text = told(FINE, title="News")
    assert "News" in text
    assert "It is fine." in text
    assert "2026-11-22 11:55 UTC (5 minutes ago): nothing has changed (status 304, 0 bytes)" in text
    assert "asked only for what is new" in text
    assert "2026-11-22 12:12 UTC (in 12 minutes), because it is calm" in text


def test_failures_gaps_and_a_move_are_told() -> None:
    text = told(replace(FINE, errors=3, last_error="no answer", gaps=2, last_gap_at=NOW - timedelta(days=3)))
    assert "Failures in a row: 3" in text
    assert "The last: no answer." in text
    assert "Gaps: 2, the last 2026-11-19 12:00 UTC (3 days ago)" in text


def test_a_feed_that_is_not_asked_any_more_has_no_next_poll_and_says_what_to_do() -> None:
    for text, advice in ((told(FINE, paused=True), "resume"), (told(replace(FINE, retired_at=NOW)), "Remove it")):
        assert "Next poll" not in text
        assert advice in text
