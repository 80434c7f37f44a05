"""One poll of one feed: ask, hand what came to the publisher, store what was decided, and say why.

The order of commits is what makes a kill harmless. Each article is stored together with the memory of having published
it; the feed's validators are stored last. A kill in between leaves the old validators, so the feed is listed whole
again and what was published already is recognised. What follows from an answer is decided in decision.py.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import structlog

from services.fetcher import metrics, schedule
from services.fetcher.decision import Answered, Failed, Verdict, audit_due, decide, delivered
from services.fetcher.feed_model import NotAFeed, ParsedFeed
from services.fetcher.http_client import FEED_TYPES, Answer, FetchError, HttpClient
from services.fetcher.pages import PAUSE_S
from services.fetcher.publishing import Commit, Publisher, Source
from services.fetcher.push import Pusher
from services.fetcher.reading import ReadingPool, Unreadable
from services.fetcher.robots_keeper import RobotsKeeper
from services.fetcher.settings import FetcherSettings
from services.fetcher.sitemaps import SitemapReader
from services.fetcher.state import FeedRecord, FetcherState, feed_write
from services.fetcher.subscriptions import Subscription
from services.fetcher.validators import Validators
from services.fetcher.web_address import source_domain
from services.runtime.outbound_rules import OutboundError

_ADVICE: Final = {
    304: "the server answers 304 though it was asked unconditionally",
    401: "it asks for a password: use an address that is public",
    403: "it refuses us: ask its publisher to allow feed readers",
    404: "there is nothing: check the address",
    410: "it is gone for good: remove the subscription",
    429: "it asks us to slow down",
}
_EVENTS: Final = {
    "gap": "the listing shares nothing with the one before: items may have been missed; polled more often from now on",
    "moved": "it has moved for good and is asked at its new address",
    "moved-back": "its new address stopped working; the old one is asked again",
    "quarantined": "it fails and fails: asked once a day until it answers",
    "recovered": "it answers again",
    "retired": "it said three times that it is gone for good: asked no more",
}


class _PollFailed(Exception):
    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.text)
        self.failed = failed


class Poller:
    """Polls feeds. Holds no state of its own: what it learns goes through ``commit`` into ``state``."""

    def __init__(
        self,
        settings: FetcherSettings,
        state: FetcherState,
        client: HttpClient,
        keeper: RobotsKeeper,
        pool: ReadingPool,
        publisher: Publisher,
        commit: Commit,
        pause: Callable[[str, float], Awaitable[None]],
        now: Callable[[], datetime],
        dice: random.Random,
        pusher: Pusher | None = None,
    ) -> None:
        self._settings = settings
        self._state = state
        self._client = client
        self._robots = keeper
        self._pause = pause
        self._pool = pool
        self._publisher = publisher
        self._pusher = pusher
        self._commit = commit
        self._now = now
        self._sitemaps = SitemapReader(settings, client, pool, now)
        self._dice = dice
        self._log = structlog.get_logger("fetcher")

    async def poll(self, subscription: Subscription) -> FeedRecord:
        """Poll one feed and return its new record. Raises nothing that a feed or a page can cause."""
        now = self._now()
        before = self._state.feed(subscription.url) or FeedRecord(subscription.url, now)
        limits, gap_s = self._timing(subscription)
        audit = bool(before.validators) and audit_due(before, now, self._settings.audit_interval_s)
        sent = "withheld" if audit else "sent" if before.validators else "none"
        try:
            answer, feed = await self._ask(before, Validators() if audit else before.validators, gap_s)
        except _PollFailed as failure:
            metrics.POLL_ERRORS.labels(failure.failed.kind).inc()
            await self._publisher.take_up(Source(subscription, before, None, gap_s, now))
            verdict = decide(before, failure.failed, sent, self._now(), limits, self._dice.random())
            await self._commit((), [feed_write(verdict.record)])
        else:
            taken = await self._publisher.take_up(Source(subscription, before, feed, gap_s, answer.received_at))
            heard = Answered(
                answer.status,
                answer.headers,
                answer.wire_bytes,
                answer.whole,
                answer.redirects,
                feed,
                taken.listing,
                len(taken.published),
            )
            verdict = decide(before, heard, sent, self._now(), limits, self._dice.random())
            await self._commit((), [feed_write(verdict.record), *taken.forgotten])
            if self._pusher is not None:
                await self._pusher.after_poll(subscription, answer.headers, feed)
        self._tell(verdict)
        return verdict.record

    async def deliver(self, subscription: Subscription, body: bytes, content_type: str) -> None:
        """Publish what a hub delivered. Raises nothing that a hub can cause."""
        now = self._now()
        before = self._state.feed(subscription.url)
        if before is None:
            return
        try:
            feed = await self._pool.feed(body, content_type, before.address, now)
        except (NotAFeed, Unreadable) as error:
            self._log.warning("delivery not read", feed=subscription.url, reason=str(error))
            return
        # A delivery may hold only what is new: what it does not list is not forgotten.
        gap_s = self._timing(subscription)[1]
        taken = await self._publisher.take_up(Source(subscription, before, feed, gap_s, now))
        record = delivered(before, len(taken.published), len(body), self._now())
        await self._commit((), [feed_write(record)])
        self._log.info("delivered", feed=subscription.url, published=len(taken.published), bytes=len(body))

    def _timing(self, subscription: Subscription) -> tuple[schedule.Limits, float]:
        """Only the sample newsroom on this machine may be polled every second, whatever a list of feeds claims."""
        settings = self._settings
        if subscription.sample and is_local(subscription.url):
            return schedule.Limits(
                settings.sample_min_interval_s, settings.sample_max_interval_s
            ), settings.sample_host_gap_s
        return schedule.Limits(
            settings.min_interval_s, settings.max_interval_s, settings.poll_worth_s
        ), settings.host_gap_s

    async def _ask(self, before: FeedRecord, validators: Validators, gap_s: float) -> tuple[Answer, ParsedFeed | None]:
        address = before.address
        try:
            if self._settings.feeds_obey_robots:
                await self._ask_leave(address, gap_s)
            answer = await self._client.get(
                address,
                accept=FEED_TYPES,
                timeout_s=self._settings.feed_timeout_s,
                validators=validators,
                gap_s=gap_s,
            )
            metrics.POLL_SECONDS.observe(answer.seconds)
        except FetchError as error:
            raise _PollFailed(Failed(error.kind, str(error))) from error
        except OutboundError as error:
            raise _PollFailed(Failed("blocked", str(error))) from error
        metrics.BYTES.labels("feed").inc(answer.wire_bytes)
        if answer.status == 304 and validators:
            return answer, None
        wait_s = schedule.retry_after(answer.headers.get("retry-after", ""), self._now())
        if answer.status in (429, 503):
            await self._pause(answer.url, wait_s or PAUSE_S)
        if answer.status != 200:
            raise _PollFailed(Failed("status", _status_text(answer.status), answer.status, wait_s))
        try:
            feed = await self._pool.feed(answer.body, answer.content_type, answer.url, answer.received_at)
            if feed.kind == "sitemap-index":
                feed = await self._sitemaps.read(answer.url, feed, gap_s)
            return answer, feed
        except FetchError as error:
            raise _PollFailed(Failed(error.kind, str(error), 200, None, answer.wire_bytes)) from error
        except NotAFeed as error:
            raise _PollFailed(Failed("not-a-feed", str(error), 200, None, answer.wire_bytes)) from error
        except Unreadable as error:
            raise _PollFailed(Failed("reading", str(error), 200, None, answer.wire_bytes)) from error

    async def _ask_leave(self, address: str, gap_s: float) -> None:
        rules = await self._robots.rules_for(address, gap_s)
        if rules.unreachable:
            raise _PollFailed(Failed("robots", "its robots.txt could not be read, so nothing is asked for now"))
        if not rules.allows(address, self._settings.user_agent):
            raise _PollFailed(Failed("robots", "its robots.txt asks not to read it"))

    def _tell(self, verdict: Verdict) -> None:
        record = verdict.record
        last = record.last
        if last is None:
            return
        outcome = "error" if last.decision in ("gone", "retired") else last.decision
        metrics.POLLS.labels(outcome).inc()
        facts = {
            "feed": record.url,
            "decision": last.decision,
            "reason": last.reason,
            "status": last.status,
            "bytes": last.bytes,
            "validators": last.validators,
            "published": last.published,
            "gap": last.gap,
            "errors": record.errors,
            "next_at": last.next_at.isoformat(timespec="seconds"),
            "next_because": last.next_because,
        }
        (self._log.warning if outcome == "error" else self._log.info)("poll", **facts)
        for event in verdict.events:
            metrics.FEED_EVENTS.labels(event).inc()
            self._log.warning("feed " + event, feed=record.url, reason=_EVENTS[event], address=record.address)


def is_local(url: str) -> bool:
    """True for a feed on this machine: a name under localhost, or a loopback address."""
    domain = source_domain(url)
    return domain == "localhost" or domain.endswith(".localhost") or domain.startswith(("127.", "[::1]"))


def _status_text(status: int) -> str:
    return f"the server answers {status}" + (f"; {_ADVICE[status]}" if status in _ADVICE else "")
