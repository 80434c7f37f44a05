"""One remembered article as a fixed record: the row in memory and, byte for byte, the entry in the table."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.dedup.facts import NAME_BYTES, NUMBER_BYTES
from services.dedup.thresholds import MIN_HASHES

FORMAT: Final = 1
"""First byte of every stored entry. A change of the record, of the hashing or of the sketch needs a new number."""

DECISIONS: Final = ("", "unique", "revision", "exact-copy", "near-copy")
UNIQUE, REVISION, EXACT_COPY, NEAR_COPY = 1, 2, 3, 4

NO_ID: Final = bytes(16)

Records = NDArray[np.void]
"""Array of RECORD."""

RECORD: Final = np.dtype(
    [
        ("decision", "u1"),
        ("retired", "u1"),
        ("revision", "<u2"),
        ("at", "<u4"),
        ("size", "<u4"),
        ("id", "<u8", (2,)),
        ("of", "<u8", (2,)),
        ("similarity", "<f4"),
        ("containment", "<f4"),
        ("lineage", "<u8"),
        ("address", "<u8"),
        ("digest", "<u8", (2,)),
        ("numbers", "u1", (NUMBER_BYTES,)),
        ("names", "u1", (NAME_BYTES,)),
        ("sketch", "u1", (MIN_HASHES,)),
    ]
)
"""How NumPy reads a row. ``retired`` is 1 in memory once a later revision stands for the article, 0 in the table."""

_HEAD: Final = struct.Struct("<BxHII16s16sff")
_BODY: Final = struct.Struct(f"<QQ16s{NUMBER_BYTES}s{NAME_BYTES}s{MIN_HASHES}s")
assert _HEAD.size + _BODY.size == RECORD.itemsize


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as it is remembered. Copies are never compared with: their fields from ``lineage`` on are empty."""

    decision: int
    """Index into DECISIONS."""
    revision: int
    at_s: int
    """Seconds since 1970: when it became known."""
    id: bytes
    of: bytes
    """Id of the article it copies or revises; NO_ID for none."""
    similarity: float
    containment: float
    size: int = 0
    """Distinct shingles."""
    lineage: int = 0
    address: int = 0
    digest: bytes = NO_ID
    numbers: bytes = bytes(NUMBER_BYTES)
    names: bytes = bytes(NAME_BYTES)
    sketch: bytes = bytes(MIN_HASHES)
    url: str = ""

    @property
    def is_canonical(self) -> bool:
        """True where the article went on and others are compared with it."""
        return self.decision in (UNIQUE, REVISION)

    def decided(self, decision: int, of: bytes, similarity: float, containment: float) -> Entry:
        """Return the entry as decided about (``dataclasses.replace`` takes five times as long)."""
        entry = Entry(decision, self.revision, self.at_s, self.id, of, similarity, containment)
        if not entry.is_canonical:
            return entry
        return Entry(
            decision, self.revision, self.at_s, self.id, of, similarity, containment, self.size,
            self.lineage, self.address, self.digest, self.numbers, self.names, self.sketch, self.url,
        )  # fmt: skip

    def record(self) -> bytes:
        """Return the entry as one RECORD."""
        return _HEAD.pack(
            self.decision, self.revision, self.at_s, self.size, self.id, self.of, self.similarity, self.containment
        ) + _BODY.pack(self.lineage, self.address, self.digest, self.numbers, self.names, self.sketch)


def encode(entry: Entry) -> bytes:
    """Return the entry as stored: format byte, record, address; of a copy only the head of the record."""
    if entry.is_canonical:
        return bytes((FORMAT,)) + entry.record() + entry.url.encode()
    return bytes((FORMAT,)) + entry.record()[: _HEAD.size]


def decode(data: bytes) -> Entry:
    """Return a stored entry. Raises ValueError where another version of Dateline wrote it."""
    if len(data) <= _HEAD.size or data[0] != FORMAT:
        raise ValueError(
            f"stored dedup entry has format {data[0] if data else 'none'}, this version reads {FORMAT}: "
            "clear dedup's table (articles of the last days are then seen as new) or run the version that wrote it"
        )
    decision, revision, at_s, size, article, of, similarity, containment = _HEAD.unpack_from(data, 1)
    if len(data) == 1 + _HEAD.size:
        return Entry(decision, revision, at_s, article, of, similarity, containment, size)
    lineage, address, digest, numbers, names, sketch = _BODY.unpack_from(data, 1 + _HEAD.size)
    return Entry(
        decision, revision, at_s, article, of, similarity, containment, size,
        lineage, address, digest, numbers, names, sketch,
        url=data[1 + RECORD.itemsize :].decode("utf-8", "replace"),
    )  # fmt: skip


def id_bytes(article_id: str) -> bytes:
    """Return an article id as 16 bytes. Raises ValueError where it is not 32 hex digits."""
    try:
        data = bytes.fromhex(article_id)
    except ValueError:
        data = b""
    if len(data) != len(NO_ID):
        raise ValueError(f"article id {article_id!r} is not 32 hex digits: make it with contracts.ids.article_id")
    return data
