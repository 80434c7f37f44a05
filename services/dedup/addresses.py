"""Where canonical articles were read: some 90 bytes each, kept without a Python object for each.

Addresses are appended to blocks; a block is let go with its last address. Articles expire in about the order in which
they came, so blocks do too.
"""

from __future__ import annotations

from typing import Final

_BLOCK_BYTES: Final = 1 << 16
_USUAL: Final = "https://"  # not stored
_AS_IT_IS: Final = "\0"  # stored before any other address
NONE: Final = 0
"""Reference to no address."""


class Addresses:
    """Stores short texts; each is known by a reference of 64 bits."""

    def __init__(self) -> None:
        self._blocks: dict[int, bytearray | bytes] = {}
        self._alive: dict[int, int] = {}
        self._open = 0

    def put(self, address: str) -> int:
        """Store an address (its first 65,534 bytes at least) and return its reference."""
        if not address:
            return NONE
        data = (address[len(_USUAL) :] if address.startswith(_USUAL) else _AS_IT_IS + address).encode()[:0xFFFF]
        block = self._blocks.get(self._open)
        if block is None or len(block) + len(data) > _BLOCK_BYTES:
            if block is not None:
                self._blocks[self._open] = bytes(block)
            self._open += 1
            block = self._blocks[self._open] = bytearray()
            self._alive[self._open] = 0
        assert isinstance(block, bytearray)
        reference = self._open << 32 | len(block) << 16 | len(data)
        block += data
        self._alive[self._open] += 1
        return reference

    def get(self, reference: int) -> str:
        """Return the address behind a reference; "" for NONE."""
        if reference == NONE:
            return ""
        block, start, length = reference >> 32, reference >> 16 & 0xFFFF, reference & 0xFFFF
        text = bytes(self._blocks[block][start : start + length]).decode("utf-8", "replace")
        return text[1:] if text.startswith(_AS_IT_IS) else _USUAL + text

    def drop(self, reference: int) -> None:
        """Forget an address; its reference must not be used again."""
        if reference == NONE:
            return
        block = reference >> 32
        self._alive[block] -= 1
        if not self._alive[block] and block != self._open:
            del self._blocks[block], self._alive[block]
