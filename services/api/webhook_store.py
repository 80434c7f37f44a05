"""Webhooks and what waits for them, in Redis. All methods raise redis errors as they come.

What moves a webhook on is one script: its place in a stream and the messages made of what lies before that place are
written together, and only if the place is still the expected one. So a message is queued once, whoever delivers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

import orjson
import structlog
from redis.asyncio import Redis

from services.api.sse import Position, format_position
from services.api.webhook_config import Webhook, read_webhook, settings_json, webhook_fields
from services.api.webhook_messages import Message, instant
from services.contracts.redis_model import SubscriptionKeys

LOG_KEPT: Final = 1_000
"""Attempts remembered of each webhook."""

Outcome = Literal["delivered", "retrying", "given-up"]
Stream = Literal["changes", "alerts"]

log = structlog.get_logger("dateline.api.webhooks")

FULL: Final = -2
"""Answer of ``move`` and ``queue`` where too many wait; -1 where the webhook is gone, disabled or stands elsewhere."""

_QUEUE: Final = """
-- KEYS: hash, due, messages. ARGV: field of the place ('' where none moves), expected, new, due at, most that may wait,
-- then id and body of each message. Returns how many were added, -1 where the webhook is gone, disabled or stands
-- elsewhere, -2 where too many wait (FULL).
if redis.call('EXISTS', KEYS[1]) == 0 then
  return -1
end
if ARGV[1] ~= '' then
  local held = redis.call('HMGET', KEYS[1], ARGV[1], 'enabled')
  if held[1] ~= ARGV[2] or held[2] ~= '1' then
    return -1
  end
end
local room = tonumber(ARGV[5]) - redis.call('ZCARD', KEYS[2])
if #ARGV > 5 and (#ARGV - 5) / 2 > room then
  return -2
end
local added = 0
for at = 6, #ARGV, 2 do
  if redis.call('HSETNX', KEYS[3], ARGV[at], ARGV[at + 1]) == 1 then
    added = added + 1
  end
  redis.call('ZADD', KEYS[2], 'NX', ARGV[4], ARGV[at])
end
if ARGV[1] ~= '' then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return added
"""

_SETTLE: Final = """
-- KEYS: hash, due, messages, attempts, log.
-- ARGV: message, outcome, now, next attempt at, error, entries of the log, entry of the log.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
if ARGV[2] == 'delivered' then
  redis.call('HSET', KEYS[1], 'failing_since_ms', 0, 'last_success_ms', ARGV[3], 'last_error', '')
else
  if (redis.call('HGET', KEYS[1], 'failing_since_ms') or '0') == '0' then
    redis.call('HSET', KEYS[1], 'failing_since_ms', ARGV[3])
  end
  redis.call('HSET', KEYS[1], 'last_error', ARGV[5])
end
if ARGV[2] == 'retrying' then
  redis.call('ZADD', KEYS[2], 'XX', ARGV[4], ARGV[1])
  redis.call('HINCRBY', KEYS[4], ARGV[1], 1)
else
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('HDEL', KEYS[3], ARGV[1])
  redis.call('HDEL', KEYS[4], ARGV[1])
end
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[6], '*', 'attempt', ARGV[7])
return 1
"""

_CHANGE: Final = """
-- KEYS: hash. ARGV: fields and values. Changes a webhook that is still there.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message whose time has come."""

    message: Message
    failures: int
    """Failed attempts so far."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt went."""

    message_id: str
    number: int
    outcome: Outcome
    at_ms: int
    took_ms: int
    status: int
    """HTTP status; 0 where there was no answer."""
    error: str
    """In words; empty where it was delivered."""
    next_ms: int = 0

    def document(self) -> dict[str, object]:
        """Return the attempt as the API shows it."""
        return {
            "message_id": self.message_id,
            "attempt": self.number,
            "outcome": self.outcome,
            "at": instant(self.at_ms),
            "took_ms": self.took_ms,
            "status": self.status or None,
            "error": self.error,
            "next_attempt_at": instant(self.next_ms) if self.next_ms else None,
        }


