"""Asks a server at a fixed rate, in a process of its own, and counts each answer from when its question was due.

Usage: python -m tests.bench.reading_client PORT READS_PER_S SECONDS < QUESTIONS
QUESTIONS: a JSON list of [path, entity tag or ""].
Prints one line of JSON: latencies in seconds, and seconds of CPU used.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import re
import sys
import time
from collections import deque
from typing import Any, cast

import orjson
import uvloop

CONNECTIONS = 16
WARM_UP_S = 1.0
LENGTH = re.compile(rb"content-length: (\d+)")

Asked = tuple[float, str, str]
"""When it was due, path, entity tag."""


class _Line(asyncio.Protocol):
    """One connection: one question at a time."""

    def __init__(self, client: _Client) -> None:
        self._client = client
        self._transport: asyncio.Transport | None = None
        self._asked: Asked = (0.0, "", "")
        self._head, self._missing = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._client.free(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._client.failed(f"a connection was lost: {error}")

    def ask(self, asked: Asked) -> None:
        self._asked = asked
        had = f"If-None-Match: {asked[2]}\r\n" if asked[2] else ""
        assert self._transport is not None
        self._transport.write(f"GET {asked[1]} HTTP/1.1\r\nHost: bench\r\n{had}\r\n".encode())

    def data_received(self, data: bytes) -> None:
        if not self._missing:
            self._head += data
            head, end, body = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            wanted = b"HTTP/1.1 304 " if self._asked[2] else b"HTTP/1.1 200 "
            if not head.startswith(wanted):
                self._client.failed(f"{self._asked[1]} was answered with {head[:200]!r}")
                return
            length = LENGTH.search(head)
            self._missing = (int(length[1]) if length and not self._asked[2] else 0) - len(body)
        else:
            self._missing -= len(data)
        if self._missing == 0:
            self._head = b""
            self._client.answered(self._asked[0])
            self._client.free(self)


class _Client:
    def __init__(self) -> None:
        self.latencies: list[float] = []
        self._free: list[_Line] = []
        self._waiting: deque[Asked] = deque()
        self._expected = 0
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closing = False

    async def run(self, port: int, questions: list[tuple[str, str]], rate: float, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            await loop.create_connection(lambda: _Line(self), "127.0.0.1", port)
        for for_s in (WARM_UP_S, seconds):
            self.latencies.clear()
            await self._ask_all(questions, rate, for_s)
        self._closing = True

    async def _ask_all(self, questions: list[tuple[str, str]], rate: float, seconds: float) -> None:
        total, endless = int(rate * seconds), itertools.cycle(questions)
        self._expected, self._done = total, asyncio.get_running_loop().create_future()
        started, sent = time.perf_counter() + 0.01, 0
        while sent < total:
            await asyncio.sleep(started + sent / rate - time.perf_counter())
            while sent < total and (due := started + sent / rate) <= time.perf_counter():
                asked = (due, *next(endless))
                if self._free:
                    self._free.pop().ask(asked)
                else:
                    self._waiting.append(asked)
                sent += 1
        await self._done

    def free(self, line: _Line) -> None:
        if self._waiting:
            line.ask(self._waiting.popleft())
        else:
            self._free.append(line)

    def answered(self, due: float) -> None:
        self.latencies.append(time.perf_counter() - due)
        if len(self.latencies) == self._expected and not self._done.done():
            self._done.set_result(None)

    def failed(self, why: str) -> None:
        if not self._closing and not self._done.done():
            self._done.set_exception(RuntimeError(why))


async def _ask(port: int, rate: float, seconds: float, questions: list[Any]) -> None:
    gc.disable()
    client = _Client()
    await client.run(port, [(path, tag) for path, tag in questions], rate, seconds)
    sys.stdout.buffer.write(orjson.dumps({"latencies": client.latencies, "cpu_s": time.process_time()}) + b"\n")


if __name__ == "__main__":
    uvloop.run(_ask(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), orjson.loads(sys.stdin.buffer.read())))
