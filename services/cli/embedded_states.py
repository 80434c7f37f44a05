"""Writing Redis anew on the embedded log: from what the linker holds, because the log keeps only what is unread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Final

import structlog

from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.instants import from_timestamp
from services.contracts.redis_model import LAYOUT, Keys
from services.contracts.topics import EVENTS
from services.runtime.stage import Message
from services.runtime.stream_log import StreamLog, unavailable_when_away

AT_ONCE: Final = 1_000
"""States looked at together: so often is asked which of them the cache has yet to write by itself."""
LINKER: Final = "linker"
TOLD_EVERY: Final = 5_000

log = structlog.get_logger()


def states_are_missing(stream_log: StreamLog, keys: Keys) -> bool:
    """True where the linker holds events and Redis none under today's layout. Raises Unavailable."""
    with unavailable_when_away():
        client = stream_log.client
        complete = client.exists(keys.ids) and not client.exists(keys.filling)
        return not complete and bool(client.exists(stream_log.state(LINKER)))


def held_states(stream_log: StreamLog, tick: Callable[[], None] = lambda: None) -> Iterator[Message]:
    """Yield what the linker holds as messages of ``events``, but for states that wait there to be written.

    Those the cache must write by itself: it tells their changes, and tells none of a state that stands already.
    Raises Unavailable.
    """
    from services.linker.stored_states import stored_states

    states = stored_states(lambda: stream_log.load_state(LINKER, tick))
    while several := list(islice(states, AT_ONCE)):
        waiting = _waiting(stream_log)
        for event in several:
            if event.id not in waiting:
                yield _message(event)


def write_missing(stream_log: StreamLog, keys: Keys, now: datetime, tick: Callable[[], None]) -> int:
    """Write the states that the linker holds where Redis has none of today's layout; return how many.

    What older layouts left there is removed then: on the embedded log nobody reads it any more. Raises Unavailable.
    """
    from services.cache.rebuild import batches
    from services.cache.sink import Cache

    if not states_are_missing(stream_log, keys):
        return 0
    with unavailable_when_away():
        stream_log.client.set(keys.filling, 1)
    cache = Cache(stream_log.client, keys, tells=False)
    written = 0
    for batch in batches(held_states(stream_log, tick)):
        faults = cache.write(batch, now)
        written += faults.count(None)
        tick()
        if written % TOLD_EVERY < len(batch):
            log.info("writing states anew", states=written)
    removed = _remove_older(stream_log, keys.prefix, tick)
    with unavailable_when_away():
        stream_log.client.delete(keys.filling)
    if written or removed:
        log.info("states were written anew", layout=LAYOUT, states=written, old_keys_removed=removed)
    return written


def _waiting(stream_log: StreamLog) -> set[str]:
    with unavailable_when_away():
        rows: Any = stream_log.client.xrange(stream_log.stream(EVENTS))
    return {fields.get(b"key", b"").decode("utf-8", "replace") for _, fields in rows}


def _message(event: Event) -> Message:
    return Message(EVENTS, event.id, event, "", from_timestamp(event.last_changed))


def _remove_older(stream_log: StreamLog, prefix: str, tick: Callable[[], None]) -> int:
    number = re.compile(rf"{re.escape(prefix)}(\d+):".encode())
    removed = 0
    with unavailable_when_away():
        pattern = re.sub(r"([*?\[\]\\])", r"\\\1", prefix) + "[0-9]*"
        for key in stream_log.client.scan_iter(match=pattern, count=1_000):
            found = number.match(key)
            if found and int(found.group(1)) < int(LAYOUT):
                removed += int(stream_log.client.unlink(key))
                if removed % 1_000 == 0:
                    tick()
    return removed
