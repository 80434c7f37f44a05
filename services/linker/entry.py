"""What the index has to know of an event: read from the head of its record without looking at the rest.

A linker that takes over reads a million of these before it can work. So the keys are stored as the numbers under which
they are looked up, and nothing is computed anew.

Layout (little-endian): first_seen_us i64, changed_day i32, next_day i32, flags u8, lengths (type u8, topic u8, keys
u16, counted u16, words u16, gist u16), status u8 (its place in ``ontology.STATUSES``), first and last day of reports
i32, first and last day of the event i32 (0 where unknown); type and topic in UTF-8, then keys and counted as u64, words
and gist as u16. Records before format 7 lack what stands between the lengths and the type.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Sequence
from sys import byteorder, intern
from typing import Final, NamedTuple

from services.contracts.ontology import STATUSES
from services.linker.days import Days
from services.linker.keys import archive_keys, counted_keys, event_keys
from services.linker.profile import Profile
from services.linker.timing import Times, times_of

_HEAD: Final = struct.Struct("<qiiBBBHHHHBiiii")
_OLDER_HEAD: Final = struct.Struct("<qiiBBBHHHH")
_STATUS: Final = {status: number for number, status in enumerate(STATUSES)}
_NO_STATUS: Final = 255
_ARCHIVED: Final = 1
_QUIET: Final = 2
_DIVIDED: Final = 4
_EXPLICIT: Final = 8


class Entry(NamedTuple):
    """One event as the index holds it."""

    times: Times
    topic: str
    first_seen_us: int
    changed_day: int
    """Day (ordinal) of the last report or other change that was heard of."""
    next_day: int
    """Day (ordinal) on which something is due if nothing is heard of it until then (see ``activity``)."""
    quiet: bool
    archived: bool
    divided: bool
    """True where its reports were divided from another event's."""
    keys: array[int]
    """Numbers of the keys under which it is found, sorted."""
    counted: array[int]
    """Numbers of the keys that only count how common they are."""
    words: array[int]
    """Telling words, sorted."""
    gist: array[int]

    @property
    def type(self) -> str:
        return self.times.type


def entry_of(
    profile: Profile,
    topic: str,
    *,
    first_seen_us: int,
    changed_day: int,
    next_day: int,
    quiet: bool = False,
    archived: bool = False,
    divided: bool = False,
) -> Entry:
    """Return the entry of an event by its profile. An archived one is found by what tells it for certain alone."""
    keys = archive_keys(profile) if archived else event_keys(profile)
    counted = () if archived else counted_keys(profile)
    return Entry(
        times_of(profile),
        topic,
        first_seen_us,
        changed_day,
        next_day,
        quiet,
        archived,
        divided,
        array("Q", sorted(set(keys))),
        array("Q", sorted(counted)),
        array("H", sorted(profile.words)),
        array("H", profile.gist),
    )


def pack(entry: Entry) -> bytes:
    """Return the stored form."""
    times = entry.times
    kind, topic, days = times.type.encode(), entry.topic.encode(), times.days
    flags = entry.archived * _ARCHIVED + entry.quiet * _QUIET + entry.divided * _DIVIDED
    if days is not None and days.explicit:
        flags += _EXPLICIT
    head = _HEAD.pack(
        entry.first_seen_us,
        entry.changed_day,
        entry.next_day,
        flags,
        len(kind),
        len(topic),
        len(entry.keys),
        len(entry.counted),
        len(entry.words),
        len(entry.gist),
        _STATUS.get(times.status, _NO_STATUS),
        times.told_first,
        times.told_last,
        days.start if days is not None else 0,
        days.end if days is not None else 0,
    )
    arrays = (entry.keys, entry.counted, entry.words, entry.gist)
    return b"".join((head, kind, topic, *(_little(numbers).tobytes() for numbers in arrays)))


def packed_size(entry: Entry, older: bool = False) -> int:
    """Return the length of the stored form; ``older``: of the one before format 7."""
    head = _OLDER_HEAD if older else _HEAD
    words = len(entry.words) + len(entry.gist)
    numbers = len(entry.keys) + len(entry.counted)
    return head.size + len(entry.type.encode()) + len(entry.topic.encode()) + 8 * numbers + 2 * words


def unpack(data: bytes, at: int) -> tuple[Entry, int]:
    """Return the entry that starts at ``at`` and where it ends. Raises ValueError where it is cut short."""
    try:
        first, changed, due, flags, kinds, topics, *rest = _HEAD.unpack_from(data, at)
    except struct.error as error:
        raise ValueError(f"the head of an event's record is cut short: {error}") from error
    *lengths, status, told_first, told_last, start, end = rest
    at += _HEAD.size
    kind = intern(data[at : at + kinds].decode())
    days = Days(start, end, bool(flags & _EXPLICIT)) if start else None
    times = Times(kind, STATUSES[status] if status != _NO_STATUS else "", days, told_first, told_last)
    return _unpack_rest(data, at + kinds, first, changed, due, flags, topics, lengths, times)


def unpack_older(data: bytes, at: int, times: Callable[[], Times]) -> tuple[Entry, int]:
    """Return the same of an entry as records before format 7 have it; ``times`` tells what it lacks."""
    try:
        first, changed, due, flags, kinds, topics, *lengths = _OLDER_HEAD.unpack_from(data, at)
    except struct.error as error:
        raise ValueError(f"the head of an event's record is cut short: {error}") from error
    at += _OLDER_HEAD.size + kinds
    return _unpack_rest(data, at, first, changed, due, flags, topics, lengths, times())


def _unpack_rest(
    data: bytes,
    at: int,
    first: int,
    changed: int,
    due: int,
    flags: int,
    topics: int,
    lengths: Sequence[int],
    times: Times,
) -> tuple[Entry, int]:
    topic = intern(data[at : at + topics].decode())
    at += topics
    arrays: list[array[int]] = []
    for code, length in zip("QQHH", lengths, strict=True):
        numbers = array(code)
        end = at + length * numbers.itemsize
        numbers.frombytes(data[at:end])
        if len(numbers) != length:
            raise ValueError("the head of an event's record is cut short")
        arrays.append(_little(numbers))
        at = end
    quiet, archived, divided = bool(flags & _QUIET), bool(flags & _ARCHIVED), bool(flags & _DIVIDED)
    return Entry(times, topic, first, changed, due, quiet, archived, divided, *arrays), at


def unpack_words(data: bytes, at: int, older: bool = False) -> tuple[int, bool, array[int], array[int], int]:
    """Return of the entry that starts at ``at`` what comparing needs, and where it ends.

    That is: first_seen_us, whether it is archived, words and gist. The keys, most of an entry, are passed over.
    """
    head = _OLDER_HEAD if older else _HEAD
    first, _, _, flags, kinds, topics, keys, counted, words, gist, *_ = head.unpack_from(data, at)
    at += head.size + kinds + topics + 8 * (keys + counted)
    middle, end = at + 2 * words, at + 2 * (words + gist)
    found, shared = array("H", data[at:middle]), array("H", data[middle:end])
    return first, bool(flags & _ARCHIVED), _little(found), _little(shared), end


def _little(numbers: array[int]) -> array[int]:
    if byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers
