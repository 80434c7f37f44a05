"""`dateline events` and `dateline subscribe` against a server that answers as the API does, or as it should not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from services.api.filters import EventFilters
from services.cli import main
from services.cli import subscribe as subscribing
from tests.integration.cli_api_server import Answer, Asked, FakeApi, fake_api, json_answer, stream

EVENT = {
    "id": "e" * 32,
    "last_changed": "2026-03-11T09:00:00.5Z",
    "type": "agreement",
    "status": "agreed",
    "title": "Kenya and Uganda agree",
    "independent_sources": ["example.org", "example.net"],
    "sample": True,
}


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with fake_api(lambda asked: json_answer({"events": []})) as api:
        yield api


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No waiting between connections, and no data folder of somebody else."""
    monkeypatch.setattr(subscribing, "RETRY_S", 0.0)
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DATELINE_API_URL", raising=False)


def dateline(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def change(number: int) -> str:
    return f'id: {number}-0\nevent: change\ndata: {{"number":{number}}}'


def lines(*numbers: int) -> str:
    """Return what is printed of some changes, each with the place after which the stream goes on."""
    return "".join(f'{{"number":{number},"position":"{number}-0"}}\n' for number in numbers)


def test_events_are_listed_a_line_each(api: FakeApi) -> None:
    api.answer = lambda asked: json_answer({"events": [EVENT, {**EVENT, "sample": False, "independent_sources": []}]})
    result = dateline("events", "list", "--api", api.address)
    first, second = result.stdout.splitlines()
    assert first.startswith(f"{'e' * 32}  2026-03-11T09:00:00  agreement            agreed     2 sources  ")
    assert first.endswith("  Kenya and Uganda agree [SAMPLE]")
    assert second.endswith("0 sources  Kenya and Uganda agree")


def test_filters_are_passed_on_as_they_were_given(api: FakeApi) -> None:
    dateline(
        "events",
        "list",
        "--api",
        api.address,
        "--topic",
        "sport",
        "--topic",
        "health",
        "--status",
        "agreed",
        "--limit",
        "3",
    )
    (asked,) = api.asked
    assert asked.path == "/v1/events"
    assert sorted(asked.query) == [("limit", "3"), ("status", "agreed"), ("topic", "health"), ("topic", "sport")]


def test_every_filter_of_the_command_is_one_of_the_api(api: FakeApi) -> None:
    options = {
        "--entity": "x", "--place": "x", "--box": "1,2,3,4", "--min-sources": "2", "--activity": "quiet",
        "--query": "x", "--source": "x", "--since": "2026-03-11", "--until": "2026-03-12", "--state": "all",
        "--sample": "false", "--from": "2026-03-11", "--to": "2026-03-12", "--as-of": "2026-03-13", "--sort": "time",
        "--order": "asc", "--type": "visit", "--country": "KEN", "--topic": "sport", "--status": "agreed",
    }  # fmt: skip
    result = dateline("events", "list", "--api", api.address, *(part for pair in options.items() for part in pair))
    assert (result.exit_code, result.stderr) == (0, "No event is like that.\n")
    names = {name for name, _ in api.asked[0].query}
    assert len(names) == len(options) + 1
    assert names <= EventFilters.model_fields.keys()


def test_that_a_past_list_may_lack_events_is_told_beside_it(api: FakeApi) -> None:
    api.answer = lambda asked: json_answer({"events": [EVENT], "not_kept": 2})
    result = dateline("events", "list", "--as-of", "2026-03-11", "--api", api.address, "--json")
    assert "Of 2 events" in result.stderr
    assert len(result.stdout.splitlines()) == 1


def test_an_event_is_shown_as_it_stood(api: FakeApi) -> None:
    api.answer = lambda asked: json_answer(EVENT)
    dateline("events", "show", "abc", "--as-of", "2026-03-11", "--api", api.address)
    assert api.asked[0].query == [("as_of", "2026-03-11")]


def test_what_is_no_event_any_more_is_marked(api: FakeApi) -> None:
    gone = [{**EVENT, "merged_into": "e2"}, {**EVENT, "retracted": True}]
    api.answer = lambda asked: json_answer({"events": gone})
    merged, retracted = dateline("events", "list", "--state", "all", "--api", api.address).stdout.splitlines()
    assert "[MERGED]" in merged
    assert "[RETRACTED]" in retracted


def test_what_is_no_change_is_not_printed_as_one(api: FakeApi) -> None:
    api.answer = lambda asked: stream("id: 1-0\nevent: change\ndata: <html>")
    result = dateline("subscribe", "--json", "--api", api.address, "--max", "1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is no Dateline" in result.stderr


def test_the_changes_of_an_event_are_printed_one_a_line(api: FakeApi) -> None:
    api.answer = lambda asked: json_answer({"changes": [{"revision": 1}, {"revision": 2}]})
    assert dateline("events", "history", "abc", "--api", api.address).stdout == '{"revision":1}\n{"revision":2}\n'
    assert api.asked[0].path == "/v1/events/abc/history"


def test_json_lines_are_whole_events(api: FakeApi) -> None:
    api.answer = lambda asked: json_answer({"events": [EVENT]})
    assert orjson.loads(dateline("events", "list", "--json", "--api", api.address).stdout) == EVENT


def test_no_events_yet_is_said_beside_the_output(api: FakeApi) -> None:
    result = dateline("events", "list", "--api", api.address)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "No events yet" in result.stderr
    assert dateline("events", "list", "--json", "--api", api.address).stderr == ""


def test_one_event_is_shown_whole(api: FakeApi) -> None:
    api.answer = lambda asked: json_answer(EVENT)
    assert orjson.loads(dateline("events", "show", "a/b", "--api", api.address + "/").stdout) == EVENT
    assert api.asked[0].path == "/v1/events/a%2Fb"


def test_a_problem_is_told_in_its_words(api: FakeApi) -> None:
    problem = {"title": "Not found", "detail": "There is no event abc: it may have been removed."}
    api.answer = lambda asked: json_answer(problem, 404)
    result = dateline("events", "show", "abc", "--api", api.address)
    assert (result.exit_code, result.stderr) == (1, f"Error: Not found: {problem['detail']}\n")


def test_an_error_that_is_no_problem_document_is_told_by_its_status(api: FakeApi) -> None:
    api.answer = lambda asked: Answer(b"<h1>Bad gateway</h1>", 502, "text/html")
    result = dateline("events", "show", "abc", "--api", api.address)
    assert result.stderr == f"Error: {api.address}/v1/events/abc answered 502 Bad Gateway\n"


def test_something_else_that_answers_is_told_for_what_it_is(api: FakeApi) -> None:
    api.answer = lambda asked: Answer(b"<h1>Router login</h1>", 200, "text/html")
    result = dateline("events", "list", "--api", api.address)
    assert result.stderr == f"Error: what answers at {api.address} is no Dateline: say --api URL\n"


def test_an_answer_that_breaks_off_is_told(api: FakeApi) -> None:
    api.answer = lambda asked: Answer(b'{"events": [', cut=True)
    assert "broke off its answer" in dateline("events", "list", "--api", api.address).stderr


@pytest.mark.parametrize("command", [["events", "list"], ["events", "show", "x"], ["subscribe"]])
def test_where_nobody_answers_it_says_how_to_start_one(command: list[str]) -> None:
    result = dateline(*command, "--api", "http://127.0.0.1:1")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: no Dateline answers at http://127.0.0.1:1 (")
    assert result.stderr.endswith("Start one with `dateline up`, or say --api URL.\n")


def test_an_address_that_is_none_is_told() -> None:
    result = dateline("events", "list", "--api", "localhost:8080")
    assert "--api 'localhost:8080' is no http address: write it as http://127.0.0.1:8080" in result.stderr


def test_without_api_the_running_up_of_the_data_folder_is_asked(api: FakeApi, tmp_path: Path) -> None:
    note = tmp_path / "data" / "run" / "up.json"
    note.parent.mkdir(parents=True)
    note.write_bytes(orjson.dumps({"board": api.address}))
    dateline("events", "list")
    assert len(api.asked) == 1


def test_a_proxy_is_not_asked_for_what_is_on_this_machine(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert dateline("events", "list", "--api", api.address).exit_code == 0


def test_changes_are_printed_one_a_line_and_end_after_so_many(api: FakeApi) -> None:
    api.answer = lambda asked: stream("retry: 2000\nid: 1-0", change(2), ": heartbeat\nid: 3-0", change(4), change(5))
    result = dateline("subscribe", "--json", "--api", api.address, "--kind", "created", "--max", "2")
    assert result.stdout == lines(2, 4)
    assert api.asked[0].query == [("kind", "created")]
    assert api.asked[0].headers["accept"] == "text/event-stream"
    assert "last-event-id" not in api.asked[0].headers


def test_it_begins_where_it_is_told(api: FakeApi) -> None:
    api.answer = lambda asked: stream(change(8))
    dateline("subscribe", "--json", "--api", api.address, "--since", "7-0", "--max", "1")
    assert api.asked[0].headers["last-event-id"] == "7-0"


@pytest.mark.parametrize("cut", [True, False])
def test_a_lost_connection_is_taken_up_after_the_last_change_that_came_whole(api: FakeApi, cut: bool) -> None:
    def answer(asked: Asked) -> Answer:
        if "last-event-id" not in asked.headers:
            return Answer(
                stream(change(1), change(2)).body + b"id: 3-0\nevent: change\ndata: {", 200, "text/event-stream", cut
            )
        return stream(change(3))

    api.answer = answer
    result = dateline("subscribe", "--json", "--api", api.address, "--max", "3")
    assert result.stdout == lines(1, 2, 3)
    assert [asked.headers.get("last-event-id") for asked in api.asked] == [None, "2-0"]
    assert result.stderr == f"the connection to {api.address} is lost, trying again in 0 s\n"


def test_a_heartbeat_moves_the_position_on(api: FakeApi) -> None:
    api.answer = lambda asked: (
        stream(change(9))
        if "last-event-id" in asked.headers
        else stream("retry: 2000\nid: 4-0", ": heartbeat\nid: 6-0")
    )
    dateline("subscribe", "--json", "--api", api.address, "--max", "1")
    assert api.asked[1].headers["last-event-id"] == "6-0"


def test_a_server_that_is_away_between_two_connections_is_waited_for(api: FakeApi) -> None:
    def answer(asked: Asked) -> Answer:
        match len(api.asked):
            case 1:
                return stream(change(1))
            case 2:
                return json_answer({"title": "Unavailable", "detail": "Redis is away."}, 503)
            case _:
                return stream(change(2))

    api.answer = answer
    assert dateline("subscribe", "--json", "--api", api.address, "--max", "2").stdout == lines(1, 2)


def test_what_was_missed_is_said_beside_the_output(api: FakeApi) -> None:
    api.answer = lambda asked: stream('id: 5-0\nevent: reset\ndata: {"reason":"too old"}', change(6))
    result = dateline("subscribe", "--json", "--api", api.address, "--since", "1-0", "--max", "1")
    assert result.stdout == lines(6)
    assert result.stderr == "changes were missed: they are older than what is kept. Read /v1/events.\n"


def test_a_wrong_filter_is_told_and_not_tried_again(api: FakeApi) -> None:
    api.answer = lambda asked: json_answer({"title": "Invalid parameter", "detail": "status: 'x' is none"}, 400)
    result = dateline("subscribe", "--json", "--api", api.address, "--status", "x")
    assert (result.exit_code, result.stderr) == (1, "Error: Invalid parameter: status: 'x' is none\n")
    assert len(api.asked) == 1


def test_a_reader_that_has_seen_enough_ends_the_subscription(api: FakeApi) -> None:
    api.answer = lambda asked: stream(*(change(number) for number in range(20_000)))
    command = [sys.executable, "-m", "services.cli", "subscribe", "--json", "--api", api.address]
    subscriber = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert subscriber.stdout is not None
    assert subscriber.stderr is not None
    subscriber.stdout.readline()
    subscriber.stdout.close()
    assert subscriber.wait(60) == 1
    assert subscriber.stderr.read() == b""
    assert len(api.asked) == 1


def test_a_change_is_told_in_words_unless_json_is_asked_for(api: FakeApi) -> None:
    told = {
        "event_id": "e1", "kind": "status-changed", "title": "Fishing\x1b[31m accord", "at": "2031-11-19T09:00:00Z",
        "fields": [{"field": "status", "before": '"planned"', "after": '"agreed"'}], "sample": True,
    }  # fmt: skip
    api.answer = lambda asked: stream(f"id: 1-0\nevent: change\ndata: {orjson.dumps(told).decode()}")
    line = dateline("subscribe", "--api", api.address, "--max", "1").stdout
    assert line.startswith("2031-11-19T09:00:00 Status: planned → agreed · Fishing")
    assert "\x1b" not in line
    assert line.endswith(" [SAMPLE] (e1)\n")


def test_every_filter_of_the_stream_is_passed_on(api: FakeApi) -> None:
    api.answer = lambda asked: stream(change(1))
    dateline(
        "subscribe", "--json", "--api", api.address, "--max", "1", "--entity", "Kenya", "--box", "1,2,3,4",
        "--min-sources", "2", "--query", "fishing accord", "--place", "Kisumu", "--sample", "false",
        "--activity", "live", "--from", "2026-03-11", "--to", "2026-03-12",
    )  # fmt: skip
    assert dict(api.asked[0].query) == {
        "entity": "Kenya", "place": "Kisumu", "box": "1,2,3,4", "min_sources": "2", "q": "fishing accord",
        "sample": "false", "activity": "live", "time_from": "2026-03-11", "time_to": "2026-03-12",
    }  # fmt: skip
