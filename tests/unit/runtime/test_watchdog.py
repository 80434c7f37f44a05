"""A step that does not end is given up, by whichever thread it runs in; in the end the process is."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from services.runtime.guard import StuckError
from services.runtime.watchdog import Watchdog, last_resort

LONG = 300_000_000
"""Turns of a loop that stands for an endless one; a test whose watchdog does not bite fails after them."""


class Clock:
    """What a thread has computed, as the test says."""

    def __init__(self) -> None:
        self.now = 0.0
        self.step = 0.0
        """How much more each look shows."""

    def __call__(self) -> Callable[[], float]:
        return self.look

    def look(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watchdog(clock: Clock) -> Watchdog:
    return Watchdog(clock, poll_s=0.001)


def endless(clock: Clock) -> None:
    clock.step = 1.0
    for _ in range(LONG):
        pass
    pytest.fail("nobody ended the step")


def test_a_step_that_does_not_end_is_given_up(watchdog: Watchdog, clock: Clock) -> None:
    with pytest.raises(StuckError):
        watchdog.run(lambda: endless(clock), 10)


def test_a_step_in_a_thread_other_than_the_main_one_is_given_up(watchdog: Watchdog, clock: Clock) -> None:
    ended: list[bool] = []

    def work() -> None:
        with pytest.raises(StuckError):
            watchdog.run(lambda: endless(clock), 10)
        ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended


def test_a_step_that_takes_the_exception_for_its_own_is_told_again(watchdog: Watchdog, clock: Clock) -> None:
    caught: list[BaseException] = []

    def deaf() -> None:
        try:
            endless(clock)
        except StuckError as error:
            caught.append(error)
        endless(clock)

    with pytest.raises(StuckError):
        watchdog.run(deaf, 10)
    assert len(caught) == 1


def test_no_handler_of_exceptions_holds_it_back(watchdog: Watchdog, clock: Clock) -> None:
    def careful() -> None:
        try:
            endless(clock)
        except Exception:
            pytest.fail("taken for an exception of the step")

    with pytest.raises(StuckError):
        watchdog.run(careful, 10)


def test_a_step_in_time_returns_what_it_found(watchdog: Watchdog) -> None:
    assert watchdog.run(lambda: "found", 10) == "found"


def test_what_a_step_raises_comes_through(watchdog: Watchdog) -> None:
    with pytest.raises(ZeroDivisionError):
        watchdog.run(lambda: 1 / 0, 10)


def test_what_comes_after_a_step_is_left_alone(watchdog: Watchdog, clock: Clock) -> None:
    given_up = 0
    for _ in range(300):  # steps that end about when they are told to
        clock.now, clock.step = 0.0, 1.0
        try:
            watchdog.run(lambda: sum(range(20_000)), 1)
        except StuckError:
            given_up += 1
        sum(1 for _ in range(5_000))
    clock.step = 0.0
    assert watchdog.run(lambda: "found", 10) == "found"
    assert given_up < 300


PROFILED = """
import sys
sys.path.insert(0, {path!r})
from services.runtime.watchdog import Watchdog
Watchdog().run(int, 60)
sys.setprofile(lambda *_: None)
print((lambda: "went on")())
"""


def test_the_interpreter_does_not_go_on_looking_for_what_nobody_raised() -> None:
    """CPython 3.11 looks for ever where a profiler is set, and dearly where none is."""
    ended = subprocess.run(
        [sys.executable, "-c", PROFILED.format(path=sys.path[0])], capture_output=True, text=True, timeout=60
    )
    assert ended.stdout == "went on\n", ended.stderr


STUCK = """
import re, sys
sys.path.insert(0, {path!r})
from services.runtime.watchdog import Watchdog, last_resort
with last_resort(1, base_s=0.3, article_s=0.1):
    Watchdog(poll_s=0.01).run(lambda: re.match("(a+)+$", "a" * 60 + "b"), 0.05)
"""


def test_a_process_that_nothing_else_ends_is_ended_with_a_traceback() -> None:
    """The search keeps the interpreter's lock: the watchdog's thread never gets to look."""
    ended = subprocess.run([sys.executable, "-c", STUCK.format(path=sys.path[0])], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "Timeout" in ended.stderr
    assert "match" in ended.stderr


def test_a_batch_in_time_does_not_end_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr("faulthandler.dump_traceback_later", lambda seconds, **_: calls.append(f"after {seconds}"))
    monkeypatch.setattr("faulthandler.cancel_dump_traceback_later", lambda: calls.append("called off"))
    with pytest.raises(KeyError), last_resort(3, base_s=60, article_s=20):
        raise KeyError("a fault in the batch")
    assert calls == ["after 120", "called off"]
