"""Record → the 46 keys under which an article can be found: 42 bands of its sketch and four identities."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.dedup.entry import REVISION, UNIQUE, Record
from services.dedup.thresholds import BAND_ROWS, BANDS

ID, LINEAGE, DIGEST, ADDRESS = range(BANDS, BANDS + 4)
COLUMNS: Final = BANDS + 4
"""Columns 0 to 41 are the bands, then the identities above."""

_MIX_ONE: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_TWO: Final = np.uint64(0xD6E8FEB86659FD93)
_HALF: Final = np.uint64(32)
_PRESENT: Final = np.uint64(1 << 24)  # keeps the band of three zero bytes apart from no key


def keys(records: Record) -> NDArray[np.uint64]:
    """Return the hashed keys of records, one row each, one column a kind; 0: it cannot be found by that."""
    out = np.zeros((len(records), COLUMNS), dtype=np.uint64)
    out[:, ID] = records["id"][:, 0]
    open_ = comparable(records)
    if open_.all():
        _fill(out, records)
    elif open_.any():
        part = out[open_]
        _fill(part, records[open_])
        out[open_] = part
    return _mixed(out)


def column(records: Record, number: int) -> NDArray[np.uint64]:
    """Return column ``number`` of ``keys(records)``."""
    if number == ID:
        return _mixed(records["id"][:, 0])
    if number < BANDS:
        at = number * BAND_ROWS
        values = _bands(records["sketch"][:, at : at + BAND_ROWS])[:, 0] * (records["size"] != 0)
    else:
        values = records["lineage"] if number == LINEAGE else records["address"]
        if number == DIGEST:
            values = records["digest"][:, 0]
    return _mixed(values * comparable(records))


def comparable(records: Record) -> NDArray[np.bool_]:
    """True where others are compared with the record: it went on, and no later revision stands for it."""
    decision = records["decision"]
    result: NDArray[np.bool_] = ((decision == UNIQUE) | (decision == REVISION)) & (records["retired"] == 0)
    return result


def _fill(out: NDArray[np.uint64], records: Record) -> None:
    out[:, :BANDS] = _bands(records["sketch"])
    out[:, :BANDS] *= (records["size"] != 0)[:, None]
    out[:, LINEAGE] = records["lineage"]
    out[:, DIGEST] = records["digest"][:, 0]
    out[:, ADDRESS] = records["address"]


def _bands(sketches: NDArray[np.uint8]) -> NDArray[np.uint64]:
    rows = sketches.reshape(len(sketches), -1, BAND_ROWS).astype(np.uint64)
    return rows[:, :, 0] | rows[:, :, 1] << np.uint64(8) | rows[:, :, 2] << np.uint64(16) | _PRESENT


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the values hashed; 0 stays 0, and nothing else becomes 0 (every step can be undone)."""
    mixed = values * _MIX_ONE
    mixed ^= mixed >> _HALF
    mixed *= _MIX_TWO
    mixed ^= mixed >> _HALF
    return mixed


def id_key(article: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the key, in column ID, of the article with this id (as two numbers)."""
    return _mixed(article[:1])
