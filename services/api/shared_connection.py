"""One connection to Redis that all reads share: commands of many reads are under way on it at once.

A pool lends a connection to each read, and lending costs more than the read itself; Redis answers one command after the
other anyway. Only for commands that may be repeated and do not block: where the connection is lost under them, they are
asked once more.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

from hiredis import Reader, pack_command
from redis.asyncio import Connection, ConnectionPool
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import InvalidResponse, NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as TookTooLong

ANSWER_WITHIN_S: Final = 10
"""A server that is silent for so long is given up."""

LOOKED_EVERY_S: Final = 0.5
"""Seconds between two looks whether it is."""

_INCOMPLETE: Final = object()


class SharedConnection:
    """Connects with the first command, and anew after a loss."""

    def __init__(self, pool: ConnectionPool) -> None:
        """``pool`` says how to connect; none of its connections is taken."""
        self._pool = pool
        self._line: _Line | None = None
        self._opening: asyncio.Task[_Line] | None = None

    async def ask(self, *command: str | bytes | int) -> Any:
        """Return the answer to a command. Raises redis errors."""
        try:
            return await (await self._open()).ask(command)
        except ConnectionLost:
            return await (await self._open()).ask(command)

    async def close(self) -> None:
        """Let the connection go."""
        if self._opening is not None:
            await asyncio.wait([self._opening])
        if self._line is not None:
            await self._line.close()

    async def _open(self) -> _Line:
        if self._line is not None and not self._line.lost:
            return self._line
        if self._opening is None or self._opening.done():  # all who come meanwhile share the attempt and its end
            self._opening = asyncio.create_task(self._connect(), name="connecting to Redis")
        return await asyncio.shield(self._opening)

    async def _connect(self) -> _Line:
        connection: Connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        await connection.connect()  # type: ignore[no-untyped-call]
        self._line = _Line(connection)
        return self._line


class _Line(asyncio.Protocol):
    """A connection until it is lost. redis-py makes it and says who we are; then its transport is taken over, because
    its streams take longer for an answer than Redis does.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        """Who waits, and since when."""
        self._replies = Reader(protocolError=InvalidResponse, replyError=_refusal, notEnoughData=_INCOMPLETE)
        self.lost = False
        self._transport: Any = connection._writer.transport  # type: ignore[union-attr]
        self._transport.set_protocol(self)
        self._watching = self._loop.call_later(LOOKED_EVERY_S, self._watch)

    async def ask(self, command: tuple[str | bytes | int, ...]) -> Any:
        if self.lost:  # while others were connecting
            raise ConnectionLost("the connection to Redis was lost")
        answer: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append((answer, self._loop.time()))
        self._transport.write(pack_command(command))  # type: ignore[arg-type]  # its stub says one element
        return await answer

    async def close(self) -> None:
        self._lose(ConnectionLost("the connection to Redis was closed"))
        await self._connection.disconnect(nowait=True)

    def data_received(self, data: bytes) -> None:
        self._replies.feed(data)
        try:
            while (answer := self._replies.gets()) is not _INCOMPLETE:
                waiting, _ = self._waiting.popleft()
                if waiting.done():  # who asked has gone
                    continue
                if isinstance(answer, RedisError):
                    waiting.set_exception(answer)
                else:
                    waiting.set_result(answer)
        except RedisError as error:
            self._lose(error)

    def connection_lost(self, error: Exception | None) -> None:
        self._lose(ConnectionLost(f"the connection to Redis was lost: {error or 'it was closed'}"))

    def _watch(self) -> None:
        if self._waiting and self._loop.time() - self._waiting[0][1] > ANSWER_WITHIN_S:
            self._lose(TookTooLong(f"Redis gave no answer within {ANSWER_WITHIN_S} s"))
        else:
            self._watching = self._loop.call_later(LOOKED_EVERY_S, self._watch)

    def _lose(self, error: Exception) -> None:
        """Tell everybody who waits, once."""
        self.lost = True
        self._watching.cancel()
        self._transport.close()
        while self._waiting:
            waiting, _ = self._waiting.popleft()
            if not waiting.done():
                waiting.set_exception(error)


def _refusal(text: str) -> RedisError:
    return NoScriptError(text) if text.startswith("NOSCRIPT") else ResponseError(text)
