"""Personal names as news writes them: with and without first names, accents and titles."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "dr", "sir", "dame", "lord", "lady", "president", "prime", "minister", "king", "queen"}
    | {"pope", "prince", "princess", "captain", "colonel", "general", "judge", "justice", "senator", "governor"}
    | {"chancellor", "jr", "sr"}
)
# Romanisations of one Slavic ending that papers spell in four ways (Zelensky, Zelenskyy, Zelenskiy, Zelenskij).
_ENDING = re.compile(r"(?<=\w\w\w)(?:yy|iy|ii|ij|yi)$")

Name = tuple[str, ...]
"""The words of a personal name, lower case, without accents and titles; the last one is taken as the surname."""


@lru_cache(maxsize=65_536)
def person_name(text: str) -> Name:
    """Return the words of a personal name, or () where the text has none."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    words = [word.removesuffix("'s").removesuffix("’s") for word in _WORD.findall(plain)]
    kept = [word for word in words if word not in _TITLES] or words
    return tuple(_ENDING.sub("y", word) for word in kept)


def same_person(one: Name, other: Name) -> bool:
    """Tell whether two names may be one person's: "Fogel", "Marc Fogel" and "M. Fogel" may, "Hilde Fogel" may not."""
    if one == other:
        return bool(one)
    if not one or not other or one[-1] != other[-1]:
        return False
    short, long = sorted((one[:-1], other[:-1]), key=len)
    return all(
        any(word == w or (len(word) == 1 and w.startswith(word)) or (len(w) == 1 and word.startswith(w)) for w in long)
        for word in short
    )
