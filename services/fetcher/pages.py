"""Get an article's page, if its site allows it, and read it; say clearly whether trying again may help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.fetcher import metrics
from services.fetcher.http_client import PAGE_TYPES, FetchError, HttpClient
from services.fetcher.reading import ReadingPool, Unreadable
from services.fetcher.robots_keeper import RobotsKeeper
from services.fetcher.schedule import retry_after
from services.fetcher.settings import FetcherSettings
from services.fetcher.text import ArticleText

REFUSED: Final = frozenset({401, 402, 403, 405, 406, 410, 451})
"""Answers that mean the page is not for us; asking again changes nothing."""
PAUSE_S: Final = 300.0
"""How long a host is left alone after a 429 or 503 without Retry-After."""
_DEFINITE: Final = frozenset({"blocked", "redirect", "body"})


class PageRefused(Exception):
    """The page is not to be had, now or later. ``status`` is what the server answered, 0 where it was not asked."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class PageFailed(Exception):
    """The page could not be had this time. ``status`` is what the server answered, 0 where it did not."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read."""

    url: str
    """Its address after redirects."""
    text: ArticleText
    seen_at: datetime
    """When its last byte came."""


async def _forgotten(url: str, seconds: float) -> None:
    """What becomes of a site's wish to be left alone where nothing else is asked of it."""


class PageReader:
    """Fetches and reads pages, politely. ``paused`` is told of every pause that a site asks for, with its URL."""

    def __init__(
        self,
        settings: FetcherSettings,
        client: HttpClient,
        keeper: RobotsKeeper,
        pool: ReadingPool,
        now: Callable[[], datetime],
        paused: Callable[[str, float], Awaitable[None]] = _forgotten,
    ) -> None:
        self._settings = settings
        self._client = client
        self._robots = keeper
        self._paused = paused
        self._pool = pool
        self._now = now

    async def read(self, url: str, gap_s: float) -> Page:
        """Return the article at ``url``. Raises PageRefused or PageFailed, saying why."""
        try:
            page = await self._read(url, gap_s)
        except PageRefused:
            metrics.PAGES.labels("refused").inc()
            raise
        except PageFailed:
            metrics.PAGES.labels("failed").inc()
            raise
        metrics.PAGES.labels("read").inc()
        return page

    async def _read(self, url: str, gap_s: float) -> Page:
        try:
            rules = await self._robots.rules_for(url, gap_s)
        except FetchError as error:
            raise PageRefused(str(error)) from error
        if rules.unreachable:
            raise PageFailed("robots.txt could not be read, so nothing is fetched from there for now")
        if not rules.allows(url, self._settings.user_agent):
            raise PageRefused("robots.txt asks not to read it")
        gap_s = max(gap_s, rules.crawl_delay_s(self._settings.user_agent, self._settings.max_crawl_delay_s))
        try:
            answer = await self._client.get(
                url, accept=PAGE_TYPES, timeout_s=self._settings.page_timeout_s, gap_s=gap_s, purpose="page"
            )
        except FetchError as error:
            if error.kind in _DEFINITE:
                raise PageRefused(str(error)) from error
            raise PageFailed(str(error)) from error
        metrics.BYTES.labels("page").inc(answer.wire_bytes)
        if answer.status in (429, 503):
            wait_s = retry_after(answer.headers.get("retry-after", ""), self._now()) or PAUSE_S
            await self._paused(answer.url, wait_s)
            raise PageFailed(f"the site answers {answer.status}, asks to wait {wait_s:.0f} s")
        if answer.status in REFUSED:
            raise PageRefused(f"the site answers {answer.status}: the page is not for us", answer.status)
        if answer.status != 200 or not answer.whole:
            raise PageFailed(
                f"the site answers {answer.status}" if answer.whole else "the page broke off", answer.status
            )
        kind = answer.content_type.partition(";")[0].strip().lower()
        if kind and "html" not in kind and "xml" not in kind and not kind.startswith("text/"):
            raise PageRefused(f"the link leads to {kind!r}, not to a page")
        try:
            text = await self._pool.page(answer.body, answer.content_type, answer.url, answer.received_at)
            return Page(answer.url, text, answer.received_at)
        except Unreadable as error:
            raise PageRefused(str(error)) from error
