"""What is due on which day: an item has one day at most, and what is due comes out by day, then by name.

The order depends on what is held alone, never on how it came in, so that a linker restored from its table goes on where
the other stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

_FEW: Final = 64


class Agenda:
    """Items by day (ordinal)."""

    def __init__(self) -> None:
        self._days: dict[int, set[str]] = {}
        self._first = 0
        """No item is noted for a day before it."""
        self._opened = 0
        """The day whose items are sorted; 0 for none."""
        self._waiting: list[str] = []
        """Its items, the first one last; those dropped since may still stand among them."""

    def __len__(self) -> int:
        return sum(map(len, self._days.values()))

    def put(self, item: str, day: int) -> None:
        """Note an item for a day; it must not be noted for another."""
        self._days.setdefault(day, set()).add(item)
        if day < self._first:
            self._first = day
        if day == self._opened:
            self._opened = 0

    def drop(self, item: str, day: int) -> None:
        """Forget an item that was noted for a day."""
        held = self._days.get(day)
        if held is not None:
            held.discard(item)
            if not held:
                del self._days[day]

    def due(self, day: int, most: int) -> list[str]:
        """Return up to ``most`` items noted for ``day`` or before, by day, then by name."""
        found: list[str] = []
        if self._first > day:
            return found
        self._first = min(self._days, default=day + 1)
        if self._first > day:
            return found
        for each in sorted(other for other in self._days if other <= day):
            found += islice(self._of(each), most - len(found))
            if len(found) >= most:
                break
        return found

    def _of(self, day: int) -> Iterator[str]:
        held = self._days[day]
        if len(held) <= _FEW:
            yield from sorted(held)
            return
        if day != self._opened:
            # Sorted once, not with every message: a day may hold tens of thousands.
            self._opened, self._waiting = day, sorted(held, reverse=True)
        while self._waiting[-1] not in held:
            self._waiting.pop()
        yield from (item for item in reversed(self._waiting) if item in held)
