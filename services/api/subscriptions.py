"""Puts webhooks and alert rules together: what they share, the endpoints, and what runs beside them."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from fastapi import APIRouter

from services.api.access import Access
from services.api.alert_engine import AlertEngine
from services.api.alert_routes import AlertParts, alert_routes
from services.api.alert_store import FIELD_ALERT, AlertStore
from services.api.alerts import Fired, read_fired
from services.api.broadcast import Broadcast
from services.api.changes import Entry
from services.api.deliverer import Deliverer, Part
from services.api.event_stream import Streams
from services.api.lease import Lease
from services.api.metrics import Metrics
from services.api.settings import Settings
from services.api.store import EventStore
from services.api.stream_reader import StreamReader
from services.api.webhook_config import Webhook
from services.api.webhook_delivery import Delivery
from services.api.webhook_dispatch import Dispatch
from services.api.webhook_messages import Message, alert_message, change_message
from services.api.webhook_routes import WebhookParts, webhook_routes
from services.api.webhook_sender import WebhookSender
from services.api.webhook_store import WebhookStore
from services.contracts.redis_model import SubscriptionKeys


class Subscriptions:
    """Webhooks and alert rules of one app."""

    def __init__(self, settings: Settings, events: EventStore, metrics: Metrics) -> None:
        keys = SubscriptionKeys(settings.prefix)
        self._settings = settings
        self._metrics = metrics
        self._deliverer: Deliverer | None = None
        self._redis = events.redis
        self._keys = keys
        self._changes = events.changes
        self._alerts = StreamReader(events.redis, keys.fired, FIELD_ALERT, read_fired)
        self._webhook_store = WebhookStore(events.redis, keys)
        self._alert_store = AlertStore(events.redis, keys)
        self.sender = WebhookSender(settings.guard(), settings.webhook_timeout_s, settings.webhook_at_once)
        self.broadcast = Broadcast(self._alerts, metrics.alert_subscribers, metrics.alerts_offered, settings.queue)

    def routes(self, access: Access) -> APIRouter:
        """Return all endpoints."""
        settings = self._settings
        streams: Streams[Fired] = Streams(
            self._alerts,
            self.broadcast,
            self._metrics,
            settings.heartbeat_s,
            settings.send_timeout_s,
            settings.max_subscribers,
        )
        webhooks = WebhookParts(
            self._webhook_store,
            self.sender,
            self._changes,
            self._alerts,
            self._alert_store.get,
            settings.webhooks_max,
            settings.webhook_waiting,
        )
        router = APIRouter()
        router.include_router(webhook_routes(webhooks, access))
        alerts = AlertParts(self._alert_store, streams, self._changes, settings.webhooks_max)
        router.include_router(alert_routes(alerts, access))
        return router

    def tasks(self) -> list[Coroutine[Any, Any, None]]:
        """Return what has to run as long as the app does."""
        running: list[Coroutine[Any, Any, None]] = [self.broadcast.run()]
        if self._settings.deliver:
            lease_s = self._settings.lease_s
            lease = Lease(self._redis, self._keys.deliverer, secrets.token_hex(16), lease_s)
            self._deliverer = Deliverer(lease, lease_s, self._webhook_store, self._metrics, self._parts)
            running.append(self._deliverer.run())
        return running

    def close(self) -> None:
        """Let subscribers go, and stop delivering."""
        self.broadcast.close()
        if self._deliverer is not None:
            self._deliverer.stop()

    def _parts(self) -> tuple[Sequence[Part], Callable[[], Awaitable[None]]]:
        """Make what the process with the lease runs."""
        settings, store, metrics = self._settings, self._webhook_store, self._metrics
        dispatches: list[Dispatch[Any]] = []

        def settled(webhook_id: str) -> None:
            for dispatch in dispatches:
                dispatch.unblock(webhook_id)

        delivery = Delivery(
            store,
            self.sender,
            metrics,
            settled,
            at_once=settings.webhook_at_once,
            at_once_each=settings.webhook_at_once_each,
            most_waiting=settings.webhook_waiting,
            disable_after_s=settings.webhook_disable_after_s,
        )
        most = settings.webhook_waiting
        changes = Dispatch("changes", self._changes, store, _ChangeChoice(), delivery.queued, metrics, most)
        alerts = Dispatch("alerts", self._alerts, store, _alert, delivery.queued, metrics, most)
        dispatches += [changes, alerts]
        engine = AlertEngine(self._alert_store, self._changes, metrics)

        async def close() -> None:
            await delivery.close()

        return (engine, changes, alerts, delivery), close


class _ChangeChoice:
    """What a webhook gets of a change. Its filters are read once, not for every change."""

    def __init__(self) -> None:
        self._selections: dict[str, tuple[Webhook, Callable[[Entry], bool]]] = {}

    def __call__(self, webhook: Webhook, entry: Entry) -> Message | None:
        known, takes = self._selections.get(webhook.id, (None, None))
        if takes is None or known is not webhook:
            selection = webhook.selection()
            takes = lambda entry: selection.takes(entry.facets)  # noqa: E731  (one line, used twice)
            self._selections[webhook.id] = (webhook, takes)
        return change_message(entry) if takes(entry) else None


def _alert(webhook: Webhook, fired: Fired) -> Message | None:
    own = webhook.owner in ("", fired.owner)
    return alert_message(fired) if own and (not webhook.rules or fired.rule_id in webhook.rules) else None
