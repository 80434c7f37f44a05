"""Dates are read where they are plain and refused where they cannot be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.dates import dated, read_date
from tests.unit.fetcher.feed_documents import NOW

EVENING = datetime(2025, 2, 11, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 11 Feb 2025 18:00:00 GMT",
        "Tue, 11 Feb 2025 13:00:00 EST",
        "11 Feb 2025 18:00 +0000",
        "Tue, 11 Feb 25 18:00:00 Z",
        "2025-02-11T18:00:00Z",
        "2025-02-11T20:00:00+02:00",
        "2025-02-11 18:00:00",
        "2025-02-11T18:00:00.123456789Z",
        "20250211T180000Z",
        "Tue Feb 11 18:00:00 2025",
        "Tue Feb 11 18:00:00 UTC 2025",
        "February 11, 2025 6:00 pm",
        "Tuesday, 11 February 2025 18:00:00 +0000 (UTC)",
        "1739296800",
        "1739296800000",
        " Tue,  11 Feb 2025\n18:00:00 GMT ",
    ],
)
def test_a_date_in_a_usual_form_is_read(text: str) -> None:
    assert read_date(text) == EVENING


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mon, 32 Foo 2025",
        "yesterday",
        "2025-13-01",
        "11/02/2025",
        "Tue, 11 Feb 2025 18:00:00 QQT",
        "9" * 200,
        "2025-02-11T18:00:00+99:99",
    ],
)
def test_what_is_no_certain_date_is_none(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "nonsense"])
def test_a_date_that_cannot_be_is_unknown_but_kept_as_it_stood(text: str) -> None:
    assert dated(text, NOW).at is None
    assert dated(text, NOW).raw == text


def test_a_date_a_little_ahead_counts_as_now() -> None:
    assert dated((NOW + timedelta(hours=3)).isoformat(), NOW).at == NOW
