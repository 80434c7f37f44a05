"""A `dateline up` and a sample newsroom as real processes, for tests that watch the whole system from outside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from services.cli.subscriptions import read_list

REPO = Path(__file__).resolve().parents[2]
GIVE_UP_S = 300.0


def wait_for(state: Callable[[], Any], what: str, notes: Callable[[], str] = lambda: "") -> None:
    """Wait until ``state`` holds; a refused connection counts as not yet."""
    deadline = time.monotonic() + GIVE_UP_S
    while True:
        try:
            if state():
                return
        except OSError:
            pass
        if time.monotonic() > deadline:
            pytest.fail(f"gave up waiting for: {what}\n{notes()}")
        time.sleep(0.05)


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> Any:
    """The JSON at a loopback address."""
    with urllib.request.urlopen(url, timeout=10) as response:
        return json.load(response)


class Newsroom:
    """The sample newsroom, releasing only when told to."""

    def __init__(self, state: Path, port: int, start: str = "2026-03-11T09:00:00Z") -> None:
        state.mkdir(parents=True, exist_ok=True)
        self.port = port
        self.address = f"http://127.0.0.1:{self.port}"
        script = REPO / "deploy" / "sample" / "newsroom.py"
        options = ["--port", str(self.port), "--state", str(state), "--hold", "--start", start]
        self.process = subprocess.Popen([sys.executable, str(script), *options], stdout=subprocess.DEVNULL)
        wait_for(lambda: get(f"{self.address}/status"), "the newsroom")

    def release(self, count: int = 1) -> None:
        """Release the next articles of the schedule."""
        request = urllib.request.Request(f"{self.address}/release?count={count}", method="POST")
        urllib.request.urlopen(request, timeout=10).close()

    def opml(self, path: Path) -> list[str]:
        """Write the list of its feeds to ``path``; return their "host:port"."""
        with urllib.request.urlopen(f"{self.address}/opml", timeout=10) as response:
            path.write_bytes(response.read())
        return sorted({feed.url.split("/")[2] for feed in read_list(path)})

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


class Dateline:
    """`dateline up` on a data folder of its own."""

    def __init__(self, data: Path, *options: str, env: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.board = f"http://127.0.0.1:{self.port}"
        self.output = data.parent / f"{data.name}.out"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.cli", "up", "--port", str(self.port), *options],
                cwd=REPO,
                env={**os.environ, "DATELINE_DATA": str(data), **(env or {})},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_up(self) -> None:
        """Wait until it says that it is up."""

        def up() -> bool:
            if self.process.poll() is not None:
                pytest.fail(f"dateline up ended with {self.process.returncode}:\n{self.output.read_text()}")
            return (self.data / "run" / "up.json").exists()

        wait_for(up, "dateline up", self.notes)

    def pid_of(self, name: str) -> int:
        """Process id of one of its processes as it runs now."""
        for child in psutil.Process(self.process.pid).children():
            try:
                line = child.cmdline()
                environment = child.environ()
            except psutil.Error:
                continue
            if name == "valkey" and child.name().startswith(("valkey", "redis")):
                return int(child.pid)
            if name == "newsroom" and any("newsroom.py" in part for part in line):
                return int(child.pid)
            if environment.get("DATELINE_WORKER") == name and "run" in line:
                return int(child.pid)
        return 0

    def kill(self, name: str) -> None:
        """Kill -9 one of its processes and wait until another one runs in its place."""
        pid = self.pid_of(name)
        assert pid, f"{name} does not run"
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: self.pid_of(name) not in (0, pid), f"{name} to come back", self.notes)

    def notes(self) -> str:
        """What it and its processes said last."""
        lines = [self.output.read_text()]
        for path in sorted((self.data / "logs").glob("*.log")):
            lines.append(f"--- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-5:]))
        return "\n".join(lines)

    def stop(self) -> int:
        """Ctrl-C; return the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def close(self) -> None:
        """End it, whatever state it is in; its children end with it."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
