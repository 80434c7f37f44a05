"""The JSON of states that lists show again and again: the newest events stand on every first page.

What is packed alike is the same state, so nothing kept here can be out of date.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from services.contracts.state_codec import Codec

WHOLE: Final = False
SUMMARY: Final = True

KEPT_BYTES: Final = 32 << 20
"""Some 5,000 events in whole, or 15,000 summaries."""


class Rendered:
    """Unpacks states, and keeps what was asked for last."""

    def __init__(self, codec: Codec, most_bytes: int = KEPT_BYTES) -> None:
        self._codec = codec
        self._most = most_bytes
        self._held: OrderedDict[tuple[bytes, bool], bytes] = OrderedDict()
        self.bytes = 0
        """What is kept now."""

    def get(self, packed: bytes, summary: bool) -> bytes:
        """Return the JSON of a state, whole or as a summary. Raises CodecError."""
        key = (packed, summary)
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
            return found
        state = self._codec.unpack(packed)
        found = self._held[key] = state.summary() if summary else state.whole()
        self.bytes += len(packed) + len(found)
        while self.bytes > self._most:
            (old, _), text = self._held.popitem(last=False)
            self.bytes -= len(old) + len(text)
        return found
