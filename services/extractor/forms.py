"""The forms a word takes in a text, so that tables name lemmas and texts are matched without a lemmatizer.

A lemmatizer costs a sixth of the pipeline's time and goes wrong where the tagger does. Forms that no text uses do no
harm, so the rules rather make one too many.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from services.extractor.tables import rows

_VOWELS: Final = frozenset("aeiou")


@cache
def _irregular() -> dict[str, tuple[str, ...]]:
    return {row[0]: tuple(row[1].split()) for row in rows("en/irregular.tsv", columns=2)}


def irregular(lemma: str) -> tuple[str, ...]:
    """Return the forms of a word that no rule gives."""
    return _irregular().get(lemma, ())


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def noun_forms(lemma: str) -> frozenset[str]:
    """Return singular and plural of a noun (lower case)."""
    return frozenset({lemma, _plural(lemma), *_irregular().get(lemma, ())})


def verb_forms(lemma: str) -> frozenset[str]:
    """Return every inflected form of a verb (lower case), British and American spelling of doubled consonants."""
    forms = {lemma, _plural(lemma), *_irregular().get(lemma, ())}
    if lemma.endswith("e"):
        forms |= {lemma + "d", lemma[:-1] + "ing"}
        if lemma.endswith(("ee", "oe", "ye")):
            forms.add(lemma + "ing")
        return frozenset(forms)
    if lemma.endswith("y") and lemma[-2:-1] not in _VOWELS:
        return frozenset({*forms, lemma[:-1] + "ied", lemma + "ing"})
    forms |= {lemma + "ed", lemma + "ing"}
    if len(lemma) > 2 and lemma[-1] not in "aeiouwxy" and lemma[-2] in _VOWELS and lemma[-3] not in _VOWELS:
        forms |= {lemma + lemma[-1] + "ed", lemma + lemma[-1] + "ing"}
    return frozenset(forms)


def all_forms(lemmas: Iterable[str], *, verbs: bool = False) -> frozenset[str]:
    """Return the forms of all ``lemmas``, as nouns or as verbs."""
    make = verb_forms if verbs else noun_forms
    return frozenset(form for lemma in lemmas for form in make(lemma))
