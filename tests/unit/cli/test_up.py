"""Parts of `dateline up` that need no running Dateline: its address, its ground, a stop that is not disturbed."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from services.cli import up as module
from services.cli.ground_embedded import EmbeddedGround
from services.cli.up import Up
from services.runtime.supervisor import StartError


def up_on(folder: Path, host: str = "127.0.0.1") -> Up:
    return Up(folder, EmbeddedGround(folder), host, 8080, [], None, 1)


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
    assert up_on(tmp_path, host)._board == board


def test_a_second_ctrl_c_does_not_disturb_the_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    up = up_on(tmp_path)
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


def test_the_services_are_told_the_ground_they_stand_on(tmp_path: Path) -> None:
    child = up_on(tmp_path)._service("extractor-0", "extractor", {"MORE": "1"})
    assert child.command[-2:] == ["run", "extractor"]
    assert child.env["DATELINE_REDIS_URL"] == EmbeddedGround(tmp_path).redis_url
    assert child.env["DATELINE_KAFKA"] == "", "a Kafka of the surroundings is not ours"
    assert (child.env["DATELINE_WORKER"], child.env["MORE"]) == ("extractor-0", "1")


def test_without_kafka_the_log_is_the_embedded_one(tmp_path: Path) -> None:
    with module._ground(tmp_path, "") as ground:
        assert isinstance(ground, EmbeddedGround)


def test_kafka_without_its_packages_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "missing_packages_advice", lambda: "faust is missing: run `make setup`")
    with pytest.raises(StartError, match="faust is missing: run `make setup`"), module._ground(tmp_path, "k:9092"):
        pytest.fail("it stands on nothing")
