"""The JSON of events that lists show again and again: the newest stand on every first page.

Kept by slot until that slot is written: each look at the indexes tells which were (``ranks.py``), so that a page needs
from Redis only the states that no page before it showed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from services.contracts.state_codec import Codec

WHOLE: Final = False
SUMMARY: Final = True

KEPT_BYTES: Final = 32 << 20
"""Some 6,000 events in whole, or 15,000 summaries."""


class Rendered:
    """Unpacks states, and keeps what was asked for last."""

    def __init__(self, codec: Codec, most_bytes: int = KEPT_BYTES) -> None:
        self._codec = codec
        self._most = most_bytes
        self._held: OrderedDict[tuple[int, bool], bytes] = OrderedDict()
        self.bytes = 0
        """What is kept now."""

    def get(self, slot: int, summary: bool) -> bytes | None:
        """Return the JSON of the event in a slot, whole or as a summary, if it is kept."""
        key = (slot, summary)
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def render(self, packed: bytes, summary: bool) -> bytes:
        """Return the JSON of a state without keeping it. Raises CodecError."""
        state = self._codec.unpack(packed)
        return state.summary() if summary else state.whole()

    def put(self, slot: int, summary: bool, text: bytes) -> None:
        """Keep the JSON of the event in a slot."""
        self._drop((slot, summary))
        self._held[slot, summary] = text
        self.bytes += len(text)
        while self.bytes > self._most:
            self._drop(next(iter(self._held)))

    def forget(self, slots: Iterable[int]) -> None:
        """Keep nothing of some slots: they were written."""
        for slot in slots:
            self._drop((slot, WHOLE))
            self._drop((slot, SUMMARY))

    def forget_all(self) -> None:
        """Keep nothing."""
        self._held.clear()
        self.bytes = 0

    def _drop(self, key: tuple[int, bool]) -> None:
        text = self._held.pop(key, b"")
        self.bytes -= len(text)
