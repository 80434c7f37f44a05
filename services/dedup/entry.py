"""One remembered article as a fixed record: the row of the index in memory and, byte for byte, the entry in the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.dedup.facts import NAME_BYTES, NUMBER_BYTES
from services.dedup.thresholds import MIN_HASHES

FORMAT: Final = 1
"""First byte of every stored entry. A change of RECORD, of the hashing or of the sketch needs a new number."""

DECISIONS: Final = ("", "unique", "revision", "exact-copy", "near-copy")
UNIQUE, REVISION, EXACT_COPY, NEAR_COPY = 1, 2, 3, 4

Record = NDArray[np.void]
"""Array of RECORD."""

RECORD: Final = np.dtype(
    [
        ("decision", "u1"),  # index into DECISIONS; 0: the row is free
        ("retired", "u1"),  # 1: a later revision stands for it; always 0 in the table
        ("revision", "<u2"),
        ("at", "<u4"),  # seconds since 1970: when it became known
        ("size", "<u4"),  # distinct shingles
        ("id", "<u8", (2,)),
        ("of", "<u8", (2,)),  # id of the article it copies or revises
        ("similarity", "<f4"),
        ("containment", "<f4"),
        # Copies are never compared with: from here on they hold zeros.
        ("lineage", "<u8"),
        ("address", "<u8"),
        ("digest", "<u8", (2,)),
        ("numbers", "u1", (NUMBER_BYTES,)),
        ("names", "u1", (NAME_BYTES,)),
        ("sketch", "u1", (MIN_HASHES,)),
    ]
)
_HEAD: Final = int(RECORD.fields["lineage"][1]) if RECORD.fields else 0  # all a copy's entry has to store


@dataclass(frozen=True, slots=True)
class Entry:
    """One remembered article."""

    record: Record
    """Exactly one record."""
    url: str
    """Where it was read; empty for copies, because nothing will ever refer to them."""


def encode(entry: Entry) -> bytes:
    """Return the entry as stored: format byte, record, address."""
    data = entry.record.tobytes()
    if not is_canonical(int(entry.record[0]["decision"])):
        data = data[:_HEAD]
    return bytes((FORMAT,)) + data + entry.url.encode()


def decode(data: bytes) -> Entry:
    """Return a stored entry. Raises ValueError where another version of Dateline wrote it."""
    if len(data) <= _HEAD or data[0] != FORMAT:
        raise ValueError(
            f"stored dedup entry has format {data[0] if data else 'none'}, this version reads {FORMAT}: "
            "clear dedup's table (articles of the last three days are then seen as new) or run the version that wrote it"
        )
    if not is_canonical(data[1]):
        return Entry(np.frombuffer(data[1:].ljust(RECORD.itemsize, b"\0"), dtype=RECORD), "")
    return Entry(np.frombuffer(data, dtype=RECORD, count=1, offset=1), data[1 + RECORD.itemsize :].decode())


def is_canonical(decision: int) -> bool:
    """True for the decisions by which an article goes on and others are compared with it."""
    return decision in (UNIQUE, REVISION)


def id_words(article_id: str) -> NDArray[np.uint64]:
    """Return an article id as two 64-bit numbers. Raises ValueError where it is not 32 hex digits."""
    try:
        data = bytes.fromhex(article_id)
    except ValueError:
        data = b""
    if len(data) != 16:
        raise ValueError(f"article id {article_id!r} is not 32 hex digits: make it with contracts.ids.article_id")
    return np.frombuffer(data, dtype="<u8")


def id_text(words: Any) -> str:
    """Return two 64-bit numbers as the article id they are."""
    return bytes(words.tobytes()).hex()
