from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from services.api.head import Head


async def stream_for_ever(scope: Scope, receive: Receive, send: Send) -> None:
    """Stream until the client has gone."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-method", scope["method"].encode())]})
    gone = asyncio.ensure_future(_gone(receive))
    while not gone.done():
        await send({"type": "http.response.body", "body": b"more", "more_body": True})
        await asyncio.sleep(0)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def asked(method: str) -> list[Message]:
    """Return what is sent to a client that waits for as long as it takes."""
    sent: list[Message] = []
    waiting: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": method, "path": "/"}
    asyncio.run(Head(stream_for_ever)(scope, receive, send))
    return sent


def test_a_stream_that_would_go_on_for_ever_ends_once_its_head_is_sent() -> None:
    start, *bodies = asked("HEAD")
    assert start["headers"] == [(b"x-method", b"GET")]
    assert bodies == [{"type": "http.response.body", "body": b"", "more_body": False}]
