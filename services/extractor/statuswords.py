"""The words that say how far along an event is, read from ``status_words.tsv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from services.extractor.forms import noun_forms, verb_forms
from services.extractor.tables import numbered, rows

_TABLE: Final = "en/status_words.tsv"


@dataclass(frozen=True, slots=True)
class StatusWord:
    """What a word does to the event it governs."""

    effect: str
    """A status, "threatened", "started", or empty."""
    control: str
    """agent, object, other or empty; see the table."""


@cache
def status_words() -> Mapping[tuple[str, str], StatusWord]:
    """Return every form with its part of speech (v, n, a, j); of two lemmas with one form the first row's counts.

    Raises ValueError, naming both lines, for a lemma that stands in two rows of one part of speech.
    """
    _refuse_repeats()
    found: dict[tuple[str, str], StatusWord] = {}
    for lemmas, pos, effect, control in rows(_TABLE, columns=4):
        for lemma in lemmas.split("|"):
            forms = verb_forms(lemma) if pos == "v" else noun_forms(lemma) if pos == "n" else {lemma}
            meaning = StatusWord(effect.strip("-"), control.strip("-"))
            for form in forms:
                found.setdefault((form, pos), meaning)
    return MappingProxyType(found)


def _refuse_repeats() -> None:
    seen: dict[tuple[str, str], int] = {}
    for number, (lemmas, pos, *_) in numbered(_TABLE):
        for lemma in lemmas.split("|"):
            line = seen.setdefault((lemma, pos), number)
            if line != number:
                raise ValueError(f"{_TABLE} line {number}: {lemma!r} ({pos}) stands on line {line} already")


def controls_object(form: str, *, noun: bool) -> bool:
    """True for "urged him to go", "an invitation to him to go": who goes is not who urges."""
    meaning = status_words().get((form, "n" if noun else "v"))
    if meaning is None:
        return False
    return meaning.control == "object" or (noun and meaning.effect == "requested")
