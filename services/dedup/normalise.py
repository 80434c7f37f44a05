"""Text → words: what two texts must share to read the same, whatever their typography.

Case, quotes, dashes, spacing, punctuation and Unicode presentation forms (NFKC) do not count. Words are hashed, not
built: making 300 Python strings an article costs more than all the rest of dedup, so words are found and hashed on
the UTF-8 bytes of the whole text at once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import xxhash
from numpy.typing import NDArray

from services.dedup.thresholds import LONGEST_BYTES

_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
# Scripts written without spaces: every character is a word (Chinese, Japanese, Thai, Lao, Khmer, Burmese).
_UNSPACED: Final = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff])"
)
_LETTER, _DIGIT, _SEPARATOR = 1, 2, 4
_MULTIPLIER: Final = 0x9E3779B97F4A7C15 | 1


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text in order; all arrays have one element a word."""

    hashes: NDArray[np.uint64]
    """64-bit hash of the lower-case word; a number with its separators ("5.1", "12,500") is one word."""
    is_number: NDArray[np.bool_]
    """The word starts with a digit."""
    is_name: NDArray[np.bool_]
    """The word is capitalised where a sentence does not demand it (and longer than one letter)."""
    digest: bytes
    """xxh3-128 of all words in order (16 bytes): equal for texts that read the same; of no words: 16 zero bytes."""

    def __len__(self) -> int:
        return len(self.hashes)


_NOTHING: Final = np.zeros(0, dtype=np.bool_)
NO_WORDS: Final = Words(np.zeros(0, dtype=np.uint64), _NOTHING, _NOTHING, bytes(16))


def words(text: str) -> Words:
    """Return the words of ``text`` (its first LONGEST_BYTES bytes; the digest still tells apart what follows)."""
    return words_of([text])[0]


def words_of(texts: Sequence[str]) -> list[Words]:
    """Return the words of each text. Many at once take a third of the time: NumPy's cost is by the call."""
    found: list[Words] = []
    group: list[_Text] = []
    size = 0
    for text in texts:
        read = _Text.of(text)
        if size + len(read.lowered) > LONGEST_BYTES:
            found += _words(group)
            group, size = [], 0
        group.append(read)
        size += len(read.lowered)
    return found + _words(group)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text made plain, as bytes, with a character around every word."""

    original: bytes
    lowered: bytes
    rest: bytes
    """What lies beyond LONGEST_BYTES."""

    @staticmethod
    def of(text: str) -> _Text:
        if not text.isascii():
            text = _plain(text)
        framed = f"\n\n{text}\n"
        original, lowered, rest = framed.encode("utf-8", "replace"), framed.lower().encode("utf-8", "replace"), b""
        if len(original) != len(lowered):
            original = lowered  # a few letters (İ) grow when lower-cased: names would stand elsewhere, and go unseen
        if len(lowered) > LONGEST_BYTES:
            rest = lowered[LONGEST_BYTES - 1 :]
            original, lowered = original[: LONGEST_BYTES - 1] + b"\n", lowered[: LONGEST_BYTES - 1] + b"\n"
        return _Text(original, lowered, rest)


def _words(texts: Sequence[_Text]) -> list[Words]:
    """Return the words of texts that have no more than LONGEST_BYTES together."""
    lowered = b"".join(text.lowered for text in texts)
    if not lowered:
        return []
    kinds = np.frombuffer(lowered.translate(_kinds()), dtype=np.uint8)
    digit = kinds == _DIGIT
    in_word = (kinds & (_LETTER | _DIGIT)) != 0
    in_word[1:-1] |= (kinds[1:-1] == _SEPARATOR) & digit[:-2] & digit[2:]
    edges = (in_word[1:] != in_word[:-1]).nonzero()[0]
    edges += 1
    starts = edges[::2]
    if not len(starts):
        return [NO_WORDS] * len(texts)
    hashes = _hash_words(np.frombuffer(lowered.translate(_letters()), dtype=np.uint8), starts)
    raw = np.frombuffer(b"".join(text.original for text in texts), dtype=np.uint8)
    names = _names(raw, np.frombuffer(lowered, dtype=np.uint8), starts, edges[1::2])
    numbers = digit[starts]
    ends = np.searchsorted(starts, np.cumsum([len(text.lowered) for text in texts])).tolist()
    found = []
    for text, start, end in zip(texts, [0, *ends], ends, strict=False):
        own = hashes[start:end]
        found.append(
            Words(own, numbers[start:end], names[start:end], _digest(own, text.rest)) if start < end else NO_WORDS
        )
    return found


def _plain(text: str) -> str:
    """Return ``text`` in NFKC with every non-ASCII mark that is not part of a word made a space."""
    text = unicodedata.normalize("NFKC", text)
    for character in set(_NOT_ASCII.findall(text)):
        if unicodedata.category(character)[0] not in "LMN":
            text = text.replace(character, " ")
    return _UNSPACED.sub(r" \1 ", text)


def _hash_words(letters: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return one polynomial hash (modulo 2^64) for each word, from its start up to the next; other bytes are 0.

    Every letter is weighed by a power that grows through the whole text, and each sum is divided by the power at
    which its word starts: so no position within a word needs to be known.
    """
    powers, inverses = _powers()
    hashes: NDArray[np.uint64] = np.add.reduceat(powers[: len(letters)] * letters, starts)
    hashes *= inverses[starts]
    hashes ^= hashes >> np.uint64(29)
    return hashes


