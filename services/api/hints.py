"""What somebody probably meant who wrote what there is not. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

from services.contracts.countries import codes_of_two_letters, country_names
from services.contracts.redis_model import words

_PARTS: Final = re.compile(r"[-_. ]")


def closest(text: str, known: Collection[str]) -> str:
    """Return the one of ``known`` that a text is a part of ("war" of conflict-war-peace), or else looks like; empty
    where there is none.
    """
    holding = [each for each in known if text and text in _PARTS.split(each)]
    close = holding if len(holding) == 1 else get_close_matches(text, known, n=1)
    return close[0] if close else ""


def did_you_mean(text: str, known: Collection[str]) -> str:
    """Return the question after the one that was probably meant, with a space behind it; empty where there is none."""
    close = closest(text, known)
    return f"did you mean {close}? " if close else ""


def closest_country(text: str) -> str:
    """Return the ISO 3166-1 alpha-3 code of the country that an alpha-2 code or a name stands for; empty where it
    stands for none.
    """
    if code := codes_of_two_letters().get(text.upper()):
        return code
    by_name = {" ".join(words(name)): code for code, name in country_names().items()}
    name = closest(" ".join(words(text)), by_name) if len(text) > len("KEN") else ""
    return by_name.get(name, "")
