"""Which sitemaps of an index are read, in which order, and when to stop. Pure.

An index may list fifty thousand sitemaps, or itself; a news site's newest pages stand in the one or two that changed
last. So the newest are read first, each once, a few per poll, and an index within an index no deeper than that.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.fetcher.feed_item import newest
from services.fetcher.feed_model import ChildSitemap, FeedItem, ParsedFeed

MAX_READ: Final = 10
"""Sitemaps read for one poll of an index."""
MAX_DEPTH: Final = 2
"""How deep indexes may stand within each other; sitemaps.org allows none at all."""
UNCHANGED: Final = timedelta(days=7)
"""A sitemap that says it has not changed for this long has no news (Google: news stay in theirs for two days)."""


class SitemapWalk:
    """One walk from an index. Ask ``next``, read that address, and ``take`` what it holds, until ``next`` has none."""

    def __init__(self, url: str, index: ParsedFeed, now: datetime) -> None:
        self._index = index
        self._now = now
        self._visited = {url}
        self._waiting: list[tuple[ChildSitemap, int]] = []
        self._items: list[FeedItem] = []
        self._read = 0
        self._off_site = index.off_site
        self._title, self._language = "", ""
        self._enqueue(index, 1)

    def next(self) -> str | None:
        """Return the address to read next, None at the end."""
        if self._read >= MAX_READ or not self._waiting:
            return None
        child, self._depth = self._waiting.pop(0)
        self._read += 1
        return child.url

    def take(self, feed: ParsedFeed) -> None:
        """Take up what stands at the address that ``next`` returned last."""
        self._off_site += feed.off_site
        if feed.kind == "sitemap-index":
            if self._depth < MAX_DEPTH:
                self._enqueue(feed, self._depth + 1)
            return
        self._items += feed.items
        self._title, self._language = self._title or feed.title, self._language or feed.language

    def result(self) -> ParsedFeed:
        """Return all that was read as one feed."""
        return replace(
            self._index,
            title=self._title,
            language=self._language,
            items=newest(self._items),
            items_total=len(self._items),
            children=(),
            composed=True,
            off_site=self._off_site,
        )

    def _enqueue(self, index: ParsedFeed, depth: int) -> None:
        for child in index.children:
            old = child.changed.at is not None and self._now - child.changed.at > UNCHANGED
            if child.url not in self._visited and not old:
                self._visited.add(child.url)
                self._waiting.append((child, depth))
        # Without a date it may have changed just now. Sorting is stable: among equals the publisher's order counts.
        self._waiting.sort(key=lambda waiting: -(waiting[0].changed.at or self._now).timestamp())
