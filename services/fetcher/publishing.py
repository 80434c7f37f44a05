"""From what a feed lists to what is published: which items are new or changed, their text, one commit an article.

The order of commits is what makes a kill harmless: each article is stored together with the memory of having published
it, so what was published already is recognised when the feed is listed again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from services.contracts.ids import lineage_id
from services.fetcher import metrics
from services.fetcher.articles import Reading, emit_article, make_article, text_hash
from services.fetcher.completeness import word_count
from services.fetcher.feed_model import FeedItem, ParsedFeed
from services.fetcher.identity import Identity, identify, recognise
from services.fetcher.pages import PageFailed, PageReader, PageRefused
from services.fetcher.revisions import listing_signature
from services.fetcher.settings import FetcherSettings
from services.fetcher.state import FeedRecord, FetcherState, ItemRecord, feed_key, hashed, item_write
from services.fetcher.subscriptions import Subscription
from services.fetcher.text import ArticleText, from_feed, teaser
from services.fetcher.web_address import source_domain
from services.runtime.outbound_rules import OutboundError
from services.runtime.stage import Emit, Write

Commit = Callable[[Sequence[Emit], Sequence[Write]], Awaitable[None]]
"""Publish and store together, then take the writes up into the state."""

MAX_KEYS: Final = 6


@dataclass(frozen=True, slots=True)
class _Task:
    """An article to look at."""

    item: FeedItem
    keys: tuple[str, ...]
    lineage: str
    known: ItemRecord | None


class Publisher:
    """Takes up listings. Holds no state of its own: what it learns goes through ``commit`` into ``state``."""

    def __init__(
        self,
        settings: FetcherSettings,
        state: FetcherState,
        pages: PageReader,
        commit: Commit,
        room: Callable[[], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._state = state
        self._pages = pages
        self._commit = commit
        self._room = room
        self._now = now
        self._in_hand: set[str] = set()
        self._log = structlog.get_logger("fetcher")

    async def take_up(
        self, subscription: Subscription, before: FeedRecord, feed: ParsedFeed | None, gap_s: float
    ) -> tuple[list[str], list[Write]]:
        """Publish what is new or changed, oldest first, and what is still owed.

        Returns the articles' ids, and the removals of what need not be remembered any more.
        """
        key = feed_key(subscription.url)
        tasks: list[_Task] = []
        forgotten: list[Write] = []
        if feed is not None:
            tasks, writes, listed = self._sort_out(key, before, feed)
            if writes:
                await self._commit((), writes)
            forgotten = self._state.forgettable(key, listed, self._settings.seen_items, self._now())
        fresh = {task.lineage for task in tasks}
        owed = [
            _Task(r.pending, (), r.lineage, r) for r in self._state.pending(key) if r.pending and r.lineage not in fresh
        ]
        published = []
        for task in sorted([*owed, *tasks], key=lambda task: _published_at(task.item, self._now())):
            await self._room()
            article = await self._publish(subscription, before, feed, task, key, gap_s)
            if article:
                published.append(article)
        return published, forgotten

    def _sort_out(self, key: str, before: FeedRecord, feed: ParsedFeed) -> tuple[list[_Task], list[Write], set[str]]:
        tasks: dict[str, _Task] = {}
        writes: list[Write] = []
        listed: set[str] = set()
        now = self._now()
        for item, identity in zip(feed.items, identify(feed.items, key), strict=True):
            lineage = recognise(identity, self._state.lineage_of) or _new_lineage(item, identity, feed, before.url)
            if lineage in listed:
                continue
            listed.add(lineage)
            known = self._state.item(lineage)
            signature = listing_signature(item)
            if known is not None and known.signatures.get(key) == signature:
                continue
            if known is not None and key not in known.signatures:
                # Another feed of the publisher announced it before; this one only has to remember what it says itself.
                writes.append(item_write(replace(known, signatures={**known.signatures, key: signature}, seen_at=now)))
                continue
            tasks[lineage] = _Task(item, tuple(map(hashed, identity.keys)), lineage, known)
        # Feeds list the newest first: reversed, items of the same second keep the order they were published in.
        oldest_first = list(reversed(tasks.values()))
        ordered = sorted(oldest_first, key=lambda task: _published_at(task.item, now))
        if before.polls == 0 and len(ordered) > self._settings.first_poll_items:
            skipped = ordered[: -self._settings.first_poll_items]
            ordered = ordered[len(skipped) :]
            writes += [item_write(self._remembered(task, key, now)) for task in skipped]
            self._log.info("old items skipped", feed=before.url, items=len(skipped), reason="first poll of this feed")
        return ordered, writes, listed

    @staticmethod
    def _remembered(task: _Task, key: str, now: datetime) -> ItemRecord:
        """The record of an item whose current listing has been dealt with."""
        known = task.known or ItemRecord(task.lineage, (), now)
        keys = tuple(dict.fromkeys((*known.keys, *task.keys)))
        return replace(
            known,
            keys=keys if len(keys) <= MAX_KEYS else (*keys[:2], *keys[-(MAX_KEYS - 2) :]),
            seen_at=now,
            signatures={**known.signatures, key: listing_signature(task.item)},
            tries=0,
            pending=None,
            pending_feed="",
        )

    async def _publish(
        self,
        subscription: Subscription,
        before: FeedRecord,
        feed: ParsedFeed | None,
        task: _Task,
        key: str,
        gap_s: float,
    ) -> str:
        """Read one article and publish it if it says something new; return its id, "" if there was nothing to say."""
        if task.lineage in self._in_hand:
            return ""  # another feed of the publisher announced it in this very moment
        self._in_hand.add(task.lineage)
        try:
            current = self._state.item(task.lineage)
            if current is not None and task.known is None:
                await self._commit((), [item_write(self._remembered(replace(task, known=current), key, self._now()))])
                return ""
            return await self._publish_in_hand(subscription, before, feed, replace(task, known=current), key, gap_s)
        finally:
            self._in_hand.discard(task.lineage)

    async def _publish_in_hand(
        self,
        subscription: Subscription,
        before: FeedRecord,
        feed: ParsedFeed | None,
        task: _Task,
        key: str,
        gap_s: float,
    ) -> str:
        now = self._now()
        record = self._remembered(task, key, now)
        try:
            text, url = await self._text(task.item, subscription, gap_s)
        except PageFailed as error:
            tries = 1 + (task.known.tries if task.known is not None and task.known.pending is not None else 0)
            if tries < self._settings.page_tries:
                await self._commit((), [item_write(replace(record, tries=tries, pending=task.item, pending_feed=key))])
                self._log.warning(
                    "page not read", url=task.item.link, tries=tries, reason=str(error), then="tried again"
                )
                return ""
            self._log.warning("page not read", url=task.item.link, tries=tries, reason=str(error), then="summary only")
            text, url = teaser(task.item), task.item.link or subscription.url
        new_hash = text_hash(task.item, text)
        worse = record.revision > 0 and record.completeness == "full" and text.completeness != "full"
        if worse or new_hash == record.content_hash:
            await self._commit((), [item_write(record)])
            return ""
        reading = Reading(
            subscription=subscription,
            feed_title=feed.title if feed is not None else before.title,
            feed_language=feed.language if feed is not None else "",
            item=task.item,
            text=text,
            url=url,
            lineage=task.lineage,
            revision=record.revision + 1,
            supersedes=record.article_id,
            seen_at=now,
        )
        article = make_article(reading)
        published = replace(
            record,
            revision=article.revision,
            article_id=article.id,
            content_hash=new_hash,
            completeness=text.completeness,
        )
        await self._commit([emit_article(article, now)], [item_write(published)])
        metrics.ARTICLES.labels(text.origin, text.completeness).inc()
        if article.revision > 1:
            metrics.REVISIONS.inc()
        return article.id

    async def _text(self, item: FeedItem, subscription: Subscription, gap_s: float) -> tuple[ArticleText, str]:
        """Return the best text of an item and where it was read. Raises PageFailed where trying again may help."""
        own_url = item.link or subscription.url
        text = from_feed(item)
        if text is not None or not item.link:
            return text or teaser(item), own_url
        try:
            page = await self._pages.read(item.link, gap_s)
        except PageRefused as error:
            self._log.info("page refused", url=item.link, reason=str(error), then="summary only")
            return teaser(item), own_url
        except OutboundError as error:
            self._log.info("page refused", url=item.link, reason=str(error), then="summary only")
            return teaser(item), own_url
        if page.text.completeness == "full":
            return page.text, page.url
        # What stands in the article's way is never taken for the article; the summary tells more.
        short = teaser(item, page.text.completeness)
        wordier = word_count(page.text.paragraphs) > word_count(short.paragraphs)
        return (page.text, page.url) if wordier and page.text.completeness != "consent-page" else (short, own_url)


def _new_lineage(item: FeedItem, identity: Identity, feed: ParsedFeed, feed_url: str) -> str:
    return lineage_id(source_domain(item.link or feed.home or feed_url), identity.primary)


def _published_at(item: FeedItem, now: datetime) -> datetime:
    return item.published.at or item.updated.at or now
