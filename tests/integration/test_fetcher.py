"""The whole fetcher against a web site on this machine: what is published, what is asked for, what a kill leaves."""

from __future__ import annotations

import asyncio
import gzip
import random
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from services.contracts.dateline.v1.article_pb2 import Article
from services.fetcher.check import check_feed
from services.fetcher.opml import OpmlError
from services.fetcher.service import Fetcher
from services.fetcher.settings import FetcherSettings
from services.fetcher.subscriptions import Subscription
from services.runtime.stage import Emit, Outbox, Unavailable, Write
from tests.integration.fetcher_site import Reply, Request, Site, running_site

SENTENCES = [
    f"Engineers said that the water behind dam number {n} had risen by {n} metres and that villages would have to wait."
    for n in range(1, 11)
]


class NoInternet(AbstractResolver):
    """A name server that knows no names, so that links in captured feeds lead nowhere."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        raise OSError(f"{host} is not looked up in tests")

    async def close(self) -> None:
        pass


class Memory(Outbox):
    """An outbox in memory. ``crash_at`` makes the n-th commit of articles fail as a killed process would."""

    def __init__(self) -> None:
        self.table: dict[str, bytes] = {}
        self.articles: list[Article] = []
        self.commits = 0
        self.crash_at: int | None = None
        self.away = 0
        self.full = False
        self.changed = asyncio.Event()
        self.loop = asyncio.get_event_loop()

    def load(self) -> dict[str, bytes]:
        return dict(self.table)

    def commit(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        if self.away:
            self.away -= 1
            raise Unavailable("restarting")
        self.commits += 1
        if self.crash_at is not None and self.commits >= self.crash_at:
            self.loop.call_soon_threadsafe(self.changed.set)
            raise SystemError("killed")
        for write in writes:
            if write.value is None:
                self.table.pop(write.key, None)
            else:
                self.table[write.key] = write.value
        for emit in emits:
            assert isinstance(emit.value, Article)
            assert (emit.id, emit.key) == (emit.value.id, emit.value.language)
            self.articles.append(emit.value)
        self.loop.call_soon_threadsafe(self.changed.set)

    def congested(self) -> bool:
        return self.full

    async def until(self, condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():
                self.changed.clear()
                with suppress(TimeoutError):  # the fetcher takes a commit up a moment after it is stored
                    await asyncio.wait_for(self.changed.wait(), 0.05)

    def polled(self, count: int = 1) -> bool:
        """Whether that many feeds have a record, which is what ends a first poll."""
        return sum(key.startswith("feed:") for key in self.table) >= count

    def titles(self) -> list[str]:
        return [article.title for article in self.articles]


def settings(site: Site, **changes: Any) -> FetcherSettings:
    base: dict[str, Any] = {
        "allow_hosts": (f"127.0.0.1:{site.port}",),
        "min_interval_s": 0.05,
        "max_interval_s": 0.1,
        "host_gap_s": 0.0,
        "feed_list_s": 0.05,
    }
    return FetcherSettings(**{**base, **changes})


@asynccontextmanager
async def running(site: Site, outbox: Memory, *paths: str, **changes: Any) -> AsyncIterator[Fetcher]:
    feeds = [Subscription(path if "://" in path else site.url(path)) for path in paths]
    fetcher = Fetcher(settings(site, **changes), outbox, lambda: feeds, dice=random.Random(1), resolver=NoInternet())
    stop = asyncio.Event()
    task = asyncio.create_task(fetcher.run(stop))
    try:
        yield fetcher
    finally:
        stop.set()
        await task


def full_item(
    site: Site, number: int, sentences: Sequence[str] = SENTENCES, minutes_ago: int = 10, extra: str = ""
) -> str:
    date = format_datetime(datetime.now(UTC) - timedelta(minutes=minutes_ago), usegmt=True)
    text = "".join(f"&lt;p&gt;{sentence}&lt;/p&gt;" for sentence in sentences)
    return (
        f"<item><title>Story {number}</title><link>{site.url(f'/story/{number}')}</link><guid>g{number}</guid>"
        f"<pubDate>{date}</pubDate><content:encoded>{text}</content:encoded>{extra}</item>"
    )


def page_item(site: Site, number: int, summary: str = "Short.") -> str:
    return (
        f"<item><title>Story {number}</title><link>{site.url(f'/story/{number}')}</link><guid>g{number}</guid>"
        f"<description>{summary}</description></item>"
    )


def rss(*items: str) -> str:
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News</title>'
        + "".join(items)
        + "</channel></rss>"
    )


def story_page(sentences: Sequence[str] = SENTENCES) -> str:
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    article = f"<article><h1>Story</h1>{paragraphs}</article>"
    return f"<html lang=en><head><title>Story</title></head><body>{article}</body></html>"


async def test_articles_are_published_once_oldest_first_and_polls_are_conditional() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(*(full_item(site, n, minutes_ago=n * 5) for n in (1, 2, 3))))
        outbox = Memory()
        async with running(site, outbox, "/feed"):
            await site.until(lambda: len(site.paths("/feed")) >= 4)
        assert outbox.titles() == ["Story 3", "Story 2", "Story 1"]
        asked = [r.headers.get("if-none-match") for r in site.requests if r.path == "/feed"]
        assert asked[0] is None
        assert len(set(asked[1:])) == 1
        assert None not in asked[1:]
        article = outbox.articles[0]
        assert (article.text_origin, article.completeness, article.revision) == ("feed", "full", 1)
        assert article.text == "\n".join(article.paragraphs)
        assert article.source.domain == "site.localhost"


async def test_a_restart_neither_polls_early_nor_fetches_pages_again() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(page_item(site, 1)))
        site.page("/story/1", story_page())
        outbox = Memory()
        async with running(site, outbox, "/feed", min_interval_s=3600, max_interval_s=7200):
            await outbox.until(outbox.polled)
        before = len(site.requests)
        assert site.paths() == ["/feed", "/story/1"]
        site.feed("/other", rss(full_item(site, 9)))
        async with running(site, outbox, "/feed", "/other", min_interval_s=3600, max_interval_s=7200):
            await outbox.until(lambda: outbox.polled(2))
        assert [r.path for r in site.requests[before:]] == ["/other"]
        # With its schedule run out the feed is asked again, but the page is not.
        outbox.table = {
            k: v.replace(b'"etag":"', b'"etag":"x') for k, v in outbox.table.items() if k.startswith("item:")
        }
        async with running(site, outbox, "/feed"):
            await outbox.until(outbox.polled)
        assert site.paths("/story/1") == ["/story/1"]
        assert outbox.titles() == ["Story 1", "Story 9"]


async def test_a_change_of_words_is_a_revision_and_a_cosmetic_one_is_none() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(full_item(site, 1)))
        outbox = Memory()
        async with running(site, outbox, "/feed"):
            await outbox.until(lambda: len(outbox.articles) == 1)
            site.feed("/feed", rss(full_item(site, 1, [*SENTENCES, "37 comments"], extra="<x/>")))
            seen = len(site.paths("/feed"))
            await site.until(lambda: len(site.paths("/feed")) >= seen + 3)
            assert len(outbox.articles) == 1
            site.feed("/feed", rss(full_item(site, 1, [*SENTENCES, "Two people died, the mayor said."])))
            await outbox.until(lambda: len(outbox.articles) == 2)
        first, second = outbox.articles
        assert (second.revision, second.supersedes, second.lineage_id) == (2, first.id, first.lineage_id)
        assert second.id != first.id
        assert "Two people died" in second.text


async def test_a_page_is_read_again_when_the_feed_says_that_the_item_changed() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(page_item(site, 1)))
        site.page("/story/1", story_page())
        outbox = Memory()
        async with running(site, outbox, "/feed"):
            await outbox.until(lambda: len(outbox.articles) == 1)
            site.page("/story/1", story_page([*SENTENCES, "Correction: nobody died."]))
            site.feed("/feed", rss(page_item(site, 1, "Corrected.")))
            await outbox.until(lambda: len(outbox.articles) == 2)
        assert (outbox.articles[1].text_origin, outbox.articles[1].revision) == ("page", 2)


async def test_a_429_quiets_every_host_of_the_domain() -> None:
    async with running_site() as site:
        site.answers["/limited"] = Reply(status=429, headers={"Retry-After": "3600"})
        site.feed("/elsewhere", rss(full_item(site, 1)))
        site.feed("/sibling", rss(full_item(site, 2)))
        limited = site.url("/limited", "a.provider.localhost")
        outbox = Memory()
        async with running(site, outbox, limited) as fetcher:
            await outbox.until(lambda: fetcher.feed_record(limited) is not None)
            record = fetcher.feed_record(limited)
            assert record is not None
            assert record.next_at > datetime.now(UTC) + timedelta(minutes=50)
            assert record.last_error.startswith("the server answers 429")
        # The pause outlives the process, and another site is not affected.
        same_host = site.url("/sibling", "a.provider.localhost")
        async with running(site, outbox, same_host, site.url("/elsewhere", "other.localhost")):
            await outbox.until(lambda: "Story 1" in outbox.titles())
            seen = len(site.paths("/elsewhere"))
            await site.until(lambda: len(site.paths("/elsewhere")) >= seen + 3)
        assert site.paths("/sibling") == []
        assert len(site.paths("/limited")) == 1


@pytest.mark.parametrize("crash_at", range(1, 6))
async def test_a_kill_at_any_commit_neither_loses_nor_doubles_an_article(crash_at: int) -> None:
    async with running_site() as site:
        site.feed("/feed", rss(*(full_item(site, n) for n in range(4))))
        outbox = Memory()
        outbox.crash_at = crash_at
        async with running(site, outbox, "/feed", min_interval_s=3600, max_interval_s=7200):
            await outbox.until(lambda: outbox.commits >= crash_at)
        outbox.crash_at = None
        async with running(site, outbox, "/feed"):
            await outbox.until(outbox.polled)
        assert sorted(outbox.titles()) == [f"Story {n}" for n in range(4)]
        assert len({article.id for article in outbox.articles}) == 4


async def test_while_the_log_is_away_nothing_is_lost() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(full_item(site, 1)))
        outbox = Memory()
        outbox.away = 2
        async with running(site, outbox, "/feed"):
            await outbox.until(outbox.polled)
        assert outbox.titles() == ["Story 1"]


async def test_while_readers_are_behind_nothing_is_asked_for() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(full_item(site, 1)))
        outbox = Memory()
        outbox.full = True
        async with running(site, outbox, "/feed"):
            await asyncio.sleep(0.3)  # long enough for several polls
            assert site.requests == []
            outbox.full = False
            await outbox.until(outbox.polled)
        assert outbox.titles() == ["Story 1"]


async def test_a_page_that_fails_is_tried_again_and_then_replaced_by_the_summary() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(page_item(site, 1, "The dam broke on Sunday.")))
        site.answers["/story/1"] = Reply(b"oops", 500)
        outbox = Memory()
        async with running(site, outbox, "/feed", page_tries=3):
            await outbox.until(lambda: len(outbox.articles) == 1)
        assert len(site.paths("/story/1")) == 3
        assert (outbox.articles[0].completeness, outbox.articles[0].text) == ("teaser", "The dam broke on Sunday.")


async def test_a_page_that_recovers_is_read_although_the_feed_answers_304() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(page_item(site, 1)))
        answers = [Reply(b"oops", 500), Reply(story_page().encode(), headers={"Content-Type": "text/html"})]
        site.answers["/story/1"] = lambda _: answers.pop(0) if len(answers) > 1 else answers[0]
        outbox = Memory()
        async with running(site, outbox, "/feed"):
            await outbox.until(lambda: len(outbox.articles) == 1)
        assert (outbox.articles[0].completeness, outbox.articles[0].text_origin) == ("full", "page")


async def test_robots_txt_is_obeyed_for_pages_and_the_summary_published() -> None:
    async with running_site() as site:
        site.answers["/robots.txt"] = Reply(b"User-agent: dateline\nDisallow: /story/")
        site.feed("/feed", rss(page_item(site, 1), page_item(site, 2)))
        outbox = Memory()
        async with running(site, outbox, "/feed"):
            await outbox.until(outbox.polled)
        assert {article.completeness for article in outbox.articles} == {"teaser"}
        assert site.paths("/story/1") == []
        assert [r.path for r in site.requests].count("/robots.txt") == 1


async def test_a_link_into_the_private_network_is_never_followed() -> None:
    async with running_site() as site, running_site() as canary:
        hosts = ["site.localhost", "127.0.0.1", "0x7f.1", "[::ffff:7f00:1]"]
        links = [f"http://{host}:{canary.port}/" for host in hosts]
        items = "".join(f"<item><title>T{n}</title><link>{link}x{n}</link></item>" for n, link in enumerate(links))
        site.feed("/feed", rss(items))
        outbox = Memory()
        async with running(site, outbox, "/feed"):
            await outbox.until(outbox.polled)
        assert canary.requests == []
        assert sorted(outbox.titles()) == ["T0", "T1", "T2", "T3"]


async def test_hostile_12_page_instead_of_feed_keeps_the_validators_and_loses_nothing() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(full_item(site, 1)))
        outbox = Memory()
        async with running(site, outbox, "/feed") as fetcher:
            await outbox.until(lambda: fetcher.feed_record(site.url("/feed")) is not None)
            good = fetcher.feed_record(site.url("/feed"))
            site.page("/feed", "<html><title>Just a moment...</title></html>")
            seen = len(site.paths("/feed"))
            await site.until(lambda: len(site.paths("/feed")) >= seen + 2)
            bad = fetcher.feed_record(site.url("/feed"))
            assert good is not None
            assert bad is not None
            assert bad.validators == good.validators
            assert "checks for a browser" in bad.last_error
            site.feed("/feed", rss(full_item(site, 2), full_item(site, 1)))
            await outbox.until(lambda: len(outbox.articles) == 2)
        assert outbox.titles() == ["Story 1", "Story 2"]


@pytest.mark.parametrize(
    "empty",
    [Reply(), Reply(b"  \n"), Reply(status=204), Reply(b"<rss><channel><title>News</title></channel></rss>")],
    ids=["empty", "blank", "204", "no-items"],
)
async def test_hostile_14_empty_documents_delete_nothing(empty: Reply) -> None:
    async with running_site() as site:
        items = [full_item(site, number, minutes_ago=10 * number) for number in range(1, 5)]
        site.feed("/feed", rss(*items))
        outbox = Memory()
        async with running(site, outbox, "/feed"):
            await outbox.until(lambda: len(outbox.articles) == 4)
            site.answers["/feed"] = empty
            seen = len(site.paths("/feed"))
            await site.until(lambda: len(site.paths("/feed")) >= seen + 3)
            site.feed("/feed", rss(full_item(site, 5), *items))
            await outbox.until(lambda: len(outbox.articles) == 5)
        assert not any(article.withdrawn for article in outbox.articles)
        assert site.paths("/story/1") == []


async def test_hostile_11_cut_documents_are_asked_for_again_in_full() -> None:
    async with running_site() as site:
        whole = rss(full_item(site, 1), full_item(site, 2)).encode()
        bodies = [whole[: whole.index(b"Story 2") + 4], whole]

        def answer(request: Request) -> Reply:
            # The server knows nothing of the cut: its ETag is that of the whole feed.
            if "if-none-match" in request.headers:
                return Reply(status=304)
            return Reply(bodies.pop(0) if len(bodies) > 1 else bodies[0], headers={"ETag": '"whole"'})

        site.answers["/feed"] = answer
        outbox = Memory()
        async with running(site, outbox, "/feed"):
            await outbox.until(lambda: len(outbox.articles) == 2, 10)
        assert outbox.titles() == ["Story 1", "Story 2"]


async def test_a_server_that_keeps_its_etag_while_the_feed_changes_is_found_out() -> None:
    async with running_site() as site:

        def lying(body: str) -> Callable[[Any], Reply]:
            return lambda request: (
                Reply(status=304)
                if "if-none-match" in request.headers
                else Reply(body.encode(), headers={"ETag": '"same"'})
            )

        site.answers["/feed"] = lying(rss(full_item(site, 1)))
        outbox = Memory()
        async with running(site, outbox, "/feed", audit_interval_s=0.5):
            await outbox.until(lambda: len(outbox.articles) == 1)
            site.answers["/feed"] = lying(rss(full_item(site, 2), full_item(site, 1)))
            await outbox.until(lambda: len(outbox.articles) == 2)


@pytest.mark.parametrize("at_once", [True, False])
async def test_two_feeds_of_one_publisher_publish_a_shared_article_once(at_once: bool) -> None:
    async with running_site() as site:
        site.feed("/world", rss(page_item(site, 1, "One summary.")))
        site.feed("/africa", rss(page_item(site, 1, "Another summary.")))
        site.page("/story/1", story_page())
        outbox = Memory()
        if not at_once:
            async with running(site, outbox, "/world"):
                await outbox.until(outbox.polled)
        async with running(site, outbox, "/world", "/africa"):
            await outbox.until(lambda: outbox.polled(2))
            seen = len(site.paths("/africa"))
            await site.until(lambda: len(site.paths("/africa")) >= seen + 3)
        assert outbox.titles() == ["Story 1"]
        assert site.paths("/story/1") == ["/story/1"]


async def test_a_feed_added_while_running_is_polled_and_a_removed_one_no_more() -> None:
    async with running_site() as site:
        site.feed("/one", rss(full_item(site, 1)))
        site.feed("/two", rss(full_item(site, 2)))
        feeds = [Subscription(site.url("/one"))]
        outbox, stop = Memory(), asyncio.Event()
        task = asyncio.create_task(Fetcher(settings(site), outbox, lambda: feeds).run(stop))
        await outbox.until(outbox.polled)
        feeds[:] = [Subscription(site.url("/two"))]
        await outbox.until(lambda: outbox.polled(2))
        seen, ones = len(site.paths("/two")), len(site.paths("/one"))
        await site.until(lambda: len(site.paths("/two")) >= seen + 3)
        stop.set()
        await task
        assert len(site.paths("/one")) <= ones + 1
        assert sorted(outbox.titles()) == ["Story 1", "Story 2"]


async def test_a_list_that_cannot_be_read_leaves_the_list_as_it_was() -> None:
    async with running_site() as site:
        site.feed("/one", rss(full_item(site, 1)))
        calls = 0

        def listed() -> list[Subscription]:
            nonlocal calls
            calls += 1
            if calls > 1:
                raise OpmlError("feeds.opml, line 3: not well-formed XML")
            return [Subscription(site.url("/one"))]

        outbox, stop = Memory(), asyncio.Event()
        task = asyncio.create_task(Fetcher(settings(site), outbox, listed).run(stop))
        await outbox.until(lambda: calls >= 3)
        seen = len(site.paths("/one"))
        await site.until(lambda: len(site.paths("/one")) >= seen + 2)
        stop.set()
        await task


async def test_requests_to_one_domain_come_one_at_a_time_with_a_gap() -> None:
    at_once, most, times = 0, 0, []

    async def slow(writer: asyncio.StreamWriter) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.02)
        at_once -= 1
        writer.write(b"HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with running_site() as site:
        paths = [f"/{n}" for n in range(8)]
        site.answers |= dict.fromkeys(paths, slow)
        outbox = Memory()
        async with running(site, outbox, *paths, host_gap_s=0.1, min_interval_s=3600, max_interval_s=7200):
            await outbox.until(lambda: outbox.polled(8))
    assert most == 1
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.1


async def test_a_feed_is_checked_with_one_request() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(full_item(site, 1), full_item(site, 2, minutes_ago=60)))
        site.page("/page", "<html><body>Hello</body></html>")
        check = await check_feed(site.url("/feed"), settings(site))
        assert (check.ok, check.kind, check.title, check.items, check.newest_title) == (
            True,
            "rss",
            "News",
            2,
            "Story 1",
        )
        assert check.full_text
        assert check.conditional
        assert len(site.requests) == 1
        assert "web page" in (await check_feed(site.url("/page"), settings(site))).problem
        assert "404" in (await check_feed(site.url("/none"), settings(site))).problem
        assert "not a public address" in (await check_feed("http://127.0.0.1:9/", FetcherSettings())).problem
        assert "not a feed address" in (await check_feed("no address", FetcherSettings())).problem


@pytest.mark.shared_data
async def test_every_real_feed_runs_through_without_a_crash(shared: Path) -> None:
    async with running_site() as site:
        site.answers["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /")
        hosts = {}
        for n, path in enumerate(sorted((shared / "data" / "feeds-dev").glob("*.xml"))):
            site.feed(f"/{path.stem}", path.read_bytes())
            hosts[path.stem] = site.url(f"/{path.stem}", f"host{n}.localhost")
        outbox = Memory()
        # Their links lead to the internet, where tests do not go: every page is refused or fails at once.
        once: dict[str, Any] = {"min_interval_s": 3600, "max_interval_s": 7200, "first_poll_items": 3, "page_tries": 1}
        async with running(site, outbox, *hosts.values(), **once) as fetcher:
            await outbox.until(lambda: all(fetcher.feed_record(url) for url in hosts.values()), 240)
            records = [fetcher.feed_record(url) for url in hosts.values()]
        assert [record.url for record in records if record is not None and record.last_error] == []
        assert len(outbox.articles) > len(hosts)
        assert all(article.title or article.text for article in outbox.articles)


@pytest.mark.shared_data
async def test_every_real_page_is_read_in_a_worker(shared: Path) -> None:
    async with running_site() as site:
        pages = sorted((shared / "data" / "pages-dev").glob("*.html.gz"))
        for n, path in enumerate(pages):
            site.page(f"/story/{n}", gzip.decompress(path.read_bytes()))
        site.feed("/feed", rss(*(page_item(site, n) for n in range(len(pages)))))
        outbox = Memory()
        async with running(site, outbox, "/feed"):
            await outbox.until(outbox.polled, 240)
        assert {article.completeness for article in outbox.articles} == {"full"}
        assert len(outbox.articles) == len(pages)
