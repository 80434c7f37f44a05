"""Starting a broker of one's own: its ports, and what is said when it does not start."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from services.cli import local_broker as module
from services.cli.local_broker import alone_with_broker, start_broker
from services.runtime.supervisor import Child, StartError, Supervisor


class Broker:
    """Stands in for the real one; ends at its start as often as it is told, while somebody takes its port."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.started: list[tuple[int, int]] = []
        self.taken_meanwhile = 0
        self.says = ""
        self.logs = folder / "logs"
        self.logs.mkdir()
        self.others = ExitStack()
        self.supervisor = Supervisor(folder / "logs")
        monkeypatch.setattr(self.supervisor, "start", self._start)
        monkeypatch.setattr(module, "server_command", self._command)

    def _command(self, folder: Path, port: int, controller_port: int) -> list[str]:
        self.started.append((port, controller_port))
        return ["kafka"]

    def _start(self, child: Child) -> None:
        if self.says:
            with (self.logs / "kafka.log").open("a") as log:
                log.write(self.says)
        if len(self.started) <= self.taken_meanwhile:
            other = self.others.enter_context(socket.socket())
            other.bind(("127.0.0.1", self.started[-1][1]))
            other.listen()
            raise StartError("kafka ended with 1 while starting. Its last words: ... 18 more")


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Broker:
    return Broker(monkeypatch, tmp_path)


def test_it_listens_on_the_usual_port_or_the_next(broker: Broker, tmp_path: Path) -> None:
    bootstrap = start_broker(tmp_path, broker.supervisor)
    ((port, controller),) = broker.started
    assert bootstrap == f"127.0.0.1:{port}"
    assert 9092 <= port < controller


def test_a_port_that_is_taken_while_it_starts_is_given_up(broker: Broker, tmp_path: Path) -> None:
    broker.taken_meanwhile = 2
    with broker.others:
        start_broker(tmp_path, broker.supervisor)
    assert len({controller for _, controller in broker.started}) == 3


def test_it_is_not_tried_for_ever(broker: Broker, tmp_path: Path) -> None:
    broker.taken_meanwhile = 99
    with broker.others, pytest.raises(StartError):
        start_broker(tmp_path, broker.supervisor)
    assert len(broker.started) == module.ATTEMPTS


def test_javas_last_cause_is_told_and_not_the_end_of_its_stack_trace(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "logs" / "kafka.log"
    log.write_text("Caused by: a.B: of an earlier run\n")
    monkeypatch.setattr(module, "port_problem", lambda host, port: None)
    broker.taken_meanwhile = 9
    with broker.others:
        with pytest.raises(StartError, match=r"kafka ended with 1 while starting"):
            start_broker(tmp_path, broker.supervisor, 1)
        broker.says = "ERROR it ends\nCaused by: a.B: first\n\tat x\nCaused by: a.C: No space left\n\t... 9 more\n"
        with pytest.raises(StartError) as told:
            start_broker(tmp_path, broker.supervisor, 1)
    assert str(told.value) == f"kafka could not start: a.C: No space left (its log: {log})"


def test_a_second_broker_on_one_storage_is_refused(tmp_path: Path) -> None:
    second = alone_with_broker(tmp_path)
    told = rf"a Kafka runs on {tmp_path}/kafka already .* use it with `dateline up --kafka HOST:PORT`, stop it, or"
    with alone_with_broker(tmp_path), pytest.raises(StartError, match=told), second:
        pytest.fail("two run on it")
