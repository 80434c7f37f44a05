"""Makes Redis what ``events`` says, while the cache goes on writing and the API goes on reading.

Nothing is emptied: what is missing is written, what is wrong is mended, what does not belong there is taken out, each
by a script that looks whether the state it was computed from still stands. So at no moment is less there than before.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

import orjson
from redis import Redis

from services.cache.projection import entries_of
from services.cache.scripts import available, lines, script
from services.cache.sink import Argument, Cache
from services.contracts.redis_model import ORDERS, Keys
from services.contracts.state_codec import Codec, CodecError
from services.runtime.stage import Message

AT_ONCE: Final = 200
"""Events in one round trip."""

Item = TypeVar("Item")
Tell = Callable[[str, int], None]
"""Told what is being done, and how many were done so far."""


@dataclass(slots=True)
class Result:
    """What was found and done."""

    read: int = 0
    """States that the log held."""
    refused: list[str] = field(default_factory=list)
    """States that could not be written, with why."""
    events: int = 0
    mended: int = 0
    """Entries of indexes that were missing or wrong."""
    strays: int = 0
    """Entries of indexes that belonged to no event, or to one that is found elsewhere."""


class Rebuild:
    """One run over one Redis."""

    def __init__(self, client: Redis, keys: Keys, tell: Tell) -> None:
        """``client`` must return bytes."""
        self._client = client
        self._keys = keys
        self._tell = tell
        self._codec = Codec()
        self._heal, self._stray = script("heal.lua"), script("stray.lua")
        self._belongs: dict[str, array[int]] = {}
        self.result = Result()

    def run(self, messages: Iterable[Message], now: datetime) -> Result:
        """Write what ``messages`` of ``events`` hold, then mend every index. Raises Unavailable."""
        cache = Cache(self._client, self._keys, tells=False)
        for batch in batches(messages):
            for message, fault in zip(batch, cache.write(batch, now), strict=True):
                if fault is not None:
                    self.result.refused.append(f"{message.key}: {fault}")
            self.result.read += len(batch)
            self._tell("states read from events", self.result.read)
        prefix = self._keys.event("")
        found = self._client.scan_iter(match=f"{_escaped(prefix)}*", count=1_000)
        for keys in batches(found):
            self._mend([key.decode().removeprefix(prefix) for key in keys])
            self._tell("events looked through", self.result.events)
        for number, (key, slots) in enumerate(self._indexes(), start=1):
            self._sweep(key, slots)
            if number % 1_000 == 0:
                self._tell("indexes looked through", number)
        return self.result

    def _mend(self, event_ids: Sequence[str]) -> None:
        values: list[Any] = available(lambda: self._client.mget([self._keys.event(each) for each in event_ids]))
        pipeline = self._client.pipeline(transaction=False)
        asked = []
        for event_id, value in zip(event_ids, values, strict=True):
            if value is None:
                continue
            try:
                state = self._codec.unpack(value)
            except CodecError as error:
                self.result.refused.append(f"{event_id}: {error}")
                continue
            entries = entries_of(orjson.loads(state.whole()))
            ranks = "\n".join(f"{name} {rank!r}" for name, rank in sorted(entries.ranks.items()))
            keys = [self._keys.event(event_id), self._keys.ids, self._keys.touched]
            arguments: list[Argument] = [
                self._keys.base,
                state.revision,
                bytes.fromhex(event_id),
                lines(entries.terms),
                ranks,
            ]
            pipeline.eval(self._heal.decode(), len(keys), *keys, *arguments)
            asked.append(entries)
        for entries, answer in zip(asked, available(pipeline.execute), strict=True):
            self.result.events += 1
            if answer:
                slot, mended = answer
                self.result.mended += mended
                for name in (*map(self._keys.index, entries.terms), *map(self._keys.order, entries.ranks)):
                    self._belongs.setdefault(name, array("I")).append(slot)

    def _indexes(self) -> Iterator[tuple[str, set[int]]]:
        for raw in self._client.scan_iter(match=f"{_escaped(self._keys.index(''))}*", count=1_000):
            if self._client.type(raw) == b"string":
                bitmap: Any = self._client.get(raw)
                yield raw.decode(), _set_bits(bitmap)
            else:
                members: Any = self._client.smembers(raw)
                yield raw.decode(), set(map(int, members))
        for order in ORDERS:
            slots: Any = self._client.zrange(self._keys.order(order), 0, -1)
            yield self._keys.order(order), set(map(int, slots))

    def _sweep(self, key: str, slots: set[int]) -> None:
        for slot in slots.difference(self._belongs.get(key, ())):
            identity: Any = self._client.getrange(self._keys.ids, slot * 16, slot * 16 + 15)
            event = self._keys.event(identity.hex())
            value: Any = self._client.get(event)
            revision = 0
            if value is not None and int.from_bytes(value[:4]) == slot:
                state = self._codec.unpack(value)
                entries = entries_of(orjson.loads(state.whole()))
                if key in {*map(self._keys.index, entries.terms), *map(self._keys.order, entries.ranks)}:
                    continue  # written since
                revision = state.revision
            keys = [event, key, self._keys.touched]
            taken = available(partial(self._client.eval, self._stray.decode(), len(keys), *keys, slot, revision))
            self.result.strays += int(taken)


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield items in lists of AT_ONCE."""
    rest = iter(items)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch


def _set_bits(bitmap: bytes) -> set[int]:
    return {at * 8 + bit for at, byte in enumerate(bitmap) if byte for bit in range(8) if byte & 0x80 >> bit}


def _escaped(text: str) -> str:
    """Return text that a pattern of SCAN takes as it stands."""
    return "".join(f"\\{char}" if char in "*?[]\\" else char for char in text)
