"""Headlines in title case as sentences: "Club Hires Ana Silva as Coach" is parsed as "Club hires Ana Silva as coach".

Parsers take a row of capitalised words for one long name. The article's own text tells which of them are names; where
it has none of a word, a verb that can name an event is taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from services.extractor.gazetteer import gazetteer, lowered
from services.extractor.lexicon import lexicon

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LONG: Final = 4
"""Letters of a word that title case always capitalises."""
_LEAST: Final = 3
"""Long words a headline must have before their capitals tell anything."""
_SHARE: Final = 0.75
"""Share of its long words that are capitalised in a headline in title case; in a sentence it is names alone."""
_SMALL: Final = frozenset(
    {"a", "an", "and", "after", "as", "at", "for", "from", "in", "into", "of", "on", "over", "the", "to", "with"}
    | {"is", "are", "was", "were", "by", "but", "or", "than", "that", "his", "her", "its", "their", "who", "when"}
)


def sentence_case(title: str, sentences: Iterable[str]) -> str:
    """Return ``title`` with small letters where ``sentences``, the article's own, have them; of the same length.

    A headline that is not in title case is returned as it is.
    """
    words = list(_WORD.finditer(title))
    long = [match.group() for match in words if len(match.group()) >= _LONG]
    if len(long) < _LEAST or sum(word[0].isupper() for word in long) < _SHARE * len(long):
        return title
    shouted = title.upper() == title
    small, capital = _spellings(sentences)
    named = _names(title)
    verbs = _verbs()
    letters = list(title)
    for number, match in enumerate(words):
        word, start, end = match.group(), match.start(), match.end()
        lower = word.lower()
        if start in named or len(lower) != len(word):
            continue
        plain = lower in small and lower not in capital
        if number and (plain or lower in _SMALL or (lower not in capital and lower in verbs)):
            letters[start:end] = lower
        elif shouted:
            letters[start:end] = word[0] + lower[1:]
    return "".join(letters)


@cache
def _verbs() -> frozenset[str]:
    """Return finite forms of the verbs that name events: "wins", "charged"; base forms may be names ("Hunt")."""
    verbs = (form for form, rows in lexicon().by_form.items() if any(row.pos == "v" for row in rows))
    return frozenset(form for form in verbs if form.endswith(("s", "ed")) and not form.endswith("ss"))


def _spellings(sentences: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the words in small letters and, in lower case, those that a capital begins within a sentence."""
    small, capital = set(), set()
    for sentence in sentences:
        for number, match in enumerate(_WORD.finditer(sentence)):
            word = match.group()
            if word[0].islower():
                small.add(word)
            elif number and not word.isupper() and sentence[match.start() - 1] not in "\"'“‘":
                capital.add(word.lower())
    return small, capital


def _names(title: str) -> set[int]:
    """Return the offsets at which words of names that the gazetteer knows begin."""
    names, lower, found, end = gazetteer(), lowered(title), set(), 0
    for match in _WORD.finditer(title):
        if match.start() >= end:
            known = names.match(lower, title, match.start())
            if known is None:
                continue
            end = known[0]
        found.add(match.start())
    return found
