"""Get an article's page, if its site allows it, and read it; say clearly whether trying again may help."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.fetcher import metrics, robots
from services.fetcher.gates import Gates
from services.fetcher.http_client import PAGE_TYPES, FetchError, HttpClient
from services.fetcher.reading import ReadingPool, Unreadable
from services.fetcher.schedule import retry_after
from services.fetcher.settings import FetcherSettings
from services.fetcher.text import ArticleText
from services.fetcher.web_address import polite_domain

MAX_ROBOTS: Final = 10_000
"""Origins whose rules are kept in memory."""
REFUSED: Final = frozenset({401, 402, 403, 405, 406, 410, 451})
"""Answers that mean the page is not for us; asking again changes nothing."""
PAUSE_S: Final = 300.0
"""How long a host is left alone after a 429 or 503 without Retry-After."""
_DEFINITE: Final = frozenset({"blocked", "redirect", "body"})


class PageRefused(Exception):
    """The page is not to be had, now or later."""


class PageFailed(Exception):
    """The page could not be had this time."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read."""

    url: str
    """Its address after redirects."""
    text: ArticleText


class PageReader:
    """Fetches and reads pages, politely. ``paused`` is told of every pause that a host asks for."""

    def __init__(
        self,
        settings: FetcherSettings,
        client: HttpClient,
        gates: Gates,
        pool: ReadingPool,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._client = client
        self._gates = gates
        self._pool = pool
        self._now = now
        self._rules: OrderedDict[str, robots.RobotRules] = OrderedDict()

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
        domain = polite_domain(url)
        rules = await self._rules_for(url, domain, gap_s)
        if rules.unreachable:
            raise PageFailed("robots.txt could not be read, so nothing is fetched from there for now")
        if not rules.allows(url, self._settings.user_agent):
            raise PageRefused("robots.txt asks not to read it")
        gap_s = max(gap_s, rules.crawl_delay_s(self._settings.user_agent, self._settings.max_crawl_delay_s))
        try:
            async with self._gates.passing(domain, gap_s):
                answer = await self._client.get(url, accept=PAGE_TYPES, timeout_s=self._settings.page_timeout_s)
        except FetchError as error:
            if error.kind in _DEFINITE:
                raise PageRefused(str(error)) from error
            raise PageFailed(str(error)) from error
        metrics.BYTES.labels("page").inc(answer.wire_bytes)
        if answer.status in (429, 503):
            wait_s = retry_after(answer.headers.get("retry-after", ""), self._now()) or PAUSE_S
            self._gates.pause(domain, wait_s)
            raise PageFailed(f"the site answers {answer.status}, asks to wait {wait_s:.0f} s")
        if answer.status in REFUSED:
            raise PageRefused(f"the site answers {answer.status}: the page is not for us")
        if answer.status != 200 or not answer.whole:
            raise PageFailed(f"the site answers {answer.status}" if answer.whole else "the page broke off")
        kind = answer.content_type.partition(";")[0].strip().lower()
        if kind and "html" not in kind and "xml" not in kind and not kind.startswith("text/"):
            raise PageRefused(f"the link leads to {kind!r}, not to a page")
        try:
            return Page(answer.url, await self._pool.page(answer.body, answer.content_type, answer.url, self._now()))
        except Unreadable as error:
            raise PageRefused(str(error)) from error

    async def _rules_for(self, url: str, domain: str, gap_s: float) -> robots.RobotRules:
        where = robots.robots_url(url)
        known = self._rules.get(where)
        if known is not None and known.expires_at > self._now():
            self._rules.move_to_end(where)
            return known
        try:
            async with self._gates.passing(domain, gap_s):
                answer = await self._client.get(
                    where, accept="text/plain, */*;q=0.1", timeout_s=self._settings.page_timeout_s
                )
            metrics.BYTES.labels("robots").inc(answer.wire_bytes)
            rules = robots.rules_from(answer.status, answer.content_type, answer.body, self._now())
        except FetchError as error:
            if error.kind == "blocked":
                raise PageRefused(str(error)) from error
            # RFC 9309, section 2.3.1.2: after more than five redirects the file counts as unavailable: all is allowed.
            status = 404 if error.kind == "redirect" else 503
            rules = robots.rules_from(status, "", b"", self._now())
        self._rules[where] = rules
        while len(self._rules) > MAX_ROBOTS:
            self._rules.popitem(last=False)
        return rules
