"""Sending what waits: several webhooks side by side, so that a slow receiver holds up nobody but itself."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Final

import structlog

from services.api.metrics import Metrics
from services.api.webhook_config import Webhook
from services.api.webhook_messages import disabled_message
from services.api.webhook_retries import retry_in_s
from services.api.webhook_sender import Answer, WebhookSender
from services.api.webhook_store import Attempt, Outcome, Waiting, WebhookStore

LOOK_EVERY_S: Final = 1.0
COUNT_EVERY_S: Final = 15.0
"""How often it is counted what waits, for the metrics."""
CLOSE_S: Final = 3.0
"""How long receivers may take to answer when this process stops delivering."""

log = structlog.get_logger("dateline.api.webhooks")


class Delivery:
    """Sends messages for as long as this process is the one that delivers."""

    def __init__(
        self,
        store: WebhookStore,
        sender: WebhookSender,
        metrics: Metrics,
        settled: Callable[[str], None],
        *,
        at_once: int,
        at_once_each: int,
        most_waiting: int,
        disable_after_s: float,
    ) -> None:
        """``settled`` is told each webhook for which one message less waits."""
        self._store = store
        self._sender = sender
        self._metrics = metrics
        self._settled = settled
        self._at_once = at_once
        self._at_once_each = at_once_each
        self._most_waiting = most_waiting
        self._disable_after_ms = disable_after_s * 1_000
        self._webhooks: dict[str, Webhook] = {}
        self._failing_since_ms: dict[str, int] = {}
        self._due_ms: dict[str, int] = {}
        """When to look at a webhook's queue next."""
        self._under_way: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._starved: set[str] = set()
        """Those that found every place taken."""
        self._stale = True
        self._count_at = 0.0
        self._wake = asyncio.Event()

    def refresh(self) -> None:
        """Look at all webhooks anew: something about them changed."""
        self._stale = True
        self._wake.set()

    def queued(self, webhook_id: str) -> None:
        """Messages were queued for a webhook."""
        if webhook_id in self._webhooks:
            self._due_ms[webhook_id] = 0
        self._wake.set()

    async def round(self) -> None:
        """Start what is due, then wait until something may be. Raises redis errors."""
        if self._stale:
            self._stale = False
            await self._take()
        if time.monotonic() >= self._count_at:
            self._count_at = time.monotonic() + COUNT_EVERY_S
            self._metrics.webhook_waiting.set(sum(await self._store.waiting(list(self._webhooks))))
        now_ms = _now_ms()
        for webhook_id in [each for each, due_ms in self._due_ms.items() if due_ms <= now_ms]:
            await self._start(webhook_id, now_ms)
        wait_s = min([LOOK_EVERY_S, *((due_ms - now_ms) / 1_000 for due_ms in self._due_ms.values())])
        try:
            async with asyncio.timeout(max(wait_s, 0.01)):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def close(self) -> None:
        """Let what is under way end, for a while; what does not is sent again by whoever delivers next."""
        tasks = list(self._under_way.values())
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._metrics.webhook_waiting.set(0)  # another process counts now
        self._metrics.webhooks.clear()

    async def _take(self) -> None:
        webhooks = await self._store.all()
        self._webhooks = {webhook.id: webhook for webhook in webhooks if webhook.enabled}
        self._failing_since_ms = {webhook.id: webhook.failing_since_ms for webhook in self._webhooks.values()}
        self._due_ms = dict.fromkeys(self._webhooks, 0)
        self._metrics.webhooks.labels("enabled").set(len(self._webhooks))
        self._metrics.webhooks.labels("disabled").set(len(webhooks) - len(self._webhooks))

    async def _start(self, webhook_id: str, now_ms: int) -> None:
        """Start the messages of a webhook that are due, as many as may be under way."""
        mine = {message_id for each, message_id in self._under_way if each == webhook_id}
        room = min(self._at_once_each - len(mine), self._at_once - len(self._under_way))
        if room <= 0:
            self._due_ms.pop(webhook_id)
            self._starved.add(webhook_id)
            return
        webhook = self._webhooks[webhook_id]
        waiting = await self._store.due(webhook_id, now_ms, room + len(mine))
        fresh = [each for each in waiting if each.message.id not in mine]  # one may have ended since: it is not due
        for each in fresh:
            key = (webhook_id, each.message.id)
            self._under_way[key] = asyncio.create_task(self._deliver(webhook, each), name=f"webhook {webhook_id}")
        if fresh:
            self._due_ms.pop(webhook_id)
            return
        next_ms = await self._store.next_due_ms(webhook_id) if not mine else None
        if next_ms is None:
            self._due_ms.pop(webhook_id)
        else:
            self._due_ms[webhook_id] = next_ms

    async def _deliver(self, webhook: Webhook, waiting: Waiting) -> None:
        try:
            answer = await self._sender.send(webhook.url, webhook.signing(_now_ms()), waiting.message)
            await self._settle(webhook, waiting, answer)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # Redis away, most of all: the message still waits
            log.warning("the outcome of a delivery could not be kept", webhook=webhook.id, error=str(error))
            await asyncio.sleep(LOOK_EVERY_S)
        finally:
            self._under_way.pop((webhook.id, waiting.message.id), None)
            for webhook_id in (webhook.id, *self._starved):
                if webhook_id in self._webhooks:
                    self._due_ms[webhook_id] = 0
            self._starved.clear()
            self._wake.set()

    async def _settle(self, webhook: Webhook, waiting: Waiting, answer: Answer) -> None:
        now_ms, failures = _now_ms(), waiting.failures + 1
        outcome: Outcome = "delivered"
        next_ms = 0
        if answer.error:
            wait_s = retry_in_s(failures, answer.retry_after_s, random.random)
            outcome = "given-up" if wait_s is None or answer.gone else "retrying"
            next_ms = now_ms + round((wait_s or 0) * 1_000) if outcome == "retrying" else 0
        attempt = Attempt(
            waiting.message.id, failures, outcome, now_ms, answer.took_ms, answer.status, answer.error, next_ms
        )
        self._metrics.webhook_attempts.labels(outcome).inc()
        self._metrics.webhook_seconds.observe(answer.took_ms / 1_000)
        if outcome == "delivered" and not waiting.failures:
            self._metrics.webhook_lag.observe(max(0.0, (now_ms - _told_ms(waiting.message.id, now_ms)) / 1_000))
        if not await self._store.settle(webhook.id, attempt):
            return
        if outcome != "retrying":
            self._settled(webhook.id)
        if not answer.error:
            self._failing_since_ms[webhook.id] = 0
            return
        since_ms = self._failing_since_ms.get(webhook.id) or now_ms
        self._failing_since_ms[webhook.id] = since_ms
        if answer.gone:
            await self._disable(webhook, "the receiver answered 410 Gone: it wants no more messages", now_ms)
        elif now_ms - since_ms >= self._disable_after_ms:
            hours = round((now_ms - since_ms) / 3_600_000)
            await self._disable(webhook, f"every delivery failed for {hours} hours; the last: {answer.error}", now_ms)

    async def _disable(self, webhook: Webhook, reason: str, now_ms: int) -> None:
        if self._webhooks.pop(webhook.id, None) is None:
            return
        self._due_ms.pop(webhook.id, None)
        log.error("webhook disabled", webhook=webhook.id, url=webhook.url, reason=reason)
        self._metrics.webhook_disabled.inc()
        await self._store.disable(webhook.id, reason, now_ms)
        message = disabled_message(webhook.id, webhook.url, reason, now_ms)
        for other in list(self._webhooks.values()):
            if "operations" in other.sends and other.owner in ("", webhook.owner):
                await self._store.queue(other.id, (message,), now_ms, self._most_waiting)
                self.queued(other.id)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _told_ms(message_id: str, otherwise: int) -> int:
    """Return when what a message tells was written to its stream."""
    number = message_id.partition("_")[2].partition("-")[0]
    return int(number) if number.isdigit() else otherwise
