"""The record of who takes part: one shape for persons, countries, organisations and groups."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["person", "organisation", "country", "group"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that can act, resolved as far as the article and the gazetteer allow."""

    entity_id: str
    """Stable within Dateline: "country:USA", "person:marc fogel", "org:united nations", "group:protesters"."""
    name: str
    """Canonical name: "Marc Fogel", "United States"."""
    kind: Kind
    country: str = ""
    """ISO 3166-1 alpha-3 of the country it is, belongs to or acts for; empty where unknown."""
    sector: str = ""
    """PLOVER actor sector (GOV, MIL, COP, ...); empty where unknown."""


@lru_cache(maxsize=16_384)
def fold(name: str) -> str:
    """Return ``name`` lower-cased without accents, typographic apostrophes or doubled spaces.

    Endings that newsrooms transliterate differently become one, so that Zelenskyy, Zelenskiy and Zelensky meet.
    """
    plain = unicodedata.normalize("NFKD", name.replace("’", "'").replace("‘", "'"))
    plain = "".join(mark for mark in plain if not unicodedata.combining(mark))
    plain = plain.replace("ı", "i").replace("ł", "l").replace("ø", "o").replace("đ", "d").replace("ß", "ss")
    words = plain.casefold().split()
    return " ".join(_fold_ending(word) for word in words)


_SLAVIC_ENDINGS = (("skyy", "sky"), ("skiy", "sky"), ("skyi", "sky"), ("skii", "sky"), ("skij", "sky"), ("yy", "y"))


def _fold_ending(word: str) -> str:
    for ending, plain in _SLAVIC_ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + plain
    return word
