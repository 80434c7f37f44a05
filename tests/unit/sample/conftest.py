"""A running newsroom for the tests: a real process on a free port, spoken to over HTTP."""

import http.client
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.sample.articles import Article, Outlet, load_articles, load_outlets

NEWSROOM = Path(__file__).resolve().parents[3] / "deploy" / "sample" / "newsroom.py"
START = "2031-11-19T09:00:00Z"  # a Wednesday


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class RunningNewsroom:
    process: subprocess.Popen[str]
    port: int

    def request(self, path: str, host: str = "127.0.0.1", method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = {"Host": f"{host}:{self.port}"} | {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def release(self, count: int) -> Answer:
        return self.request(f"/release?count={count}", method="POST")

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=30)


def newsroom_command(state: Path, *options: str) -> list[str]:
    return [sys.executable, str(NEWSROOM), "--state", str(state), *options]


@pytest.fixture
def start_newsroom(tmp_path: Path) -> Iterator[Callable[..., RunningNewsroom]]:
    """Start newsrooms by path, from a foreign folder, as ``make up`` may do; all are ended afterwards."""
    running: list[subprocess.Popen[str]] = []

    def start(*options: str, state: Path = tmp_path / "state", port: int = 0) -> RunningNewsroom:
        process = subprocess.Popen(
            newsroom_command(state, "--port", str(port), *options),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        )
        running.append(process)
        assert process.stdout is not None
        first_line = process.stdout.readline()
        assert first_line.startswith("newsroom on http://127.0.0.1:"), process.communicate()
        return RunningNewsroom(process, int(first_line.rsplit(":", 1)[1]))

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def held(start_newsroom: Callable[..., RunningNewsroom]) -> RunningNewsroom:
    """A newsroom that releases by hand, started at a fixed moment."""
    return start_newsroom("--hold", "--start", START)


@pytest.fixture(scope="session")
def articles() -> tuple[Article, ...]:
    return load_articles()


@pytest.fixture(scope="session")
def outlets() -> tuple[Outlet, ...]:
    return load_outlets()
