"""From what a feed lists to published articles: read each one's text, publish what says something new, remember it.

Each article is stored together with the memory of having published it, so a kill between two of them loses nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from services.fetcher import metrics, withdrawals
from services.fetcher.articles import Reading, emit_article, make_article, make_withdrawal, text_hash
from services.fetcher.completeness import word_count
from services.fetcher.feed_model import FeedItem, ParsedFeed
from services.fetcher.identity import link_name
from services.fetcher.listing import MAX_KEYS, Sorted, Task, published_at, remembered, sort_out
from services.fetcher.pages import PageFailed, PageReader, PageRefused
from services.fetcher.revisions import diff_hash, headline
from services.fetcher.settings import FetcherSettings
from services.fetcher.state import FeedRecord, FetcherState, ItemRecord, feed_key, hashed, item_write
from services.fetcher.subscriptions import Subscription
from services.fetcher.text import ArticleText, from_feed, teaser
from services.runtime.outbound_rules import OutboundError
from services.runtime.stage import Emit, Write

Commit = Callable[[Sequence[Emit], Sequence[Write]], Awaitable[None]]
"""Publish and store together, then take the writes up into the state."""

GONE_STATUS: Final = 410


@dataclass(frozen=True, slots=True)
class Source:
    """The feed whose items are published: what was known of it, and what it lists now (None: nothing new)."""

    subscription: Subscription
    before: FeedRecord
    feed: ParsedFeed | None
    gap_s: float
    """Least seconds between two requests to one domain."""
    heard_at: datetime
    """When the feed answered. Messages carry the times of answers and never that of the work on them: who reads the
    same answers again gets the same messages."""

    @property
    def key(self) -> str:
        return feed_key(self.subscription.url)


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What became of a listing."""

    published: tuple[str, ...]
    """Ids of the articles that were published."""
    listing: Sorted
    forgotten: tuple[Write, ...]
    """Removals of what need not be remembered any more."""


