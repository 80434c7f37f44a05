from __future__ import annotations

from google.protobuf.json_format import ParseDict

from services.cache.representation import change_json, change_message, dumps, event_json, summary_of
from services.contracts.dateline.v1.event_pb2 import Change, Event
from tests.unit.cache.events import make_event


def test_json_of_an_event_parses_back_to_the_same_event() -> None:
    event = make_event(killed=[("a.example", 12), ("b.example", 19)], fields=[("status", '"planned"', '"agreed"')])
    assert ParseDict(event_json(event), Event()) == event


def test_revisions_and_geonames_ids_are_numbers() -> None:
    document = event_json(make_event(revision=7))
    assert document["revision"] == 7
    assert document["changes"][0]["revision"] == 7
    assert document["place"]["geonames_id"] == 191245


def test_fields_are_there_even_when_empty() -> None:
    document = event_json(Event(id="x"))
    assert document["copies"] == 0
    assert document["sample"] is False
    assert document["merged_into"] == ""
    assert document["evidence"] == []


def test_an_event_without_place_has_no_place_in_json() -> None:
    assert "place" not in event_json(Event(id="x"))


def test_a_summary_has_the_range_of_tolls_but_not_each_report() -> None:
    summary = summary_of(event_json(make_event(killed=[("a.example", 12), ("b.example", 19)])))
    (toll,) = summary["quantities"]
    assert (toll["low"], toll["high"]) == (12.0, 19.0)
    assert "reports" not in toll


def test_a_summary_leaves_evidence_out_and_keeps_how_much_there_is() -> None:
    summary = summary_of(event_json(make_event()))
    assert "evidence" not in summary
    assert summary["evidence_total"] == 1


def test_summarising_leaves_the_whole_document_as_it_was() -> None:
    document = event_json(make_event(killed=[("a.example", 12)]))
    before = dumps(document)
    summary_of(document)
    assert dumps(document) == before


def test_a_change_message_carries_the_summary_of_the_event() -> None:
    event = make_event(fields=[("status", '"planned"', '"agreed"')])
    message = change_message(change_json(event.changes[0]), summary_of(event_json(event)))
    assert message["fields"] == [{"field": "status", "before": '"planned"', "after": '"agreed"'}]
    assert message["event"] == summary_of(event_json(event))


def test_a_change_parses_back_to_the_same_change() -> None:
    change = make_event(revision=3).changes[0]
    assert ParseDict(change_json(change), Change()) == change
