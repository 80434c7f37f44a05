from __future__ import annotations

from datetime import UTC, datetime

from dateline_client import Event, FieldChange, StatusMove


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


def test_what_reports_differ_on_comes_with_who_says_so() -> None:
    event = Event.from_json(
        {
            "id": "e",
            "activity": "quiet",
            "split_from": "f",
            "split_into": ["g", "h"],
            "related": [{"event_id": "f", "relation": "split"}],
            "contradictions": [
                {
                    "field": "quantities.killed",
                    "values": [
                        {"value": '{"value": 15.0}', "text": "15", "sources": ["A"], "shown": True},
                        {"value": '{"value": 12.0}', "text": "at least 12", "sources": ["B", "C"]},
                    ],
                }
            ],
        }
    )
    assert (event.activity, event.split_from, event.split_into) == ("quiet", "f", ("g", "h"))
    assert event.related[0].relation == "split"
    (contradiction,) = event.contradictions
    assert contradiction.field == "quantities.killed"
    assert [(claim.value["value"], claim.text, claim.sources, claim.shown) for claim in contradiction.values] == [
        (15, "15", ("A",), True),
        (12, "at least 12", ("B", "C"), False),
    ]


def test_an_event_without_a_word_on_its_activity_is_live() -> None:
    assert Event.from_json({"id": "e"}).activity == "live"


def test_a_move_of_the_status_names_its_source_and_why_it_was_believed() -> None:
    move = StatusMove.from_json(
        {
            "status": "denied",
            "source": {"domain": "a.example"},
            "origin": "Agency",
            "basis": "outweighed",
            "attribution": {"text": "the ministry"},
            "told_at": "2031-11-19T09:00:00Z",
        }
    )
    assert (move.source, move.origin, move.basis, move.said_by) == ("a.example", "Agency", "outweighed", "the ministry")
    assert move.told_at == datetime(2031, 11, 19, 9, tzinfo=UTC)
