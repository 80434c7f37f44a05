"""The event loop that the fetcher runs on, for tests whose time is not virtual."""

from __future__ import annotations

import pytest
import uvloop


@pytest.fixture(scope="session")
def event_loop_policy() -> uvloop.EventLoopPolicy:
    """The loop of production: its TLS, sockets and child processes are not asyncio's own."""
    return uvloop.EventLoopPolicy()
