"""Keys → rows: one hash table for all 46 keys of an article, grown a page at a time.

It is extendible hashing (Fagin et al. 1979). Every column of keys has its own pages of 1,024 slots; a page that fills
up is split in two, so no article ever waits for a whole table to be rebuilt (seconds, at a million articles). Each
column spreads its keys over another share, a half to all, of the pages it could have: otherwise all pages would be
half empty at the same time.

A slot is four bytes: ten bits of the key and the row. What a row's key is now is told by the row, so nothing needs to
be deleted here: a slot whose row was freed, retired or given to another article is stale, its reports are refuted by
the row, and it is swept out before its page would be split.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

BUCKET: Final = 64  # slots read at once: seldom full before its page is (with 32, lookups took a third longer)
BUCKETS: Final = 16  # buckets of a page
SLOTS: Final = BUCKET * BUCKETS
FULL: Final = int(SLOTS * 0.85)  # slots in use at which a page is swept or split
SPARSE: Final = int(SLOTS * 0.6)  # slots in use below which a sweep was enough
LONGEST_CHAIN: Final = 2  # buckets: a band that more articles share than fit there says nothing about copies
ROW_BITS: Final = 22
MOST_ROWS: Final = (1 << ROW_BITS) - 1
_SLACK: Final = 6  # a directory may be so many doublings deeper than its pages need

_ROW: Final = np.uint32(MOST_ROWS)
_TAG: Final = np.uint32(ROW_BITS)
_TAGS: Final = np.uint64((1 << 32 - ROW_BITS) - 1)
_BUCKET_AT: Final = np.uint64(16)
_PLACE_BITS: Final = 30
_PLACE_AT: Final = np.uint64(64 - _PLACE_BITS)
_PLACE: Final = np.uint64(_PLACE_BITS)

Rows = NDArray[np.int64]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Keys:
    """Hashed keys in ascending columns, taken apart."""

    columns: NDArray[np.int64]
    places: NDArray[np.int64]
    """Where in [0, 2^30) the key belongs: its first bits name the page."""
    buckets: NDArray[np.int64]
    """Bucket within the page."""
    tags: NDArray[np.uint32]
    """Bits of the key that a slot holds, where a slot holds them."""

    def __getitem__(self, part: slice | NDArray[np.bool_]) -> Keys:
        return Keys(self.columns[part], self.places[part], self.buckets[part], self.tags[part])


def keys(columns: NDArray[np.int64], hashes: Hashes, of_columns: int) -> Keys:
    """Take hashed keys apart."""
    places = ((hashes >> _PLACE_AT) * _shares(of_columns)[columns] >> _PLACE).astype(np.int64)
    buckets = (hashes >> _BUCKET_AT).astype(np.int64) & (BUCKETS - 1)
    return Keys(columns, places, buckets, (hashes & _TAGS).astype(np.uint32) << _TAG)


class Index:
    """Finds rows by hashed keys."""

    def __init__(self, columns: int, key_of: Callable[[Rows, int], Hashes]) -> None:
        """``key_of(rows, column)`` tells the present keys of rows; 0 where a row is not to be found by that column."""
        self._key_of = key_of
        self._columns = columns
        self._depth = 0
        self._directory = np.arange(columns, dtype=np.int32)[:, None].copy()
        self._pages = columns
        self._slots = np.zeros((columns * BUCKETS, BUCKET), dtype=np.uint32)
        self._used = np.zeros(columns, dtype=np.int32)
        self._page_depth = np.zeros(columns, dtype=np.uint8)
        self._page_prefix = np.zeros(columns, dtype=np.uint32)  # a page's places begin with these bits, depth of them
        self._page_column = np.arange(columns, dtype=np.uint8)

    @property
    def nbytes(self) -> int:
        """Bytes its tables take."""
        return self._slots.nbytes + self._directory.nbytes + 10 * len(self._used)

    def find(self, wanted: Keys) -> list[tuple[int, int]]:
        """Return pairs (column, row) that may match; one in a thousand slots does by chance."""
        found: list[tuple[int, int]] = []
        columns, tags = wanted.columns, wanted.tags
        lines_at = self._first(wanted) + wanted.buckets
        for _ in range(BUCKETS):
            lines = self._slots.take(lines_at, axis=0)
            _collect(found, lines, columns, tags)
            full = lines[:, -1].nonzero()[0]
            if not len(full):
                break
            columns, tags, lines_at = columns[full], tags[full], _next(lines_at[full])
        return found

    def add(self, wanted: Keys, row: int, bounded: int) -> list[tuple[int, int]]:
        """Let ``row`` be found by ``wanted``, one key a column, and return what ``find`` would have found before.

        In columns below ``bounded`` a key that fills LONGEST_CHAIN buckets is left out, and nothing is reported.
        Raises OverflowError where the row does not fit into a slot.
        """
        if row >= MOST_ROWS:
            raise OverflowError(f"dedup remembers at most {MOST_ROWS} articles of a language: shorten HORIZON")
        columns, tags = wanted.columns, wanted.tags
        lines_at = self._first(wanted) + wanted.buckets
        touched = []
        found: list[tuple[int, int]] = []
        for step in range(BUCKETS):
            lines = self._slots.take(lines_at, axis=0)
            if columns[-1] >= bounded:
                reported = int(columns.searchsorted(bounded))
                _collect(found, lines[reported:], columns[reported:], tags[reported:])
            full = lines[:, -1] != 0
            slots = (lines == 0).argmax(axis=1)
            if not full.any():
                self._slots[lines_at, slots] = tags | np.uint32(row + 1)
                touched.append(lines_at)
                break
            free = ~full
            self._slots[lines_at[free], slots[free]] = tags[free] | np.uint32(row + 1)
            touched.append(lines_at[free])
            if step + 1 >= LONGEST_CHAIN:
                full &= columns >= bounded
            columns, tags, lines_at = columns[full], tags[full], _next(lines_at[full])
            if not len(columns):
                break
        changed = np.concatenate(touched) // BUCKETS
        used = self._used[changed] + 1
        self._used[changed] = used
        for page in changed[used >= FULL].tolist():
            self._relieve(page)
        return found

    def _first(self, wanted: Keys) -> NDArray[np.int64]:
        """Return the first bucket of each key's page."""
        pages: NDArray[np.int64] = self._directory[wanted.columns, wanted.places >> (_PLACE_BITS - self._depth)]
        return pages * np.int64(BUCKETS)

    def _relieve(self, page: int) -> None:
        """Sweep stale slots out of a page, and split it where that is not enough."""
        lines = self._slots[page * BUCKETS : (page + 1) * BUCKETS]
        column, depth, prefix = int(self._page_column[page]), int(self._page_depth[page]), int(self._page_prefix[page])
        rows = np.sort(lines[lines != 0] & _ROW).astype(np.int64) - 1
        rows = rows[np.diff(rows, prepend=-1) != 0]  # a stale slot may name a row that has come to the page anew
        hashes = self._key_of(rows, column)
        present = hashes != 0
        rows, hashes = rows[present], hashes[present]
        held = keys(np.full(len(rows), column), hashes, self._columns)
        own = held.places >> (_PLACE_BITS - depth) == prefix
        rows, held = rows[own], held[own]
        if len(rows) <= SPARSE:
            self._fill(page, rows, held)
            return
        if depth == self._depth:
            if self._depth >= (self._pages // self._columns).bit_length() + _SLACK:
                half = slice(len(rows) // 2, None)  # a few keys of very many rows each: keep some
                self._fill(page, rows[half], held[half])
                return
            self._directory = np.repeat(self._directory, 2, axis=1)
            self._depth += 1
        other = self._new_page()
        self._page_column[other] = column
        self._page_depth[page] = self._page_depth[other] = depth + 1
        self._page_prefix[page], self._page_prefix[other] = 2 * prefix, 2 * prefix + 1
        width = 1 << (self._depth - depth - 1)
        self._directory[column, (2 * prefix + 1) * width : (2 * prefix + 2) * width] = other
        right = (held.places >> (_PLACE_BITS - depth - 1) & 1) == 1
        self._fill(other, rows[right], held[right])
        self._fill(page, rows[~right], held[~right])

    def _new_page(self) -> int:
        if self._pages == len(self._used):
            room = self._pages + max(8, self._pages // 32)
            # realloc: large tables are moved by the kernel, not copied. No view of them outlives a call.
            self._slots.resize((room * BUCKETS, BUCKET), refcheck=False)
            for column in (self._used, self._page_depth, self._page_prefix, self._page_column):
                column.resize(room, refcheck=False)
        self._pages += 1
        return self._pages - 1

    def _fill(self, page: int, rows: Rows, held: Keys) -> None:
        """Lay a page out anew: in order of buckets, each entry in the first free slot from its bucket's start."""
        order = held.buckets.argsort(kind="stable")
        values = (held.tags | (rows + 1).astype(np.uint32))[order]
        count = np.arange(len(rows))
        slots = count + np.maximum.accumulate(held.buckets[order] * BUCKET - count) if len(rows) else count
        flat = np.zeros(SLOTS, dtype=np.uint32)
        inside = slots < SLOTS
        flat[slots[inside]] = values[inside]
        lapped = values[~inside]  # past the end: on from the page's first bucket
        flat[(flat == 0).nonzero()[0][: len(lapped)]] = lapped
        self._slots[page * BUCKETS : (page + 1) * BUCKETS] = flat.reshape(BUCKETS, BUCKET)
        self._used[page] = len(rows)


def _collect(
    found: list[tuple[int, int]], lines: NDArray[np.uint32], columns: NDArray[np.int64], tags: NDArray[np.uint32]
) -> None:
    """Add to ``found`` (column, row) of the slots in ``lines``, one bucket a key, that hold the key's tag."""
    tagged = lines ^ tags[:, None]  # leaves the row alone where the tag is the same
    tagged -= np.uint32(1)  # no row (an empty slot) becomes the greatest number
    hits = (tagged < _ROW).ravel().nonzero()[0]
    if len(hits):
        found += zip(columns[hits // BUCKET].tolist(), tagged.ravel()[hits].tolist(), strict=True)


def _next(lines_at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the buckets after these, the first of a page after its last."""
    return (lines_at & -BUCKETS) | (lines_at + 1 & BUCKETS - 1)


@lru_cache(maxsize=4)
def _shares(columns: int) -> Hashes:
    """Return which share of [0, 2^30) each column uses, in fixed point: evenly over one octave."""
    return (2.0 ** (_PLACE_BITS - np.arange(columns) / columns)).astype(np.uint64)
