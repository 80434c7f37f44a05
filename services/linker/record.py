"""One event as the linker stores it: its state without the evidence, and the reports it is computed from.

Layout: format byte, then three frames, each preceded by its length (4 bytes, little-endian): the Event without
evidence and changes (Protobuf), what is needed to compare it (JSON), and the reports (deflated; each its two times
in microseconds, a length and a Mention). Comparing reads two small frames; only a change
inflates the third.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Final

import orjson

from services.contracts.dateline.v1 import event_pb2

_FORMAT: Final = 4
_LENGTH: Final = struct.Struct("<I")
_REPORT: Final = struct.Struct("<qqI")
_REPORT_BEFORE: Final = struct.Struct("<qI")
"""Of format 3, which is still read: it did not know what earlier revisions said."""


@dataclass(frozen=True, slots=True)
class Report:
    """A mention that tells the event."""

    arrived_us: int
    """When it became known, microseconds since 1970; that of the report it replaced, if a revision repeats one."""
    mention: event_pb2.Mention
    since_us: int = 0
    """Publication of the first revision of its article that said the same, microseconds since 1970; 0: this one."""


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
class Outline:
    """What comparing needs besides the event's state."""

    told_first: int
    told_last: int
    words: tuple[int, ...]
    gist: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One event with everything needed to compute it anew."""

    event: event_pb2.Event
    outline: Outline
    reports: tuple[Report, ...]
    """In the order of arrival."""
    spilled: dict[str, Spilled] = field(default_factory=dict)
    """By article id."""


def encode(record: Record) -> bytes:
    """Return the stored form; equal records give equal bytes."""
    event = event_pb2.Event()
    event.CopyFrom(record.event)
    event.ClearField("evidence")
    event.ClearField("changes")
    state = event.SerializeToString(deterministic=True)
    outline = record.outline
    spilled = [[k, s.domain, s.mentions, s.confidence, s.agency, s.told_us] for k, s in record.spilled.items()]
    compared = orjson.dumps([outline.told_first, outline.told_last, outline.words, outline.gist, spilled])
    reports = bytearray()
    for report in record.reports:
        mention = report.mention.SerializeToString(deterministic=True)
        reports += _REPORT.pack(report.arrived_us, report.since_us, len(mention)) + mention
    # Level 1: two thirds of the gain of level 6 at a third of the time on records of one to twenty reports.
    packed = zlib.compress(bytes(reports), 1)
    frames = (frame for part in (state, compared, packed) for frame in (_LENGTH.pack(len(part)), part))
    return bytes((_FORMAT,)) + b"".join(frames)


def _frames(data: bytes) -> tuple[bytes, bytes, bytes]:
    if not data or data[0] not in (_FORMAT, _FORMAT - 1):
        raise ValueError(
            f"event record of format {data[0] if data else 'none'}, expected {_FORMAT}: it was written by another "
            "version of the linker; replay the mentions into an empty state"
        )
    found: list[bytes] = []
    at = 1
    for _ in range(3):
        (length,) = _LENGTH.unpack_from(data, at)
        found.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return found[0], found[1], found[2]


def _outline(compared: bytes) -> tuple[Outline, dict[str, Spilled]]:
    first, last, words, gist, spilled = orjson.loads(compared)
    return Outline(first, last, tuple(words), tuple(gist)), {key: Spilled(*rest) for key, *rest in spilled}


def peek(data: bytes) -> tuple[event_pb2.Event, Outline]:
    """Return the state (without evidence) and the outline, leaving the reports packed."""
    state, compared, _ = _frames(data)
    return event_pb2.Event.FromString(state), _outline(compared)[0]


def decode(data: bytes) -> Record:
    """Return the whole record. Raises ValueError, saying what to do, where another version wrote it."""
    state, compared, packed = _frames(data)
    outline, spilled = _outline(compared)
    plain = zlib.decompress(packed)
    reports: list[Report] = []
    at = 0
    while at < len(plain):
        if data[0] == _FORMAT:
            arrived_us, since_us, length = _REPORT.unpack_from(plain, at)
            at += _REPORT.size
        else:
            (arrived_us, length), since_us = _REPORT_BEFORE.unpack_from(plain, at), 0
            at += _REPORT_BEFORE.size
        reports.append(Report(arrived_us, event_pb2.Mention.FromString(plain[at : at + length]), since_us))
        at += length
    return Record(event_pb2.Event.FromString(state), outline, tuple(reports), spilled)
