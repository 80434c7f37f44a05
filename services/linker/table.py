"""The linker's state as it lies in memory: stored bytes by key, with the index over the held events.

Events stay in their stored form (about a kilobyte) and are decoded on demand; the latest few thousand profiles stay
decoded, and so do the reports of the events worked on last.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from typing import Final, NamedTuple

import orjson

from services.linker import ledger, olderrecord, record
from services.linker.activity import ARCHIVED, LIVE, Memory, next_day
from services.linker.agenda import Agenda
from services.linker.entry import Entry, entry_of
from services.linker.index import EventIndex
from services.linker.ledger import ArticleEntry
from services.linker.profile import Profile
from services.linker.report import Report
from services.runtime.stage import Write

_EPOCH_DAY: Final = 719_163  # date(1970, 1, 1).toordinal()
_DECODED_KEPT: Final = 20_000
_WORKED_ON_KEPT: Final = 1_024
"""Events whose reports stay as they are in memory, with what was read out of them: news of an event comes in bursts."""
_CHAIN: Final = 100
"""Merges followed from an id to the event it stands for."""
EVENT: Final = "e:"
ARTICLE: Final = "a:"
ALIAS: Final = "m:"
_ANY_ERROR: Final = Exception  # whatever a decoder raises on bytes that are not what it wrote


class Known(NamedTuple):
    """A held event as far as comparing needs it."""

    profile: Profile
    first_seen_us: int


class _WorkedOn(NamedTuple):
    """What was decoded of the record of a live event."""

    entry: Entry
    reports: tuple[Report, ...]
    spilled: dict[str, record.Spilled]


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
    """A view of the stored entries. Changes in ``apply`` and ``load`` only."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.index = EventIndex()
        self._events: dict[str, bytes] = {}
        """By id."""
        self._stored: dict[str, bytes] = {}
        """Articles and aliases, by key."""
        self._decoded: OrderedDict[str, Known] = OrderedDict()
        self._worked_on: OrderedDict[str, _WorkedOn] = OrderedDict()
        """By id, as the stored bytes say."""
        self._expected: dict[str, tuple[bytes, Entry, record.Record]] = {}
        self._expiring = Agenda()
        """Keys of articles and aliases by the day on which they are forgotten."""
        self._due: dict[str, Agenda] = {}
        """Ids of events by topic family and the day on which something is due."""
        self._copied: dict[str, int] = {}
        """How many articles copy one, by its key; those that nobody copied are left out."""
        self._bytes = 0
        self._kinds: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._stored) + len(self._events)

    @property
    def stored_bytes(self) -> int:
        """Size of all stored values."""
        return self._bytes

    def held(self, kind: str) -> int:
        """Return how many are held: articles, merged (ids), live, quiet, archived, divided, faulty."""
        return self._kinds[kind]

    # Changing

    def load(self, writes: Iterable[Write]) -> None:
        """Take up all stored entries at once: at a fraction of the cost of ``apply``, with the same result."""
        fresh: list[tuple[int, str]] = []
        for write in writes:
            event_id = write.key.removeprefix(EVENT)
            if write.value is None or event_id == write.key or event_id in self._events:
                self.apply(write)
                continue
            value = self._checked(write.value)
            if value is not None:
                self._keep(event_id, value)
                fresh.append((record.first_seen_us(value), event_id))
        fresh.sort()
        if self.index:
            for _, event_id in fresh:
                self.index.put(*self._entered(event_id), None)
        else:
            self.index.fill(self._entered(event_id) for _, event_id in fresh)

    def _checked(self, value: bytes) -> bytes | None:
        """The bytes of an event's record, those of an older format in today's; None, counted, for what is none."""
        try:
            if value[:1] and value[0] in olderrecord.FORMATS:
                return self._renewed(value)[0]
            record.check(value)
        except _ANY_ERROR:
            self._kinds["faulty"] += 1
            return None
        return value

    def _entered(self, event_id: str) -> tuple[str, Entry]:
        """An event that is kept with its entry, which is noted. One at a time: a million entries weigh half a GB."""
        entry = record.read_entry(self._events[event_id])
        self._note(event_id, entry)
        return event_id, entry

    def apply(self, write: Write) -> None:
        """Take up one entry or its removal. An event's record that cannot be read is left out and counted."""
        key, value = write.key, write.value
        if key.startswith(EVENT):
            self._apply_event(key.removeprefix(EVENT), value)
        elif key.startswith((ARTICLE, ALIAS)):
            self._apply_other(key, value)
        else:
            raise ValueError(f"the linker's table has no entries like {key!r}: is this another stage's table?")

    def expect(self, event_id: str, value: bytes, entry: Entry, held: record.Record) -> None:
        """Note what the bytes of a record that may be applied next say, so that they need not be read again."""
        self._expected[event_id] = value, entry, held

    def expect_nothing(self) -> None:
        """Forget what was expected and did not come."""
        self._expected.clear()

    def _apply_event(self, event_id: str, value: bytes | None) -> None:
        old = self._events.get(event_id)
        worked_on = self._worked_on.pop(event_id, None)
        before = worked_on.entry if worked_on is not None else record.read_entry(old) if old is not None else None
        expected = self._expected.pop(event_id, None)
        self._decoded.pop(event_id, None)
        held: record.Record | None = None
        taken: tuple[bytes, Entry] | None = None
        if value is not None:
            if expected is not None and expected[0] == value:
                taken, held = (value, expected[1]), expected[2]
            else:
                checked = self._checked(value)
                taken = (checked, record.read_entry(checked)) if checked is not None else None
        if old is not None and before is not None:
            self._bytes -= len(old)
            self._unnote(event_id, before)
        if taken is None:
            if before is not None:
                self.index.drop(event_id, before)
                del self._events[event_id]
            return
        value, entry = taken
        self.index.put(event_id, entry, before)
        self._keep(event_id, value)
        self._note(event_id, entry)
        if held is not None:
            self._keep_decoded(event_id, Known(held.profile, entry.first_seen_us))
            if not entry.archived:
                self._keep_worked_on(event_id, _WorkedOn(entry, held.reports, held.spilled))

    def _apply_other(self, key: str, value: bytes | None) -> None:
        kind = "articles" if key.startswith(ARTICLE) else "merged"
        old = self._stored.pop(key, None)
        self._copied.pop(key, None)
        if old is not None:
            self._bytes -= len(old)
            self._kinds[kind] -= 1
            self._expiring.drop(key, self._expiry(key, old))
        if value is None:
            return
        try:
            day = self._expiry(key, value)
        except _ANY_ERROR:
            self._kinds["faulty"] += 1
            return
        self._stored[key] = value
        self._bytes += len(value)
        self._kinds[kind] += 1
        self._expiring.put(key, day)
        if kind == "articles" and (copied := ledger.decode(value).copied):
            self._copied[key] = copied

    def _renewed(self, value: bytes) -> tuple[bytes, Entry]:
        older = olderrecord.decode(value)
        event = older.event
        event.activity = event.activity or LIVE
        changed_day = day_of_us(event.last_changed.ToMicroseconds())
        entry = entry_of(
            older.profile,
            event.topic,
            first_seen_us=event.first_seen.ToMicroseconds(),
            changed_day=changed_day,
            next_day=next_day(changed_day, event, older.profile, changed_day, self.memory),
        )
        return record.encode(older, entry), entry

    def _keep(self, event_id: str, value: bytes) -> None:
        self._events[event_id] = value
        self._bytes += len(value)

    def _note(self, event_id: str, entry: Entry) -> None:
        self._due.setdefault(entry.topic, Agenda()).put(event_id, entry.next_day)
        self._tally(entry, 1)

    def _unnote(self, event_id: str, entry: Entry) -> None:
        self._due[entry.topic].drop(event_id, entry.next_day)
        self._tally(entry, -1)

    def _tally(self, entry: Entry, by: int) -> None:
        self._kinds[ARCHIVED if entry.archived else "quiet" if entry.quiet else LIVE] += by
        self._kinds["divided"] += by * entry.divided

    def _keep_decoded(self, event_id: str, known: Known) -> None:
        self._decoded[event_id] = known
        if len(self._decoded) > _DECODED_KEPT:
            self._decoded.popitem(last=False)

    def _keep_worked_on(self, event_id: str, worked_on: _WorkedOn) -> None:
        self._worked_on[event_id] = worked_on
        if len(self._worked_on) > _WORKED_ON_KEPT:
            self._worked_on.popitem(last=False)

    def _expiry(self, key: str, value: bytes) -> int:
        """The day on which an article or an alias is forgotten if it does not change."""
        if key.startswith(ALIAS):
            return int(orjson.loads(value)[1]) + self.memory.horizon_days
        entry = ledger.decode(value)
        # Who copied it is counted as long as an event may show it.
        return entry.day + (self.memory.horizon_days if entry.copied else self.memory.article_days)

    # Looking

    def resolve(self, event_id: str) -> str:
        """Return the id of the event that an id stands for after merges; the id itself where it was never merged."""
        for _ in range(_CHAIN):
            alias = self._stored.get(f"{ALIAS}{event_id}")
            if alias is None:
                break
            event_id = orjson.loads(alias)[0]
        return event_id

    def article(self, topic: str, article_id: str) -> ArticleEntry | None:
        """Return what is remembered about an article, or None."""
        value = self._stored.get(article_key(topic, article_id))
        return None if value is None else ledger.decode(value)

    def copied(self, topic: str, article_id: str) -> int:
        """Return how many articles copy one."""
        return self._copied.get(article_key(topic, article_id), 0) if self._copied else 0

    def record(self, event_id: str) -> record.Record | None:
        """Return the whole record of a held event, or None. Raises FaultyRecord where it cannot be read."""
        value = self._events.get(event_id)
        if value is None:
            return None
        worked_on = self._worked_on.get(event_id)
        try:
            if worked_on is not None:
                (event, packed), known = record.read_event(value, worked_on.entry), self.known(event_id)
                assert known is not None
                return record.Record(event, known.profile, worked_on.reports, worked_on.spilled, packed)
            return record.decode(value)
        except _ANY_ERROR as error:
            raise record.FaultyRecord(f"record of event {event_id}: {error}") from error

    def known(self, event_id: str) -> Known | None:
        """Return what comparing needs of a held event, or None. Treat it as read-only: it is shared."""
        held = self._decoded.get(event_id)
        if held is not None:
            self._decoded.move_to_end(event_id)
            return held
        value = self._events.get(event_id)
        if value is None:
            return None
        held = Known(*record.peek(value))
        self._keep_decoded(event_id, held)
        return held

    def expired(self, day: int, most: int) -> list[str]:
        """Return up to ``most`` keys of articles and aliases to be forgotten by ``day`` (ordinal)."""
        return self._expiring.due(day, most)

    def due(self, topic: str, day: int, most: int) -> list[str]:
        """Return the ids of up to ``most`` events of a topic family at which to look on ``day`` (ordinal)."""
        agenda = self._due.get(topic)
        return agenda.due(day, most) if agenda is not None else []
