"""The telling words of a sentence or title, as small numbers: what two reports of one event tend to share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain

import xxhash

_WORD = re.compile(r"[^\W\d_]{4,}|\d[\d.,]*\d")
_DATELINE = re.compile(r"\s*[A-Z][A-Z.'’-]{2,}\b[^.!?()]{0,40}(?:\(\s*[^()]{2,40}\)\s*(?:[-–—]+|:)|\s[-–—]+)\s+")
"""Where and by whom a report was written, before what it tells: "KISUMU, Kenya, 11 March (Meridian Wire) - "."""
WORD_SPACE = 1 << 16
"""Words are hashed into this many numbers: enough for a weight, small enough for one table of counts."""
MAX_WORDS = 24


@cache
def _common() -> frozenset[str]:
    lines = files("services.linker").joinpath("common_words.tsv").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=131_072)
def _number(word: str) -> int:
    return int(xxhash.xxh3_64_intdigest(_stem(word).encode("utf-8", "surrogatepass"))) % WORD_SPACE


@lru_cache(maxsize=131_072)
def word_number(word: str) -> int | None:
    """Return the number of a word, or None where it is one of the common ones."""
    word = word.lower()
    for ending in ("'s", "’s"):
        word = word.removesuffix(ending)
    return None if word in _common() else _number(word)


@lru_cache(maxsize=32_768)
def telling_words(*texts: str, most: int = MAX_WORDS) -> tuple[int, ...]:
    """Return the numbers of the first ``most`` telling words of the texts, each once, in the order of reading."""
    common = _common()
    words = (word for text in texts for word in _WORD.findall(text.lower()) if word not in common)
    return tuple(dict.fromkeys(map(_number, words)))[:most]


def most_shared(told: Iterable[Iterable[int]], most: int) -> tuple[int, ...]:
    """Return the ``most`` words that most of some reports share, those in the order of reading that as many do."""
    counted = Counter(chain.from_iterable(told))
    # Sorting all is quicker than Counter.most_common at some dozens of words, and as stable.
    return tuple(sorted(counted, key=counted.__getitem__, reverse=True)[:most])


def without_dateline(sentence: str) -> str:
    """Return a sentence without the dateline it begins with: all of an agency's reports of a day share those words."""
    found = _DATELINE.match(sentence)
    return sentence[found.end() :] if found else sentence
