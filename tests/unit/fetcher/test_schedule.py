"""When a feed is polled next, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.feed_model import PollHints
from services.fetcher.schedule import Limits, after_error, after_gone, after_success, freshness_s, pace_of, retry_after
from tests.unit.fetcher.feed_documents import NOW

LIMITS = Limits(min_interval_s=300, max_interval_s=86_400)
BUSY = tuple(NOW - timedelta(minutes=n) for n in range(40))


def wait_s(
    headers: dict[str, str] | None = None,
    hints: PollHints | None = None,
    times: tuple[datetime, ...] = BUSY,
    dice: float = 0.0,
) -> float:
    return (after_success(NOW, headers or {}, hints or PollHints(), times, LIMITS, dice).at - NOW).total_seconds()


def test_a_busy_feed_is_polled_at_the_shortest_interval() -> None:
    assert wait_s() == 300


@pytest.mark.parametrize(
    ("headers", "hints", "expected"),
    [
        ({"cache-control": "public, max-age=1800"}, PollHints(), 1800),
        ({"cache-control": "max-age=1800", "age": "600"}, PollHints(), 1200),
        ({"cache-control": "no-cache, max-age=1800"}, PollHints(), 300),
        ({"expires": "Sun, 22 Nov 2026 13:00:00 GMT"}, PollHints(), 3600),
        ({"expires": "Sun, 22 Nov 2026 13:00:00 GMT", "date": "Sun, 22 Nov 2026 12:30:00 GMT"}, PollHints(), 1800),
        ({"expires": "0"}, PollHints(), 300),
        ({"retry-after": "7200"}, PollHints(), 7200),
        ({}, PollHints(ttl_s=3600), 3600),
        ({}, PollHints(update_period_s=21_600), 21_600),
        ({"cache-control": "max-age=31536000"}, PollHints(), 86_400),
        ({"cache-control": "max-age=5"}, PollHints(), 300),
    ],
)
def test_what_the_publisher_asks_for_is_a_floor_within_the_limits(
    headers: dict[str, str], hints: PollHints, expected: float
) -> None:
    assert wait_s(headers, hints) == expected


def test_jitter_never_brings_a_poll_forward() -> None:
    assert wait_s({"cache-control": "max-age=1800"}, dice=0.999) > 1800


def test_skipped_hours_and_days_are_kept_free() -> None:
    poll = after_success(NOW, {}, PollHints(skip_hours=(12, 13), skip_days=(6,)), BUSY, LIMITS, 0.0)
    assert poll.at == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # the 22nd is a Sunday
    assert "skip" in poll.reason


def test_a_feed_with_an_item_every_ten_hours_is_polled_about_twice_in_that_time() -> None:
    times = tuple(NOW - timedelta(hours=10 * n) for n in range(20))
    assert pace_of(NOW, times, LIMITS)[0] == pytest.approx(5 * 3600)


def test_a_feed_that_has_fallen_silent_is_polled_ever_less_often() -> None:
    times = tuple(NOW - timedelta(days=5, minutes=n) for n in range(20))
    assert pace_of(NOW, times, LIMITS)[0] == pytest.approx(12 * 3600)


def test_a_feed_that_lists_only_a_short_while_is_polled_before_that_runs_over() -> None:
    times = (NOW, NOW - timedelta(hours=2))
    assert pace_of(NOW, times, LIMITS)[0] == pytest.approx(1800)


def test_errors_back_off_up_to_the_longest_interval() -> None:
    waits = [(after_error(NOW, n, None, LIMITS, 0.0).at - NOW).total_seconds() for n in (1, 2, 3, 20, 10_000)]
    assert waits == [300, 600, 1200, 86_400, 86_400]


def test_errors_are_jittered_so_that_feeds_do_not_return_together() -> None:
    assert after_error(NOW, 1, None, LIMITS, 0.9).at > after_error(NOW, 1, None, LIMITS, 0.1).at


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        ("Sun, 22 Nov 2026 12:02:00 GMT", 120.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("0", None),
        ("315360000", 86_400.0),
        ("Sun, 22 Nov 2020 12:02:00 GMT", None),
        ("Sun, 22 Nov 2036 12:02:00 GMT", 86_400.0),
    ],
)
def test_retry_after_is_understood_in_both_forms_and_kept_within_a_day(value: str, expected: float | None) -> None:
    assert retry_after(value, NOW) == expected


def test_retry_after_outweighs_a_shorter_backoff() -> None:
    assert after_error(NOW, 1, 7200.0, LIMITS, 0.0).at == NOW + timedelta(hours=2)


def test_a_feed_that_is_gone_is_asked_again_a_day_later_and_then_rarely() -> None:
    assert after_gone(NOW, 1, LIMITS).at == NOW + timedelta(days=1)
    assert after_gone(NOW, 3, LIMITS).at == NOW + timedelta(days=10)


def test_freshness_is_zero_where_nothing_is_said() -> None:
    assert freshness_s(NOW, {}) == 0.0
