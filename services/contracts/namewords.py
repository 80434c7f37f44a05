"""The words of a text that are written like names: what articles of one story share, however either is worded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

_WORD = re.compile(r"[^\W\d_][^\W_]{2,}(?:['’][^\W\d_]{3,})?")
_SENTENCE_END: Final = frozenset(".!?:“”\"'‘(—–-")
_HEADLINE_CASE: Final = 0.6
"""A line with a larger share of capitalised words is set in capitals: they are no names then."""
MOST_NAMES: Final = 24
_READ: Final = 6_000
"""Characters of an article that are looked through: whom it is about it has named by then."""


def name_words(line: str) -> list[str]:
    """Return the words of a line or sentence that are written like names, in the order of reading.

    The first word of a sentence has its capital from there, so it does not count.
    """
    found: list[str] = []
    words = capitals = 0
    for match in _WORD.finditer(line):
        words += 1
        word = match.group()
        if not word[0].isupper():
            continue
        capitals += 1
        before = match.start() - 1
        while before >= 0 and line[before].isspace():
            before -= 1
        if before >= 0 and line[before] not in _SENTENCE_END:
            found.append(word)
    return [] if words > 3 and capitals > _HEADLINE_CASE * words else found


def names_of_article(text: str) -> Sequence[str]:
    """Return the words written like names in an article: those it repeats most first, at most ``MOST_NAMES``."""
    counted: Counter[str] = Counter()
    for line in text[:_READ].splitlines():
        counted.update(name_words(line))
    # most_common keeps the order of reading among equals.
    return [word for word, _ in counted.most_common(MOST_NAMES)]
