"""Keys → rows: one hash table for all 46 keys of an article, grown a page at a time.

It is extendible hashing (Fagin et al. 1979). Every column of keys has its own pages of 512 slots; a page that fills up
is split in two, so no article ever waits for a whole table to be rebuilt (5 s at a million articles). Keys are spread
over the pages unevenly by one octave, as in spiral storage (Martin 1979): otherwise all pages would be half empty at
the same time.

A slot is four bytes: eight bits of the key and the row. What a row's key is now is told by the row, so nothing needs
to be deleted here: a slot whose row was freed, retired or given to another article is stale, is never reported, and
is swept out before its page would be split.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

BUCKET: Final = 16  # slots: one 64-byte cache line, read at once
BUCKETS: Final = 32  # buckets of a page
SLOTS: Final = BUCKET * BUCKETS
FULL: Final = int(SLOTS * 0.82)  # slots in use at which a page is swept or split
SPARSE: Final = int(SLOTS * 0.6)  # slots in use below which a sweep was enough
LONGEST_CHAIN: Final = 4  # buckets: a key that more articles share than fit there says nothing about copies
MOST_ROWS: Final = (1 << 24) - 1
_SLACK: Final = 6  # a directory may be so many doublings deeper than its pages need

_ROW: Final = np.uint32(MOST_ROWS)
_TAG: Final = np.uint32(24)
_HALF: Final = np.uint64(32)
_PLACE_BITS: Final = 30

Rows = NDArray[np.int64]
Hashes = NDArray[np.uint64]


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
        self._page_prefix = np.zeros(columns, dtype=np.uint32)  # the page's places begin with these bits, depth of them
        self._page_column = np.arange(columns, dtype=np.uint8)

    @property
    def nbytes(self) -> int:
        """Bytes its tables take."""
        return self._slots.nbytes + self._directory.nbytes + 10 * len(self._used)

    def find(self, columns: NDArray[np.int64], hashes: Hashes) -> tuple[NDArray[np.int64], Rows]:
        """Return pairs (position in ``columns``, row) that may match; the caller has to compare the rows' keys."""
        first, bucket = self._home(columns, hashes)
        tags = (hashes & np.uint64(0xFF)).astype(np.uint32)[:, None]
        at = np.arange(len(columns))
        positions, rows = [], []
        for _ in range(BUCKETS):
            lines = self._slots.take(first + bucket, axis=0)
            hit = (lines >> _TAG) == tags
            hit &= lines != 0
            where, slot = hit.nonzero()
            if len(where):
                positions.append(at[where])
                rows.append((lines[where, slot] & _ROW).astype(np.int64) - 1)
            full = lines[:, -1].nonzero()[0]
            if not len(full):
                break
            at, first, bucket, tags = at[full], first[full], (bucket[full] + 1) % BUCKETS, tags[full]
        if not rows:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        return np.concatenate(positions), np.concatenate(rows)

    def add(self, columns: NDArray[np.int64], hashes: Hashes, row: int, bounded: int) -> None:
        """Let ``row`` be found by each of ``hashes`` in its column (each column once at most).

        In columns below ``bounded`` a key that fills LONGEST_CHAIN buckets is left out.
        """
        if row >= MOST_ROWS:
            raise OverflowError(f"the dedup index holds at most {MOST_ROWS} articles: shorten HORIZON or split the language")
        first, bucket = self._home(columns, hashes)
        values = (hashes & np.uint64(0xFF)).astype(np.uint32) << _TAG | np.uint32(row + 1)
        filled = []
        pages = first // BUCKETS
        for step in range(BUCKETS):
            lines = self._slots.take(first + bucket, axis=0)
            free = lines[:, -1] == 0
            slot = np.count_nonzero(lines, axis=1)
            if free.all():
                self._slots[first + bucket, slot] = values
                filled.append(pages)
                break
            self._slots[(first + bucket)[free], slot[free]] = values[free]
            filled.append(pages[free])
            left = ~free
            if step + 1 >= LONGEST_CHAIN:
                left &= columns >= bounded
            columns, first, pages, values = columns[left], first[left], pages[left], values[left]
            bucket = (bucket[left] + 1) % BUCKETS
            if not len(columns):
                break
        touched = np.concatenate(filled)
        self._used[touched] += 1
        for page in touched[self._used[touched] >= FULL].tolist():
            self._relieve(page)

    def _home(self, columns: NDArray[np.int64], hashes: Hashes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First bucket of each key's page, and the key's bucket within it."""
        pages = self._directory[columns, _places(hashes) >> (_PLACE_BITS - self._depth)]
        return pages.astype(np.int64) * BUCKETS, (hashes >> np.uint64(8)).astype(np.int64) & (BUCKETS - 1)

    def _relieve(self, page: int) -> None:
        """Sweep stale slots out of a page, and split it where that is not enough."""
        lines = self._slots[page * BUCKETS : (page + 1) * BUCKETS]
        slots = lines[lines != 0]
        column, depth, prefix = int(self._page_column[page]), int(self._page_depth[page]), int(self._page_prefix[page])
        rows = np.unique((slots & _ROW).astype(np.int64) - 1)
        hashes = self._key_of(rows, column)
        places = _places(hashes)
        alive = (hashes != 0) & (places >> (_PLACE_BITS - depth) == prefix)
        rows, hashes, places = rows[alive], hashes[alive], places[alive]
        if len(rows) <= SPARSE:
            self._fill(page, rows, hashes)
            return
        if depth == self._depth:
            if self._depth >= (self._pages // self._columns).bit_length() + _SLACK:
                self._fill(page, rows[len(rows) // 2 :], hashes[len(rows) // 2 :])  # few distinct keys: keep some
                return
            self._directory = np.repeat(self._directory, 2, axis=1)
            self._depth += 1
        other = self._new_page()
        self._page_column[other] = column
        self._page_depth[page] = self._page_depth[other] = depth + 1
        self._page_prefix[page], self._page_prefix[other] = 2 * prefix, 2 * prefix + 1
        width = 1 << (self._depth - depth - 1)
        self._directory[column, (2 * prefix + 1) * width : (2 * prefix + 2) * width] = other
        right = (places >> (_PLACE_BITS - depth - 1) & 1) == 1
        self._fill(other, rows[right], hashes[right])
        self._fill(page, rows[~right], hashes[~right])

    def _new_page(self) -> int:
        if self._pages == len(self._used):
            room = self._pages + max(8, self._pages // 16)
            # realloc: large tables are moved by the kernel, not copied. No view of them outlives a call.
            self._slots.resize((room * BUCKETS, BUCKET), refcheck=False)
            self._used.resize(room, refcheck=False)
            self._page_depth.resize(room, refcheck=False)
            self._page_prefix.resize(room, refcheck=False)
            self._page_column.resize(room, refcheck=False)
        self._pages += 1
        return self._pages - 1

    def _fill(self, page: int, rows: Rows, hashes: Hashes) -> None:
        """Lay a page out anew: in order of buckets, each entry in the first free slot from its bucket's start."""
        buckets = (hashes >> np.uint64(8)).astype(np.int64) & (BUCKETS - 1)
        order = buckets.argsort(kind="stable")
        values = ((hashes & np.uint64(0xFF)).astype(np.uint32) << _TAG | (rows + 1).astype(np.uint32))[order]
        count = np.arange(len(rows))
        slots = count + np.maximum.accumulate(buckets[order] * BUCKET - count) if len(rows) else count
        flat = np.zeros(SLOTS, dtype=np.uint32)
        inside = slots < SLOTS
        flat[slots[inside]] = values[inside]
        lapped = values[~inside]  # past the end: on from the page's first bucket
        flat[(flat == 0).nonzero()[0][: len(lapped)]] = lapped
        self._slots[page * BUCKETS : (page + 1) * BUCKETS] = flat.reshape(BUCKETS, BUCKET)
        self._used[page] = len(rows)


def _places(hashes: Hashes) -> NDArray[np.int64]:
    """Return where in [0, 2^30) each hash belongs: half as dense at the start as at the end."""
    spread = np.log2(1.0 + (hashes >> _HALF).astype(np.float64) / 2.0**32)
    return (spread * 2.0**_PLACE_BITS).astype(np.int64)
