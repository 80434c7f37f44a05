"""The cache as a sink: states of events go to Redis, many in two round trips, each written by one script call.

Idempotent by the revision that stands there: what arrives again, or out of order, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import inf
from typing import Any, ClassVar, Final

import orjson
from redis import Redis
from redis.exceptions import NoScriptError, RedisError

from services.cache.projection import Entries, Projection, entries_of, project
from services.cache.retention import Retention
from services.cache.scripts import available, lines, script
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.redis_model import CHANGES_KEPT, HISTORY_KEPT, Keys
from services.contracts.state_codec import Codec, CodecError, State
from services.contracts.topics import EVENTS, Topic
from services.runtime.stage import Message, Sink, Unavailable

BATCH: Final = 200
"""Calls in one round trip: about 2 MB, so that neither side holds much in its buffers."""

WRITTEN: Final = -1
"""What the script answers where it wrote; else it answers the revision that stands there."""

ATTEMPTS: Final = 10
"""How often a state is computed anew because another cache wrote its event meanwhile."""

Argument = str | bytes | int

NOTE: Final = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
if (held or '') ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""
"""Notes a partition's place if the note that stands there is the one expected."""


class Cache(Sink):
    """Writes the latest state of each event, its index entries, its earlier states and its changes."""

    name: ClassVar[str] = "cache"
    inputs: ClassVar[tuple[Topic, ...]] = (EVENTS,)
    keeps_notes: ClassVar[bool] = True

    def __init__(
        self,
        client: Redis,
        keys: Keys,
        changes_kept: int = CHANGES_KEPT,
        history_kept: int = HISTORY_KEPT,
        *,
        kept_s: float = inf,
        tells: bool = True,
    ) -> None:
        """``client`` must return bytes (decode_responses off). No connection is made before the first write.

        ``kept_s``: seconds after its last change for which an event is kept.
        ``tells``: whether changes go to the stream; what only writes anew what was told before must not.
        """
        self._client = client
        self._keys = keys
        self._changes_kept = changes_kept
        self._history_kept = history_kept
        self._tells = tells
        self._codec = Codec()
        self._retention = Retention(client, keys, self._codec, kept_s) if kept_s < inf else None
        self._script = script("write.lua")
        self._sha = ""

    def write(self, messages: Sequence[Message], now: datetime) -> list[Exception | None]:
        """Write the states; a message that holds no usable event is at fault, everything else is Unavailable."""
        answers: list[Exception | None] = [None] * len(messages)
        ready: list[tuple[int, Projection]] = []
        for number, message in enumerate(messages):
            try:
                if not isinstance(message.value, Event):
                    raise TypeError(f"{EVENTS.name} carries {EVENTS.ce_type}, got {type(message.value).__name__}")
                ready.append((number, project(message.value)))
            except Exception as error:  # any event may be poison; the others must be written
                answers[number] = error
        for start in range(0, len(ready), BATCH):
            batch = ready[start : start + BATCH]
            for number, fault in self._write(batch, int(now.timestamp())).items():
                answers[number] = fault
        if self._retention is not None:
            self._retention.forget(now.timestamp())
        return answers

    def due(self, now: datetime) -> bool:
        """Take out some of the events that have not changed for too long; True where some were. Raises Unavailable."""
        return self._retention is not None and self._retention.forget(now.timestamp()) > 0

    def reached(self, partition: str) -> int | None:
        """Return up to where a partition of the log is written, or None where Redis was emptied or is new."""
        try:
            held: Any = self._client.hget(self._keys.written, partition)
        except RedisError as error:
            raise Unavailable(f"Redis cannot be asked: {error}") from error
        return None if held is None else int(held)

    def note(self, partition: str, before: int | None, place: int) -> bool:
        """Note up to where a partition is written; False where Redis holds another note than the last one."""
        try:
            said = self._client.eval(NOTE, 1, self._keys.written, partition, "" if before is None else before, place)
        except RedisError as error:
            raise Unavailable(f"Redis cannot note what is written: {error}") from error
        return bool(said)

    def _write(self, batch: Sequence[tuple[int, Projection]], now_s: int) -> dict[int, Exception]:
        """Write states in order; returns which of them are at fault, by number."""
        faults: dict[int, Exception] = {}
        for _ in range(ATTEMPTS):
            held = self._held({state.event_id for _, state in batch})
            calls: list[tuple[int, list[str], list[Argument]]] = []
            for number, new in batch:
                before = held[new.event_id]
                if isinstance(before, Exception):
                    faults[number] = before
                elif before is None or before.revision < new.state.revision:
                    calls.append((number, self._scripted_keys(new.event_id), self._arguments(before, new, now_s)))
                    held[new.event_id] = new.state
            overtaken: set[int] = set()
            for (number, _, _), reply in zip(calls, self._run([call[1:] for call in calls]), strict=True):
                if isinstance(reply, Exception):
                    faults[number] = reply
                elif reply != WRITTEN:
                    overtaken.add(number)
            if not overtaken:
                return faults
            batch = [(number, new) for number, new in batch if number in overtaken]
        raise Unavailable("another cache keeps writing the same events: run one a partition of the log")

    def _held(self, event_ids: Iterable[str]) -> dict[str, State | Exception | None]:
        """Return what stands in Redis, by event id."""
        identities = sorted(event_ids)
        pipeline = self._client.pipeline(transaction=False)
        for identity in identities:
            pipeline.get(self._keys.event(identity))
        values = available(lambda: pipeline.execute(raise_on_error=False))
        return {identity: self._state(value) for identity, value in zip(identities, values, strict=True)}

    def _state(self, value: bytes | Exception | None) -> State | Exception | None:
        if value is None or isinstance(value, Exception):
            return value
        try:
            return self._codec.unpack(value)
        except CodecError as error:
            return error

    def _scripted_keys(self, event_id: str) -> list[str]:
        keys = self._keys
        return [
            keys.event(event_id),
            keys.history(event_id),
            keys.changes,
            keys.next_slot,
            keys.free_slots,
            keys.ids,
            keys.touched,
        ]

    def _arguments(self, before: State | None, new: Projection, now_s: int) -> list[Argument]:
        old = Entries(frozenset(), {}, frozenset()) if before is None else entries_of(orjson.loads(before.whole()))
        entries = new.entries
        ranks = {name: rank for name, rank in entries.ranks.items() if old.ranks.get(name) != rank}
        return [
            self._keys.base,
            before.revision if before else 0,
            self._codec.pack(new.state),
            bytes.fromhex(new.event_id),
            now_s,
            self._codec.pack_earlier(before, new.state) if before else b"",
            before.changed_us if before else b"",
            self._history_kept,
            self._changes_kept,
            lines(entries.terms - old.terms),
            lines(old.terms - entries.terms),
            lines(old.ranks.keys() - entries.ranks.keys()),
            "\n".join(f"{name} {rank!r}" for name, rank in sorted(ranks.items())),
            lines(entries.articles - old.articles),
            *((self._codec.zip(change) for change in new.changes) if self._tells else ()),
        ]

    def _run(self, calls: Sequence[tuple[list[str], list[Argument]]]) -> list[Any]:
        """Make some calls of the script in one round trip, loading it where the server does not have it."""
        if not calls:
            return []
        if not self._sha:
            self._load()
        replies = self._send(calls)
        if any(isinstance(reply, NoScriptError) for reply in replies):
            self._load()
            replies = self._send(calls)
        return replies

    def _load(self) -> None:
        self._sha = str(available(lambda: self._client.script_load(self._script)))

    def _send(self, calls: Sequence[tuple[list[str], list[Argument]]]) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for keys, arguments in calls:
            pipeline.evalsha(self._sha, len(keys), *keys, *arguments)
        return list(available(lambda: pipeline.execute(raise_on_error=False)))
