"""Heads of answers leave with the first bytes of their bodies: uvicorn writes both apart, and uvloop sends each as it
comes. The second system call, and the second packet for the client to wake up for, cost a tenth of a read.

ASGI asks for it: "The protocol server must not start sending the response to the client until it has received at least
one Response Body event" (ASGI HTTP specification 2.5, Response Start).
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD: Final = b"HTTP/1.1 "
_CONTINUE: Final = b"HTTP/1.1 100 "
"""A client that waits for it sends nothing before it came."""


class HeadsHeld:
    """A transport that keeps the head of an answer until more is written."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def write(self, data: bytes) -> None:
        """Keep a head; send anything else, after the head that is kept."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.writelines((head, data))
        elif data.startswith(_HEAD) and not data.startswith(_CONTINUE):
            self._head = data
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Send the head of an answer without a body."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Close after what is kept was sent."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Protocol(HttpToolsProtocol):
    """uvicorn's, on such a transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._held = HeadsHeld(transport)
        super().connection_made(self._held)  # type: ignore[arg-type]

    def on_response_complete(self) -> None:
        self._held.flush()
        super().on_response_complete()
