"""`dateline doctor`: each thing it looks at, well and not well, and what it ends with."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from services.cli import doctor, main
from services.contracts.topics import ARTICLES_RAW
from services.runtime.dead_letters import dead_letter
from services.runtime.entry import Answer
from services.runtime.health import Pulse, serve_health
from services.runtime.stream_log import PREFIX, StreamLog, connect
from tests.e2e.running import free_port
from tests.integration.cli_api_server import fake_api, json_answer
from tests.valkey_server import ValkeyServer

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder in which nothing is or runs."""
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path / "data"))
    for name in ("DATELINE_REDIS_URL", "DATELINE_VALKEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


def examine(port: int = 0) -> Result:
    return CliRunner().invoke(main, ["doctor", "--port", str(port or free_port())], catch_exceptions=False)


def problems(result: Result) -> list[str]:
    """Each problem with the advice under it."""
    lines = result.stdout.splitlines()
    return [
        f"{line.removeprefix('PROBLEM  ')} | {lines[number + 1].strip()}"
        for number, line in enumerate(lines)
        if line.startswith("PROBLEM ")
    ]


def test_a_machine_that_has_everything_is_well(data: Path) -> None:
    port = free_port()
    result = examine(port)
    assert (result.exit_code, problems(result)) == (0, [])
    assert f"ok       settings: data in {data}" in result.stdout
    assert "ok       Dateline: does not run here now" in result.stdout
    assert f"ok       port: {port} is free" in result.stdout


def test_missing_packages_are_named_by_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(doctor.PACKAGES, "extractor", ("spacy", "no_such_package"))
    result = examine()
    assert result.exit_code == 1
    assert problems(result) == ["packages of extractor: missing: no_such_package | Run `make setup`."]


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    assert problems(examine()) == ["Python: 3.10.4 | Install Python 3.11 or newer and run `make setup`."]


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_BATCH", "many")
    result = examine()
    assert result.exit_code == 1
    assert "DATELINE_BATCH='many'" in result.stdout


@pytest.mark.parametrize("program", ["/nowhere", "/bin/false"])
def test_a_server_that_cannot_be_run_is_named(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_VALKEY", program)
    (problem,) = problems(examine())
    assert problem.startswith("Valkey: cannot be run | ")
    assert program in problem


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path / "file" / "data"))
    assert f"data folder: {tmp_path}/file is a file | Set DATELINE_DATA to a folder of yours." in problems(examine())


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert f"data folder: {tmp_path} cannot be written | Set DATELINE_DATA to a folder of yours." in problems(examine())


def test_a_disk_that_is_nearly_full_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FREE_BYTES_LEAST", 10**18)
    (problem,) = problems(examine())
    assert "GB free | Make room, or set DATELINE_DATA" in problem


def test_a_damaged_list_of_feeds_is_named_with_its_line(data: Path) -> None:
    data.mkdir()
    (data / "feeds.opml").write_text("<opml>\n<body")
    (problem,) = problems(examine())
    assert problem.startswith(f"feeds: {data}/feeds.opml, line ")
    assert "dateline feeds import" in problem


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert problems(examine(port)) == [
            f"port: {port} cannot be had: Address already in use | Stop what uses it, or choose another with PORT=."
        ]


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    yield server
    server.close()


@pytest.fixture
def log(server: ValkeyServer, monkeypatch: pytest.MonkeyPatch) -> StreamLog:
    monkeypatch.setenv("DATELINE_REDIS_URL", server.url)
    log = StreamLog(connect(server.url))
    log.client.flushall()
    return log


def note(data: Path, board: str, **health: int) -> None:
    """What a running `dateline up` leaves in the data folder."""
    (data / "run" / "health").mkdir(parents=True)
    (data / "run" / "up.json").write_bytes(orjson.dumps({"board": board}))
    for name, port in health.items():
        (data / "run" / "health" / name).write_text(str(port))


@pytest.mark.usefixtures("log")
def test_a_log_without_an_up_is_well() -> None:
    result = examine()
    assert result.exit_code == 0
    assert "ok       Dateline: a log answers; no `dateline up` on this data folder" in result.stdout


def test_dead_letters_are_counted(log: StreamLog) -> None:
    letter = dead_letter(
        stage="dedup",
        topic=ARTICLES_RAW.name,
        key="",
        message_id="m",
        value=b"",
        headers={},
        error=ValueError(),
        now=NOON,
    )
    log.commit("dedup", [Answer(None, (letter,))])
    (problem,) = problems(examine())
    assert problem.startswith("dead letters: 1 | Look at them with `dateline dead-letters list`")


def test_data_of_a_newer_version_is_named(log: StreamLog) -> None:
    log.client.set(f"{PREFIX}format", 999)
    (problem,) = problems(examine())
    assert "written by a newer Dateline" in problem
    assert "Update Dateline" in problem


@pytest.mark.usefixtures("log")
def test_services_are_asked_one_by_one(data: Path) -> None:
    ready, starting = Pulse(), Pulse()
    ready.ready()
    starting.not_ready("the log does not answer")
    servers = [serve_health(pulse, 0) for pulse in (ready, starting)]
    with fake_api(lambda asked: json_answer({"status": "ok"} if asked.path == "/readyz" else {}, 200)) as api:
        note(data, api.address, dedup=servers[0].server_port, linker=servers[1].server_port, cache=1)
        result = examine()
    for server in servers:
        threading.Thread(target=server.shutdown).start()
    assert result.exit_code == 1
    assert "ok       dedup: ready" in result.stdout
    assert "ok       api: ready" in result.stdout
    cache, linker = problems(result)
    assert linker.startswith(
        'linker: not ready: {"status":"failing","problem":"the log does not answer"} | Its log is '
    )
    assert cache.startswith("cache: does not answer (")
    assert cache.endswith(f"Its log is {data}/logs/cache.log.")


@pytest.mark.usefixtures("log")
def test_a_damaged_note_of_up_is_as_none(data: Path) -> None:
    (data / "run").mkdir(parents=True)
    (data / "run" / "up.json").write_text("[]")
    assert "no `dateline up` on this data folder" in examine().stdout
