"""One event as the linker stores it: its state without the evidence, and the reports it is computed from.

Layout: format byte; CRC-32 of what follows (4 bytes, little-endian); the entry for the index (see ``entry``); then four
frames, each preceded by its length (4 bytes): the profile (see ``profilebytes``), the Event without evidence and
changes (Protobuf), the spilled articles (JSON), and the reports (each its two times in microseconds, a length and a
Mention). The reports are compressed (Zstandard, RFC 8878; in format 5 deflated); of an archived event, which is seldom
looked at, all four frames are, together.

A linker that takes over reads the entry alone, comparing reads the profile, and only a change reads the rest.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson
import zstandard

from services.contracts.dateline.v1 import event_pb2
from services.linker import entry as entries
from services.linker import profilebytes
from services.linker.entry import Entry
from services.linker.profile import Profile
from services.linker.report import Report
from services.linker.timing import times_of

FORMAT: Final = 7
_DEFLATED: Final = 5
_OLDER: Final = (_DEFLATED, 6)
"""Formats that are read as well: their entries lack the times, which are then read in the profile."""
_READ: Final = (FORMAT, *_OLDER)
_START: Final = struct.Struct("<BI")
_LENGTH: Final = struct.Struct("<I")
_FRAMES: Final = 4
_REPORT: Final = struct.Struct("<qqI")
_LEVEL: Final = 3
"""As small as zlib at level 1 on records of one to twenty reports, in a third of its time; higher levels gain 3 %."""


_packers: Final[list[zstandard.ZstdCompressor]] = []
_unpackers: Final[list[zstandard.ZstdDecompressor]] = []
"""Contexts that nobody uses just now. They are dear to make, and none may serve two partitions' threads at a time."""


class FaultyRecord(ValueError):
    """Stored bytes are not what the linker wrote; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Spilled:
    """An article whose mentions are no longer kept with the event, only counted."""

    domain: str
    mentions: int
    confidence: float
    agency: str = ""
    """Whose report it was, as the dateline printed it."""
    told_us: int = 0
    """When it was published, microseconds since 1970; 0 where that was not kept."""


@dataclass(frozen=True, slots=True)
class Record:
    """One event with everything needed to compute it anew."""

    event: event_pb2.Event
    profile: Profile
    reports: tuple[Report, ...]
    """In the order of arrival."""
    spilled: dict[str, Spilled] = field(default_factory=dict)
    """By article id."""
    packed: bytes = field(default=b"", compare=False)
    """The reports as they are stored, where that is known: they need not be packed again."""


def encode(record: Record, entry: Entry) -> bytes:
    """Return the stored form; equal records give equal bytes."""
    event = record.event
    if event.evidence or event.changes:
        event = event_pb2.Event()
        event.CopyFrom(record.event)
        event.ClearField("evidence")
        event.ClearField("changes")
    state = event.SerializeToString(deterministic=True)
    profile = profilebytes.pack(record.profile)
    spilled = orjson.dumps(
        [[k, s.domain, s.mentions, s.confidence, s.agency, s.told_us] for k, s in record.spilled.items()]
    )
    if entry.archived:
        body = _pack(_join(profile, state, spilled, _joined(record.reports)))
    else:
        body = _join(profile, state, spilled, record.packed or _pack(_joined(record.reports)))
    rest = entries.pack(entry) + body
    return _START.pack(FORMAT, zlib.crc32(rest)) + rest


def _joined(reports: Sequence[Report]) -> bytes:
    parts: list[bytes] = []
    for report in reports:
        mention = report.packed
        parts += (_REPORT.pack(report.arrived_us, report.since_us, len(mention)), mention)
    return b"".join(parts)


def _pack(data: bytes) -> bytes:
    try:
        packer = _packers.pop()
    except IndexError:
        packer = zstandard.ZstdCompressor(level=_LEVEL)
    packed = packer.compress(data)
    _packers.append(packer)
    return packed


def _unpack(data: bytes, packed: bytes) -> bytes:
    """What was packed in a record, by the record's format."""
    if data[0] == _DEFLATED:
        return zlib.decompress(packed)
    try:
        unpacker = _unpackers.pop()
    except IndexError:
        unpacker = zstandard.ZstdDecompressor()
    plain = unpacker.decompress(packed)
    _unpackers.append(unpacker)
    return plain


