"""Comparing two clusterings of the same mentions."""

from __future__ import annotations

from collections import Counter


def clustering_figures(told: dict[str, str], truths: dict[str, str]) -> dict[str, float]:
    """Compare two clusterings of the same mentions: pairwise and B³ (Bagga and Baldwin 1998)."""
    both = Counter((told[m], truths[m]) for m in truths if m in told)
    own, true = Counter(told[m] for m in truths if m in told), Counter(truths[m] for m in truths if m in told)
    pairs = sum(n * (n - 1) for n in both.values())
    pair_precision = pairs / max(1, sum(n * (n - 1) for n in own.values()))
    pair_recall = pairs / max(1, sum(n * (n - 1) for n in true.values()))
    total = sum(both.values())
    b3_precision = sum(n * n / own[cluster] for (cluster, _), n in both.items()) / total
    b3_recall = sum(n * n / true[cluster] for (_, cluster), n in both.items()) / total
    return {
        "pair_precision": round(pair_precision, 4),
        "pair_recall": round(pair_recall, 4),
        "pair_f1": round(_f1(pair_precision, pair_recall), 4),
        "b3_precision": round(b3_precision, 4),
        "b3_recall": round(b3_recall, 4),
        "b3_f1": round(_f1(b3_precision, b3_recall), 4),
    }


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
