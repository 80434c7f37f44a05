"""One entry of the changes stream, read once for all subscribers of a process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from services.api.change_filters import ChangeSelection, Facets, facets_of
from services.api.sse import Position, frame, parse_position

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A change with its place in the stream."""

    position: Position
    raw: bytes
    """Its JSON, as it goes to API subscribers."""
    change: Json
    facets: Facets
    _rendered: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    def rendered(self, form: str, render: Callable[[Entry], bytes]) -> bytes:
        """Return the entry in some form, rendered by the first subscriber that asks for it."""
        if form not in self._rendered:
            self._rendered[form] = render(self)
        return self._rendered[form]

    def frame(self) -> bytes:
        """Return the entry as API subscribers get it."""
        return self.rendered("api", lambda entry: frame("change", entry.position, entry.raw))


@dataclass(frozen=True, slots=True)
class ChangesChosen:
    """What API subscribers with the same filters get of a change."""

    selection: ChangeSelection

    def __call__(self, entry: Entry) -> bytes | None:
        """Return the change, if it is asked for."""
        return entry.frame() if self.selection.takes(entry.facets) else None


def read_entry(stream_id: bytes, raw: bytes) -> Entry:
    """Return an entry as the cache wrote it. Raises ValueError or KeyError where it is of another layout."""
    change = orjson.loads(raw)
    return Entry(parse_position(stream_id.decode()), raw, change, facets_of(change))
