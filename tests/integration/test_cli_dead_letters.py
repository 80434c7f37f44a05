"""`dateline dead-letters` on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from services.cli import dead_letters as module
from services.cli import main
from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.topics import ARTICLES_RAW
from services.runtime.dead_letters import dead_letter
from services.runtime.entry import Answer
from services.runtime.stage import Emit
from services.runtime.stream_log import StreamLog, connect
from tests.valkey_server import ValkeyServer

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
READABLE = Article(id="a" * 32, title="A title").SerializeToString()
UNREADABLE = b"\xff\x00 no protobuf"


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    yield server
    server.close()


@pytest.fixture
def log(server: ValkeyServer, monkeypatch: pytest.MonkeyPatch) -> StreamLog:
    """An empty log, which the command finds."""
    monkeypatch.setenv("DATELINE_REDIS_URL", server.url)
    log = StreamLog(connect(server.url), source="test")
    log.client.flushall()
    log.prepare()
    return log


def dateline(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["dead-letters", *arguments], catch_exceptions=False)


def letter(message_id: str, value: bytes = READABLE, **changes: Any) -> Emit:
    parts: dict[str, Any] = {
        "stage": "dedup", "topic": "articles.raw", "key": "en", "message_id": message_id, "value": value,
        "headers": {"ce_id": message_id.encode()}, "error": ValueError("first line\nsecond line"), "now": NOON,
    }  # fmt: skip
    return dead_letter(**{**parts, **changes})


def bury(log: StreamLog, *emits: Emit) -> list[str]:
    """Put letters into the log; return their ids."""
    log.commit("dedup", [Answer(None, emits)])
    return [emit.id for emit in emits]


def resent(log: StreamLog) -> list[dict[bytes, bytes]]:
    """The fields of what is in articles.raw."""
    return [fields for _, fields in log.client.xrange(log.stream(ARTICLES_RAW))]


def test_letters_are_listed_oldest_first_with_their_cause_in_one_line(log: StreamLog) -> None:
    first, second = bury(log, letter("m1"), letter("m2"))
    lines = dateline("list").stdout.splitlines()
    assert lines == [
        f"{each}  2026-03-14T12:00:00  dedup      articles.raw         ValueError: first line"
        for each in (first, second)
    ]


def test_as_json_lines_they_are_whole(log: StreamLog) -> None:
    (only,) = bury(log, letter("m1"))
    record = orjson.loads(dateline("list", "--json").stdout)
    assert (record["id"], record["message_id"], record["error"]) == (only, "m1", "ValueError: first line\nsecond line")


@pytest.mark.usefixtures("log")
def test_no_letters_is_said_beside_the_output() -> None:
    result = dateline("list")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No dead letters.\n")


def test_a_letter_is_shown_with_its_message_decoded(log: StreamLog) -> None:
    (only,) = bury(log, letter("m1"))
    record = orjson.loads(dateline("show", only[:6]).stdout)
    assert record["value_decoded"] == {"id": "a" * 32, "title": "A title"}


@pytest.mark.parametrize("changes", [{"value": UNREADABLE}, {"topic": "articles.gone"}])
def test_a_letter_whose_message_cannot_be_decoded_is_shown_all_the_same(log: StreamLog, changes: Any) -> None:
    (only,) = bury(log, letter("m1", **changes))
    record = orjson.loads(dateline("show", only).stdout)
    assert record["value_decoded"] is None
    assert "the bytes are no message of" in record["value_problem"]


def test_a_replay_sends_the_same_bytes_and_removes_the_letter(log: StreamLog) -> None:
    one, other = bury(log, letter("m1", UNREADABLE), letter("m2"))
    result = dateline("replay", one)
    assert result.stdout == f"{one} sent to articles.raw\n"
    assert resent(log) == [{b"ce_id": b"m1", b"key": b"en", b"value": UNREADABLE}]
    assert [each.id for _, each in log.dead_letters()] == [other]


def test_all_are_replayed_in_their_order(log: StreamLog) -> None:
    bury(log, letter("m1"), letter("m2"), letter("m3"))
    assert len(dateline("replay", "--all").stdout.splitlines()) == 3
    assert [fields[b"ce_id"] for fields in resent(log)] == [b"m1", b"m2", b"m3"]
    assert log.dead_letters() == []


def test_a_letter_that_somebody_else_replayed_meanwhile_is_not_sent_twice(
    log: StreamLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    (only,) = bury(log, letter("m1"))
    known = log.dead_letters()
    monkeypatch.setattr(module, "_letters", lambda box: known)
    dateline("replay", only)
    result = dateline("replay", only)
    assert (result.exit_code, result.stdout) == (0, f"{only} is gone: somebody else replayed it\n")
    assert len(resent(log)) == 1


def test_the_start_of_two_ids_is_refused(log: StreamLog) -> None:
    for number in range(40):  # of 17 hex ids at least two begin alike
        bury(log, letter(f"m{number}"))
    first_digits = [each.id[0] for _, each in log.dead_letters()]
    doubled = next(digit for digit in first_digits if first_digits.count(digit) > 1)
    for command in ("show", "replay"):
        result = dateline(command, doubled)
        assert result.exit_code == 1
        assert f"{doubled} begins the ids of {first_digits.count(doubled)} dead letters: give more" in result.stderr
    assert resent(log) == []


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("command", ["show", "replay"])
def test_an_unknown_letter_is_told(command: str) -> None:
    result = dateline(command, "abc")
    assert result.exit_code == 1
    assert result.stderr == "Error: no dead letter abc: `dateline dead-letters list` shows those there are\n"


def test_one_unknown_id_among_others_sends_nothing(log: StreamLog) -> None:
    (only,) = bury(log, letter("m1"))
    assert dateline("replay", only, "abc").exit_code == 1
    assert resent(log) == []


def test_a_letter_of_a_topic_that_is_gone_stays(log: StreamLog) -> None:
    (only,) = bury(log, letter("m1", topic="articles.gone"))
    result = dateline("replay", only)
    assert result.stderr == f"Error: {only}: this Dateline has no topic 'articles.gone'\n"
    assert len(log.dead_letters()) == 1


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("arguments", [[], ["abc", "--all"]])
def test_a_replay_of_nothing_or_of_both_is_a_usage_error(arguments: list[str]) -> None:
    result = dateline("replay", *arguments)
    assert result.exit_code == 2
    assert "name dead letters by their ids, or say --all" in result.stderr


def test_without_a_log_it_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.delenv("DATELINE_REDIS_URL", raising=False)
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path))
    result = dateline("list")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the log does not answer: ")
    assert result.stderr.endswith("Start Dateline with `dateline up`, or set DATELINE_REDIS_URL or DATELINE_KAFKA.\n")


def test_a_wrong_setting_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_BATCH", "many")
    result = dateline("list")
    assert result.exit_code == 1
    assert "DATELINE_BATCH='many'" in result.stderr


def test_what_a_letter_says_is_what_was_stored(log: StreamLog) -> None:
    bury(log, letter("m1", UNREADABLE))
    ((_, found),) = log.dead_letters()
    assert isinstance(found, DeadLetter)
    assert found.value == UNREADABLE
