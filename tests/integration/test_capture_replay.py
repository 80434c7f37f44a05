"""What a fetcher kept of its requests gives the same messages again, offline and to the byte."""

from __future__ import annotations

import asyncio
import random
import tracemalloc
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import orjson
import pytest
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator

from services.cli.replay import command
from services.contracts.dateline.v1.article_pb2 import Article
from services.fetcher.exchange import Exchange
from services.fetcher.replay import Replay
from services.fetcher.settings import FetcherSettings
from services.fetcher.warc import Capture, WarcError, WarcRecorder
from services.runtime.stage import Emit
from tests.integration.fetcher_site import Reply, Site, running_site
from tests.integration.test_fetcher import SENTENCES, Memory, full_item, page_item, rss, running, settings, story_page

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def captured(folder: Path) -> tuple[list[Article], Site]:
    """Fetch two feeds of one site: texts in the feed and on pages, a redirect, an edit, failures; return what came."""
    async with running_site() as site:
        site.feed("/a.xml", rss(full_item(site, 1), page_item(site, 2), page_item(site, 3)))
        site.feed("/b.xml", rss(full_item(site, 5), page_item(site, 4)))
        site.answers["/story/2"] = Reply(status=302, headers={"Location": site.url("/moved/2")})
        site.page("/moved/2", story_page())
        site.page("/story/4", story_page(SENTENCES[::-1]))
        outbox = Memory()
        async with running(site, outbox, "/a.xml", "/b.xml", "/c.xml", warc_folder=folder):
            await outbox.until(lambda: outbox.polled(3) and len(outbox.articles) == 5)
            site.feed("/a.xml", rss(full_item(site, 1, ["The dam has burst.", *SENTENCES]), page_item(site, 2)))
            await outbox.until(lambda: len(outbox.articles) == 6)
    return outbox.articles, site


def replayed(folder: Path, site: Site) -> list[Article]:
    sent: list[Emit] = []
    asyncio.run(Replay(settings(site), Capture(folder.iterdir()), (), sent.append).run())
    return [cast("Article", emit.value) for emit in sent]


def as_bytes(articles: list[Article]) -> dict[str, list[bytes]]:
    """The messages of each feed, in order."""
    found: dict[str, list[bytes]] = {}
    for article in articles:
        found.setdefault(article.feed_url, []).append(article.SerializeToString(deterministic=True))
    return found


def test_behaviour_12_capture_and_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live, site = asyncio.run(captured(tmp_path))
    assert {article.title for article in live} == {f"Story {n}" for n in range(1, 6)}
    again = replayed(tmp_path, site)
    assert as_bytes(again) == as_bytes(live)
    assert [article.id for article in again] == [article.id for article in live]

    # The command prints them as lines, and takes its own lines for what they are.
    monkeypatch.setenv("DATELINE_FETCH_ALLOW_HOSTS", f"127.0.0.1:{site.port}")
    files = [str(path) for path in tmp_path.iterdir()]
    first = CliRunner().invoke(command, [*files, "--until", "fetcher"], catch_exceptions=False).stdout_bytes
    second = CliRunner().invoke(command, ["-", "--until", "fetcher"], input=first, catch_exceptions=False).stdout_bytes
    assert second == first
    assert {orjson.loads(line)["id"] for line in first.splitlines()} == {article.id for article in live}


def test_behaviour_12_capture_is_a_warc_file_that_others_can_read(tmp_path: Path) -> None:
    asyncio.run(captured(tmp_path))
    kinds, pages = [], {}
    for path in tmp_path.iterdir():
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                kinds.append(record.rec_type)
                if record.rec_type == "response":
                    pages[record.rec_headers.get_header("WARC-Target-URI")] = record.content_stream().read()
    assert kinds[0] == "warcinfo"
    assert kinds.count("request") == kinds.count("response") > 0
    assert SENTENCES[0].encode() in next(body for url, body in pages.items() if url.endswith("/moved/2"))


def test_behaviour_12_capture_that_a_kill_cut_off_is_replayed_as_far_as_it_goes(tmp_path: Path) -> None:
    live, site = asyncio.run(captured(tmp_path))
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-40])
    whole = as_bytes(live)
    for feed, messages in as_bytes(replayed(tmp_path, site)).items():
        assert messages == whole[feed][: len(messages)]


def answered(name: str, number: int = 1, size: int = 0) -> Exchange:
    """A feed that lists one article with its text, answered ``number`` seconds after noon."""
    text = "".join(f"&lt;p&gt;{sentence}&lt;/p&gt;" for sentence in SENTENCES)
    item = (
        f"<item><title>Story of {name}</title><link>https://{name}.example/story</link><guid>{name}</guid>"
        f"<content:encoded>{text}</content:encoded></item>"
    )
    body = (rss(item) + "<!--" + random.Random(number).randbytes(size // 2).hex() + "-->").encode()
    kind = [("Content-Type", "application/rss+xml")]
    return Exchange(f"https://{name}.example/feed", "feed", NOON + timedelta(seconds=number), (), 200, kind, body)


def kept(folder: Path, exchanges: Iterable[Exchange], published: Sequence[str] = ()) -> Capture:
    recorder = WarcRecorder(folder, "test", 1_000_000_000, lambda: NOON + timedelta(hours=1))
    for exchange in exchanges:
        recorder.record(exchange)
    if published:
        recorder.published(published)
    recorder.close()
    return Capture(folder.iterdir())


def ids_of(capture: Capture) -> list[str]:
    sent: list[Emit] = []
    asyncio.run(Replay(FetcherSettings(), capture, (), sent.append).run())
    return [emit.id for emit in sent]


def test_messages_of_several_feeds_are_given_out_in_the_order_in_which_they_were_published(tmp_path: Path) -> None:
    feeds = [answered(name, number) for number, name in enumerate("abcd")]
    as_answered = ids_of(kept(tmp_path / "silent", feeds))
    assert len(as_answered) == 4
    turned = as_answered[::-1]
    assert ids_of(kept(tmp_path / "telling", feeds, turned)) == turned


def test_a_message_that_the_capture_says_nothing_of_is_given_out_all_the_same(tmp_path: Path) -> None:
    feeds = [answered(name, number) for number, name in enumerate("abcd")]
    a, b, c, d = ids_of(kept(tmp_path / "silent", feeds))
    assert ids_of(kept(tmp_path / "telling", feeds, ["of an earlier run", d, b])) == [a, c, d, b]


def test_files_are_read_in_the_order_of_time_and_an_answer_at_a_time(tmp_path: Path) -> None:
    kept(tmp_path / "late", [answered("late", number, 1_000_000) for number in range(20, 30)])
    kept(tmp_path / "early", [answered("early", number, 1_000_000) for number in range(10)])
    tracemalloc.start()
    capture = Capture(path for name in ("late", "early") for path in (tmp_path / name).iterdir())
    times = [found.at for found in capture]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert times == sorted(times)
    assert len(times) == 20
    assert peak < 8_000_000


def test_a_file_that_is_no_capture_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(WarcError, match="is no WARC file"):
        Capture([path])
