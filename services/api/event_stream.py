"""One subscriber's response: what it missed, then what happens, until it leaves, lags or the server stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Generic

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.api import sse
from services.api.broadcast import TOO_SLOW, TRIMMED, Broadcast, Choose, Item
from services.api.guard import DIRECT
from services.api.metrics import Metrics
from services.api.problem import Problem, invalid, store_unavailable
from services.api.sse import Position
from services.api.stream_reader import StreamReader

CATCH_UP = 500
"""Missed changes read at once."""


@dataclass(frozen=True, slots=True)
class Streams(Generic[Item]):
    """What every subscriber's stream needs."""

    stream: StreamReader[Item]
    broadcast: Broadcast[Item]
    metrics: Metrics
    heartbeat_s: float
    send_timeout_s: float
    max_subscribers: int

    def open(self, choose: Choose[Item], resume: Position | None) -> EventStream[Item]:
        """Return the response that streams what ``choose`` gives; ``resume`` is the last position the client has.

        Raises Problem while Redis was never reached or too many subscribers are here.
        """
        if self.broadcast.position is None:
            raise store_unavailable()
        if len(self.broadcast) >= self.max_subscribers:
            raise Problem(
                "too-many-subscribers",
                f"{self.max_subscribers} streams are open: try again in a minute, or ask another replica.",
                headers={"Retry-After": "60"},
            )
        return EventStream(self, choose, resume)


def resume_position(request: Request, last_event_id: str) -> Position | None:
    """Return where a client wants to go on: the header that browsers send when they reconnect, else the parameter."""
    header = request.headers.get("last-event-id", "")
    text, name, place = (header, "Last-Event-ID", "header") if header else (last_event_id, "last_event_id", "query")
    if not text:
        return None
    try:
        return sse.parse_resume(text)
    except ValueError as error:
        raise invalid(name, str(error), place) from error


class EventStream(Response, Generic[Item]):
    """A response that lasts."""

    media_type = sse.MEDIA_TYPE

    def __init__(self, streams: Streams[Item], choose: Choose[Item], resume: Position | None) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._streams = streams
        self._choose = choose
        self._resume = resume

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until one side ends it."""
        direct = scope.get("extensions", {}).get(DIRECT, send)
        sending = asyncio.create_task(self._send_all(send, direct))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _send_all(self, send: Send, direct: Send) -> None:
        """Send the head and the greeting through all middleware, and what follows past it."""
        way = send
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            async for data in self._data():
                async with asyncio.timeout(self._streams.send_timeout_s):
                    await way({"type": "http.response.body", "body": data, "more_body": True})
                way = direct
        except (TimeoutError, OSError):
            return  # the client takes nothing: nothing more can be said to it
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _data(self) -> AsyncIterator[bytes]:
        """Yield what to send. Subscribes first and catches up after, so that nothing falls between the two."""
        broadcast = self._streams.broadcast
        now = broadcast.position or sse.START
        subscription = broadcast.subscribe(self._choose, max(now, self._resume or now))
        try:
            yield sse.greeting(max(self._resume or now, sse.START))
            if self._resume is not None:
                async for data in self._missed(self._resume, now):
                    yield data
            while not subscription.reset_reason:
                data = await subscription.take(self._streams.heartbeat_s)
                if data:
                    yield data
                elif subscription.closed:
                    return
                elif not subscription.reset_reason:
                    yield sse.heartbeat(broadcast.position or now)
            if subscription.reset_reason == TOO_SLOW:
                self._streams.metrics.resets.labels(TOO_SLOW).inc()
                yield sse.too_slow()
            else:
                yield self._reset(broadcast.position or now, subscription.reset_reason)
        finally:
            broadcast.unsubscribe(self._choose, subscription)

    async def _missed(self, resume: Position, upto: Position) -> AsyncIterator[bytes]:
        stream = self._streams.stream
        if resume == sse.BEGINNING:
            resume = sse.START
        elif (await stream.state()).lost_after(resume):
            yield self._reset(upto, TRIMMED)
            return
        while resume < upto:
            part = await stream.between(resume, upto, CATCH_UP)
            if part.upto is None:
                return
            chosen = (self._choose(entry) for entry in part.entries)
            yield b"".join(data for data in chosen if data is not None)
            resume = part.upto

    def _reset(self, position: Position, reason: str) -> bytes:
        self._streams.metrics.resets.labels(reason).inc()
        return sse.reset(position, reason)


async def _left(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
