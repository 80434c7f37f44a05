"""Sets of slots, as the indexes give them: which events carry every term that is asked for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Posting = bytes | Sequence[bytes]
"""What an index holds: a bitmap (bit 0 is the highest of the first byte), or one text of slots divided by blanks."""

Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The slots that passed every dimension."""

    bits: Bits
    count: int

    @property
    def size(self) -> int:
        """Slots that they are drawn from, rounded up to whole bytes."""
        return self.bits.size * 8

    def slots(self) -> NDArray[np.int64]:
        """Return them, ascending."""
        found: NDArray[np.int64] = np.flatnonzero(np.unpackbits(self.bits).view(np.bool_))
        return found

    def bitmap(self) -> bytes:
        """Return them as Redis holds a bitmap."""
        return self.bits.tobytes()

    def also(self, wanted: NDArray[np.bool_]) -> Candidates:
        """Return those that are wanted, too; ``wanted`` says so for each of ``size`` slots."""
        return _counted(self.bits & np.packbits(wanted))

    def among(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of some slots that are among them, in the order given."""
        slots = slots[slots < self.size]
        held = (self.bits[slots >> 3] >> (7 - (slots & 7)).astype(np.uint8)) & 1
        found: NDArray[np.int64] = slots[held.astype(np.bool_)]
        return found


def candidates(dimensions: Sequence[Sequence[Posting]], size: int) -> Candidates:
    """Return the slots below ``size`` that lie in every dimension, in any of its postings."""
    width = -(-size // 8)
    found = np.full(width, 0xFF, np.uint8)
    for postings in dimensions:
        found &= _union(postings, width)
    return _counted(found)


def _counted(bits: Bits) -> Candidates:
    return Candidates(bits, int(np.bitwise_count(bits).sum()))


def _union(postings: Sequence[Posting], width: int) -> Bits:
    union = np.zeros(width, np.uint8)
    for posting in postings:
        if isinstance(posting, bytes):
            held = np.frombuffer(posting, np.uint8, min(len(posting), width))
            union[: len(held)] |= held
        elif posting[0]:
            slots = np.fromstring(posting[0].decode(), np.int64, sep=" ")
            slots = slots[slots < width * 8]
            np.bitwise_or.at(union, slots >> 3, (0x80 >> (slots & 7)).astype(np.uint8))
    return union