class Publisher:
    """Publishes articles. Holds only what is in hand at this moment."""

    def __init__(
        self,
        settings: FetcherSettings,
        state: FetcherState,
        pages: PageReader,
        commit: Commit,
        room: Callable[[], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._state = state
        self._pages = pages
        self._commit = commit
        self._room = room
        self._in_hand: set[str] = set()
        self._log = structlog.get_logger("fetcher")

    async def take_up(self, source: Source) -> TakenUp:
        """Publish what is new or changed, oldest first, and what is still owed."""
        key = source.key
        listing = Sorted()
        forgotten: list[Write] = []
        if source.feed is not None:
            first = self._settings.first_poll_items if source.before.polls == 0 else None
            listing = sort_out(self._state, key, source.feed, source.before.url, source.heard_at, first)
            if listing.skipped:
                self._log.info(
                    "old items skipped", feed=source.before.url, items=listing.skipped, reason="first poll of this feed"
                )
            if listing.writes:
                await self._commit((), listing.writes)
        fresh = {task.lineage for task in listing.tasks}
        owed = [
            Task(r.pending, (), r.lineage, r) for r in self._state.pending(key) if r.pending and r.lineage not in fresh
        ]
        published = []
        for task in sorted([*owed, *listing.tasks], key=lambda task: published_at(task.item, source.heard_at)):
            await self._room()
            article = await self._publish(source, task)
            if article:
                published.append(article)
        if source.feed is not None:
            await self._withdraw_missing(source, source.feed, listing.listed)
            forgotten = self._state.forgettable(key, listing.listed, self._settings.seen_items, source.heard_at)
        return TakenUp(tuple(published), listing, tuple(forgotten))

    async def _publish(self, source: Source, task: Task) -> str:
        """Read one article and publish it if it says something new; return its id, "" if there was nothing to say."""
        if task.lineage in self._in_hand:
            return ""  # another feed of the publisher announced it in this very moment
        self._in_hand.add(task.lineage)
        try:
            current = self._state.item(task.lineage)
            if current is not None and task.known is None:
                known = remembered(replace(task, known=current), source.key, source.heard_at)
                await self._commit((), [item_write(known)])
                return ""
            return await self._publish_in_hand(source, replace(task, known=current))
        finally:
            self._in_hand.discard(task.lineage)

    async def _publish_in_hand(self, source: Source, task: Task) -> str:
        now = source.heard_at
        record = remembered(task, source.key, now)
        try:
            text, url, seen_at = await self._text(task.item, source)
        except PageFailed as error:
            if error.status == GONE_STATUS and record.stands:
                await self._withdraw(source, record, withdrawals.GONE)
                return ""
            tries = 1 + (task.known.tries if task.known is not None and task.known.pending is not None else 0)
            if tries < self._settings.page_tries:
                owed = replace(record, tries=tries, pending=task.item, pending_feed=source.key)
                await self._commit((), [item_write(owed)])
                self._log.warning(
                    "page not read", url=task.item.link, tries=tries, reason=str(error), then="tried again"
                )
                return ""
            self._log.warning("page not read", url=task.item.link, tries=tries, reason=str(error), then="summary only")
            text, url, seen_at = teaser(task.item), task.item.link or source.subscription.url, now
        twin = self._twin(task, text)
        if twin is not None:  # one story under two addresses
            keys = tuple(dict.fromkeys((*twin.keys, *task.keys)))[:MAX_KEYS]
            signatures = {**twin.signatures, **record.signatures}
            await self._commit((), [item_write(replace(twin, keys=keys, signatures=signatures, seen_at=now))])
            return ""
        new_hash = text_hash(task.item, text)
        worse = record.revision > 0 and record.completeness == "full" and text.completeness != "full"
        if worse or new_hash == record.content_hash:
            await self._commit((), [item_write(record)])
            return ""
        reading = Reading(
            subscription=source.subscription,
            feed_title=source.feed.title if source.feed is not None else source.before.title,
            feed_language=source.feed.language if source.feed is not None else "",
            item=task.item,
            text=text,
            url=url,
            lineage=task.lineage,
            revision=record.revision + 1,
            supersedes=record.article_id,
            seen_at=seen_at,
            language=record.language,
            diff=diff_hash(record.content_hash, new_hash) if record.revision else "",
        )
        article = make_article(reading)
        canonical = hashed(link_name(text.canonical_url)) if link_name(text.canonical_url) else ""
        published = replace(
            record,
            revision=article.revision,
            article_id=article.id,
            content_hash=new_hash,
            completeness=text.completeness,
            keys=record.keys if not canonical or canonical in record.keys else (*record.keys, canonical)[:MAX_KEYS],
            url=task.item.link and url,
            language=article.language,
            dated_at=task.item.published.at or task.item.updated.at,
            headline=headline(article.title),
            looks=0,
            withdrawn=False,
        )
        await self._commit([emit_article(article, seen_at)], [item_write(published)])
        metrics.ARTICLES.labels(text.origin, text.completeness).inc()
        if article.revision > 1:
            metrics.REVISIONS.inc()
        return article.id

    async def _text(self, item: FeedItem, source: Source) -> tuple[ArticleText, str, datetime]:
        """Return the best text of an item, where it was read and when. Raises PageFailed where another try may help."""
        own_url = item.link or source.subscription.url
        text = from_feed(item)
        if text is not None or not item.link:
            return text or teaser(item), own_url, source.heard_at
        try:
            page = await self._pages.read(item.link, source.gap_s)
        except (PageRefused, OutboundError) as error:
            if isinstance(error, PageRefused) and error.status == GONE_STATUS:
                raise PageFailed(str(error), GONE_STATUS) from error
            self._log.info("page refused", url=item.link, reason=str(error), then="summary only")
            return teaser(item), own_url, source.heard_at
        if page.text.completeness == "full":
            return page.text, page.url, page.seen_at
        # What stands in the article's way is never taken for the article; the summary tells more.
        short = teaser(item, page.text.completeness)
        wordier = word_count(page.text.paragraphs) > word_count(short.paragraphs)
        if wordier and page.text.completeness != "consent-page":
            return page.text, page.url, page.seen_at
        return short, own_url, page.seen_at

    def _twin(self, task: Task, text: ArticleText) -> ItemRecord | None:
        """The article that has this one's canonical address and headline under another name; None for most."""
        name = link_name(text.canonical_url)
        other = self._state.lineage_of(name) if name else None
        if other is None or other == task.lineage or (task.known is not None and task.known.revision):
            return None
        record = self._state.item(other)
        # Some sites give all their pages one canonical address: the headline has to be the same as well.
        same = record is not None and record.stands and record.headline == headline(task.item.title or text.title)
        return record if same else None

    async def _withdraw_missing(self, source: Source, feed: ParsedFeed, listed: Collection[str]) -> None:
        for record in withdrawals.deleted_by(feed, source.key, self._state, listed):
            await self._withdraw(source, record, withdrawals.DELETED)
        for record in withdrawals.missing_from(feed, source.key, self._state, listed):
            why, looks = withdrawals.judged(record, await self._status(record, source.gap_s))
            if record.lineage in self._in_hand or self._state.item(record.lineage) != record:
                continue  # another feed told of it meanwhile
            if why:
                await self._withdraw(source, record, why)
            else:
                await self._commit((), [item_write(replace(record, looks=looks))])

    async def _status(self, record: ItemRecord, gap_s: float) -> int:
        """What the page of an article answers; 0 where there was no answer or it has no page."""
        if not record.url:
            return 0
        try:
            await self._pages.read(record.url, gap_s)
        except (PageRefused, PageFailed) as error:
            return error.status
        except OutboundError:
            return 0
        return 200

    async def _withdraw(self, source: Source, record: ItemRecord, why: str) -> None:
        now = source.heard_at
        article = make_withdrawal(record, source.subscription, why, now)
        # Without a signature it is published again should it ever be listed again.
        after = replace(
            record,
            revision=article.revision,
            article_id=article.id,
            content_hash="",
            completeness="",
            signatures={**record.signatures, source.key: ""} if why == withdrawals.DELETED else record.signatures,
            seen_at=now,
            looks=0,
            withdrawn=True,
        )
        await self._commit([emit_article(article, now)], [item_write(after)])
        metrics.WITHDRAWN.labels(why).inc()
        self._log.info("article withdrawn", url=article.url, article=article.id, reason=why)
