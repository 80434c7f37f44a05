"""The fetcher: keeps the list of feeds, starts each poll when it is due, and stores what polls learn.

This is the one place where the parts are plugged together and where the fetcher touches the log (through an Outbox).
"""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

import structlog
from aiohttp.abc import AbstractResolver

from services.fetcher import metrics
from services.fetcher.committing import RETRY_S, Committer
from services.fetcher.feed_status import feed_status
from services.fetcher.gates import Gates
from services.fetcher.http_client import HttpClient
from services.fetcher.noticeboard import Noticeboard
from services.fetcher.pages import PageReader
from services.fetcher.politeness import AddressBook, Politeness
from services.fetcher.poller import Poller
from services.fetcher.publishing import Publisher
from services.fetcher.push import Pusher
from services.fetcher.reading import ReadingPool
from services.fetcher.robots_keeper import RobotsKeeper
from services.fetcher.schedule import Limits, after_error
from services.fetcher.settings import FetcherSettings
from services.fetcher.state import FeedRecord, FetcherState, HostRecord, feed_write, host_write
from services.fetcher.subscriptions import Subscription
from services.fetcher.warc import recorder_of
from services.fetcher.web_address import polite_domain
from services.fetcher.websub_callback import Callback
from services.runtime.outbound_rules import UrlRefused
from services.runtime.stage import Emit, Outbox, Unavailable, Write

FeedList = Callable[[], Sequence[Subscription]]
"""Returns the subscriptions as they are now. Called from a thread; may read a file."""

_LONGEST_SLEEP_S: Final = 3600.0
_BURST_S: Final = 0.2
"""Polls that were not started are made up for up to this long."""
_TIDY_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the time comes from."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = monotonic


