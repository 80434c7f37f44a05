from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.api.lag import lag
from services.cache.projection import project
from tests.unit.cache.events import START, make_event


def change(seen: datetime, *, told_s: float = 0.0, **fields: Any) -> bytes:
    """A change as the cache writes it."""
    event = make_event("a", at=seen, **fields)
    for origin in event.origins:
        origin.first_told_at.FromDatetime(seen - timedelta(seconds=told_s))
    (text,) = project(event).changes
    return text


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000)


def test_delays_run_from_when_a_report_was_first_seen_to_the_writing_of_the_change() -> None:
    entries = [(ms(START) + 500 * number, change(START, revision=2)) for number in range(1, 21)]
    assert lag(entries)["since_seen"] == {"count": 20, "p50_s": 5.5, "p95_s": 10.0, "max_s": 10.0}


def test_a_new_event_also_tells_how_long_ago_its_first_report_was_published() -> None:
    entries = [
        (ms(START) + 1_000, change(START, told_s=60.0)),
        (ms(START) + 1_000, change(START, told_s=500.0, revision=2)),
    ]
    assert lag(entries)["since_published"] == {"count": 1, "p50_s": 61.0, "p95_s": 61.0, "max_s": 61.0}


def test_what_time_alone_brings_is_left_out() -> None:
    text = change(START, revision=2).replace(b'"kind":"detail-changed"', b'"kind":"overdue"')
    assert lag([(ms(START) + 1_000, text)])["since_seen"] is None


def test_words_in_a_text_are_no_times() -> None:
    text = change(START, title='He said "at":"2020-01-01T00:00:00Z"', fields=[("title", "", '"x \\"at\\":\\"y\\""')])
    assert lag([(ms(START) + 1_000, text)])["since_seen"]["max_s"] == 1.0


def test_a_clock_that_is_behind_counts_as_no_delay() -> None:
    assert lag([(ms(START) - 5_000, change(START))])["since_seen"]["max_s"] == 0
