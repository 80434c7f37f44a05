"""Decides whether an article tells what another one told already. Pure: figures in, decision out."""

from __future__ import annotations

from dataclasses import dataclass

from services.dedup import thresholds as limit
from services.dedup.facts import Agreement


@dataclass(frozen=True, slots=True)
class Comparison:
    """How an article compares with one that is known."""

    jaccard: float
    """Of their shingles, 0 to 1."""
    containment: float
    """Share of the article's shingles that stand in the known one, 0 to 1."""
    fewest_shingles: int
    """Distinct shingles of the shorter of the two."""
    numbers: Agreement
    names: Agreement


def is_near_copy(found: Comparison) -> bool:
    """True where the article is a copy of the known one although not word for word.

    Much the same words are a copy, unless both are short and hold different numbers or names in them: then they are
    two stories from one template. Fewer common words (a rewritten or shortened copy) need the facts to agree as well.
    """
    if found.fewest_shingles < limit.LEAST_SHINGLES:
        return False
    if found.jaccard >= limit.COPY_JACCARD or found.containment >= limit.COPY_CONTAINMENT:
        return not _facts_exchanged(found)
    reworked = found.jaccard >= limit.CANDIDATE_JACCARD and found.containment >= limit.REWORKED_CONTAINMENT
    return reworked and _facts_agree(found)


def _facts_exchanged(found: Comparison) -> bool:
    if found.fewest_shingles > limit.EXCHANGE_SHINGLES:
        return False
    least = 1 if found.fewest_shingles < limit.TEMPLATE_SHINGLES else limit.EXCHANGED_FACTS
    return any(
        kind.exchanged >= share and kind.lacking >= least
        for kind, share in ((found.numbers, limit.EXCHANGED_NUMBERS), (found.names, limit.EXCHANGED_NAMES))
    )


def _facts_agree(found: Comparison) -> bool:
    evidence = min(found.numbers.one, found.numbers.other) + min(found.names.one, found.names.other)
    return (
        evidence >= limit.AGREEING_FACTS
        and found.numbers.shared_share >= limit.AGREEING_NUMBERS
        and found.names.shared_share >= limit.AGREEING_NAMES
    )