class Fetcher:
    """Polls all feeds until it is told to stop. One instance at a time owns an outbox."""

    def __init__(
        self,
        settings: FetcherSettings,
        outbox: Outbox,
        feeds: FeedList,
        clock: Clock | None = None,
        *,
        dice: random.Random | None = None,
        resolver: AbstractResolver | None = None,
        board: Noticeboard | None = None,
        loaded: Callable[[], None] = lambda: None,
    ) -> None:
        """``loaded`` is called once what was stored has been taken up."""
        self._settings = settings
        self._outbox = outbox
        self._feeds = feeds
        self._clock = clock or Clock()
        self._dice = dice or random.Random()
        self._state = FetcherState()
        self._gates = Gates(settings.max_concurrency, self._clock.monotonic)
        self._book = AddressBook(self._clock.monotonic, resolver)
        self._politeness = Politeness(self._gates, self._book, settings.address_gap_s, settings.max_address_pause_s)
        self._board = board or Noticeboard("")
        self._loaded = loaded
        self._recorder = recorder_of(settings, self._clock.now)
        self._committer = Committer(outbox, self._state.apply, self._clock.monotonic, self._note_published)
        self._subscriptions: dict[str, Subscription] = {}
        self._due: list[tuple[datetime, int, str]] = []
        self._order = 0
        self._planned: dict[str, int] = {}
        """Which entry of ``_due`` counts for a feed; older ones are ignored."""
        self._refused: set[str] = set()
        self._deliver: Callable[[Subscription, bytes, str], Awaitable[None]]
        self._polling: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._wake = asyncio.Event()
        """Set when something is due earlier than the dispatcher sleeps."""
        self._log = structlog.get_logger("fetcher")

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until ``stop`` is set; then end polls that are under way, keeping what they have stored."""
        self._stopping = stop
        await self._load()
        settings = self._settings
        client = HttpClient(settings, self._book, self._politeness, self._clock.now, self._recorder)
        pool = ReadingPool(settings.reading_workers, settings.reading_timeout_s, settings.reading_memory_bytes)
        async with client, pool:
            now = self._clock.now
            keeper = RobotsKeeper(settings, client, now)
            pages = PageReader(settings, client, keeper, pool, now, self._pause)
            publisher = Publisher(settings, self._state, pages, self._committer.commit, self._committer.wait_for_room)
            pusher = Pusher(settings, self._state, client, self._committer.commit, now, self._take_delivery)
            poller = Poller(
                settings,
                self._state,
                client,
                keeper,
                pool,
                publisher,
                self._committer.commit,
                self._pause,
                now,
                self._dice,
                pusher,
            )
            self._deliver = poller.deliver
            beside = [asyncio.create_task(self._wake_at(stop)), asyncio.create_task(self._board.run())]
            try:
                async with self._callback(pusher):
                    await self._dispatch(poller)
            finally:
                for task in (*beside, *self._polling.values()):
                    task.cancel()
                await asyncio.gather(*beside, *self._polling.values(), return_exceptions=True)
                await self._committer.close()
                if self._recorder is not None:
                    self._recorder.close()

    def _callback(self, pusher: Pusher) -> AbstractAsyncContextManager[object]:
        settings = self._settings
        if not settings.callback_url:
            return nullcontext()
        return Callback(
            settings.callback_host, settings.callback_port, settings.max_body_bytes, pusher.asked, pusher.take
        )

    def _take_delivery(self, url: str, body: bytes, content_type: str) -> bool:
        """Publish what a hub delivered of a feed, once a poll of the feed that is under way has ended."""
        subscription = self._subscriptions.get(url)
        if subscription is None or subscription.paused:
            return False
        earlier = self._polling.get(url)

        async def deliver() -> None:
            if earlier is not None:
                await asyncio.wait([earlier])
            try:
                await self._committer.wait_for_room()
                await self._deliver(subscription, body, content_type)
            except Exception:
                self._log.exception("delivery broke", feed=url)
            finally:
                if self._polling.get(url) is asyncio.current_task():
                    del self._polling[url]
            self._show(url)
            record = self._state.feed(url)
            if url in self._subscriptions and record is not None and url not in self._polling:
                self._plan(url, record.next_at)

        self._polling[url] = asyncio.create_task(deliver(), name=f"delivery {url}")
        return True

    def feed_record(self, url: str) -> FeedRecord | None:
        """What is known of a feed: for the command that explains why a feed is silent."""
        return self._state.feed(url)

    def _note_published(self, emits: Sequence[Emit]) -> None:
        if self._recorder is not None:
            self._recorder.published([emit.id for emit in emits])

    async def _load(self) -> None:
        for key, value in (await self._stored()).items():
            try:
                self._state.apply(Write(key, value))
            except ValueError as error:
                # Forgetting one feed or item costs one request more; refusing to start costs all news.
                self._log.error("state entry dropped", key=key, reason=str(error))
        now, start = self._clock.now(), self._clock.monotonic()
        for host in self._state.hosts():
            if host.paused_until > now:
                self._gates.pause(host.domain, (host.paused_until - now).total_seconds())
        self._loaded()
        self._log.info("fetcher starts", items_known=len(self._state), at=start)

    async def _stored(self) -> dict[str, bytes]:
        while True:
            try:
                return await asyncio.to_thread(self._outbox.load)
            except Unavailable as error:
                self._log.warning("log away", reason=str(error), then=f"tried again in {RETRY_S:g} s")
                await asyncio.sleep(RETRY_S)

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _dispatch(self, poller: Poller) -> None:
        list_due = tidy_due = counted_at = self._clock.monotonic()
        rate, allowance = self._settings.max_polls_per_s, 1.0
        while not self._stopping.is_set():
            tick = self._clock.monotonic()
            if tick >= list_due:
                await self._read_list()
                list_due = tick + self._settings.feed_list_s
            if tick >= tidy_due:
                self._gates.forget_idle()
                tidy_due = tick + _TIDY_S
            allowance, counted_at = min(allowance + (tick - counted_at) * rate, max(rate * _BURST_S, 1.0)), tick
            self._wake.clear()
            allowance -= self._start_due(poller, int(allowance))
            metrics.ITEMS_KNOWN.set(len(self._state))
            refill_s = (1.0 - allowance) / rate if allowance < 1.0 else 0.0
            await self._sleep(min(max(self._until_due_s(), refill_s), list_due - tick, tidy_due - tick))

    def _start_due(self, poller: Poller, most: int) -> int:
        """Start up to ``most`` polls that are due and whose site is free; return how many."""
        now = self._clock.now()
        started = 0
        busy: list[tuple[datetime, str]] = []
        queues: dict[str, int] = {}
        taken: set[str] = set()
        """Gates of the polls that are started here: their tasks hold them only once they run."""
        while self._due and self._due[0][0] <= now and started < most:
            _, order, url = heapq.heappop(self._due)
            subscription = self._subscriptions.get(url)
            if subscription is None or url in self._polling or self._planned.get(url) != order:
                continue
            address = self._address(url)
            gates = self._politeness.names(address)
            wait_s = self._politeness.wait_s(gates)
            if wait_s > 0 or not taken.isdisjoint(gates):
                # Each one behind the others of its domain, so that five hundred do not come back at once.
                gate = gates[-1]
                place = queues[gate] = queues.get(gate, -1) + 1
                busy.append((now + timedelta(seconds=max(wait_s, 0.05) + place * self._settings.host_gap_s), url))
                continue
            task = asyncio.create_task(self._poll(poller, subscription), name=f"poll {url}")
            self._polling[url] = task
            started += 1
            taken.update(gates)
        for at, url in busy:
            self._plan(url, at)
        if started < most:  # else there is no time for counting: the rest waits for its allowance
            metrics.OVERDUE.set(len(busy))
        else:
            metrics.OVERDUE.set(len(busy) + sum(at <= now for at, _, _ in self._due[:1000]))
        return started

    def _address(self, url: str) -> str:
        record = self._state.feed(url)
        return record.address if record is not None else url

    async def _pause(self, url: str, seconds: float) -> None:
        """Quiet the domain and the machine of ``url``, also after a restart."""
        until = {
            name: self._clock.now() + timedelta(seconds=s) for name, s in self._politeness.pause(url, seconds).items()
        }
        await self._committer.commit((), [host_write(HostRecord(name, at)) for name, at in until.items()])

    async def _poll(self, poller: Poller, subscription: Subscription) -> None:
        url = subscription.url
        try:
            await self._committer.wait_for_room()
            next_at = (await poller.poll(subscription)).next_at
        except Exception:
            # Not the feed's fault, which never raises, but ours: it must not stop the others.
            self._log.exception("poll broke", feed=url)
            settings = self._settings
            limits = Limits(settings.min_interval_s, settings.max_interval_s)
            next_at = after_error(self._clock.now(), 1, None, limits, self._dice.random()).at
        finally:
            if self._polling.get(url) is asyncio.current_task():  # else a delivery waits for us to end
                del self._polling[url]
        if url in self._subscriptions and not self._subscriptions[url].paused:
            self._plan(url, next_at)
        self._show(url)

    def _plan(self, url: str, at: datetime) -> None:
        self._order += 1
        self._planned[url] = self._order
        heapq.heappush(self._due, (at, self._order, url))
        if self._due[0][1] == self._order:
            self._wake.set()

    async def _read_list(self) -> None:
        try:
            listed = await asyncio.to_thread(self._feeds)
        except (OSError, ValueError) as error:
            self._log.error("feed list not read", reason=str(error), then="the list as it was is kept")
            return
        now = self._clock.now()
        subscriptions: dict[str, Subscription] = {}
        for subscription in listed:
            try:
                polite_domain(subscription.url)
            except UrlRefused as error:
                if subscription.url not in self._refused:
                    self._log.error("feed left out", feed=subscription.url, reason=str(error))
                    self._refused.add(subscription.url)
                continue
            subscriptions.setdefault(subscription.url, subscription)
        await self._take_up_pauses(subscriptions, now)
        earlier, self._subscriptions = self._subscriptions, subscriptions
        for url, subscription in subscriptions.items():
            if subscription.paused:
                self._planned.pop(url, None)
            elif url not in earlier or earlier[url].paused:
                record = self._state.feed(url)
                self._plan(url, record.next_at if record is not None else now)
        for url in earlier.keys() - subscriptions.keys():
            self._planned.pop(url, None)
            self._board.forget(url)
        if self._planned.keys() != {entry[2] for entry in self._due}:
            self._due = [entry for entry in self._due if self._planned.get(entry[2]) == entry[1]]
            heapq.heapify(self._due)
        changed = (
            subscriptions if self._board.wants_all else {u for u, s in subscriptions.items() if earlier.get(u) != s}
        )
        for url in changed:
            self._show(url)
        metrics.FEEDS.set(len(subscriptions))

    async def _take_up_pauses(self, subscriptions: Mapping[str, Subscription], now: datetime) -> None:
        """Remember which feeds are paused; one that is resumed is asked again, even if it had retired."""
        writes = []
        for url, subscription in subscriptions.items():
            record = self._state.feed(url)
            if record is not None and record.paused != subscription.paused:
                at = now if record.paused and record.retired_at is not None else record.next_at
                changed = replace(record, paused=subscription.paused, next_at=at)
                if record.paused:
                    changed = replace(changed, retired_at=None, gone=0)
                writes.append(feed_write(changed))
            elif record is None and subscription.paused:
                writes.append(feed_write(FeedRecord(url, now, paused=True)))
        if writes:
            await self._committer.commit((), writes)

    def _show(self, url: str) -> None:
        subscription = self._subscriptions.get(url)
        if subscription is not None:
            self._board.put(url, lambda: feed_status(subscription, self._state.feed(url), self._clock.now()))

    def _until_due_s(self) -> float:
        return max((self._due[0][0] - self._clock.now()).total_seconds(), 0.001) if self._due else _LONGEST_SLEEP_S

    async def _sleep(self, seconds: float) -> None:
        if self._stopping.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.001)):
                await self._wake.wait()
