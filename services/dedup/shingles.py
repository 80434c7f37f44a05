"""Words → the set of 3-word shingles, as 32-bit hashes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.dedup.thresholds import SHINGLE_WORDS

# Odd multipliers, one a place, so that order within a shingle counts; and one to mix (Steele and Vigna 2021).
_PLACES: Final = tuple(np.uint64(odd) for odd in (0xD1342543DE82EF95, 0xAF251AF3B0F025B5, 0xB564EF22EC7AECE5))
_MIX: Final = np.uint64(0xF1357AEA2E62A9C5)
_HALF: Final = np.uint64(32)


def shingles(words: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return the distinct shingles of hashed ``words``, sorted. Fewer words than a shingle has make one shingle."""
    if not len(words):
        return np.zeros(0, dtype=np.uint32)
    if len(words) < SHINGLE_WORDS:
        words = np.concatenate((words, np.zeros(SHINGLE_WORDS - len(words), dtype=np.uint64)))
    end = len(words) - SHINGLE_WORDS + 1
    mixed = words[:end] * _PLACES[0]
    for place in range(1, SHINGLE_WORDS):
        mixed += words[place : place + end] * _PLACES[place]
    mixed ^= mixed >> _HALF
    mixed *= _MIX
    mixed >>= _HALF
    hashes = mixed.astype(np.uint32)
    hashes.sort()
    if len(hashes) == 1:
        return hashes
    first = np.empty(len(hashes), dtype=np.bool_)
    first[0] = True
    np.not_equal(hashes[1:], hashes[:-1], out=first[1:])
    return hashes[first]
