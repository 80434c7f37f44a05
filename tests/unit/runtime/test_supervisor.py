"""The supervisor with real, tiny child processes and a clock that the test moves."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.runtime import supervisor as module
from services.runtime.supervisor import HELD_S, PAUSE_FIRST_S, PAUSE_MOST_S, Child, StartError, Supervisor

GIVE_UP_S = 30.0
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


class Clock:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def supervisor(tmp_path: Path, clock: Clock) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "logs", clock)
    yield supervisor
    supervisor.stop()


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def wait_for_death(supervisor: Supervisor) -> list[str]:
    """Tend until a child is found dead; the supervisor's clock stands still meanwhile."""
    deadline = time.monotonic() + GIVE_UP_S
    while time.monotonic() < deadline:
        if died := supervisor.tend():
            return died
        time.sleep(0.01)
    pytest.fail("no child died")


def kill(supervisor: Supervisor, name: str) -> int:
    pid = supervisor.pids[name]
    os.kill(pid, signal.SIGKILL)
    return pid


def test_what_dies_is_started_again_once_its_pause_is_over(supervisor: Supervisor, clock: Clock) -> None:
    supervisor.start(Child("worker", SLEEPER))
    old = kill(supervisor, "worker")
    assert wait_for_death(supervisor) == ["worker"]
    assert supervisor.tend() == [], "a death is told once"
    assert supervisor.pids == {}, "it waits for its pause to end"
    clock.now += PAUSE_MOST_S
    supervisor.tend()
    assert supervisor.pids["worker"] != old
    assert supervisor.restarts == 1


def test_the_pause_grows_while_it_keeps_dying_and_never_over_its_most(supervisor: Supervisor, clock: Clock) -> None:
    supervisor.start(Child("worker", SLEEPER))
    pauses: list[float] = []
    for _ in range(7):
        kill(supervisor, "worker")
        wait_for_death(supervisor)
        died_at = clock.now
        while not supervisor.pids:
            clock.now += 0.1
            supervisor.tend()
        pauses.append(round(clock.now - died_at, 1))
    assert pauses == sorted(pauses)
    assert pauses[0] < 1
    assert pauses[-1] == pauses[-2] == PAUSE_MOST_S


def test_one_that_has_held_comes_back_almost_at_once(supervisor: Supervisor, clock: Clock) -> None:
    supervisor.start(Child("worker", SLEEPER))
    for _ in range(4):
        kill(supervisor, "worker")
        wait_for_death(supervisor)
        clock.now += PAUSE_MOST_S
        supervisor.tend()
    clock.now += HELD_S + 1
    kill(supervisor, "worker")
    wait_for_death(supervisor)
    clock.now += PAUSE_FIRST_S
    supervisor.tend()
    assert "worker" in supervisor.pids


def test_the_death_of_one_leaves_the_others_alone(supervisor: Supervisor) -> None:
    supervisor.start(Child("first", SLEEPER))
    supervisor.start(Child("second", SLEEPER))
    second = supervisor.pids["second"]
    kill(supervisor, "first")
    assert wait_for_death(supervisor) == ["first"]
    assert supervisor.pids == {"second": second}


def test_it_waits_until_a_child_is_ready(supervisor: Supervisor, tmp_path: Path) -> None:
    flag = tmp_path / "ready"
    supervisor.start(Child("worker", shell(f"touch '{flag}'; exec sleep 600"), ready=flag.exists))
    assert flag.exists()


def test_one_that_dies_while_starting_is_told_with_its_last_words(supervisor: Supervisor, tmp_path: Path) -> None:
    child = Child("worker", shell("echo first; echo 'no such table' >&2; exit 3"), ready=lambda: False)
    with pytest.raises(StartError) as error:
        supervisor.start(child)
    log = tmp_path / "logs" / "worker.log"
    assert str(error.value) == f"worker ended with 3 while starting. Its last words: no such table (all of them: {log})"


