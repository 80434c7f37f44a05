"""Which countries an article is about: how often it names each, directly or by a town or state that lies there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from services.extractor.entities import fold
from services.extractor.gazetteer import Entry, gazetteer
from services.extractor.geography import place_tables, us_states
from services.extractor.views import SentenceView, bare_word

MIN_TOWN: Final = 100_000
"""Inhabitants of a town that counts for its country."""
NAMESAKE_FACTOR: Final = 20
"""How many times larger than every namesake abroad a town must be to count."""
_NOT_WHERE: Final = frozenset({"BUS", "MED"})
"""Sectors whose organisations are written of everywhere."""
_LESSONS: Final = [
    [word] for word in ("class", "classes", "course", "language", "lesson", "lessons", "literature", "teacher")
]
"""What comes after the name of a language."""


def country_counts(sentences: Sequence[SentenceView]) -> Counter[str]:
    """Return how often the sentences name each country (ISO alpha-3) or somewhere in it."""
    counts: Counter[str] = Counter()
    names = gazetteer()
    for sentence in sentences:
        for at, (end, entry) in sentence.entries.items():
            if sentence.span[at].ent_type_ == "LANGUAGE" or sentence.lower[end : end + 1] in _LESSONS:
                continue  # "an English class"
            spelt = " ".join(sentence.lower[at:end])
            generic = entry.kind == "institution" and names.group_sector(spelt) is not None
            if entry.country and entry.sector not in _NOT_WHERE and not generic and not _ambiguous(spelt, entry):
                counts[entry.country] += 1
        tagged = sentence.span.doc.has_annotation("ENT_IOB")
        for number, word in enumerate(sentence.words):
            if not word[:1].isupper() or number in sentence.inside:
                continue
            following = sentence.words[number + 1 : number + 2]
            pair = f"{word} {following[0]}" if following and following[0][:1].isupper() else ""
            country = _country_of(fold(bare_word(pair))) if pair else ""
            if not country and (not tagged or sentence.span[number].ent_type_ == "GPE"):
                country = _country_of(fold(bare_word(word))) if tagged else _state(fold(bare_word(word)))
            if country:
                counts[country] += 1
    return counts


def state_counts(sentences: Sequence[SentenceView]) -> Counter[str]:
    """Return how often the sentences name each state of the United States, by name."""
    counts: Counter[str] = Counter()
    for sentence in sentences:
        for number, word in enumerate(sentence.words):
            if word[:1].isupper():
                for length in (2, 1):
                    state = us_states().get(fold(bare_word(" ".join(sentence.words[number : number + length]))))
                    if state is not None:
                        counts[state.name] += 1
                        break
    return counts


def _ambiguous(spelt: str, entry: Entry) -> bool:
    """True for names that tell no country by themselves: Georgia, and capitals with large namesakes such as Tripoli."""
    if spelt == "georgia":
        return True
    return entry.kind == "capital" and not _country_of(fold(spelt)) and bool(place_tables().cities.get(fold(spelt)))


def _state(name: str) -> str:
    return "USA" if name in us_states() and name not in ("georgia", "washington") else ""


@lru_cache(maxsize=8_192)
def _country_of(name: str) -> str:
    if _state(name):
        return "USA"
    towns = place_tables().cities.get(name, ())
    if not towns or towns[0].population < MIN_TOWN:
        return ""
    abroad = max((town.population for town in towns if town.country != towns[0].country), default=0)
    return towns[0].country if towns[0].population >= NAMESAKE_FACTOR * abroad else ""


def country_named(name: str) -> str:
    """Return the country (alpha-3) that a name of a country, state or large town tells; empty where none or several."""
    entry = gazetteer().lookup(name.removeprefix("the "))
    if entry is not None and entry.country:
        return entry.country if not _ambiguous(fold(name), entry) else ""
    return _country_of(fold(name))
