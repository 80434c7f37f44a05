"""One connection to Redis that all reads share: commands of one turn of the event loop leave in one packet.

A pool lends a connection to each read, and lending costs more than the read itself; Redis answers one command after the
other anyway. Only for commands that may be repeated and do not block: where the connection is lost under them, they are
asked once more.
"""

from __future__ import annotations

import asyncio
from collections import deque
from math import inf
from typing import Any, Final

from hiredis import pack_command
from redis.asyncio import Connection, ConnectionPool
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as TookTooLong

ANSWER_WITHIN_S: Final = 10
"""A server that is silent for so long is given up."""


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


class _Line:
    """A connection until it is lost."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._unsent: list[bytes] = []
        self._sending: asyncio.Task[None] | None = None
        self._receiving = asyncio.create_task(self._receive(), name="answers of Redis")
        self.lost = False

    async def ask(self, command: tuple[str | bytes | int, ...]) -> Any:
        if self.lost:  # while others were connecting
            raise ConnectionLost("the connection to Redis was lost")
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._unsent.append(pack_command(command))  # type: ignore[arg-type]  # its stub says one element
        self._waiting.append(answer)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await answer
        except TimeoutError:
            error = TookTooLong(f"Redis gave no answer within {ANSWER_WITHIN_S} s")
            self._lose(error)
            raise error from None

    async def close(self) -> None:
        self._lose(ConnectionLost("the connection to Redis was closed"))
        await asyncio.wait([self._receiving])
        await self._connection.disconnect()

    async def _send(self) -> None:
        try:
            while self._unsent and not self.lost:
                packed, self._unsent = self._unsent, []
                if not self._connection.is_connected:  # it would connect by itself, and no earlier answer would come
                    raise ConnectionLost("the connection to Redis was lost")
                await self._connection.send_packed_command(packed, check_health=False)
        except (RedisError, OSError) as error:
            self._lose(error)

    async def _receive(self) -> None:
        try:
            while True:
                try:
                    answer, refused = await self._connection.read_response(timeout=inf), None
                except ResponseError as error:
                    answer, refused = None, error
                waiting = self._waiting.popleft()
                if waiting.done():  # who asked has gone
                    continue
                if refused is None:
                    waiting.set_result(answer)
                else:
                    waiting.set_exception(refused)
        except (RedisError, OSError) as error:
            self._lose(error)

    def _lose(self, error: Exception) -> None:
        """Tell everybody who waits, once."""
        self.lost = True
        self._unsent = []
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_exception(error)
        self._receiving.cancel()
