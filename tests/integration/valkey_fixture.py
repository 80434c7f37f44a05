"""A real Valkey server for a with statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.valkey_server import ValkeyServer


@contextmanager
def valkey() -> Iterator[str]:
    """Run an empty server; yields its address, ``unix:///...``."""
    server = ValkeyServer()
    try:
        yield server.url
    finally:
        server.close()
