"""When a feed is polled next, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.feed_model import PollHints
from services.fetcher.pace import begun
from services.fetcher.schedule import (
    Known,
    Limits,
    after_error,
    after_gone,
    after_success,
    freshness_s,
    pace_of,
    retry_after,
)
from tests.unit.fetcher.feed_documents import NOW

LIMITS = Limits(min_interval_s=300, max_interval_s=86_400)
BUSY = tuple(NOW - timedelta(minutes=n) for n in range(600))


def known(times: tuple[datetime, ...], window_share: float = 0.25) -> Known:
    """What is known of a feed after its first listing."""
    return Known(begun(times, NOW), max(times), (max(times) - min(times)).total_seconds(), window_share)


def wait_s(
    headers: dict[str, str] | None = None,
    hints: PollHints | None = None,
    times: tuple[datetime, ...] = BUSY,
    dice: float = 0.0,
) -> float:
    return (
        after_success(NOW, headers or {}, hints or PollHints(), known(times), LIMITS, dice).at - NOW
    ).total_seconds()


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
    poll = after_success(NOW, {}, PollHints(skip_hours=(12, 13), skip_days=(6,)), known(BUSY), LIMITS, 0.0)
    assert poll.at == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # the 22nd is a Sunday
    assert "skip" in poll.reason


def test_a_feed_with_fewer_items_is_polled_less_often_but_not_in_proportion() -> None:
    hourly = tuple(NOW - timedelta(hours=n) for n in range(300))
    daily = tuple(NOW - timedelta(hours=25 * n) for n in range(13))
    ratio = pace_of(NOW, known(daily), LIMITS)[0] / pace_of(NOW, known(hourly), LIMITS)[0]
    assert ratio == pytest.approx(24**0.5, rel=0.15)


def test_a_feed_that_has_fallen_silent_is_polled_ever_less_often() -> None:
    times = tuple(NOW - timedelta(days=5, hours=n) for n in range(200))
    assert pace_of(NOW, known(times), LIMITS) == (pytest.approx(12 * 3600), "silent for 5 days")


def test_a_feed_that_lists_only_a_short_while_is_polled_before_that_runs_over() -> None:
    times = (NOW, NOW - timedelta(minutes=40))
    assert pace_of(NOW, known(times), LIMITS)[0] == pytest.approx(600)


def test_a_feed_of_which_items_were_missed_is_polled_more_often() -> None:
    times = (NOW, NOW - timedelta(minutes=40))
    wait, reason = pace_of(NOW, known(times, window_share=0.125), LIMITS)
    assert wait == pytest.approx(300)
    assert "missed" in reason


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


def test_a_feed_that_is_gone_is_asked_again_a_day_later_and_in_the_end_no_more() -> None:
    assert after_gone(NOW, 1, LIMITS).at == NOW + timedelta(days=1)
    assert after_gone(NOW, 3, LIMITS).at > NOW + timedelta(days=10_000)


def test_freshness_is_zero_where_nothing_is_said() -> None:
    assert freshness_s(NOW, {}) == 0.0
