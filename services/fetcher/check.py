"""Look at one feed once and say what was found, for the person who is about to subscribe to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.fetcher.feed_model import FeedItem, NotAFeed, ParsedFeed
from services.fetcher.http_client import FEED_TYPES, Answer, FetchError, HttpClient
from services.fetcher.reading import ReadingPool, Unreadable
from services.fetcher.settings import FetcherSettings
from services.fetcher.subscriptions import valid_feed_url
from services.fetcher.text import from_feed
from services.fetcher.validators import validators_of

LOOKED_AT = 10
"""Newest items whose text is looked at."""


@dataclass(frozen=True, slots=True)
class FeedCheck:
    """What one request told about a feed. ``problem`` is "" where all is well, else what is wrong and what to do."""

    url: str
    """The address after redirects."""
    status: int = 0
    """HTTP status; 0 where there was no answer."""
    problem: str = ""
    kind: str = ""
    """rss, atom, rdf, json, sitemap or sitemap-index."""
    title: str = ""
    language: str = ""
    items: int = 0
    newest_title: str = ""
    newest_at: datetime | None = None
    full_text: bool = False
    """True where the feed carries whole articles; else their pages are read."""
    conditional: bool = False
    """True where the server offers validators, so that an unchanged feed costs next to nothing."""
    mended: bool = False
    """True where the document had to be mended to be read."""
    advice: tuple[str, ...] = ()
    """What its user may want to know."""

    @property
    def ok(self) -> bool:
        return not self.problem


async def check_feed(url: str, settings: FetcherSettings) -> FeedCheck:
    """Make one request for ``url`` and tell what it brings. Never raises for anything the address does."""
    try:
        address = valid_feed_url(url)
    except ValueError as error:
        return FeedCheck(url, problem=str(error))
    pool = ReadingPool(1, settings.reading_timeout_s, settings.reading_memory_bytes)
    async with HttpClient(settings) as client, pool:
        try:
            answer = await client.get(address, accept=FEED_TYPES, timeout_s=settings.feed_timeout_s)
        except FetchError as error:
            return FeedCheck(address, problem=str(error))
        if answer.status != 200:
            return FeedCheck(
                answer.url, answer.status, f"the server answers {answer.status}: check the address in a browser"
            )
        try:
            feed = await pool.feed(answer.body, answer.content_type, answer.url, datetime.now(UTC))
        except (NotAFeed, Unreadable) as error:
            return FeedCheck(answer.url, answer.status, str(error))
    return described(feed, answer, address)


def described(feed: ParsedFeed, answer: Answer, asked: str) -> FeedCheck:
    """Return what a feed that was read tells; ``asked`` is the address that led to the answer."""
    url, conditional = answer.url, bool(validators_of(answer.headers))
    newest = max(feed.items, key=_time, default=None)
    advice = []
    if url != asked:
        advice.append(f"the address redirects to {url}: subscribe to that one")
    if feed.children:
        advice.append(f"it is an index of {len(feed.children)} sitemaps: at each poll those that changed last are read")
    elif not feed.items:
        advice.append("it lists no items at the moment")
    if not conditional:
        advice.append("the server offers no ETag or Last-Modified, so each poll transfers the whole feed")
    if feed.off_site:
        advice.append(f"{feed.off_site} of its entries lead to other sites and are left out")
    if feed.truncated:
        advice.append("the document broke off; its last item was left out")
    return FeedCheck(
        url=url,
        status=200,
        kind=feed.kind,
        title=feed.title,
        language=feed.language,
        items=len(feed.items),
        newest_title=newest.title if newest is not None else "",
        newest_at=(newest.published.at or newest.updated.at) if newest is not None else None,
        full_text=_mostly_full(feed.items[:LOOKED_AT]),
        conditional=conditional,
        mended=feed.read_by not in ("strict", "json"),
        advice=tuple(advice),
    )


def _time(item: FeedItem) -> datetime:
    return item.published.at or item.updated.at or datetime.min.replace(tzinfo=UTC)


def _mostly_full(items: Sequence[FeedItem]) -> bool:
    return bool(items) and 2 * sum(from_feed(item) is not None for item in items) >= len(items)
