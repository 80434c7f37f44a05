"""The words that say how far along an event is, read from ``status_words.tsv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from services.extractor.forms import noun_forms, verb_forms
from services.extractor.tables import rows


@dataclass(frozen=True, slots=True)
class StatusWord:
    """What a word does to the event it governs."""

    effect: str
    """A status, "threatened", "started", or empty."""
    control: str
    """agent, object, other or empty; see the table."""


@cache
def status_words() -> Mapping[tuple[str, str], StatusWord]:
    """Return every form with its part of speech (v, n, a, j); the first row of a word wins."""
    found: dict[tuple[str, str], StatusWord] = {}
    for lemmas, pos, effect, control in rows("en/status_words.tsv", columns=4):
        for lemma in lemmas.split("|"):
            forms = verb_forms(lemma) if pos == "v" else noun_forms(lemma) if pos == "n" else {lemma}
            meaning = StatusWord(effect.strip("-"), control.strip("-"))
            for form in forms:
                found.setdefault((form, pos), meaning)
    return MappingProxyType(found)


def controls_object(form: str, *, noun: bool) -> bool:
    """True for "urged him to go", "an invitation to him to go": who goes is not who urges."""
    meaning = status_words().get((form, "n" if noun else "v"))
    if meaning is None:
        return False
    return meaning.control == "object" or (noun and meaning.effect == "requested")
