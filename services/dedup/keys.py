"""Article → the 46 keys under which it can be found: 42 bands of its sketch and four identities."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.dedup.entry import REVISION, UNIQUE, Entry, Records
from services.dedup.index import Keys, keys
from services.dedup.thresholds import BAND_ROWS, BANDS

ID, LINEAGE, DIGEST, ADDRESS = range(BANDS, BANDS + 4)
COLUMNS: Final = BANDS + 4
"""Columns 0 to 41 are the bands, then the identities above."""

_MIX_ONE: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_TWO: Final = np.uint64(0xD6E8FEB86659FD93)
_HALF: Final = np.uint64(32)


def keys_of(entry: Entry) -> Keys:
    """Return the keys of an entry; a copy has but its id."""
    if not entry.is_canonical:
        return id_key(entry.id)
    return _all_keys(entry.id, entry.lineage, entry.digest, entry.address, entry.sketch if entry.size else b"")


def id_key(article: bytes) -> Keys:
    """Return the key of the article with this id."""
    values = np.frombuffer(article, dtype="<u8", count=1)
    return keys(np.array([ID]), _mixed(values), COLUMNS)


def column(records: Records, rows: NDArray[np.int64], number: int) -> NDArray[np.uint64]:
    """Return the present key of each of ``rows`` in column ``number``; 0 where it is not to be found by it."""
    if number == ID:
        return _mixed(records["id"][rows, 0])
    if number < BANDS:
        at = number * BAND_ROWS
        values = _bands(records["sketch"][rows, at : at + BAND_ROWS]) * (records["size"][rows] != 0)
    elif number == DIGEST:
        values = records["digest"][rows, 0]
    else:
        values = records["lineage" if number == LINEAGE else "address"][rows]
    decision = records["decision"][rows]
    comparable = ((decision == UNIQUE) | (decision == REVISION)) & (records["retired"][rows] == 0)
    return _mixed(values * comparable)


@lru_cache(maxsize=8)  # an entry's keys are asked for when it is decided about and again when it is remembered
def _all_keys(article: bytes, lineage: int, digest: bytes, address: int, sketch: bytes) -> Keys:
    values = np.zeros(COLUMNS, dtype=np.uint64)
    if sketch:
        values[:BANDS] = _bands(np.frombuffer(sketch, dtype=np.uint8).reshape(BANDS, BAND_ROWS))
    values[ID] = int.from_bytes(article[:8], "little")
    values[LINEAGE] = lineage
    values[DIGEST] = int.from_bytes(digest[:8], "little")
    values[ADDRESS] = address
    columns = values.nonzero()[0]
    return keys(columns, _mixed(values[columns]), COLUMNS)


def _bands(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    padded = np.ones((len(rows), 4), dtype=np.uint8)  # the fourth byte keeps a band of zeros apart from no key
    padded[:, :BAND_ROWS] = rows
    return padded.view("<u4")[:, 0].astype(np.uint64)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the values hashed; 0 stays 0, and nothing else becomes 0 (every step can be undone)."""
    mixed = values * _MIX_ONE
    mixed ^= mixed >> _HALF
    mixed *= _MIX_TWO
    mixed ^= mixed >> _HALF
    return mixed
