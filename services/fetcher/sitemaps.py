"""Read the sitemaps that an index lists, politely, as the one feed that they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from services.fetcher import metrics
from services.fetcher.feed_model import NotAFeed, ParsedFeed
from services.fetcher.http_client import FEED_TYPES, FetchError, HttpClient
from services.fetcher.reading import ReadingPool, Unreadable
from services.fetcher.settings import FetcherSettings
from services.fetcher.sitemap_walk import SitemapWalk


class SitemapReader:
    """Reads the children of sitemap indexes under the same rules as everything else."""

    def __init__(
        self,
        settings: FetcherSettings,
        client: HttpClient,
        pool: ReadingPool,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._client = client
        self._pool = pool
        self._now = now
        self._log = structlog.get_logger("fetcher")

    async def read(self, url: str, index: ParsedFeed, gap_s: float) -> ParsedFeed:
        """Return what the sitemaps of ``index``, found at ``url``, list together.

        A sitemap that cannot be read is left out. Raises FetchError where none could be.
        """
        walk = SitemapWalk(url, index, self._now())
        read, failed = 0, ""
        while (child := walk.next()) is not None:
            try:
                walk.take(await self._one(child, gap_s))
                read += 1
            except (FetchError, NotAFeed, Unreadable) as error:
                failed = str(error)
                self._log.warning("sitemap not read", index=url, sitemap=child, reason=failed)
        if failed and not read:
            raise FetchError("body", f"none of the sitemaps that the index lists can be read; the last: {failed}")
        return walk.result()

    async def _one(self, url: str, gap_s: float) -> ParsedFeed:
        answer = await self._client.get(
            url, accept=FEED_TYPES, timeout_s=self._settings.feed_timeout_s, gap_s=gap_s, purpose="sitemap"
        )
        metrics.BYTES.labels("feed").inc(answer.wire_bytes)
        if answer.status != 200:
            raise FetchError("status", f"the server answers {answer.status}")
        return await self._pool.feed(answer.body, answer.content_type, answer.url, answer.received_at)
