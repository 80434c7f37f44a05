from __future__ import annotations

from services.cache.representation import change_message, dumps, summary_of
from services.contracts.proto_json import to_json
from tests.unit.cache.events import make_event


def test_a_summary_has_the_range_of_tolls_but_not_each_report() -> None:
    summary = summary_of(to_json(make_event(killed=[("a.example", 12), ("b.example", 19)])))
    (toll,) = summary["quantities"]
    assert (toll["low"], toll["high"]) == (12.0, 19.0)
    assert "reports" not in toll


def test_a_summary_leaves_evidence_out_and_keeps_how_much_there_is() -> None:
    summary = summary_of(to_json(make_event()))
    assert "evidence" not in summary
    assert summary["evidence_total"] == 1


def test_summarising_leaves_the_whole_document_as_it_was() -> None:
    document = to_json(make_event(killed=[("a.example", 12)]))
    before = dumps(document)
    summary_of(document)
    assert dumps(document) == before


def test_a_change_message_carries_the_summary_of_the_event() -> None:
    event = make_event(fields=[("status", '"planned"', '"agreed"')])
    message = change_message(to_json(event.changes[0]), summary_of(to_json(event)))
    assert message["fields"] == [{"field": "status", "before": '"planned"', "after": '"agreed"'}]
    assert message["event"] == summary_of(to_json(event))
