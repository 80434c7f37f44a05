"""One poll of one feed: ask, parse, publish what is new or changed, decide when to ask again, and say why.

The order of commits is what makes a kill harmless. Each article is stored together with the memory of having published
it; the feed's validators are stored last. A kill in between leaves the old validators, so the feed is listed whole
again and what was published already is recognised.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any, Final

import structlog

from services.fetcher import metrics, schedule
from services.fetcher.feed_model import FeedItem, NotAFeed, ParsedFeed
from services.fetcher.gates import Gates
from services.fetcher.http_client import FEED_TYPES, Answer, FetchError, HttpClient
from services.fetcher.pages import PAUSE_S, PageReader
from services.fetcher.publishing import Commit, Publisher
from services.fetcher.reading import ReadingPool, Unreadable
from services.fetcher.settings import FetcherSettings
from services.fetcher.state import (
    MAX_ITEM_TIMES,
    FeedRecord,
    FetcherState,
    HostRecord,
    feed_write,
    host_write,
)
from services.fetcher.subscriptions import Subscription
from services.fetcher.validators import Validators, validators_of
from services.fetcher.web_address import polite_domain, source_domain
from services.runtime.outbound_rules import OutboundError
from services.runtime.stage import Write

PERMANENT_REDIRECTS: Final = frozenset({301, 308})


class _PollFailed(Exception):
    def __init__(self, kind: str, text: str, status: int = 0, retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.kind = kind
        self.status = status
        self.retry_after_s = retry_after_s


class Poller:
    """Polls feeds. Holds no state of its own: what it learns goes through ``commit`` into ``state``."""

    def __init__(
        self,
        settings: FetcherSettings,
        state: FetcherState,
        client: HttpClient,
        gates: Gates,
        pool: ReadingPool,
        commit: Commit,
        room: Callable[[], Awaitable[None]],
        now: Callable[[], datetime],
        dice: random.Random,
    ) -> None:
        self._settings = settings
        self._state = state
        self._client = client
        self._gates = gates
        self._pool = pool
        self._commit = commit
        self._now = now
        self._dice = dice
        pages = PageReader(settings, client, gates, pool, now)
        self._publisher = Publisher(settings, state, pages, commit, room, now)
        self._log = structlog.get_logger("fetcher")

    async def poll(self, subscription: Subscription) -> FeedRecord:
        """Poll one feed and return its new record. Raises nothing that a feed or a page can cause."""
        now = self._now()
        before = self._state.feed(subscription.url) or FeedRecord(subscription.url, now)
        limits, gap_s = self._timing(subscription)
        answer: Answer | None = None
        forgotten: list[Write] = []
        try:
            answer, feed = await self._ask(subscription, before, gap_s)
            published, forgotten = await self._publisher.take_up(subscription, before, feed, gap_s)
            after = self._after_success(before, answer, feed, limits)
            outcome = "not-modified" if feed is None else "new" if published else "unchanged"
        except _PollFailed as failure:
            metrics.POLL_ERRORS.labels(failure.kind).inc()
            published, _ = await self._publisher.take_up(subscription, before, None, gap_s)
            after = self._after_failure(before, failure, limits)
            outcome = "error"
        await self._commit((), [feed_write(after), *forgotten])
        metrics.POLLS.labels(outcome).inc()
        self._tell(subscription, before, after, outcome, answer, published)
        return after

    def _timing(self, subscription: Subscription) -> tuple[schedule.Limits, float]:
        """Only the sample newsroom on this machine may be polled every second, whatever a list of feeds claims."""
        settings = self._settings
        if subscription.sample and is_local(subscription.url):
            return schedule.Limits(
                settings.sample_min_interval_s, settings.sample_max_interval_s
            ), settings.sample_host_gap_s
        return schedule.Limits(settings.min_interval_s, settings.max_interval_s), settings.host_gap_s

    async def _ask(
        self, subscription: Subscription, before: FeedRecord, gap_s: float
    ) -> tuple[Answer, ParsedFeed | None]:
        validators = Validators() if self._audit_due(before) else before.validators
        try:
            domain = polite_domain(subscription.url)
            async with self._gates.passing(domain, gap_s):
                started = perf_counter()
                answer = await self._client.get(
                    subscription.url, accept=FEED_TYPES, timeout_s=self._settings.feed_timeout_s, validators=validators
                )
                metrics.POLL_SECONDS.observe(perf_counter() - started)
        except FetchError as error:
            raise _PollFailed(error.kind, str(error)) from error
        except OutboundError as error:
            raise _PollFailed("blocked", str(error)) from error
        metrics.BYTES.labels("feed").inc(answer.wire_bytes)
        if answer.status == 304 and validators:
            return answer, None
        if answer.status in (429, 503):
            await self._pause(domain, answer)
        if answer.status != 200:
            wait_s = schedule.retry_after(answer.headers.get("retry-after", ""), self._now())
            raise _PollFailed("status", _status_text(answer.status), answer.status, wait_s)
        try:
            return answer, await self._pool.feed(answer.body, answer.content_type, answer.url, self._now())
        except NotAFeed as error:
            raise _PollFailed("not-a-feed", str(error), 200) from error
        except Unreadable as error:
            raise _PollFailed("reading", str(error), 200) from error

    def _audit_due(self, before: FeedRecord) -> bool:
        last = before.last_whole_at
        return last is None or self._now() - last >= timedelta(seconds=self._settings.audit_interval_s)

    async def _pause(self, domain: str, answer: Answer) -> None:
        """A 429 or 503 from one host quiets its whole registered domain, also after a restart."""
        now = self._now()
        wait_s = schedule.retry_after(answer.headers.get("retry-after", ""), now) or PAUSE_S
        self._gates.pause(domain, wait_s)
        await self._commit((), [host_write(HostRecord(domain, now + timedelta(seconds=wait_s)))])

    def _after_success(
        self, before: FeedRecord, answer: Answer, feed: ParsedFeed | None, limits: schedule.Limits
    ) -> FeedRecord:
        now = self._now()
        times = before.item_times if feed is None else _item_times(feed.items)
        hints = before.hints if feed is None else feed.hints
        poll = schedule.after_success(now, answer.headers, hints, times, limits, self._dice.random())
        sent = validators_of(answer.headers)
        if feed is None:
            validators = Validators(
                sent.etag or before.validators.etag, sent.last_modified or before.validators.last_modified
            )
        else:
            # A listing that broke off must be asked for again in full.
            validators = sent if answer.whole and not feed.truncated else Validators()
        return replace(
            before,
            next_at=poll.at,
            reason=poll.reason,
            validators=validators,
            polls=before.polls + (feed is not None),
            errors=0,
            gone=0,
            last_status=answer.status,
            last_error="",
            last_success_at=now,
            last_whole_at=before.last_whole_at if feed is None else now,
            title=before.title if feed is None else feed.title,
            hints=hints,
            item_times=times,
        )

    def _after_failure(self, before: FeedRecord, failure: _PollFailed, limits: schedule.Limits) -> FeedRecord:
        now = self._now()
        errors, gone = before.errors + 1, before.gone + 1 if failure.status == 410 else 0
        if gone:
            poll = schedule.after_gone(now, gone, limits)
        else:
            poll = schedule.after_error(now, errors, failure.retry_after_s, limits, self._dice.random())
        return replace(
            before,
            next_at=poll.at,
            reason=poll.reason,
            errors=errors,
            gone=gone,
            last_status=failure.status,
            last_error=str(failure),
        )

    def _tell(
        self,
        subscription: Subscription,
        before: FeedRecord,
        after: FeedRecord,
        outcome: str,
        answer: Answer | None,
        published: Sequence[str],
    ) -> None:
        facts: Mapping[str, Any] = {
            "feed": subscription.url,
            "decision": outcome,
            "reason": after.last_error or after.reason,
            "status": after.last_status,
            "bytes": answer.wire_bytes if answer is not None else 0,
            "validators": "sent" if before.validators else "none",
            "published": len(published),
            "errors": after.errors,
            "next_at": after.next_at.isoformat(timespec="seconds"),
            "next_because": after.reason,
        }
        (self._log.warning if outcome == "error" else self._log.info)("poll", **facts)


def is_local(url: str) -> bool:
    """True for a feed on this machine: a name under localhost, or a loopback address."""
    domain = source_domain(url)
    return domain == "localhost" or domain.endswith(".localhost") or domain.startswith(("127.", "[::1]"))


def _item_times(items: Sequence[FeedItem]) -> tuple[datetime, ...]:
    times = [time for item in items if (time := item.published.at or item.updated.at) is not None]
    return tuple(sorted(times, reverse=True)[:MAX_ITEM_TIMES])


def _status_text(status: int) -> str:
    advice = {
        304: "the server answers 304 though it was asked unconditionally",
        401: "it asks for a password: use an address that is public",
        403: "it refuses us: ask its publisher to allow feed readers",
        404: "there is nothing: check the address",
        410: "it is gone for good: remove the subscription",
        429: "it asks us to slow down",
    }
    return f"the server answers {status}" + (f"; {advice[status]}" if status in advice else "")
