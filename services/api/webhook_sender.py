"""Posting one message to one receiver, through the connection guard that the fetcher uses too."""

from __future__ import annotations

import asyncio
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from services.api.webhook_messages import Message
from services.api.webhook_retries import retry_after_s
from services.api.webhook_signing import signed_headers
from services.runtime.outbound import OutboundError, OutboundGuard, guarded_connector

USER_AGENT: Final = "Dateline-Webhooks/0.1 (+https://github.com/dateline-events/dateline)"
MOST_READ: Final = 400
"""Bytes of an answer that are looked at, for the log."""
BODY_S: Final = 1.0
"""How long to wait for what follows the head of a good answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it."""

    status: int
    """HTTP status; 0 where there was no answer."""
    error: str
    """In words; empty where the receiver took the message."""
    took_ms: int
    retry_after_s: float | None = None
    gone: bool = False
    """The receiver says that it wants no more (410)."""


class WebhookSender:
    """Sends messages. Use as ``async with``; ``resolver`` replaces the system's DNS."""

    def __init__(
        self, guard: OutboundGuard, timeout_s: float, connections: int, resolver: AbstractResolver | None = None
    ) -> None:
        """``timeout_s`` is the deadline for everything: connecting, sending, and the head of the answer."""
        self.guard = guard
        self._timeout_s = timeout_s
        self._connections = connections
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> WebhookSender:
        self._session = aiohttp.ClientSession(
            connector=guarded_connector(self.guard, self._connections, self._resolver),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None),
            headers={"User-Agent": USER_AGENT, "Content-Type": "application/json", "Accept-Encoding": "identity"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, url: str, secrets: tuple[str, ...], message: Message) -> Answer:
        """Post a message. Never raises for what the receiver or the network does."""
        started = time.perf_counter()
        timestamp = int(time.time())

        def took_ms() -> int:
            return round((time.perf_counter() - started) * 1_000)

        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._post(url, signed_headers(secrets, message.id, timestamp, message.body), message)
        except TimeoutError:
            return Answer(0, f"no answer within {self._timeout_s:g} s", took_ms())
        except OutboundError as error:
            return Answer(0, str(error), took_ms())
        except (aiohttp.ClientSSLError, ssl.SSLError) as error:
            return Answer(0, f"no secure connection: {error}", took_ms())
        except aiohttp.ClientConnectorDNSError as error:
            return Answer(0, f"the name {error.host!r} has no address", took_ms())
        except (aiohttp.ClientError, OSError, ValueError, UnicodeError) as error:
            return Answer(0, f"no connection: {str(error)[:200] or type(error).__name__}", took_ms())

    async def _post(self, url: str, headers: object, message: Message) -> Answer:
        assert self._session is not None, "use it as 'async with WebhookSender(...) as sender'"
        target = self.guard.check(url)
        started = time.perf_counter()
        async with self._session.post(
            URL(target.url, encoded=True),
            data=message.body,
            headers=headers,  # type: ignore[arg-type]
            allow_redirects=False,  # a redirect is a failure: the specification says so, and it may lead anywhere
        ) as response:
            took_ms = round((time.perf_counter() - started) * 1_000)
            if 200 <= response.status < 300:
                with suppress(aiohttp.ClientError, TimeoutError):  # it was taken, whatever becomes of the rest
                    async with asyncio.timeout(BODY_S):
                        await response.content.read(MOST_READ)  # once it is read, the connection serves again
                return Answer(response.status, "", took_ms)
            said = (await response.content.read(MOST_READ)).decode("utf-8", "replace").strip()
            error = f"answered {response.status} {response.reason or ''}".strip()
            if 300 <= response.status < 400:
                error += ": redirects are not followed; register the address they lead to"
            elif said:
                error += f": {' '.join(said.split())[:200]}"
            asked = retry_after_s(response.headers.get("Retry-After", ""), datetime.now(UTC))
            return Answer(response.status, error, took_ms, asked, gone=response.status == 410)
