"""The numbers and names of a text, as small bit sets, and how far those of two texts agree.

Two reports written from one template differ in little but these; a light edit or a cut of one report leaves them alone.
Each fact sets one bit, 128 for numbers and 192 for names: a text of 300 words has some 8 and 25.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.dedup.normalise import Words

NUMBER_BYTES: Final = 16
NAME_BYTES: Final = 24
_MIX: Final = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True, slots=True)
class Facts:
    """Bit sets of the numbers and of the names in a text."""

    numbers: bytes
    names: bytes


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many facts of one kind two texts hold, and how many both hold."""

    one: int
    other: int
    shared: int

    @property
    def lacking(self) -> int:
        """How many of the poorer side's facts the other lacks; 0 where one side only adds to the other's."""
        return min(self.one, self.other) - self.shared

    @property
    def exchanged(self) -> float:
        """Share (0 to 1) of the poorer side's facts that the other lacks."""
        fewest = min(self.one, self.other)
        return self.lacking / fewest if fewest else 0.0

    @property
    def shared_share(self) -> float:
        """Share (0 to 1) of the poorer side's facts that both hold; 1 where a side has none."""
        return 1.0 - self.exchanged


def facts(words: Words) -> Facts:
    """Return the facts among ``words``."""
    return Facts(
        _bits(words.hashes[words.is_number], NUMBER_BYTES),
        _bits(words.hashes[words.is_name], NAME_BYTES),
    )


def agreement(one: bytes, other: bytes) -> Agreement:
    """Compare two bit sets of the same kind."""
    bits, other_bits = int.from_bytes(one, "little"), int.from_bytes(other, "little")
    return Agreement(bits.bit_count(), other_bits.bit_count(), (bits & other_bits).bit_count())


def _bits(hashes: NDArray[np.uint64], size: int) -> bytes:
    bits = 0
    for place in ((hashes * _MIX) >> np.uint64(40)).tolist():
        bits |= 1 << place % (size * 8)
    return bits.to_bytes(size, "little")
