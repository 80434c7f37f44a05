"""Which rows are the oldest: rows by the hour in which their articles became known."""

from __future__ import annotations

from array import array
from typing import Final

_HOUR_S: Final = 3_600


class Calendar:
    """Rows by hour."""

    def __init__(self) -> None:
        self._hours: dict[int, array[int]] = {}

    def add(self, row: int, at_s: int) -> None:
        """Note that ``row`` became known at ``at_s`` (seconds since 1970)."""
        hour = at_s // _HOUR_S
        rows = self._hours.get(hour)
        if rows is None:
            rows = self._hours[hour] = array("I")
        rows.append(row)

    def remove(self, row: int, at_s: int) -> None:
        """Forget ``row``, noted with the same ``at_s``."""
        hour = at_s // _HOUR_S
        rows = self._hours[hour]
        if rows[-1] == row:
            rows.pop()
        else:
            rows.remove(row)
        if not rows:
            del self._hours[hour]

    def before(self, at_s: int, most: int) -> list[int]:
        """Return up to ``most`` rows of the oldest hour if that ended by ``at_s``, in the order quickest to remove."""
        if not self._hours:
            return []
        hour = min(self._hours)
        if (hour + 1) * _HOUR_S > at_s:
            return []
        return self._hours[hour][: -most - 1 : -1].tolist()
