"""How the words that name an event are marked in its sentence while that is cut to a headline, and words as sets."""

from __future__ import annotations

import re
from typing import Final

OPEN, SHUT = "\x02", "\x03"
"""Stand around the words that name the event."""
WORD: Final = re.compile(r"[a-z]+")


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list, to tell by one look whether a sentence has any of them."""
    return frozenset(text.split())


AUXILIARIES: Final = words_of("is are was were has have had will would may can could should might must did does")
