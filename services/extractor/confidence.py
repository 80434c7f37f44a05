"""How sure the extractor is that a mention tells a true event: a probability from features that anybody can recompute.

A logistic regression whose coefficients are data, ``ontology/confidence.tsv``. ``tests/eval/calibration.py`` fits them
to texts that were marked by reading, and measures how far the probabilities hold on texts they were not fitted to.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from services.contracts.ontology import event_types
from services.extractor.drafts import Draft
from services.extractor.tables import rows

DEFAULT_THRESHOLD: Final = 0.5
"""Mentions less sure are not sent, unless the settings say otherwise: rather false than true.

By ``make eval`` (calibration, plover) it costs no event; at 0.6 bare single sentences begin to be lost.
"""
_LEAST, _MOST = 0.01, 0.99


@dataclass(frozen=True, slots=True)
class Company:
    """What else the article tells: a word that was misread stands alone, news is told again and again."""

    types: Mapping[str, int]
    """How many mentions there are of each event type."""
    topics: Mapping[str, int]
    """The same of each topic."""


def company(drafts: Iterable[Draft]) -> Company:
    """Return what the article tells whose mentions are ``drafts``."""
    types = Counter(draft.type for draft in drafts)
    topics: Counter[str] = Counter()
    for name, count in types.items():
        topics[event_types()[name].topic] += count
    return Company(types, topics)


def evidence(draft: Draft, among: Company) -> dict[str, float]:
    """Return the value of each feature of ``draft``, 0 or 1, by its name in the table; ``among`` counts it too."""
    return {
        "base": 1.0,
        "unambiguous": float(draft.trigger.pattern.weight == 3),
        "noun": float(draft.trigger.is_noun),
        "dated": float(draft.dated),
        "place": float(draft.place is not None and draft.place.origin != "article"),
        "title": float(draft.sentence.in_title),
        "repeated": float(among.types[draft.type] > 1),
        "topic": float(among.topics[event_types()[draft.type].topic] > 1),
        "attributed": float(draft.attribution is not None),
    }


@cache
def coefficients() -> Mapping[str, float]:
    """Return the coefficient of each feature. Raises ValueError, naming the line, for one that is no number."""
    return MappingProxyType({name: float(value) for name, value, _ in rows("confidence.tsv", columns=3)})


def confidence(draft: Draft, among: Company) -> float:
    """Return the probability that ``draft`` tells a true event of its type, between 0.01 and 0.99."""
    weights = coefficients()
    total = sum(weights[name] * value for name, value in evidence(draft, among).items() if value)
    return round(min(_MOST, max(_LEAST, 1 / (1 + math.exp(-total)))), 3)
