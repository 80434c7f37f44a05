"""Keeps the processes of one machine running: starts them in order, brings back what dies, stops them in reverse.

A child that dies is started again after a pause that grows while it keeps dying, and shrinks back once it has held.
Children end with their parent even when that is killed (Linux), so nothing is left behind that holds a socket.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import structlog

STOP_S: Final = 20.0
"""How long a child may take to stop after SIGTERM before it is killed."""
HELD_S: Final = 20.0
"""A child that ran this long has held: its next restart is immediate again."""
PAUSE_FIRST_S: Final = 0.2
PAUSE_MOST_S: Final = 5.0
LOG_MOST_BYTES: Final = 20_000_000
"""A log file is put aside (one older file is kept) when it is larger than this at a start of its child."""

log = structlog.get_logger()


class StartError(Exception):
    """A child cannot be started; the text says which, why, and where its log is."""


@dataclass(frozen=True, slots=True)
class Child:
    """What to run and how to know that it is up."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    """Asked until it is true before the next child starts; None: no need to wait."""
    ready_within_s: float = 60.0


@dataclass(slots=True)
class _Running:
    child: Child
    process: subprocess.Popen[bytes]
    started_at: float
    pause_s: float = PAUSE_FIRST_S
    due_at: float | None = None
    """When to start it again; None while it runs."""


class Supervisor:
    """Runs children until stopped. Not thread-safe: one loop calls ``start``, ``tend`` and ``stop``."""

    def __init__(self, logs: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._logs = logs
        self._monotonic = monotonic
        self._running: dict[str, _Running] = {}
        self.restarts = 0

    @property
    def pids(self) -> dict[str, int]:
        """Process id of each child that runs."""
        return {name: each.process.pid for name, each in self._running.items() if each.due_at is None}

    def start(self, child: Child) -> None:
        """Start a child and wait until it is ready. Raises StartError when it dies or does not get ready."""
        process, log_start = self._spawn(child)
        self._running[child.name] = _Running(child, process, self._monotonic())
        deadline = self._monotonic() + child.ready_within_s
        while child.ready is not None and not child.ready():
            if process.poll() is not None:
                raise StartError(
                    f"{child.name} ended with {process.returncode} while starting. {self._last_words(child, log_start)}"
                )
            if self._monotonic() > deadline:
                raise StartError(
                    f"{child.name} was not ready after {child.ready_within_s:.0f} s. "
                    f"{self._last_words(child, log_start)}"
                )
            time.sleep(0.05)

    def tend(self) -> list[str]:
        """Start again what has died and is due; return the names of the children that died since the last call."""
        died: list[str] = []
        now = self._monotonic()
        for name, each in self._running.items():
            if each.due_at is None and each.process.poll() is not None:
                each.pause_s = PAUSE_FIRST_S if now - each.started_at > HELD_S else min(each.pause_s * 2, PAUSE_MOST_S)
                each.due_at = now + each.pause_s
                died.append(name)
                log.error("a process died", process=name, status=each.process.returncode, again_in_s=each.pause_s)
            elif each.due_at is not None and now >= each.due_at:
                each.process, _ = self._spawn(each.child)
                each.started_at, each.due_at = now, None
                self.restarts += 1
        return died

    def stop(self) -> list[str]:
        """Stop all children, the last started first; return the names of those that had to be killed."""
        killed: list[str] = []
        for name, each in reversed(list(self._running.items())):
            if each.process.poll() is None:
                each.process.send_signal(signal.SIGTERM)
                try:
                    each.process.wait(STOP_S)
                except subprocess.TimeoutExpired:
                    each.process.kill()
                    each.process.wait()
                    killed.append(name)
        self._running.clear()
        return killed

    def _spawn(self, child: Child) -> tuple[subprocess.Popen[bytes], int]:
        """Start a child; return its process and how long its log was before."""
        with self._log_file(child.name) as output:
            log_start = output.tell()
            process = subprocess.Popen(
                list(child.command),
                env={**os.environ, **child.env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops the others in order
                preexec_fn=_end_with_parent,
            )
        return process, log_start

    def _log_file(self, name: str) -> IO[bytes]:
        self._logs.mkdir(parents=True, exist_ok=True)
        path = self._logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_MOST_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def _last_words(self, child: Child, log_start: int) -> str:
        path = self._logs / f"{child.name}.log"
        with path.open("rb") as file:
            file.seek(log_start)
            lines = file.read().decode(errors="replace").strip().splitlines()
        return f"Its last words: {lines[-1]} (all of them: {path})" if lines else f"It said nothing (log: {path})."


def _end_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent dies (prctl PR_SET_PDEATHSIG); elsewhere than on Linux do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
