"""Reading workers seen from the polling side: hand over a document, get what it says, or learn that it hurt."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from services.fetcher.feed_model import NotAFeed, ParsedFeed
from services.fetcher.feed_parser import NeedsSalvage, is_packed, parse_well_formed
from services.fetcher.metrics import WORKERS_KILLED
from services.fetcher.reading_worker import LENGTH
from services.fetcher.text import ArticleText

INLINE_BYTES: Final = 200_000
"""Feeds up to this size are read without a worker: strict parsing takes under 20 ms for them, however they are made."""
_START_S: Final = 60.0
_FEED: Final = TypeAdapter(ParsedFeed)
_PAGE: Final = TypeAdapter(ArticleText)


class Unreadable(Exception):
    """A document that could not be read: refused with a reason, too slow, or the end of its worker."""


class ReadingPool:
    """A few workers. Use as ``async with``; each is started when it is first needed."""

    def __init__(self, workers: int, timeout_s: float, memory_bytes: int) -> None:
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._idle: asyncio.LifoQueue[_Worker | None] = asyncio.LifoQueue()
        for _ in range(workers):
            self._idle.put_nowait(None)
        self._running: set[_Worker] = set()

    async def __aenter__(self) -> ReadingPool:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in list(self._running):
            await self._end(worker)

    async def feed(self, raw: bytes, content_type: str, url: str, now: datetime) -> ParsedFeed:
        """Parse a feed. Raises NotAFeed or Unreadable."""
        if len(raw) <= INLINE_BYTES and not is_packed(raw):
            with suppress(NeedsSalvage):
                return parse_well_formed(raw, content_type, url, now)
        answer = await self._ask("feed", raw, content_type, url, now)
        if "refused" in answer:
            raise NotAFeed(answer["refused"])
        return _FEED.validate_python(answer["feed"], strict=False)

    async def page(self, raw: bytes, content_type: str, url: str, now: datetime) -> ArticleText:
        """Read the article on a page. Raises Unreadable."""
        answer = await self._ask("page", raw, content_type, url, now)
        if "refused" in answer:
            raise Unreadable(answer["refused"])
        return _PAGE.validate_python(answer["page"], strict=False)

    async def _ask(self, kind: str, raw: bytes, content_type: str, url: str, now: datetime) -> dict[str, Any]:
        header = orjson.dumps({"kind": kind, "content_type": content_type, "url": url, "now": now.isoformat()})
        worker = await self._idle.get()
        try:
            if worker is None:
                worker = await _start(self._memory_bytes)
                self._running.add(worker)
            timeout_s = self._timeout_s if worker.used else self._timeout_s + _START_S
            async with asyncio.timeout(timeout_s):
                answer = await worker.ask(header, raw)
        except BaseException as error:
            # Also when we are cancelled in mid-answer: the worker would answer the wrong question next.
            cause, text = _CAUSES.get(type(error), ("", ""))
            if worker is not None:
                WORKERS_KILLED.labels(cause or "cancelled").inc()
                await self._end(worker)
            self._idle.put_nowait(None)
            if not cause:
                raise
            raise Unreadable(text) from error
        self._idle.put_nowait(worker)
        return answer

    async def _end(self, worker: _Worker) -> None:
        self._running.discard(worker)
        await worker.end()


_CAUSES: Final[dict[type[BaseException], tuple[str, str]]] = {
    TimeoutError: ("timeout", "reading it takes too long"),
    **dict.fromkeys(
        (asyncio.IncompleteReadError, BrokenPipeError, ConnectionResetError, ConnectionError),
        ("crash", "reading it ended the worker: it takes too much memory, or is made to crash it"),
    ),
}


class _Worker:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.used = False

    async def ask(self, header: bytes, document: bytes) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise ConnectionError("the worker has no pipes")
        stdin.write(LENGTH.pack(len(header)) + header + LENGTH.pack(len(document)))
        stdin.write(document)
        await stdin.drain()
        (size,) = LENGTH.unpack(await stdout.readexactly(LENGTH.size))
        answer: dict[str, Any] = orjson.loads(await stdout.readexactly(size))
        self.used = True
        return answer

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


async def _start(memory_bytes: int) -> _Worker:
    return _Worker(
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.fetcher.reading_worker",
            str(memory_bytes),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
    )
