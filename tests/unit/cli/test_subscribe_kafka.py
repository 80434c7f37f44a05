"""`dateline subscribe --kafka`: its filters, its lines, and what it refuses. Reading Kafka itself is tested on one."""

from __future__ import annotations

import orjson
import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.cli.kafka_changes import Found
from services.cli.subscribe_kafka import change_line, kafka_selection
from services.contracts.dateline.v1.event_pb2 import Change

KAFKA = ("--kafka", "127.0.0.1:1")
CHANGE = Change(id="c", event_id="e", kind="created", topic="sport", type="agreement", status="agreed", sample=True)


def dateline(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["subscribe", *KAFKA, *arguments])


def found(change: Change) -> Found:
    return Found("sport", change.SerializeToString(), "15:1", "changes.sport/0/0")


def test_a_line_has_the_fields_of_a_change_and_where_to_go_on() -> None:
    line = orjson.loads(change_line(found(CHANGE), kafka_selection({})))
    assert line.pop("position") == "15:1"
    assert {field.name for field in Change.DESCRIPTOR.fields} - {"at"} <= line.keys()
    assert (line["event_id"], line["status"], line["fields"], line["sample"]) == ("e", "agreed", [], True)


@pytest.mark.parametrize(
    ("filters", "passes"),
    [
        ({"topic": ["sport"]}, True),
        ({"topic": ["health", "sport"]}, True),
        ({"type": ["visit"]}, False),
        ({"type": ["visit,agreement"]}, True),
        ({"status": ["agreed"], "kind": ["created"]}, True),
        ({"status": ["agreed"], "kind": ["merged"]}, False),
        ({"status": ["denied"]}, False),
    ],
)
def test_filters_mean_what_they_mean_to_the_api(filters: dict[str, list[str]], passes: bool) -> None:
    assert bool(change_line(found(CHANGE), kafka_selection(filters))) is passes


def test_a_message_that_is_no_change_is_left_out_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert change_line(Found("sport", b"\xff", "15:1", "changes.sport/0/0"), kafka_selection({})) == ""
    assert capsys.readouterr().err.startswith("changes.sport/0/0 is no change and was left out: ")


def test_a_filter_that_kafka_has_nothing_for_is_refused() -> None:
    result = dateline("--country", "KEN")
    assert result.exit_code == 2
    assert "--country cannot be applied on Kafka" in result.stderr
    assert "Leave it out, or subscribe to the API, without --kafka." in result.stderr


@pytest.mark.parametrize(("name", "value"), [("topic", "wars"), ("type", "coupp"), ("status", "done"), ("kind", "new")])
def test_a_value_that_is_none_is_refused(name: str, value: str) -> None:
    result = dateline(f"--{name}", value)
    assert result.exit_code == 2
    assert f"--{name}: '{value}' is not a " in result.stderr


def test_a_position_of_the_api_is_refused() -> None:
    result = dateline("--since", "1763542800000-0")
    assert result.exit_code == 2
    assert "'1763542800000-0' is no position on Kafka" in result.stderr


def test_two_sources_are_refused() -> None:
    result = dateline("--api", "http://127.0.0.1:1")
    assert result.exit_code == 2
    assert "--api and --kafka name two sources: give one of them" in result.stderr


def test_where_no_kafka_answers_it_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.runtime.kafka_client.PATIENCE_S", 1.0)
    monkeypatch.setenv("DATELINE_API_URL", "http://127.0.0.1:1")  # an API of the surroundings is no second source
    result = dateline()
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Kafka at 127.0.0.1:1 does not answer: nothing listens at 127.0.0.1:1. ")
    assert result.stderr.endswith("Start it (`make kafka` runs one on this machine), or correct --kafka.\n")
