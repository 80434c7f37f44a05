"""Reading workers: a document that hurts costs its worker, and the next one is read."""

from __future__ import annotations

import asyncio

import psutil
import pytest

from services.fetcher.feed_model import NotAFeed
from services.fetcher.reading import INLINE_BYTES, ReadingPool, Unreadable
from tests.integration.production_loop import event_loop_policy as event_loop_policy
from tests.unit.fetcher.feed_documents import NOW, URL, item, rss

PAGE = (
    "<html><body><article>" + "<p>The dam broke on Sunday, the mayor said, and many left.</p>" * 20 + "</article>"
).encode()
HEAVY = b"<html><body>" + b"<div><p>word word word, word</p>" * 150_000


async def test_a_page_is_read_in_a_worker_with_its_dates() -> None:
    async with ReadingPool(1, 30.0, 1_500_000_000) as pool:
        text = await pool.page(PAGE + b'<time datetime="2026-11-20T10:00:00Z">', "text/html", URL, NOW)
        assert text.origin == "page"
        assert text.page_dated.at is not None
        assert text.page_dated.at.isoformat() == "2026-11-20T10:00:00+00:00"


async def test_a_document_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    async with ReadingPool(1, 2.0, 1_500_000_000) as pool:
        await pool.page(PAGE, "", URL, NOW)
        (worker,) = (
            each for each in psutil.Process().children() if "services.fetcher.reading_worker" in each.cmdline()
        )
        worker.suspend()  # however fast the machine, this worker takes too long
        with pytest.raises(Unreadable, match="too long"):
            await pool.page(PAGE, "", URL, NOW)
        assert not worker.is_running()
        assert (await pool.page(PAGE, "", URL, NOW)).paragraphs


async def test_a_document_that_takes_too_much_memory_is_given_up_and_the_next_is_read() -> None:
    async with ReadingPool(1, 60.0, 400_000_000) as pool:
        with pytest.raises(Unreadable, match=r"memory|failed|not HTML"):
            await pool.page(b"<html><body>" + b"<p>x" * 2_400_000, "", URL, NOW)
        assert (await pool.page(PAGE, "", URL, NOW)).paragraphs


async def test_a_cancelled_reading_does_not_answer_the_next_question() -> None:
    async with ReadingPool(1, 30.0, 1_500_000_000) as pool:
        await pool.page(PAGE, "", URL, NOW)
        cancelled = asyncio.create_task(pool.page(HEAVY, "", URL, NOW))
        await asyncio.sleep(0.05)
        cancelled.cancel()
        feed = await pool.feed(rss(*(item(n) for n in range(3_000))).encode(), "", URL, NOW)
        assert feed.items_total == 3_000
        with pytest.raises(asyncio.CancelledError):
            await cancelled


async def test_a_large_feed_and_one_to_salvage_are_read_in_a_worker() -> None:
    async with ReadingPool(1, 30.0, 1_500_000_000) as pool:
        large = rss(*(item(n, f"<description>{'words ' * 20}</description>") for n in range(2_500))).encode()
        assert len(large) > INLINE_BYTES
        assert (await pool.feed(large, "", URL, NOW)).items_total == 2_500
        broken = rss(item(1), "<title>Two</title><b><link>https://news.example/2</link>").encode()
        salvaged = await pool.feed(broken, "", URL, NOW)
        assert (salvaged.read_by, [story.title for story in salvaged.items]) == ("salvaged", ["Story 1", "Two"])
        with pytest.raises(NotAFeed, match="neither RSS nor Atom"):
            await pool.feed(b"nothing like a feed", "", URL, NOW)
