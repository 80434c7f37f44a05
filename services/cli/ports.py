"""Ports of this machine that Dateline's own servers take."""

from __future__ import annotations

import socket
from typing import Final

from services.runtime.supervisor import StartError

PORTS_TRIED: Final = 100


def port_problem(host: str, port: int) -> OSError | None:
    """Return why a port cannot be listened on, or None where it can."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def require_port(host: str, port: int, what: str, advice: str) -> None:
    """Raise StartError where a port cannot be had."""
    error = port_problem(host, port)
    if error is not None:
        raise StartError(f"port {port} on {host} for the {what} cannot be had ({error.strerror}). {advice}") from error


def free_port(first: int) -> int:
    """Return the first free loopback port from ``first`` on. Raises StartError where none of many is."""
    last = min(first + PORTS_TRIED - 1, 65535)
    for port in range(first, last + 1):
        if port_problem("127.0.0.1", port) is None:
            return port
    raise StartError(f"none of the ports {first} to {last} is free: stop what uses them")
