"""One polite, bounded GET: no cookies, no referrer, redirects followed by hand, the body measured while it comes in."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from yarl import URL

from services.fetcher import metrics
from services.fetcher.decompression import ACCEPT_ENCODING, BodyReader, BodyRefused
from services.fetcher.exchange import Exchange, Recorder
from services.fetcher.politeness import Politeness
from services.fetcher.settings import FetcherSettings
from services.fetcher.validators import Validators
from services.runtime.outbound import OutboundError, OutboundGuard, guarded_connector

FEED_TYPES: Final = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
)
PAGE_TYPES: Final = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 65_536
_NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)
_ANNOUNCES_BODY: Final = re.compile(rb"\r\n(?:content-length:\s*[1-9]|transfer-encoding:)", re.IGNORECASE)
MAX_HEAD: Final = 65_536
"""Bytes of an answer's head that are looked at for a 304."""


class FetchError(Exception):
    """A request that brought nothing. ``kind``: timeout, connect, tls, protocol, redirect, blocked or body."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    url: str
    """Where the answer came from, after redirects."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case; of doubled headers the last."""
    body: bytes
    """Unpacked; empty for 304 and for every status that brings nothing to read."""
    wire_bytes: int
    whole: bool
    """False where the connection broke off inside the body."""
    redirects: tuple[tuple[int, str], ...]
    """Status and target of each redirect on the way."""
    seconds: float = 0.0
    """From sending the first request to the last byte, without waiting for turns."""
    received_at: datetime = _NEVER
    """When the last byte came: the time at which what it says was seen."""

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


