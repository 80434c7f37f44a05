"""A web site for the fetcher's tests: answers are set by path, requests are kept, and misbehaviour can be scripted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    """One request as it came in; header names in lower case."""

    host: str
    path: str
    headers: dict[str, str]
    at: float = 0.0
    """The loop's time when it had come in."""
    address: str = ""
    """The address it was sent to."""


@dataclass(frozen=True)
class Reply:
    """What to answer."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Site:
    """Answers by (host name or "*", path). ``requests`` lists all that came; ``most_at_once`` by host is kept too."""

    def __init__(self) -> None:
        self.port = 0
        self.answers: dict[str, Reply | Script | Callable[[Request], Reply]] = {}
        self.requests: list[Request] = []
        self.changed = asyncio.Condition()
        self.answer_s = 0.0
        """How long it thinks about an answer."""

    def url(self, path: str, host: str = "site.localhost") -> str:
        return f"http://{host}:{self.port}{path}"

    def page(self, path: str, body: str | bytes, content_type: str = "text/html; charset=utf-8") -> None:
        """Serve a document with an ETag of its content, answering 304 where it is unchanged."""
        data = body.encode() if isinstance(body, str) else body
        etag = f'"{sha256(data).hexdigest()[:16]}"'

        def answer(request: Request) -> Reply:
            if request.headers.get("if-none-match") == etag:
                return Reply(status=304, headers={"ETag": etag})
            return Reply(data, headers={"Content-Type": content_type, "ETag": etag})

        self.answers[path] = answer

    def feed(self, path: str, body: str | bytes) -> None:
        self.page(path, body, "application/rss+xml; charset=utf-8")

    def paths(self, path: str | None = None) -> list[str]:
        """The paths asked for, without robots.txt; with ``path`` only that one."""
        return [r.path for r in self.requests if r.path != "/robots.txt" and path in (None, r.path)]

    async def until(self, condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Wait until a condition over the requests holds."""
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(condition)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while await self._answer(reader, writer):
                pass
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        request = Request(
            headers.get("host", ""),
            head[0].split(" ")[1],
            headers,
            asyncio.get_running_loop().time(),
            writer.get_extra_info("sockname")[0],
        )
        async with self.changed:
            self.requests.append(request)
            self.changed.notify_all()
        answer = self.answers.get(request.path, Reply(b"nothing here", 404))
        if asyncio.iscoroutinefunction(answer):
            await answer(writer)
            return False
        reply = answer if isinstance(answer, Reply) else answer(request)  # type: ignore[operator]
        if self.answer_s:
            await asyncio.sleep(self.answer_s)
        lines = {"Content-Length": str(len(reply.body)), **reply.headers}
        writer.write(f"HTTP/1.1 {reply.status} X\r\n".encode())
        writer.write("".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode() + b"\r\n" + reply.body)
        await writer.drain()
        return True


@asynccontextmanager
async def running_site(*addresses: str) -> AsyncIterator[Site]:
    """A site on a free port of loopback, on several of its addresses where they are named."""
    site = Site()
    servers = []
    for address in addresses or ("127.0.0.1",):
        servers.append(await asyncio.start_server(site.serve, address, site.port))
        site.port = servers[0].sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        for server in servers:
            server.close()
