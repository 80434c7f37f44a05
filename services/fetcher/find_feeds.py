"""Find the feeds of a site, politely: one request for its page, then one for each likely address, few in all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from aiohttp.abc import AbstractResolver

from services.fetcher.check import FeedCheck, described
from services.fetcher.discovery import FeedLink, declared_feeds, news_sitemaps, usual_feeds
from services.fetcher.feed_model import NotAFeed
from services.fetcher.gates import Gates
from services.fetcher.http_client import FEED_TYPES, FetchError, HttpClient
from services.fetcher.politeness import AddressBook, Politeness
from services.fetcher.reading import ReadingPool, Unreadable
from services.fetcher.robots import RobotRules
from services.fetcher.robots_keeper import RobotsKeeper
from services.fetcher.settings import FetcherSettings
from services.fetcher.subscriptions import valid_feed_url
from services.runtime.outbound_rules import OutboundError

MAX_TRIED: Final = 12
"""Addresses tried beside the site's own page."""
ENOUGH: Final = 6
"""Feeds after which no more are tried."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a site has. ``problem`` is "" where it has feeds, else what is wrong and what to do."""

    feeds: tuple[FeedCheck, ...] = ()
    """The likeliest first."""
    problem: str = ""


async def find_feeds(
    address: str,
    settings: FetcherSettings,
    resolver: AbstractResolver | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Found:
    """Return the feeds at or of ``address``. Never raises for anything the site does.

    Guessed addresses are tried only where the page declares no feed, and only those that robots.txt allows. ``told`` is
    told each address before it is asked.
    """
    try:
        url = valid_feed_url(address)
    except ValueError as error:
        return Found(problem=str(error))
    book = AddressBook(monotonic, resolver)
    politeness = Politeness(Gates(1, monotonic), book, settings.address_gap_s, settings.max_address_pause_s)
    pool = ReadingPool(1, settings.reading_timeout_s, settings.reading_memory_bytes)
    async with HttpClient(settings, book, politeness) as client, pool:
        return await _Search(settings, client, pool, told).run(url)


class _Search:
    def __init__(
        self, settings: FetcherSettings, client: HttpClient, pool: ReadingPool, told: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._client = client
        self._pool = pool
        self._told = told
        self._robots = RobotsKeeper(settings, client, lambda: datetime.now(UTC))
        self._tried: set[str] = set()
        self._feeds: list[FeedCheck] = []

    async def run(self, url: str) -> Found:
        self._told(url)
        try:
            page = await self._client.get(
                url, accept=FEED_TYPES, timeout_s=self._settings.feed_timeout_s, gap_s=self._settings.host_gap_s
            )
        except (FetchError, OutboundError) as error:
            return Found(problem=f"{url}: {error}")
        if page.status != 200:
            return Found(problem=f"{url}: the server answers {page.status}: check the address in a browser")
        self._tried |= {url, page.url}
        try:
            feed = await self._pool.feed(page.body, page.content_type, page.url, page.received_at)
            return Found((described(feed, page, url),))
        except (NotAFeed, Unreadable):
            pass
        await self._try(declared_feeds(page.body, page.content_type, page.url))
        if not self._feeds:
            rules = await self._rules(page.url)
            sitemaps = news_sitemaps(rules.sitemaps if rules is not None else (), page.url)
            await self._try([*sitemaps, *usual_feeds(page.url)], guessed=True)
        if not self._feeds:
            return Found(problem=f"{url}: no feed was found there; if the site has one, name the feed's own address")
        return Found(tuple(self._feeds))

    async def _try(self, links: list[FeedLink], guessed: bool = False) -> None:
        for link in links:
            if len(self._feeds) >= ENOUGH or len(self._tried) > MAX_TRIED:
                return
            if link.url in self._tried or (guessed and not await self._allowed(link.url)):
                continue
            self._tried.add(link.url)
            self._told(link.url)
            found = await self._look(link)
            # One feed often stands at several addresses.
            if found is not None and all(found.url != feed.url for feed in self._feeds):
                self._feeds.append(found)
                if guessed:
                    return

    async def _look(self, link: FeedLink) -> FeedCheck | None:
        try:
            answer = await self._client.get(
                link.url, accept=FEED_TYPES, timeout_s=self._settings.feed_timeout_s, gap_s=self._settings.host_gap_s
            )
            if answer.status != 200:
                return None
            feed = await self._pool.feed(answer.body, answer.content_type, answer.url, answer.received_at)
        except (FetchError, OutboundError, NotAFeed, Unreadable):
            return None
        found = described(feed, answer, link.url)
        return found if found.title else replace(found, title=link.title)

    async def _allowed(self, url: str) -> bool:
        rules = await self._rules(url)
        return rules is not None and not rules.unreachable and rules.allows(url, self._settings.user_agent)

    async def _rules(self, url: str) -> RobotRules | None:
        try:
            return await self._robots.rules_for(url, self._settings.host_gap_s)
        except (FetchError, OutboundError):
            return None
