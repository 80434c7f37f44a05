"""Asks hubs to deliver, answers when they ask back, and hands what they deliver to whoever publishes it.

Off unless ``callback_url`` is set, the public address that leads to ``callback_port`` here. Polling goes on, more
rarely, while a hub delivers; after a poll that finds what the hub kept quiet about the feed's own pace counts again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

import structlog

from services.fetcher import metrics
from services.fetcher.feed_model import ParsedFeed
from services.fetcher.http_client import FetchError, HttpClient
from services.fetcher.publishing import Commit
from services.fetcher.settings import FetcherSettings
from services.fetcher.state import FetcherState, feed_key, feed_write
from services.fetcher.subscriptions import Subscription
from services.fetcher.websub import Offer, Push, offer_of, push_write, request_form, signed, verified
from services.fetcher.websub_callback import PATH
from services.runtime.outbound_rules import OutboundError
from services.runtime.stage import Write

SECRET_BYTES: Final = 32
"""Section 5.1 allows up to 200 bytes."""

Delivered = Callable[[str, bytes, str], bool]
"""Takes the address of a feed, the body and its content type; False where it is no longer on the list."""


class Pusher:
    """Keeps agreements with hubs."""

    def __init__(
        self,
        settings: FetcherSettings,
        state: FetcherState,
        client: HttpClient,
        commit: Commit,
        now: Callable[[], datetime],
        delivered: Delivered,
    ) -> None:
        self._settings = settings
        self._state = state
        self._client = client
        self._commit = commit
        self._now = now
        self._delivered = delivered
        self._log = structlog.get_logger("fetcher")

    async def after_poll(self, subscription: Subscription, headers: Mapping[str, str], feed: ParsedFeed | None) -> None:
        """Ask the feed's hub, if it names one and is to be asked. Raises nothing that a hub can cause."""
        if not self._settings.callback_url:
            return
        push, now = self._state.push(feed_key(subscription.url)), self._now()
        if feed is not None:
            offer = offer_of(headers, feed.hubs, feed.topic, subscription.url)
            if offer is None:
                if push is not None:
                    await self._commit((), [Write(f"push:{push.feed}", None)])
                return
            if push is None or (push.hub, push.topic) != (offer.hub, offer.topic):
                await self._ask(self._new(subscription, offer))
                return
        if push is not None and push.due(now):
            await self._ask(replace(push, asked_at=now))

    async def asked(self, feed: str, query: Mapping[str, str]) -> str | None:
        """Answer a hub that asks back: the challenge, or None where that was not us."""
        push, now = self._state.push(feed), self._now()
        agreed = verified(push, query, now)
        if agreed is None:
            return None
        push, challenge = agreed
        writes = [push_write(push)]
        if (record := self._state.feed(push.url)) is not None:
            writes.append(feed_write(replace(record, pushed_until=push.lease_until)))
        await self._commit((), writes)
        self._log.info("hub delivers", feed=push.url, hub=push.hub, until=push.lease_until)
        return challenge

    def take(self, feed: str, signature: str, body: bytes, content_type: str) -> bool:
        """Take a delivery; False where no feed is known by that key, so that the hub stops."""
        push = self._state.push(feed)
        if push is None or not push.active(self._now()):
            metrics.PUSHES.labels("unknown").inc()
            return False
        if not signed(push, signature, body):
            metrics.PUSHES.labels("refused").inc()
            self._log.warning("delivery refused", feed=push.url, reason="it is not signed with the secret of this feed")
            return True
        taken = self._delivered(push.url, body, content_type)
        metrics.PUSHES.labels("taken" if taken else "unknown").inc()
        return taken

    def _new(self, subscription: Subscription, offer: Offer) -> Push:
        key = feed_key(subscription.url)
        return Push(key, subscription.url, offer.hub, offer.topic, secrets.token_hex(SECRET_BYTES), self._now())

    async def _ask(self, push: Push) -> None:
        # Stored first: the hub may ask back before it has answered.
        await self._commit((), [push_write(push)])
        callback = self._settings.callback_url.rstrip("/") + PATH + push.feed
        try:
            status = await self._client.post_form(
                push.hub, request_form(push, callback), self._settings.page_timeout_s, self._settings.host_gap_s
            )
        except (FetchError, OutboundError) as error:
            self._log.warning("hub not asked", feed=push.url, hub=push.hub, reason=str(error), then="polling goes on")
            return
        if not 200 <= status < 300:
            self._log.warning("hub refuses", feed=push.url, hub=push.hub, status=status, then="polling goes on")