def test_the_words_of_an_earlier_run_are_not_its_last_words(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "worker.log"
    log.parent.mkdir()
    log.write_text("all is well\n")
    with pytest.raises(StartError) as error:
        supervisor.start(Child("worker", shell("exit 4"), ready=lambda: False))
    assert str(error.value) == f"worker ended with 4 while starting. It said nothing (log: {log})."


def test_one_that_does_not_get_ready_is_told_after_its_time(supervisor: Supervisor, clock: Clock) -> None:
    def not_yet() -> bool:
        clock.now += 10
        return False

    with pytest.raises(StartError, match=r"^worker was not ready after 30 s\. It said nothing \(log: .*worker\.log\)"):
        supervisor.start(Child("worker", SLEEPER, ready=not_yet, ready_within_s=30))


def test_a_program_that_does_not_exist_is_an_error_that_names_it(supervisor: Supervisor) -> None:
    with pytest.raises(OSError, match="no-such-program"):
        supervisor.start(Child("worker", ["/no-such-program"]))


def test_children_are_stopped_the_last_started_first(supervisor: Supervisor, tmp_path: Path) -> None:
    order = tmp_path / "order"
    for name in ("first", "second", "third"):
        script = (
            f"trap 'echo {name} >> \"{order}\"; exit' TERM; touch '{tmp_path}/{name}'; while :; do sleep 0.05; done"
        )
        supervisor.start(Child(name, shell(script), ready=(tmp_path / name).exists))
    assert supervisor.stop() == []
    assert order.read_text().split() == ["third", "second", "first"]


def test_one_that_does_not_stop_is_killed_and_named(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_S", 0.3)
    deaf = shell(f"trap '' TERM; touch '{tmp_path}/deaf'; while :; do sleep 0.05; done")
    supervisor.start(Child("deaf", deaf, ready=(tmp_path / "deaf").exists))
    supervisor.start(Child("obedient", SLEEPER))
    pid = supervisor.pids["deaf"]
    assert supervisor.stop() == ["deaf"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_children_get_their_environment_beside_the_parents(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INHERITED", "yes")
    script = f"echo $INHERITED $OWN > '{tmp_path}/told.new'; mv '{tmp_path}/told.new' '{tmp_path}/told'; exec sleep 600"
    supervisor.start(Child("worker", shell(script), {"OWN": "too"}, ready=(tmp_path / "told").exists))
    assert (tmp_path / "told").read_text() == "yes too\n"


def test_a_log_goes_on_where_it_was(supervisor: Supervisor, tmp_path: Path) -> None:
    for number in (1, 2):
        flag = tmp_path / f"said-{number}"
        script = f"echo run {number}; touch '{flag}'; exec sleep 600"
        supervisor.start(Child("worker", shell(script), ready=flag.exists))
        supervisor.stop()
    assert (tmp_path / "logs" / "worker.log").read_text() == "run 1\nrun 2\n"


def test_a_log_that_has_grown_too_large_is_put_aside_at_a_start(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOG_MOST_BYTES", 10)
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "worker.log").write_text("a long story\n")
    flag = tmp_path / "said"
    supervisor.start(Child("worker", shell(f"echo new; touch '{flag}'; exec sleep 600"), ready=flag.exists))
    assert (logs / "worker.log.1").read_text() == "a long story\n"
    assert (logs / "worker.log").read_text() == "new\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = (
        "import pathlib, sys, time\n"
        "from services.runtime.supervisor import Child, Supervisor\n"
        "s = Supervisor(pathlib.Path(sys.argv[1]))\n"
        "s.start(Child('worker', ['/bin/sleep', '600']))\n"
        "n = pathlib.Path(sys.argv[2]); t = n.with_suffix('.new'); t.write_text(str(s.pids['worker'])); t.rename(n)\n"
        "time.sleep(600)\n"
    )
    parent = Supervisor(tmp_path / "logs")
    parent.start(Child("parent", [sys.executable, "-c", script, str(tmp_path / "inner"), str(note)], ready=note.exists))
    child = int(note.read_text())
    kill(parent, "parent")
    deadline = time.monotonic() + GIVE_UP_S
    while Path(f"/proc/{child}").exists() and "State:\tZ" not in Path(f"/proc/{child}/status").read_text():
        assert time.monotonic() < deadline, "the child lives on without its parent"
        time.sleep(0.01)
    parent.stop()
