"""How sure the extractor is that a mention tells a true event: a probability from features that anybody can recompute.

A logistic regression whose coefficients are data, ``ontology/confidence.tsv``. ``tests/eval/calibration.py`` fits them
to texts that were marked by reading, and measures how far the probabilities hold on texts they were not fitted to.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from services.extractor.drafts import Draft
from services.extractor.tables import rows

DEFAULT_THRESHOLD: Final = 0.0
"""Mentions less sure are not sent, unless the settings say otherwise."""
_LEAD: Final = 600
"""Sentences that begin within so many characters tell what the article is about."""
_LEAST, _MOST = 0.01, 0.99


def evidence(draft: Draft) -> dict[str, float]:
    """Return the value of each feature of ``draft``, by its name in the table: 0 or 1, or a small count."""
    weight = draft.trigger.pattern.weight
    return {
        "base": 1.0,
        "weight-two": float(weight >= 2),
        "weight-three": float(weight == 3),
        "noun": float(draft.trigger.is_noun),
        "actors": float(min(2, len(draft.actors))),
        "nobody": float(not draft.participants),
        "dated": float(draft.dated),
        "place": float(draft.place is not None),
        "quantity": float(bool(draft.quantities)),
        "reference": float(not draft.status.explicit),
        "considered": float(draft.status.value == "considered"),
        "title": float(draft.sentence.in_title),
        "lead": float(not draft.sentence.in_title and draft.sentence.start < _LEAD),
    }


@cache
def coefficients() -> Mapping[str, float]:
    """Return the coefficient of each feature. Raises ValueError, naming the line, for one that is no number."""
    return MappingProxyType({name: float(value) for name, value, _ in rows("confidence.tsv", columns=3)})


def confidence(draft: Draft) -> float:
    """Return the probability that ``draft`` tells a true event of its type, between 0.01 and 0.99."""
    weights = coefficients()
    total = sum(weights[name] * value for name, value in evidence(draft).items() if value)
    return round(min(_MOST, max(_LEAST, 1 / (1 + math.exp(-total)))), 3)
