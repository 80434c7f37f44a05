from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.api.webhook_retries import RETRY_AFTER_S, retry_after_s, retry_in_s

NOW = datetime(2031, 11, 19, 9, 0, tzinfo=UTC)


def test_waits_grow_and_end_after_some_days() -> None:
    waits = [retry_in_s(failures, None, lambda: 0.0) for failures in range(1, 11)]
    assert waits == [*RETRY_AFTER_S, None]
    assert list(RETRY_AFTER_S) == sorted(RETRY_AFTER_S)


def test_jitter_lengthens_a_wait_by_a_fifth_at_most() -> None:
    assert retry_in_s(1, None, lambda: 1.0) == 6.0


@pytest.mark.parametrize(("asked", "wait"), [(60.0, 60.0), (1.0, 5.0), (1e9, 86_400.0)])
def test_a_receiver_may_ask_for_a_longer_wait_up_to_a_day(asked: float, wait: float) -> None:
    assert retry_in_s(1, asked, lambda: 0.0) == wait


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), ("Wed, 19 Nov 2031 09:01:00 GMT", 60.0), ("Wed, 19 Nov 2031 08:00:00 GMT", 0.0), ("soon", None)],
)
def test_retry_after_is_read_as_seconds_and_as_a_date(header: str, seconds: float | None) -> None:
    assert retry_after_s(header, NOW) == seconds
