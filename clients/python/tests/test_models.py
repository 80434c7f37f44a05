from __future__ import annotations

from datetime import UTC, datetime

from dateline_client import Event, FieldChange


def test_an_event_needs_no_more_than_its_id() -> None:
    event = Event.from_json({"id": "e", "tomorrow": 1})
    assert (event.id, event.participants, event.place, event.raw["tomorrow"]) == ("e", (), None, 1)


def test_instants_keep_their_zone_and_lose_nanoseconds() -> None:
    event = Event.from_json({"id": "e", "last_changed": "2031-11-19T09:00:00.123456789Z"})
    assert event.last_changed == datetime(2031, 11, 19, 9, 0, 0, 123456, tzinfo=UTC)


def test_values_of_a_change_are_read() -> None:
    assert FieldChange.from_json({"field": "status", "before": "", "after": '"agreed"'}) == FieldChange(
        "status", None, "agreed"
    )
