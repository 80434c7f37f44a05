"""The cache as a sink: each event state goes to Redis in one script call, many calls in one round trip.

Idempotent by the revision guard inside the script: what arrives again, or out of order, changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any, ClassVar, Final

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from services.cache.projection import Projection, project
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.redis_model import CHANGES_KEPT, HISTORY_KEPT, Keys
from services.contracts.topics import EVENTS, Topic
from services.runtime.stage import Message, Sink, Unavailable

SERVER_NOT_READY: Final = frozenset(
    ("BUSY", "LOADING", "OOM", "MISCONF", "READONLY", "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN")
)
"""Error codes that tell of the server's condition, not of the message (as redis.io documents them)."""

BATCH: Final = 200
"""Calls in one round trip: about 2 MB, so that neither side holds much in its buffers."""

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
    """Writes the latest state of each event, its index entries and its changes."""

    name: ClassVar[str] = "cache"
    inputs: ClassVar[tuple[Topic, ...]] = (EVENTS,)
    keeps_notes: ClassVar[bool] = True

    def __init__(
        self, client: Redis, keys: Keys, changes_kept: int = CHANGES_KEPT, history_kept: int = HISTORY_KEPT
    ) -> None:
        """``client`` must return bytes (decode_responses off). No connection is made before the first write."""
        self._client = client
        self._keys = keys
        self._changes_kept = changes_kept
        self._history_kept = history_kept
        self._script = files("services.cache").joinpath("write.lua").read_bytes()
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
            for (number, _), reply in zip(batch, self._run([state for _, state in batch]), strict=True):
                answers[number] = reply
        return answers

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

    def _run(self, states: Sequence[Projection]) -> list[Exception | None]:
        """Write some states in one round trip, loading the script where the server does not have it."""
        try:
            if not self._sha:
                self._load()
            replies = self._send(states)
            if any(isinstance(reply, NoScriptError) for reply in replies):
                self._load()
                replies = self._send(states)
        except (RedisConnectionError, RedisTimeoutError) as error:
            raise Unavailable(f"Redis cannot be reached: {error}") from error
        except ResponseError as error:
            raise Unavailable(f"Redis refused the cache's script: {error}") from error
        answers = [reply if isinstance(reply, Exception) else None for reply in replies]
        for answer in answers:
            if answer is not None and _server_not_ready(answer):
                raise Unavailable(f"Redis cannot write now: {answer}") from answer
        return answers

    def _load(self) -> None:
        self._sha = str(self._client.script_load(self._script))

    def _send(self, states: Sequence[Projection]) -> list[object]:
        pipeline = self._client.pipeline(transaction=False)
        for state in states:
            keys, arguments = self._call(state)
            pipeline.evalsha(self._sha, len(keys), *keys, *arguments)
        return list(pipeline.execute(raise_on_error=False))

    def _call(self, state: Projection) -> tuple[list[str], list[Argument]]:
        keys = [self._keys.event(state.event_id), self._keys.changes, self._keys.history(state.event_id)]
        arguments: list[Argument] = [
            self._keys.indexes,
            state.revision,
            state.json,
            state.summary,
            state.member,
            "\n".join(state.terms),
            self._changes_kept,
            self._history_kept,
            len(state.changes),
        ]
        for streamed, remembered in zip(state.changes, state.history, strict=True):
            arguments += [streamed, remembered]
        return keys, arguments


def _server_not_ready(error: Exception) -> bool:
    """True where the server's condition is at fault. redis-py drops some codes from the text: look at the class too."""
    if isinstance(error, RedisConnectionError | RedisTimeoutError):
        return True
    if not isinstance(error, RedisError):
        return False
    name = type(error).__name__
    if name in ("BusyLoadingError", "OutOfMemoryError", "ReadOnlyError", "MasterDownError", "ClusterDownError"):
        return True
    # an error inside a script may carry its code after "... script: <sha>, on @user_script:1: -"
    return any(word.strip("-,.:") in SERVER_NOT_READY for word in str(error).split())
