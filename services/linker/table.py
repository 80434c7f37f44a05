"""The linker's state as it lies in memory: stored bytes by key, with the index over the live events.

Events stay in their stored form (about a kilobyte) and are decoded on demand; the latest few thousand stay decoded.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from heapq import nsmallest
from typing import Final

import orjson

from services.contracts.dateline.v1 import event_pb2
from services.linker import ledger, record
from services.linker.index import EventIndex
from services.linker.ledger import ArticleEntry
from services.linker.overdue import overdue_from
from services.linker.profile import Profile, of_event
from services.runtime.stage import Write

_EPOCH_DAY: Final = 719_163  # date(1970, 1, 1).toordinal()
_DECODED_KEPT: Final = 20_000
EVENT: Final = "e:"
ARTICLE: Final = "a:"
ALIAS: Final = "m:"


@dataclass(frozen=True, slots=True)
class Known:
    """A live event as far as comparing needs it."""

    event: event_pb2.Event
    """Without evidence."""
    profile: Profile
    first_seen_us: int
    changed_day: int
    due: int | None
    """Day from which it is overdue without news; None where it never is, or is so already."""


def day_of_us(us: int) -> int:
    """Return the day (ordinal) of an instant in microseconds since 1970."""
    return _EPOCH_DAY + us // 86_400_000_000


def article_key(topic: str, article_id: str) -> str:
    """Return the key of what is remembered about an article in a topic family."""
    return f"{ARTICLE}{topic}:{article_id}"


def alias_write(event_id: str, into: str, day: int) -> Write:
    """Return the write that makes ``event_id`` stand for the event it was merged into."""
    return Write(f"{ALIAS}{event_id}", orjson.dumps([into, day]))


class Table:
    """A view of the stored entries. Changes in ``apply`` only."""

    def __init__(self) -> None:
        self.index = EventIndex()
        self._stored: dict[str, bytes] = {}
        self._decoded: OrderedDict[str, Known] = OrderedDict()
        self._by_day: dict[int, dict[str, None]] = {}
        self._due: dict[str, dict[int, dict[str, None]]] = {}
        """Ids of events by topic family and day from which they are overdue."""
        self._bytes = 0
        self._articles = 0

    def __len__(self) -> int:
        return len(self._stored)

    @property
    def articles(self) -> int:
        """How many articles are remembered."""
        return self._articles

    @property
    def stored_bytes(self) -> int:
        """Size of all stored values."""
        return self._bytes

    def apply(self, write: Write) -> None:
        """Take up one entry or its removal."""
        key, value = write.key, write.value
        old = self._stored.get(key)
        if old is None and value is None:
            return
        if key.startswith(EVENT):
            day_before, day = self._reindex(key.removeprefix(EVENT), old, value)
        elif key.startswith((ARTICLE, ALIAS)):
            day_before, day = _entry_day(key, old), _entry_day(key, value)
            if key.startswith(ARTICLE):
                self._articles += (value is not None) - (old is not None)
        else:
            raise ValueError(f"the linker's table has no entries like {key!r}: is this another stage's table?")
        if old is not None:
            self._bytes -= len(old)
        if value is None:
            del self._stored[key]
        else:
            self._stored[key] = value
            self._bytes += len(value)
        if day_before != day:
            self._redate(key, day_before, day)

    def resolve(self, event_id: str) -> str:
        """Return the id of the event that an id stands for after merges; the id itself where it was never merged."""
        while (alias := self._stored.get(f"{ALIAS}{event_id}")) is not None:
            event_id = orjson.loads(alias)[0]
        return event_id

    def article(self, topic: str, article_id: str) -> ArticleEntry | None:
        """Return what is remembered about an article, or None."""
        value = self._stored.get(article_key(topic, article_id))
        return None if value is None else ledger.decode(value)

    def record(self, event_id: str) -> record.Record | None:
        """Return the whole record of a live event, or None."""
        value = self._stored.get(f"{EVENT}{event_id}")
        return None if value is None else record.decode(value)

    def known(self, event_id: str) -> Known | None:
        """Return what comparing needs of a live event, or None. Treat it as read-only: it is shared."""
        held = self._decoded.get(event_id)
        if held is not None:
            self._decoded.move_to_end(event_id)
            return held
        value = self._stored.get(f"{EVENT}{event_id}")
        if value is None:
            return None
        held = _known(value)
        self._keep_decoded(event_id, held)
        return held

    def unchanged_since(self, day: int, most: int) -> list[str]:
        """Return up to ``most`` keys of entries that last changed on the oldest day, if before ``day`` (ordinal)."""
        oldest = min(self._by_day, default=day)
        return nsmallest(most, self._by_day[oldest]) if oldest < day else []

    def due(self, topic: str, day: int, most: int) -> list[str]:
        """Return the ids of up to ``most`` events of a topic family that are overdue on ``day`` (ordinal), unmarked."""
        by_day = self._due.get(topic, {})
        oldest = min(by_day, default=day + 1)
        return nsmallest(most, by_day[oldest]) if oldest <= day else []

    def _reindex(self, event_id: str, old: bytes | None, value: bytes | None) -> tuple[int | None, int | None]:
        """Index an event anew; return the days on which it changed last, before and now."""
        before = self.known(event_id) if old is not None else None
        self._decoded.pop(event_id, None)
        now = _known(value) if value is not None else None
        if now is not None:
            self.index.put(event_id, now.profile, now.first_seen_us, before.profile if before else None)
            self._keep_decoded(event_id, now)
        elif before is not None:
            self.index.drop(event_id, before.profile)
        self._await(event_id, before, now)
        return before.changed_day if before else None, now.changed_day if now else None

    def _await(self, event_id: str, before: Known | None, now: Known | None) -> None:
        """Note from which day on an event is overdue, in the place of what was noted ``before``."""
        if before is not None and before.due is not None:
            by_day = self._due[before.event.topic]
            del by_day[before.due][event_id]
            if not by_day[before.due]:
                del by_day[before.due]
        if now is not None and now.due is not None:
            self._due.setdefault(now.event.topic, {}).setdefault(now.due, {})[event_id] = None

    def _keep_decoded(self, event_id: str, known: Known) -> None:
        self._decoded[event_id] = known
        if len(self._decoded) > _DECODED_KEPT:
            self._decoded.popitem(last=False)

    def _redate(self, key: str, before: int | None, now: int | None) -> None:
        if before is not None:
            bucket = self._by_day[before]
            del bucket[key]
            if not bucket:
                del self._by_day[before]
        if now is not None:
            self._by_day.setdefault(now, {})[key] = None


def _known(value: bytes) -> Known:
    event, outline = record.peek(value)
    profile = of_event(event, (outline.told_first, outline.told_last), outline.words, outline.gist)
    changed_day = day_of_us(event.last_changed.ToMicroseconds())
    due = None if event.overdue else overdue_from(event, outline.told_first)
    return Known(event, profile, event.first_seen.ToMicroseconds(), changed_day, due)


def _entry_day(key: str, value: bytes | None) -> int | None:
    """The day of an article's entry or an alias."""
    return None if value is None else int(orjson.loads(value)[1 if key.startswith(ALIAS) else 0])
