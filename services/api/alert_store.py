"""Alert rules, which events meet them, and what fired, in Redis. All methods raise redis errors as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from redis.asyncio import Redis

from services.api.alert_rules import Rule, read_rule, rule_json
from services.api.sse import Position, format_position, parse_position
from services.contracts.redis_model import SubscriptionKeys

FIELD_ALERT: Final = "alert"
"""The one field of an entry of the stream of fired alerts."""
FIRED_KEPT: Final = 10_000
"""Fired alerts kept in the stream."""
FIRED_KEPT_EACH: Final = 500
"""Fired alerts kept of each rule."""
MET_FOR_DAYS: Final = 90
"""That an event meets a rule is forgotten after so long without a change of the event."""

log = structlog.get_logger("dateline.api.alerts")

_ADVANCE: Final = """
-- KEYS: place, stream of fired alerts, rules, then for each effect: events that meet the rule, alerts of the rule.
-- ARGV: expected place, new place, entries of the stream, alerts kept of a rule, oldest moment that counts, then for
-- each effect: rule, event, moment ('' where it meets the rule no more), alert ('' where nothing fires).
-- Returns 1, or 0 where the place is another.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return 0
end
local at = 6
for number = 4, #KEYS, 2 do
  local rule, event, moment, alert = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  at = at + 4
  if redis.call('HEXISTS', KEYS[3], rule) == 1 then
    if moment == '' then
      redis.call('ZREM', KEYS[number], event)
    else
      redis.call('ZADD', KEYS[number], moment, event)
      redis.call('ZREMRANGEBYSCORE', KEYS[number], '-inf', ARGV[5])
    end
    if alert ~= '' then
      redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'alert', alert)
      redis.call('LPUSH', KEYS[number + 1], alert)
      redis.call('LTRIM', KEYS[number + 1], 0, tonumber(ARGV[4]) - 1)
    end
  end
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one change does to one rule."""

    rule_id: str
    event_id: str
    met_ms: int
    """When the event last met the rule, in milliseconds since 1970; 0 where it meets it no more."""
    alert: bytes
    """JSON of the alert; empty where nothing fires."""


class AlertStore:
    """The rules of one Redis."""

    def __init__(self, redis: Redis, keys: SubscriptionKeys) -> None:
        self._redis = redis
        self._keys = keys
        self._advance = redis.register_script(_ADVANCE)

    async def generation(self) -> bytes:
        """Return a token that differs after each change of a rule or webhook."""
        held: Any = await self._redis.get(self._keys.generation)
        return bytes(held or b"")

    async def all(self) -> list[Rule]:
        """Return all rules, the oldest first."""
        held: Any = await self._redis.hgetall(self._keys.rules)
        found = [rule for rule_id, raw in held.items() if (rule := _read(rule_id.decode(), raw)) is not None]
        return sorted(found, key=lambda rule: (rule.created_ms, rule.id))

    async def get(self, rule_id: str) -> Rule | None:
        """Return one; None where there is none."""
        raw: Any = await self._redis.hget(self._keys.rules, rule_id)
        return None if raw is None else _read(rule_id, raw)

    async def put(self, rule: Rule, *, anew: bool) -> None:
        """Keep a rule; ``anew``: with no event that meets it yet."""
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.hset(self._keys.rules, rule.id, rule_json(rule))
        if anew:
            pipeline.delete(self._keys.met(rule.id))
        await pipeline.execute()
        await self._redis.incr(self._keys.generation)

    async def remove(self, rule_id: str) -> None:
        """Forget a rule and what fired by it."""
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.hdel(self._keys.rules, rule_id)
        pipeline.delete(self._keys.met(rule_id), self._keys.fired_by(rule_id))
        await pipeline.execute()
        await self._redis.incr(self._keys.generation)

    async def position(self) -> Position | None:
        """Return up to where the rules have seen the stream of changes; None before the first time."""
        held: Any = await self._redis.get(self._keys.rules_position)
        return None if held is None else parse_position(held.decode())

    async def met(self, rule_ids: Sequence[str], event_ids: Sequence[str]) -> set[tuple[str, str]]:
        """Return which (rule, event) pairs are met."""
        if not rule_ids or not event_ids:
            return set()
        pipeline = self._redis.pipeline(transaction=False)
        for rule_id in rule_ids:
            pipeline.zmscore(self._keys.met(rule_id), list(event_ids))
        return {
            (rule_id, event_id)
            for rule_id, scores in zip(rule_ids, await pipeline.execute(), strict=True)
            for event_id, score in zip(event_ids, scores, strict=True)
            if score is not None
        }

    async def advance(
        self, expected: Position | None, upto: Position, effects: Sequence[Effect], oldest_ms: int
    ) -> bool:
        """Write effects and up to where the rules have seen, together; False where somebody else has moved them on."""
        keys = [self._keys.rules_position, self._keys.fired, self._keys.rules]
        arguments: list[str | int | bytes] = [
            "" if expected is None else format_position(expected),
            format_position(upto),
            FIRED_KEPT,
            FIRED_KEPT_EACH,
            oldest_ms,
        ]
        for effect in effects:
            keys += [self._keys.met(effect.rule_id), self._keys.fired_by(effect.rule_id)]
            arguments += [effect.rule_id, effect.event_id, effect.met_ms or "", effect.alert]
        return bool(await self._advance(keys=keys, args=arguments))

    async def fired_by(self, rule_id: str, most: int) -> list[bytes]:
        """Return the JSON of the last alerts of a rule, newest first."""
        found: Any = await self._redis.lrange(self._keys.fired_by(rule_id), 0, most - 1)
        return list(found)


def _read(rule_id: str, raw: bytes) -> Rule | None:
    try:
        return read_rule(rule_id, raw)
    except (KeyError, ValueError, TypeError) as error:
        log.warning("alert rule left out: it is kept in another layout", rule=rule_id, error=repr(error))
        return None
