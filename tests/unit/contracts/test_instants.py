"""Instants: always aware, always UTC, nothing lost on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.dateline.v1 import event_pb2
from services.contracts.instants import from_rfc3339, from_timestamp, set_instant, to_rfc3339, to_timestamp

INSTANTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS)
def test_an_instant_survives_protobuf_and_text(instant: datetime) -> None:
    assert from_timestamp(to_timestamp(instant)) == instant
    assert from_rfc3339(to_rfc3339(instant)) == instant


def test_another_zone_is_told_in_utc() -> None:
    noon_in_delhi = datetime(2026, 3, 11, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert to_rfc3339(noon_in_delhi) == "2026-03-11T06:30:00Z"
    assert from_timestamp(to_timestamp(noon_in_delhi)).utcoffset() == timedelta(0)


def test_a_fraction_is_written_only_where_there_is_one() -> None:
    assert to_rfc3339(datetime(2026, 3, 11, 6, tzinfo=UTC)) == "2026-03-11T06:00:00Z"
    assert to_rfc3339(datetime(2026, 3, 11, 6, microsecond=250_000, tzinfo=UTC)) == "2026-03-11T06:00:00.250000Z"


def test_a_naive_instant_is_refused_because_its_zone_cannot_be_guessed() -> None:
    with pytest.raises(ValueError, match="2026-03-11T06:00:00 has no time zone"):
        to_timestamp(datetime(2026, 3, 11, 6))  # noqa: DTZ001


@pytest.mark.parametrize("text", ["2026-03-11T06:00:00", "2026-03-11"])
def test_text_without_an_offset_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match="has no UTC offset: write it as 2025-02-12T23:00:00Z"):
        from_rfc3339(text)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z", "Wed, 11 Mar 2026 06:00:00 GMT"])
def test_text_that_is_no_rfc_3339_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        from_rfc3339(text)


def test_an_offset_and_spaces_around_are_understood() -> None:
    assert from_rfc3339(" 2026-03-11T06:00:00+05:30 ") == datetime(2026, 3, 11, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("us", [0, 1, 1_747_731_600_123_456, -1, -1_500_000])
def test_an_instant_is_set_as_protobuf_sets_it(us: int) -> None:
    expected = Timestamp()
    expected.FromMicroseconds(us)
    event = event_pb2.Event()
    set_instant(event.first_seen, us)
    assert event.first_seen == expected
    assert event.HasField("first_seen")