class WebhookStore:
    """The webhooks of one Redis."""

    def __init__(self, redis: Redis, keys: SubscriptionKeys) -> None:
        self._redis = redis
        self._keys = keys
        self._queue = redis.register_script(_QUEUE)
        self._settle = redis.register_script(_SETTLE)
        self._change = redis.register_script(_CHANGE)

    async def generation(self) -> bytes:
        """Return a token that differs after each change of a webhook or rule."""
        return cast("bytes | None", await self._redis.get(self._keys.generation)) or b"0"

    async def stir(self) -> None:
        """Tell the process that delivers that something changed."""
        await self._redis.incr(self._keys.generation)

    async def add(self, webhook: Webhook) -> None:
        """Keep a new webhook."""
        fields = [part for pair in webhook_fields(webhook).items() for part in pair]
        await self._redis.hset(self._keys.webhook(webhook.id), items=fields)
        await self._redis.zadd(self._keys.webhooks, {webhook.id: webhook.created_ms})
        await self.stir()

    async def count(self) -> int:
        """Return how many there are."""
        return int(await self._redis.zcard(self._keys.webhooks))

    async def all(self) -> list[Webhook]:
        """Return all of them, the oldest first."""
        members: Any = await self._redis.zrange(self._keys.webhooks, 0, -1)
        ids = [each.decode() for each in members]
        pipeline = self._redis.pipeline(transaction=False)
        for webhook_id in ids:
            pipeline.hgetall(self._keys.webhook(webhook_id))
        found = []
        for webhook_id, fields in zip(ids, await pipeline.execute(), strict=True):
            webhook = _read(webhook_id, fields)
            if webhook is not None:
                found.append(webhook)
        return found

    async def get(self, webhook_id: str) -> Webhook | None:
        """Return one; None where there is none."""
        fields = await cast("Awaitable[dict[bytes, bytes]]", self._redis.hgetall(self._keys.webhook(webhook_id)))
        return _read(webhook_id, fields)

    async def write_settings(self, webhook: Webhook) -> bool:
        """Replace what a webhook is told to do; False where it is gone."""
        return await self._set(webhook.id, {"settings": settings_json(webhook)})

    async def enable(self, webhook_id: str, changes: Position, alerts: Position) -> bool:
        """Let a webhook begin at places of the streams; False where it is gone."""
        return await self._set(
            webhook_id,
            {
                "enabled": 1,
                "disabled_reason": "",
                "disabled_ms": 0,
                "failing_since_ms": 0,
                "changes": format_position(changes),
                "alerts": format_position(alerts),
            },
        )

    async def disable(self, webhook_id: str, reason: str, now_ms: int) -> bool:
        """Let a webhook rest; False where it is gone."""
        return await self._set(webhook_id, {"enabled": 0, "disabled_reason": reason, "disabled_ms": now_ms})

    async def _set(self, webhook_id: str, fields: Mapping[str, str | bytes | int]) -> bool:
        flat = [part for pair in fields.items() for part in pair]
        done = bool(await self._change(keys=[self._keys.webhook(webhook_id)], args=flat))
        await self.stir()
        return done

    async def remove(self, webhook_id: str) -> bool:
        """Forget a webhook with all that waits for it; False where there was none."""
        keys = self._keys
        await self._redis.zrem(keys.webhooks, webhook_id)
        gone = await self._redis.delete(
            keys.webhook(webhook_id),
            keys.due(webhook_id),
            keys.messages(webhook_id),
            keys.attempts(webhook_id),
            keys.log(webhook_id),
        )
        await self.stir()
        return bool(gone)

    async def move(
        self,
        webhook_id: str,
        stream: Stream,
        expected: Position,
        upto: Position,
        messages: Sequence[Message],
        now_ms: int,
        most: int,
    ) -> int:
        """Move a webhook on to ``upto`` and queue messages. Returns what the script does."""
        place = (stream, format_position(expected), format_position(upto))
        return await self._enqueue(webhook_id, place, messages, now_ms, most)

    async def queue(self, webhook_id: str, messages: Sequence[Message], now_ms: int, most: int) -> int:
        """Queue messages; one that waits already is not doubled. Returns what the script does."""
        return await self._enqueue(webhook_id, ("", "", ""), messages, now_ms, most)

    async def _enqueue(
        self, webhook_id: str, place: tuple[str, str, str], messages: Sequence[Message], now_ms: int, most: int
    ) -> int:
        keys = [self._keys.webhook(webhook_id), self._keys.due(webhook_id), self._keys.messages(webhook_id)]
        parts = [part for message in messages for part in (message.id, message.body)]
        return int(await self._queue(keys=keys, args=[*place, now_ms, most, *parts]))

    async def due(self, webhook_id: str, now_ms: int, most: int) -> list[Waiting]:
        """Return up to ``most`` messages whose time has come, the longest due first."""
        ids: Any = await self._redis.zrangebyscore(self._keys.due(webhook_id), "-inf", now_ms, start=0, num=most)
        if not ids:
            return []
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.hmget(self._keys.messages(webhook_id), ids)
        pipeline.hmget(self._keys.attempts(webhook_id), ids)
        bodies, failures = await pipeline.execute()
        return [
            Waiting(Message(each.decode(), body), int(failed or 0))
            for each, body, failed in zip(ids, bodies, failures, strict=True)
            if body is not None
        ]

    async def next_due_ms(self, webhook_id: str) -> int | None:
        """Return when the next message is due; None where none waits."""
        first: Any = await self._redis.zrange(self._keys.due(webhook_id), 0, 0, withscores=True)
        return int(first[0][1]) if first else None

    async def waiting(self, webhook_ids: Sequence[str]) -> list[int]:
        """Return how many messages wait for each."""
        pipeline = self._redis.pipeline(transaction=False)
        for webhook_id in webhook_ids:
            pipeline.zcard(self._keys.due(webhook_id))
        return list(await pipeline.execute()) if webhook_ids else []

    async def settle(self, webhook_id: str, attempt: Attempt) -> bool:
        """Write down how an attempt went; False where the webhook is gone."""
        keys = self._keys
        return bool(
            await self._settle(
                keys=[
                    keys.webhook(webhook_id),
                    keys.due(webhook_id),
                    keys.messages(webhook_id),
                    keys.attempts(webhook_id),
                    keys.log(webhook_id),
                ],
                args=[
                    attempt.message_id,
                    attempt.outcome,
                    attempt.at_ms,
                    attempt.next_ms,
                    attempt.error,
                    LOG_KEPT,
                    orjson.dumps(attempt.document()),
                ],
            )
        )

    async def attempts(self, webhook_id: str, most: int) -> list[bytes]:
        """Return the JSON of the last attempts, newest first."""
        rows: Any = await self._redis.xrevrange(self._keys.log(webhook_id), count=most)
        return [fields[b"attempt"] for _, fields in rows]


def _read(webhook_id: str, fields: Mapping[bytes, bytes]) -> Webhook | None:
    if not fields:
        return None
    try:
        return read_webhook(webhook_id, fields)
    except (KeyError, ValueError, TypeError) as error:
        log.warning("webhook left out: it is kept in another layout", webhook=webhook_id, error=repr(error))
        return None
