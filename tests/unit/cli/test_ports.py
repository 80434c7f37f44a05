"""Ports that are free, and ports that somebody has."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.cli.ports import PORTS_TRIED, free_port, require_port
from services.runtime.supervisor import StartError


@contextmanager
def listening() -> Iterator[int]:
    """A taken port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_the_next_free_port_is_taken() -> None:
    with listening() as port:
        assert port < free_port(port) < port + PORTS_TRIED


def test_the_last_port_of_all_is_not_passed() -> None:
    assert free_port(65535) == 65535


def test_a_port_that_somebody_has_is_refused_with_advice() -> None:
    with listening() as port, pytest.raises(StartError, match=rf"port {port} on 127\.0\.0\.1 for the board .* Do this"):
        require_port("127.0.0.1", port, "board", "Do this.")
