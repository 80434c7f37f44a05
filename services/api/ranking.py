"""Where each event stands in every order, by its slot, so that a page is found without asking Redis event by event.

Pure: `ranks.py` keeps it in step with Redis. A column of scores an order; of an order that is walked, also its slots in
that order. Slots that changed since these were sorted are looked at apart, until they are many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.api.filters import Range
from services.api.slots import Candidates

Slots = NDArray[np.int64]
Scores = NDArray[np.float64]
"""NaN: has no place in the order."""

Place = tuple[float, int]
"""Score and slot of the last event of a page. Events of one score stand in the order of their slots."""

SORTED_LEAST: Final = 1_000
"""Candidates that are sorted rather than found by a walk, however few events there are."""

APART: Final = 64
"""An order is sorted anew once one in so many of its events has changed: sorting takes some 10 ms at 100,000 events, to
look at the changed ones apart takes less than 0.1 ms a page."""

APART_LEAST: Final = 500

STEP_LEAST: Final = 256
"""Entries of an order that are looked at together at first; four times as many each time that a page is not full."""


FEW: Final = 8
"""A range in which at most one in so many events lies is read from its order; a larger one is put to all events."""


class Ranking:
    """The scores of all slots."""

    def __init__(self, orders: Iterable[str]) -> None:
        self._columns = {order: _Column() for order in orders}
        self._size = 0

    @property
    def orders(self) -> tuple[str, ...]:
        """The names of the orders."""
        return tuple(self._columns)

    def put(self, slots: Slots, scores: Mapping[str, Scores]) -> None:
        """Take up the scores of some slots in every order."""
        if slots.size:
            self.cover(int(slots.max()) + 1)
            for order, column in self._columns.items():
                column.put(slots, scores[order])

    def cover(self, size: int) -> None:
        """Have room for so many slots."""
        if size > self._size:
            self._size = max(size, self._size + self._size // 4)
            for column in self._columns.values():
                column.cover(self._size)

    def score(self, order: str, slot: int) -> float:
        """Return the score of a slot in an order; NaN where it has no place there."""
        self.cover(slot + 1)
        return float(self._columns[order].scores[slot])

    def page(
        self,
        order: str,
        descending: bool,
        candidates: Candidates,
        checks: Sequence[Sequence[Range]],
        after: Place | None,
        limit: int,
    ) -> tuple[list[int], Place | None]:
        """Return the slots of at most ``limit`` candidates that lie in a range of each of ``checks``, in order, after a
        place; and the place of the last of them, None where no more come.
        """
        column = self._columns[order]
        self.cover(candidates.size)
        few = self._in_few(candidates, checks)
        if few is None:
            for group in checks:
                candidates = candidates.also(self._inside(group, candidates.size))
        if few is not None:
            found = few
        elif candidates.count <= max(SORTED_LEAST, isqrt(limit * candidates.size)):
            found = candidates.slots()
        else:
            found = _walk(column, descending, candidates, after, limit)
        slots = column.first(found, descending, after, limit + 1)
        page: list[int] = slots[:limit].tolist()
        last = (float(column.scores[page[-1]]), page[-1]) if len(slots) > limit else None
        return page, last

    def _in_few(self, candidates: Candidates, checks: Sequence[Sequence[Range]]) -> Slots | None:
        """Return the candidates that lie in a range of each of ``checks``, if that is a small part of an order. The
        ranges of a group are of one order and do not overlap.
        """
        if not checks:
            return None
        counts = [sum(self._columns[each.order].count(each) for each in group) for group in checks]
        least = min(counts)
        if least * FEW > candidates.size:
            return None
        narrowest = checks[counts.index(least)]
        column = self._columns[narrowest[0].order]
        parts = [column.settled(each) for each in narrowest]
        slots = candidates.among(np.concatenate([*parts, column.apart()]))
        for group in checks:
            inside = [_holds(each, self._columns[each.order].scores[slots]) for each in group]
            slots = slots[np.logical_or.reduce(inside)]
        return slots

    def _inside(self, group: Sequence[Range], size: int) -> NDArray[np.bool_]:
        """Say of every slot below ``size`` whether it lies in one of some ranges. To look at all costs 20 us a bound at
        100,000 events, less than to pick some.
        """
        inside = [_holds(each, self._columns[each.order].scores[:size]) for each in group]
        return inside[0] if len(inside) == 1 else np.logical_or.reduce(inside)


def _holds(each: Range, scores: Scores) -> NDArray[np.bool_]:
    held: NDArray[np.bool_] = scores >= each.low
    held &= (scores <= each.high) if each.whole else (scores < each.high)
    return held


def _walk(column: _Column, descending: bool, candidates: Candidates, after: Place | None, limit: int) -> Slots:
    """Return the first candidates that the order gives, and all that changed since it was sorted."""
    order = column.sorted(descending, after)
    found = [candidates.among(column.apart())]
    missing, at = limit + 1, 0
    step = max(STEP_LEAST, (limit + 1) * candidates.size * 5 // (candidates.count * 4))
    while missing > 0 and at < order.size:
        part = order[at : at + step]
        part = candidates.among(part[~column.is_apart[part]])
        found.append(part)
        missing, at, step = missing - part.size, at + step, step * 4
    return np.concatenate(found)


class _Column:
    """One order."""

    def __init__(self) -> None:
        self.scores: Scores = np.empty(0)
        self.is_apart: NDArray[np.bool_] = np.empty(0, np.bool_)
        """By slot: whether it changed since the order was sorted."""
        self._apart: list[Slots] = []
        self._apart_count = 0
        self._sorted: Slots | None = None
        self._keys: Scores = np.empty(0)
        """Scores of what is sorted, as they were then."""

    def cover(self, size: int) -> None:
        more = size - self.scores.size
        self.scores = np.concatenate([self.scores, np.full(more, np.nan)])
        self.is_apart = np.concatenate([self.is_apart, np.zeros(more, np.bool_)])

    def put(self, slots: Slots, scores: Scores) -> None:
        held = self.scores[slots]
        differs = ~((held == scores) | (np.isnan(held) & np.isnan(scores)))
        slots, scores = slots[differs], scores[differs]
        self.scores[slots] = scores
        if self._sorted is not None:
            fresh = slots[~self.is_apart[slots]]
            self.is_apart[fresh] = True
            self._apart.append(fresh)
            self._apart_count += fresh.size

    def apart(self) -> Slots:
        """Return the slots that changed since the order was sorted."""
        self._apart = [np.concatenate([*self._apart, np.empty(0, np.int64)])]
        return self._apart[0]

    def sorted(self, descending: bool, after: Place | None) -> Slots:
        """Return slots in order, after a place. Those that ``is_apart`` names may stand where they no longer belong."""
        order, keys = self._in_order()
        start, end = 0, order.size
        if after is not None:
            low, high = (int(np.searchsorted(keys, after[0], side)) for side in ("left", "right"))
            if descending:
                end = low + int(np.searchsorted(order[low:high], after[1], "left"))
            else:
                start = low + int(np.searchsorted(order[low:high], after[1], "right"))
        found = order[start:end]
        return found[::-1] if descending else found

    def count(self, each: Range) -> int:
        """Return how many slots lie in a range, but for what changed since the order was sorted."""
        start, end = self._bounds(each)
        return max(end - start, 0)

    def settled(self, each: Range) -> Slots:
        """Return the slots that lie in a range and did not change since the order was sorted."""
        start, end = self._bounds(each)
        found = self._in_order()[0][start:end]
        return found[~self.is_apart[found]]

    def _bounds(self, each: Range) -> tuple[int, int]:
        keys = self._in_order()[1]
        return (
            int(np.searchsorted(keys, each.low, "left")),
            int(np.searchsorted(keys, each.high, "right" if each.whole else "left")),
        )

    def _in_order(self) -> tuple[Slots, Scores]:
        """Return slots and scores in order, sorted anew where many have changed."""
        if self._sorted is None or self._apart_count > max(APART_LEAST, self._sorted.size // APART):
            known = np.flatnonzero(~np.isnan(self.scores))
            self._sorted = known[np.argsort(self.scores[known], kind="stable")]
            self._keys = self.scores[self._sorted]
            self.is_apart[:] = False
            self._apart, self._apart_count = [], 0
        return self._sorted, self._keys

    def first(self, slots: Slots, descending: bool, after: Place | None, count: int) -> Slots:
        """Return the first ``count`` of some slots after a place, in order."""
        scores = self.scores[slots]
        wanted = ~np.isnan(scores)
        if after is not None:
            score, slot = after
            beyond = scores < score if descending else scores > score
            among = slots < slot if descending else slots > slot
            wanted &= beyond | ((scores == score) & among)
        slots, scores = slots[wanted], scores[wanted]
        if slots.size > count:
            rank = slots.size - count if descending else count - 1
            edge = np.partition(scores, rank)[rank]
            near = scores >= edge if descending else scores <= edge
            slots, scores = slots[near], scores[near]
        order = np.lexsort((slots, scores))
        return slots[order[::-1] if descending else order][:count]
