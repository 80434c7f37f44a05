"""Event records of formats 3 and 4, which earlier versions of the linker stored: read once, when a table is loaded.

Layout: format byte, then three frames, each preceded by its length (4 bytes, little-endian): the Event without evidence
and changes (Protobuf); JSON of [day of first report, of last, words, gist, spilled articles]; the reports, deflated.
Format 3 did not know what earlier revisions said (``Report.since_us``).
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

import orjson

from services.contracts.dateline.v1 import event_pb2
from services.linker.profile import of_event
from services.linker.record import Record, Spilled
from services.linker.report import Report

FORMATS: Final = (3, 4)
_LENGTH: Final = struct.Struct("<I")
_REPORT: Final = {3: struct.Struct("<qI"), 4: struct.Struct("<qqI")}


def decode(data: bytes) -> Record:
    """Return the record. Raises ValueError or another error of reading where it was damaged."""
    frames: list[bytes] = []
    at = 1
    for _ in range(3):
        (length,) = _LENGTH.unpack_from(data, at)
        frames.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    event = event_pb2.Event.FromString(frames[0])
    first, last, words, gist, spilled = orjson.loads(frames[1])
    plain = zlib.decompress(frames[2])
    reports: list[Report] = []
    at = 0
    while at < len(plain):
        arrived, *since, length = _REPORT[data[0]].unpack_from(plain, at)
        at += _REPORT[data[0]].size
        mention = event_pb2.Mention.FromString(plain[at : at + length])
        reports.append(Report(arrived, mention, since[0] if since else 0))
        at += length
    profile = of_event(event, (first, last), tuple(words), tuple(gist))
    return Record(event, profile, tuple(reports), {key: Spilled(*rest) for key, *rest in spilled})
