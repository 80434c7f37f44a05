"""Read the article of one page, once and politely, or of a page that was saved: for the person who asks about it."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic

from aiohttp.abc import AbstractResolver

from services.fetcher.gates import Gates
from services.fetcher.http_client import HttpClient
from services.fetcher.pages import Page, PageReader
from services.fetcher.politeness import AddressBook, Politeness
from services.fetcher.reading import ReadingPool
from services.fetcher.robots_keeper import RobotsKeeper
from services.fetcher.settings import FetcherSettings
from services.fetcher.text import ArticleText


def _now() -> datetime:
    return datetime.now(UTC)


async def fetch_page(url: str, settings: FetcherSettings, resolver: AbstractResolver | None = None) -> Page:
    """Return the article at ``url``, under the rules of the fetcher: robots.txt, the connection guard, limits of size.

    ``resolver`` replaces the system's DNS. Raises PageRefused, PageFailed or UrlRefused, saying why.
    """
    book = AddressBook(monotonic, resolver)
    politeness = Politeness(Gates(1, monotonic), book, settings.address_gap_s, settings.max_address_pause_s)
    async with HttpClient(settings, book, politeness) as client, _pool(settings) as pool:
        keeper = RobotsKeeper(settings, client, _now)
        return await PageReader(settings, client, keeper, pool, _now).read(url, settings.host_gap_s)


async def read_page(raw: bytes, url: str, settings: FetcherSettings) -> ArticleText:
    """Return the article on a page that was saved from ``url`` ("" where that is unknown). Raises Unreadable."""
    async with _pool(settings) as pool:
        return await pool.page(raw, "text/html", url, _now())


def _pool(settings: FetcherSettings) -> ReadingPool:
    return ReadingPool(1, settings.reading_timeout_s, settings.reading_memory_bytes)
