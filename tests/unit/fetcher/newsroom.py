"""One feed and its pages as the fetcher sees them, without any network: what is listed, and what is then published."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from services.contracts.dateline.v1.article_pb2 import Article
from services.fetcher.feed_parser import parse_feed
from services.fetcher.pages import Page, PageFailed, PageReader, PageRefused
from services.fetcher.publishing import Publisher, Source
from services.fetcher.settings import FetcherSettings
from services.fetcher.state import FeedRecord, FetcherState
from services.fetcher.subscriptions import Subscription
from services.fetcher.text import from_page
from services.runtime.stage import Emit, Write
from tests.unit.fetcher.feed_documents import NOW, URL

SENTENCES = [
    f"Engineers said that the water behind dam number {n} had risen by {n} metres and that villages would have to wait."
    for n in range(1, 11)
]


def page(title: str, sentences: Sequence[str] = SENTENCES, head: str = "") -> bytes:
    """An article's page."""
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return f"<html><head>{head}</head><body><article><h1>{title}</h1>{body}</article></body></html>".encode()


@dataclass
class Desk:
    """Polls of one feed, an hour apart. ``pages`` are answers by address: a page, or a status."""

    pages: dict[str, bytes | int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    published: list[Article] = field(default_factory=list)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.state = FetcherState()
        self._publisher = Publisher(FetcherSettings(), self.state, cast("PageReader", self), self._commit, self._room)
        self._before = FeedRecord(URL, self.now)

    def listed(self, document: str) -> list[Article]:
        """Poll a listing and return what is published because of it."""
        self.now += timedelta(hours=1)
        before = len(self.published)
        feed = parse_feed(document.encode(), "", URL, self.now)
        asyncio.run(self._publisher.take_up(Source(Subscription(URL), self._before, feed, 0.0, self.now)))
        self._before = FeedRecord(URL, self.now, polls=1)
        return self.published[before:]

    async def read(self, url: str, gap_s: float) -> Page:
        """What PageReader.read does, from ``pages``."""
        self.asked.append(url)
        answer = self.pages.get(url, 404)
        if answer in (401, 403, 410):
            raise PageRefused("refused", cast("int", answer))
        if isinstance(answer, int):
            raise PageFailed("failed", answer)
        return Page(url, from_page(answer, "text/html; charset=utf-8", url, self.now), self.now)

    async def _commit(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        for write in writes:
            self.state.apply(write)
        self.published += [cast("Article", emit.value) for emit in emits]

    async def _room(self) -> None:
        pass


def full(
    number: int,
    *,
    guid: str = "",
    link: str = "",
    title: str = "",
    sentences: Sequence[str] = SENTENCES,
    hours: int = 0,
) -> str:
    """The inner XML of an item with its whole text; ``hours`` is its age."""
    text = "".join(f"&lt;p&gt;{sentence}&lt;/p&gt;" for sentence in (f"Report {number}.", *sentences) if sentences)
    return (
        f"<title>{title or f'Story {number}'}</title><link>{link or f'https://news.example/{number}'}</link>"
        f"<guid isPermaLink='false'>{guid or f'guid-{number}'}</guid>"
        f"<pubDate>{NOW - timedelta(hours=number):%a, %d %b %Y %H:%M:%S +0000}</pubDate>"
        f"<content:encoded>{text}</content:encoded>"
    )


CONTENT = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
