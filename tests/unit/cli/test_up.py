"""Parts of `dateline up` that need no running Dateline: ports, progress, the lock, a stop that is not disturbed."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from services.cli import up as module
from services.cli.up import Up, _free_port, _only_one, _require_port, _say
from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.instants import from_rfc3339
from services.contracts.redis_model import ALL_EVENTS, Keys
from services.contracts.topics import ARTICLES_RAW
from services.runtime.entry import Answer
from services.runtime.stage import Emit
from services.runtime.stream_log import StreamLog, connect
from services.runtime.supervisor import StartError
from tests.valkey_server import ValkeyServer


@contextmanager
def listening() -> Iterator[int]:
    """A taken port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.fixture
def up(tmp_path: Path) -> Up:
    return Up(tmp_path, "127.0.0.1", 8080, [], None, 1)


def test_the_next_free_port_is_taken() -> None:
    with listening() as port:
        assert port < _free_port(port) < port + module.PORTS_TRIED


def test_a_port_that_somebody_has_is_refused_with_advice() -> None:
    with listening() as port, pytest.raises(StartError, match=rf"port {port} on 127\.0\.0\.1 for the board .* Do this"):
        _require_port("127.0.0.1", port, "board", "Do this.")


@pytest.mark.parametrize(
    ("host", "board"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::", "http://127.0.0.1:8080"),
        ("::1", "http://[::1]:8080"),
        ("news.example", "http://news.example:8080"),
    ],
)
def test_the_boards_address_is_one_that_a_browser_takes(host: str, board: str, tmp_path: Path) -> None:
    assert Up(tmp_path, host, 8080, [], None, 1)._board == board


def test_the_newsroom_takes_a_free_port_once_and_keeps_it(up: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as taken:
        monkeypatch.setattr(module, "NEWSROOM_PORT", taken)
        port = up._newsroom_port()
    assert port > taken
    assert up._newsroom_port() == port, "although the first choice is free now"


def test_a_note_that_holds_no_port_is_told_with_what_to_remove(up: Up, tmp_path: Path) -> None:
    (tmp_path / "newsroom").mkdir()
    (tmp_path / "newsroom" / "port").write_text("")
    with pytest.raises(StartError, match=rf"does not hold a port: remove {tmp_path}/newsroom"):
        up._newsroom_port()


def test_a_data_folder_belongs_to_one_at_a_time(tmp_path: Path) -> None:
    with _only_one(tmp_path), pytest.raises(StartError, match=r"runs on .* already"), _only_one(tmp_path):
        pytest.fail("two have it")
    with _only_one(tmp_path):
        pass


@pytest.fixture
def server() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    yield server
    server.close()


def test_progress_is_counted_from_the_log_and_empty_while_that_is_away(up: Up, server: ValkeyServer) -> None:
    log = StreamLog(connect(server.url))
    log.prepare()
    article = Emit(ARTICLES_RAW, "en", Article(id="a" * 32), "a" * 32, from_rfc3339("2026-03-14T12:00:00Z"))
    log.commit("fetcher", [Answer(None, (article, article))])
    log.client.zadd(Keys().index(ALL_EVENTS), {"one": 0, "two": 0, "three": 0})
    assert up._progress(log) == "2 articles (0 copies) -> 3 events, 0 updates, 2 waiting"
    server.kill()
    assert up._progress(log) == ""


@pytest.mark.parametrize("error", [redis.ConnectionError("gone"), redis.exceptions.BusyLoadingError("loading")])
def test_a_log_that_goes_away_between_two_figures_is_no_crash(up: Up, error: Exception) -> None:
    class Client:
        def zcard(self, key: str) -> int:
            raise error

    class Log:
        client = Client()

        def sent(self, topic: object) -> int:
            return 1

        backlog = sent

    log: Any = Log()
    assert up._progress(log) == ""


def test_a_second_ctrl_c_does_not_disturb_the_stop(up: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    # The first one comes as an error while starting, so nobody has asked for the stop before.
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    stopped: list[bool] = []

    def fail() -> None:
        raise StartError("it cannot start")

    def stop() -> list[str]:
        os.kill(os.getpid(), signal.SIGINT)
        stopped.append(True)
        return []

    monkeypatch.setattr(up, "_start", fail)
    monkeypatch.setattr(up._supervisor, "stop", stop)
    try:
        assert threading.current_thread() is threading.main_thread()
        with pytest.raises(StartError, match="it cannot start"):
            up.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert stopped == [True]


def test_a_closed_terminal_does_not_stop_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

        def flush(self) -> None:
            """Nothing to flush."""

    monkeypatch.setattr(sys, "stdout", Gone())
    _say("Stopping ...")