class _IgnoresBodyOf304(ResponseHandler):
    """Drops what follows the head of a 304, and with it a connection whose head announces a body.

    Some servers send a body there, which RFC 9110 (15.4.5) forbids. aiohttp takes it for the head of another answer
    and gives up the first one too, so that a feed which only says that nothing is new would count as broken.
    """

    _head: bytes | None = None
    """What has come of the head so far; None once it is complete."""
    _dropping = False

    def set_response_params(self, *args: Any, **named: Any) -> None:
        self._head, self._dropping = b"", False
        super().set_response_params(*args, **named)

    def data_received(self, data: bytes) -> None:
        if self._dropping:
            return
        if self._head is not None:
            earlier = len(self._head)
            self._head = (self._head + data)[:MAX_HEAD]
            end = self._head.find(b"\r\n\r\n") + 4
            if end >= 4 or len(self._head) == MAX_HEAD:
                if end >= 4 and self._head[9:12] == b"304":
                    self._dropping = True
                    if _ANNOUNCES_BODY.search(self._head, 0, end) or len(self._head) > end:
                        self.force_close()
                    data = data[: end - earlier]
                self._head = None
        super().data_received(data)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request asks for and may bring; see HttpClient.get."""

    accept: str
    validators: Validators
    max_bytes: int | None
    cut_at: int | None
    purpose: str


class HttpClient:
    """Makes requests. Use as ``async with``; ``resolver`` replaces the system's DNS.

    With ``politeness`` each request waits for its turn, and so does each redirect on its way to another site. With
    ``recorder`` each request is taken down together with what came of it.
    """

    def __init__(
        self,
        settings: FetcherSettings,
        resolver: AbstractResolver | None = None,
        politeness: Politeness | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        recorder: Recorder | None = None,
    ) -> None:
        self._settings = settings
        self._now = now
        self._recorder = recorder
        self._politeness = politeness
        self._guard = OutboundGuard(settings.allow_hosts)
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> HttpClient:
        connector = guarded_connector(self._guard, self._settings.max_concurrency, self._resolver)
        connector._factory = partial(_IgnoresBodyOf304, asyncio.get_running_loop())  # type: ignore[assignment]
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._settings.page_timeout_s),
            headers={"User-Agent": self._settings.user_agent, "Accept-Encoding": ACCEPT_ENCODING},
            max_line_size=16_384,
            max_field_size=16_384,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(
        self,
        url: str,
        *,
        accept: str,
        timeout_s: float,
        validators: Validators | None = None,
        max_bytes: int | None = None,
        cut_at: int | None = None,
        gap_s: float | None = None,
        purpose: str = "feed",
    ) -> Answer:
        """GET ``url``. Raises FetchError, whose text says what is wrong; an HTTP error status is an Answer.

        ``timeout_s`` is the deadline for everything: connecting, redirects and the last byte of the body; waiting for
        the turn does not count. A body beyond ``max_bytes`` is an error, one beyond ``cut_at`` is cut there. ``gap_s``
        is the least time to the next request to the same site; None where the caller sees to that. ``purpose`` is how
        the request is counted.
        """
        limits = Limits(accept, validators or Validators(), max_bytes, cut_at, purpose)
        with _understood(timeout_s):
            return await self._follow(url, limits, timeout_s, gap_s)

    async def post_form(self, url: str, form: Mapping[str, str], timeout_s: float, gap_s: float) -> int:
        """POST a form to a hub and return the status it answers with. Raises FetchError, OutboundError.

        A redirect is not followed: what is sent holds a secret.
        """
        if self._session is None:
            raise RuntimeError("HttpClient is not open: use it as 'async with HttpClient(settings) as client'")
        target = self._guard.check(url)
        with _understood(timeout_s):
            async with (
                self._turn(target.url, gap_s),
                asyncio.timeout(timeout_s),
                self._session.post(URL(target.url, encoded=True), data=form, allow_redirects=False) as response,
            ):
                metrics.REQUESTS.labels("hub", str(response.status)).inc()
                response.close()
                return response.status

    async def _follow(self, url: str, limits: Limits, timeout_s: float, gap_s: float | None) -> Answer:
        redirects: list[tuple[int, str]] = []
        visited = {url}
        clock, spent_s = asyncio.get_running_loop().time, 0.0
        while True:
            async with self._turn(url, gap_s):
                started = clock() - spent_s
                answer, location = await self._exchange(url, limits, tuple(redirects), timeout_s, started)
                spent_s = clock() - started
            if location is None:
                return answer
            target = self._guard.check(str(URL(url, encoded=True).join(URL(location))) if location else "")
            if url.startswith("https:") and target.scheme == "http":
                raise FetchError("redirect", f"redirects from https down to {target.url}: refused")
            redirects.append((answer.status, target.url))
            if target.url in visited or len(redirects) > self._settings.max_redirects:
                raise FetchError("redirect", f"redirects in a loop or more than {self._settings.max_redirects} times")
            visited.add(target.url)
            url = target.url

    def _turn(self, url: str, gap_s: float | None) -> AbstractAsyncContextManager[None]:
        if self._politeness is None or gap_s is None:
            return nullcontext()
        return self._politeness.turn(url, gap_s)

    async def _exchange(
        self, url: str, limits: Limits, redirects: tuple[tuple[int, str], ...], timeout_s: float, started: float
    ) -> tuple[Answer, str | None]:
        """``started`` is the time of the loop that the whole request is counted from."""
        try:
            with _understood(timeout_s):
                async with asyncio.timeout_at(started + timeout_s):
                    return await self._once(url, limits, redirects, started)
        except FetchError as error:
            if self._recorder is not None:
                failed = Exchange(url, limits.purpose, self._now(), error=(error.kind, str(error)))
                self._recorder.record(failed)
            raise

    async def _once(
        self, url: str, limits: Limits, redirects: tuple[tuple[int, str], ...], started: float
    ) -> tuple[Answer, str | None]:
        if self._session is None:
            raise RuntimeError("HttpClient is not open: use it as 'async with HttpClient(settings) as client'")
        target = self._guard.check(url)
        headers = {"Accept": limits.accept, **limits.validators.request_headers()}
        async with self._session.get(URL(target.url, encoded=True), headers=headers, allow_redirects=False) as response:
            received = {name.lower(): value for name, value in response.headers.items()}
            metrics.REQUESTS.labels(limits.purpose, str(response.status)).inc()
            location = received.get("location") if response.status in REDIRECTS else None
            body, wire_bytes, whole = b"", 0, True
            if response.status == 200 and location is None:
                largest = limits.max_bytes or self._settings.max_body_bytes
                reader = BodyReader(received.get("content-encoding", ""), largest, limits.cut_at)
                whole = await _drain(response, reader)
                body, complete = reader.finish()
                wire_bytes, whole = reader.wire_bytes, whole and complete
            elif response.status == 304:
                response.release()  # the next feed of the site may use the connection
            else:
                # Whatever comes with a redirect or an error is not read; the connection is not used again.
                response.close()
        at = self._now()
        if self._recorder is not None:
            sent = [(name, value) for name, value in response.request_info.headers.items()]
            came = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers]
            self._recorder.record(Exchange(url, limits.purpose, at, sent, response.status, came, body, whole))
        spent_s = asyncio.get_running_loop().time() - started
        answer = Answer(target.url, response.status, received, body, wire_bytes, whole, redirects, spent_s, at)
        return answer, location


@contextmanager
def _understood(timeout_s: float) -> Iterator[None]:
    """Make a FetchError of whatever a request can raise."""
    try:
        yield
    except TimeoutError as error:
        raise FetchError("timeout", f"no complete answer within {timeout_s:g} s") from error
    except OutboundError as error:
        raise FetchError("blocked", str(error)) from error
    except BodyRefused as error:
        raise FetchError("body", str(error)) from error
    except aiohttp.ClientConnectorCertificateError as error:
        raise FetchError("tls", f"the certificate is not valid: {error.certificate_error}") from error
    except (aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise FetchError("tls", f"no secure connection: {error}") from error
    except aiohttp.ClientConnectorDNSError as error:
        raise FetchError("connect", f"the name {error.host!r} has no address; check the spelling") from error
    except aiohttp.ClientConnectorError as error:
        # asyncio tells so, without a number, of a server that ends the connection while TLS is being agreed on.
        if error.ssl and isinstance(error.os_error, ConnectionResetError) and error.os_error.errno is None:
            text = "no secure connection: the server ended the handshake; it may only speak TLS older than 1.2"
            raise FetchError("tls", text) from error
        raise FetchError("connect", f"no connection: {error}") from error
    except (aiohttp.ServerTimeoutError, ConnectionError) as error:
        raise FetchError("connect", f"no connection: {error}") from error
    except (aiohttp.ClientError, ValueError, OSError, UnicodeError) as error:
        raise FetchError("protocol", f"the answer breaks HTTP: {str(error)[:300] or type(error).__name__}") from error


async def _drain(response: aiohttp.ClientResponse, reader: BodyReader) -> bool:
    try:
        async for chunk in response.content.iter_chunked(_CHUNK):
            reader.feed(chunk)
            if reader.enough:
                response.close()
                return True
    except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionError):
        return False
    return True
