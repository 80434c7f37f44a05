"""Hostile inputs 34: killed at any moment around a commit, or with its answer lost, the fetcher loses and doubles
nothing: what is published again has the same id and key."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from services.contracts.topics import ARTICLES_RAW
from services.fetcher.service import Fetcher
from services.fetcher.subscriptions import Subscription
from services.runtime.stage import Emit, Message, Unavailable, Write
from services.runtime.stream_log import StreamLog, connect
from tests.integration.fetcher_site import running_site
from tests.integration.fetcher_world import FakeResolver, Ledger, fetching, item, rss, settings
from tests.integration.valkey_fixture import valkey
from tests.integration.virtual_time import clock, virtual_time

STORIES = 5
COMMITS = STORIES + 1
"""One for each article, one for the feed."""


@dataclass
class Fault:
    at: int
    """Which commit it hits."""
    stored: bool
    """Whether that commit is stored before it hits."""
    kills: bool
    """Whether the process ends, or only its connection to the log."""


class Faulty(Ledger):
    """A ledger with one fault. A commit that is repeated because its answer was lost counts once, as with both logs
    (see the contract tests of the outboxes)."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self.fault: Fault | None = fault
        self.commits = 0
        self.unsure: tuple[list[Emit], list[Write]] | None = None
        self.dead = asyncio.Event()
        self.loop = asyncio.get_running_loop()

    def commit(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        self.commits += 1
        if self.unsure == (list(emits), list(writes)):
            self.unsure = None
            return
        fault = self.fault if self.fault is not None and self.commits == self.fault.at else None
        if fault is None or fault.stored:
            super().commit(emits, writes)
        if fault is not None:
            self.fault = None
            if fault.kills:
                self.loop.call_soon_threadsafe(self.dead.set)
                raise SystemError("killed")
            self.unsure = (list(emits), list(writes)) if fault.stored else None
            raise Unavailable("the answer was lost")


@pytest.mark.parametrize("kills", [True, False], ids=["killed", "log-away"])
@pytest.mark.parametrize("stored", [True, False], ids=["after-the-ack", "before-the-ack"])
@pytest.mark.parametrize("at", range(1, COMMITS + 1))
@virtual_time
async def test_nothing_is_lost_and_nothing_doubled(at: int, stored: bool, kills: bool) -> None:
    async with running_site() as site:
        site.feed("/feed", rss(*(item(site, n) for n in range(STORIES))))
        ledger = Faulty(Fault(at, stored, kills))
        feeds = [Subscription(site.url("/feed"))]
        fetcher = Fetcher(
            settings(site), ledger, lambda: feeds, clock(), dice=random.Random(1), resolver=FakeResolver()
        )
        stop = asyncio.Event()
        task = asyncio.create_task(fetcher.run(stop))
        await (ledger.dead.wait() if kills else asyncio.sleep(60))
        # A killed process takes nothing up and writes nothing more: the table is all that the next one finds.
        table = dict(ledger.table)
        if kills:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            ledger.table = table
            async with fetching(site, ledger, "/feed"):
                await asyncio.sleep(3600)
        else:
            stop.set()
            await task
    assert sorted(ledger.titles()) == [f"Story {n}" for n in range(STORIES)]
    assert len({article.id for article in ledger.articles}) == STORIES
    assert any(key.startswith("feed:") for key in ledger.table)


@virtual_time
async def test_what_is_published_again_after_a_state_that_was_lost_has_the_same_ids_and_keys() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(*(item(site, n) for n in range(STORIES))))
        ledgers = [Ledger(), Ledger()]
        for ledger in ledgers:
            async with fetching(site, ledger, "/feed"):
                await asyncio.sleep(60)
    first, second = ([(article.id, article.lineage_id) for article in ledger.articles] for ledger in ledgers)
    assert first == second


async def test_on_a_real_log_a_process_killed_after_each_ack_publishes_what_an_undisturbed_one_does() -> None:
    async with running_site() as site:
        site.feed("/feed", rss(*(item(site, n) for n in range(STORIES))))
        with valkey() as undisturbed, valkey() as disturbed:
            assert await ended(undisturbed, site.url("/feed"), 0) == 0
            # Killed with two articles left, then with all published and only the feed's record missing.
            assert await ended(disturbed, site.url("/feed"), STORIES - 2) == -signal.SIGKILL
            assert len(published(disturbed)) == STORIES - 2
            assert await ended(disturbed, site.url("/feed"), 2) == -signal.SIGKILL
            assert not any(
                write.key.startswith("feed:") for write in StreamLog(connect(disturbed)).load_state("fetcher")
            )
            assert await ended(disturbed, site.url("/feed"), 0) == 0
            names = [[(message.id, message.key) for message in published(url)] for url in (undisturbed, disturbed)]
    assert len(set(names[0])) == STORIES
    assert names[1] == names[0]


async def ended(redis_url: str, feed_url: str, dies_at: int) -> int:
    """How a fetcher's process ended; see killed_fetcher.py."""
    command = (sys.executable, "-m", "tests.integration.killed_fetcher", redis_url, feed_url, str(dies_at))
    async with asyncio.timeout(120):
        return await (await asyncio.create_subprocess_exec(*command)).wait()


def published(redis_url: str) -> list[Message]:
    """The articles in the log, in order."""
    log = StreamLog(connect(redis_url))
    rows = log.client.xrange(log.stream(ARTICLES_RAW))
    return [log.entry(ARTICLES_RAW, position, fields).message() for position, fields in rows]
