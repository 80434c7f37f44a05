"""Polls again what was captured: the fetcher's own code on answers from a capture instead of the network.

Answers are handed out one at a time in the order they came in, each only when every poll waits for one, and messages
carry the times of answers alone: so they are the same again, to the byte. The capture says in which order they were
published, and they are given out in that; those of which it says nothing, as it ends before them or began with the
fetcher knowing more, as soon as they are there. What a capture cannot tell is which of two feeds an article names that
announced it in the same moment.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType

from services.fetcher.exchange import Exchange
from services.fetcher.http_client import REDIRECTS, Answer, FetchError, HttpClient, Limits
from services.fetcher.pages import PageReader
from services.fetcher.poller import Poller
from services.fetcher.publishing import Publisher
from services.fetcher.reading import ReadingPool
from services.fetcher.robots_keeper import RobotsKeeper
from services.fetcher.settings import FetcherSettings
from services.fetcher.state import FetcherState
from services.fetcher.subscriptions import Subscription
from services.fetcher.warc import Capture, Published
from services.runtime.stage import Emit, Write

_FOR_EVER_S = 1e9


class _ReplayClient(HttpClient):
    """Answers from a capture. ``waiting`` are the requests that have not got theirs yet, by address."""

    def __init__(self, settings: FetcherSettings, requests: Mapping[str, int]) -> None:
        super().__init__(settings)
        self._left = Counter(requests)
        self._rules: dict[str, Exchange] = {}
        """The last robots.txt of each site."""
        self.waiting: dict[str, deque[asyncio.Future[Exchange]]] = {}
        self.stuck = 0
        """How many requests wait."""
        self.changed = asyncio.Event()

    async def __aenter__(self) -> _ReplayClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def hand_out(self, exchange: Exchange) -> None:
        """Give an answer to whoever waits for it; nobody may."""
        self._left[exchange.url] -= 1
        if exchange.purpose == "robots":
            self._rules[exchange.url] = exchange
        queue = self.waiting.get(exchange.url)
        # A site's rules serve all who ask for them: the live run kept them for those who came a moment later.
        all_of_them = exchange.purpose == "robots" and self._left[exchange.url] == 0
        while queue:
            self.stuck -= 1
            queue.popleft().set_result(exchange)
            if not all_of_them:
                break

    def give_up(self) -> None:
        """Tell everybody who still waits that there is nothing."""
        for url, queue in self.waiting.items():
            while queue:
                self.stuck -= 1
                queue.popleft().set_exception(FetchError("connect", f"{url} is not in the capture"))

    async def _once(
        self, url: str, limits: Limits, redirects: tuple[tuple[int, str], ...], started: float
    ) -> tuple[Answer, str | None]:
        exchange = await self._captured(url, limits.purpose)
        if exchange.error is not None:
            raise FetchError(*exchange.error)
        headers = {name.lower(): value for name, value in exchange.headers}
        location = headers.get("location") if exchange.status in REDIRECTS else None
        answer = Answer(
            url,
            exchange.status,
            headers,
            exchange.body,
            len(exchange.body),
            exchange.whole,
            redirects,
            received_at=exchange.at,
        )
        return answer, location

    async def _captured(self, url: str, purpose: str) -> Exchange:
        if self._left[url] <= 0:
            # The live run knew the site's rules from a request that it need not repeat.
            if purpose == "robots" and url in self._rules:
                return self._rules[url]
            raise FetchError("connect", f"{url} is not in the capture")
        answer: asyncio.Future[Exchange] = asyncio.get_running_loop().create_future()
        self.waiting.setdefault(url, deque()).append(answer)
        self.stuck += 1
        self.changed.set()
        return await answer


class Replay:
    """One capture, polled again. ``published`` is told of every message, in order."""

    def __init__(
        self,
        settings: FetcherSettings,
        capture: Capture,
        subscriptions: Iterable[Subscription],
        published: Callable[[Emit], None],
    ) -> None:
        # Time does not pass: no deadline may end a wait for the answer's turn.
        self._settings = settings.model_copy(update={"feed_timeout_s": _FOR_EVER_S, "page_timeout_s": _FOR_EVER_S})
        self._capture = capture
        self._subscriptions = {subscription.url: subscription for subscription in subscriptions}
        self._published = published
        self._state = FetcherState()
        self._client = _ReplayClient(self._settings, capture.requests)
        self._now = capture.begins_at or datetime.now(UTC)
        self._to_come = set(capture.published)
        self._held: dict[str, Emit] = {}
        """Messages whose turn has not come."""
        self._polling: dict[str, asyncio.Task[object]] = {}

    async def run(self) -> None:
        """Poll it all. Raises WarcError, OSError where the capture can be read no more."""
        async for _ in self.steps():
            pass

    async def steps(self) -> AsyncIterator[None]:
        """Poll it all, stopping after everything that was captured, so that messages need not be gathered."""
        settings, state, client = self._settings, self._state, self._client
        async with ReadingPool(1, settings.reading_timeout_s, settings.reading_memory_bytes) as pool:
            keeper = RobotsKeeper(settings, client, self._clock)
            pages = PageReader(settings, client, keeper, pool, self._clock)
            publisher = Publisher(settings, state, pages, self._commit, self._room)
            poller = Poller(
                settings,
                state,
                client,
                keeper,
                pool,
                publisher,
                self._commit,
                self._pause,
                self._clock,
                random.Random(0),
            )
            for exchange in self._capture:
                self._now = exchange.at
                if isinstance(exchange, Published):
                    self._give_out(exchange.ids)
                    yield
                    continue
                if exchange.purpose == "feed" and not client.waiting.get(exchange.url):
                    self._start(poller, exchange.url)
                    await self._settled()
                client.hand_out(exchange)
                await self._settled()
                yield
            while self._running():
                client.give_up()
                await self._settled()
            self._give_out(tuple(self._held))
            yield

    def _give_out(self, ids: Sequence[str]) -> None:
        """Publish those of these messages that are there; one that comes later need not wait any more."""
        for name in ids:
            self._to_come.discard(name)
            if (emit := self._held.pop(name, None)) is not None:
                self._published(emit)

    def _start(self, poller: Poller, address: str) -> None:
        """Begin the poll that asked for ``address``."""
        subscription = next(
            (s for s in self._subscriptions.values() if (r := self._state.feed(s.url)) and r.address == address),
            self._subscriptions.get(address),
        ) or Subscription(address)
        self._subscriptions.setdefault(subscription.url, subscription)
        running = self._polling.get(subscription.url)
        if running is not None and not running.done():
            return
        task = asyncio.create_task(poller.poll(subscription))
        task.add_done_callback(lambda _: self._client.changed.set())
        self._polling[subscription.url] = task

    def _running(self) -> int:
        for url in [url for url, task in self._polling.items() if task.done()]:
            self._polling.pop(url).result()
        return len(self._polling)

    async def _settled(self) -> None:
        """Wait until every poll has ended or waits for an answer."""
        while self._running() > self._client.stuck:
            self._client.changed.clear()
            if self._running() > self._client.stuck:
                await self._client.changed.wait()

    def _clock(self) -> datetime:
        return self._now

    async def _commit(self, emits: Sequence[Emit], writes: Sequence[Write]) -> None:
        for write in writes:
            self._state.apply(write)
        for emit in emits:
            if emit.id in self._to_come:
                self._held[emit.id] = emit
            else:
                self._published(emit)

    async def _room(self) -> None:
        pass

    async def _pause(self, url: str, seconds: float) -> None:
        """No site has to be left alone: none is asked."""