def _join(*frames: bytes) -> bytes:
    return b"".join(part for frame in frames for part in (_LENGTH.pack(len(frame)), frame))


def check(data: bytes) -> None:
    """Raise FaultyRecord where these are not the bytes of a whole record."""
    if len(data) < _START.size + 8 or data[0] not in _READ:
        raise FaultyRecord(f"event record of format {data[0] if data else 'none'}, expected {FORMAT}")
    if zlib.crc32(memoryview(data)[_START.size :]) != _START.unpack_from(data)[1]:
        raise FaultyRecord("event record whose check sum is wrong: it was damaged where it was stored")


def first_seen_us(data: bytes) -> int:
    """Return when the event of a checked record was first seen, which stands first in its entry."""
    return int.from_bytes(data[_START.size : _START.size + 8], "little", signed=True)


def read_entry(data: bytes) -> Entry:
    """Return the entry for the index of a checked record."""
    return _unpack_entry(data)[0]


def _unpack_entry(data: bytes) -> tuple[Entry, int]:
    if data[0] in _OLDER:
        return entries.unpack_older(data, _START.size, lambda: times_of(peek(data)[0]))
    return entries.unpack(data, _START.size)


def _frames(data: bytes) -> tuple[Entry, bytes, list[bytes]]:
    if not data or data[0] not in _READ:
        raise FaultyRecord(f"event record of format {data[0] if data else 'none'}, expected {FORMAT}")
    entry, at = _unpack_entry(data)
    body = data
    if entry.archived:
        body, at = _unpack(data, data[at:]), 0
    found: list[bytes] = []
    for _ in range(_FRAMES):
        (length,) = _LENGTH.unpack_from(body, at)
        found.append(body[at + 4 : at + 4 + length])
        at += 4 + length
    return entry, found[0], found[1:]


def read_event(data: bytes, entry: Entry) -> tuple[event_pb2.Event, bytes]:
    """Return the event of a checked record that is not archived, whose entry is known, and its reports as stored."""
    at = _START.size + entries.packed_size(entry, data[0] in _OLDER)
    frames: list[bytes] = []
    for _ in range(_FRAMES):
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        frames.append(data[at : at + length])
        at += length
    return event_pb2.Event.FromString(frames[1]), frames[3] if data[0] != _DEFLATED else b""


def peek(data: bytes) -> tuple[Profile, int]:
    """Return the profile of a checked record and when its event was first seen, leaving the rest packed."""
    first_seen, archived, words, gist, at = entries.unpack_words(data, _START.size, data[0] in _OLDER)
    if archived:
        data, at = _unpack(data, data[at:]), 0
    (length,) = _LENGTH.unpack_from(data, at)
    at += _LENGTH.size
    return profilebytes.unpack(data[at : at + length], words, gist), first_seen


def decode(data: bytes) -> Record:
    """Return the whole record. Raises FaultyRecord where another version wrote it."""
    entry, profile, (state, spilled, packed) = _frames(data)
    plain = packed if entry.archived else _unpack(data, packed)
    reports: list[Report] = []
    at = 0
    while at < len(plain):
        arrived_us, since_us, length = _REPORT.unpack_from(plain, at)
        at += _REPORT.size
        reports.append(Report(arrived_us, event_pb2.Mention.FromString(plain[at : at + length]), since_us))
        at += length
    return Record(
        event_pb2.Event.FromString(state),
        profilebytes.unpack(profile, entry.words, entry.gist),
        tuple(reports),
        {key: Spilled(*rest) for key, *rest in orjson.loads(spilled)},
        b"" if entry.archived or data[0] == _DEFLATED else packed,
    )