def _names(
    raw: NDArray[np.uint8], low: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.bool_]:
    differs = raw != low
    # Two bytes, because lower-casing a Greek or Cyrillic letter may change only its second one.
    capital = differs[starts]
    if differs.any():
        capital |= differs[starts + 1] & (low[starts] >= 0x80)
    inside = (low[starts - 1] == ord(" ")) & _follows_on()[low[starts - 2]]
    names: NDArray[np.bool_] = capital & inside & (ends - starts > 1)
    return names


def _digest(hashes: NDArray[np.uint64], rest: bytes) -> bytes:
    digest = xxhash.xxh3_128(hashes.tobytes())
    digest.update(rest)
    return bytes(digest.digest())


@cache
def _kinds() -> bytes:
    """Translation table: byte → letter (any byte of a non-ASCII letter is one), digit, separator or 0."""
    kinds = {byte: _LETTER for byte in range(256) if byte >= 0x80 or chr(byte).isalpha()}
    kinds |= {ord(digit): _DIGIT for digit in "0123456789"} | {ord(mark): _SEPARATOR for mark in ".,"}
    return bytes(kinds.get(byte, 0) for byte in range(256))


@cache
def _letters() -> bytes:
    """Translation table: letters and digits stay, all else becomes 0 (so "12,500" and "12.500" are one number)."""
    return bytes(byte if kind & (_LETTER | _DIGIT) else 0 for byte, kind in enumerate(_kinds()))


@cache
def _follows_on() -> NDArray[np.bool_]:
    """Bytes after which (and a space) a capital letter is not due to the start of a sentence."""
    table: NDArray[np.bool_] = np.frombuffer(_letters(), dtype=np.uint8) != 0
    table[[ord(mark) for mark in ",;-'()&/$"]] = True
    return table


@cache
def _powers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Powers of the multiplier and of its inverse modulo 2^64, as many as a text has bytes."""
    size = LONGEST_BYTES + 1
    inverse = pow(_MULTIPLIER, -1, 1 << 64)
    factors = np.full(size, _MULTIPLIER, dtype=np.uint64), np.full(size, inverse, dtype=np.uint64)
    for factor in factors:
        factor[0] = 1
    return np.cumprod(factors[0], dtype=np.uint64), np.cumprod(factors[1], dtype=np.uint64)
