"""The API as a process: start, stop, and what it says when it cannot start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import REPO
from tests.integration.valkey_fixture import valkey

SERVE = "from services.api.service import serve; from services.api.settings import Settings; serve(Settings())"


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with valkey() as url:
        yield url


def start(port: int, **settings: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "DATELINE_API_PORT": str(port)}
    environment |= {f"DATELINE_API_{name.upper()}": value for name, value in settings.items()}
    return subprocess.Popen([sys.executable, "-c", SERVE], cwd=REPO, env=environment, stderr=subprocess.PIPE, text=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_lets_its_subscribers_go_and_ends_well(redis_url: str, number: int) -> None:
    port = free_port()
    process = start(port, redis_url=redis_url)
    try:
        transport = httpx.HTTPTransport(retries=12)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=20) as http:
            assert http.get("/readyz").status_code == 200
            with http.stream("GET", "/v1/changes") as stream:
                lines = stream.iter_lines()
                assert next(lines).startswith("retry:")
                process.send_signal(number)
                assert list(lines)[-1] == ""  # ended as HTTP says, not cut off
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.communicate()


def test_told_to_stop_while_it_starts_it_stops(redis_url: str) -> None:
    port = free_port()
    process = start(port, redis_url=redis_url)
    try:
        while True:  # it listens before anything else is ready
            try:
                socket.create_connection(("127.0.0.1", port), timeout=20).close()
                break
            except ConnectionRefusedError:
                assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_port_in_use_is_said_in_one_line_with_what_to_do(redis_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
        process = start(port, redis_url=redis_url)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert errors.count("\n") == 1
    assert f"cannot listen on 127.0.0.1:{port}" in errors
    assert "DATELINE_API_PORT" in errors


def test_an_address_that_is_none_is_named_with_its_setting() -> None:
    process = start(0, redis_url="http://example.org")
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "DATELINE_API_REDIS_URL='http://example.org'" in errors
