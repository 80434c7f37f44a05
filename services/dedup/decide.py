"""Article and memory → decision: which known article it is compared with, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.dedup.entry import EXACT_COPY, NEAR_COPY, REVISION, UNIQUE, Entry
from services.dedup.facts import agreement
from services.dedup.memory import Matches, Memory
from services.dedup.sketch import containment, jaccard
from services.dedup.thresholds import CANDIDATE_JACCARD, HORIZON
from services.dedup.verdict import Comparison, is_near_copy

_HORIZON_S: Final = int(HORIZON.total_seconds())


@dataclass(frozen=True, slots=True)
class Decision:
    """What an article is, and the row it is that of."""

    decision: int
    """Index into entry.DECISIONS."""
    row: int | None = None
    similarity: float = 0.0
    containment: float = 0.0


def decide(entry: Entry, found: Matches, memory: Memory) -> Decision:
    """Decide about the article in ``entry``, given what ``memory`` found to share with it.

    An article that went on stays the owner of what it told: its later revisions always go on too, so that readers can
    withdraw what is no longer said. A copy's later revisions are judged anew, against the canonical article.
    """
    if found.same_lineage is not None:
        return _revision(entry, found.same_lineage, memory)
    # Ties go to the time, then to the id: what is chosen must not depend on the order of rows.
    same_address = sorted(_recent(entry, found.same_address, memory))
    if same_address:
        return _revision(entry, same_address[-1][-1], memory)
    same_digest = sorted(_recent(entry, found.same_digest, memory))
    if same_digest:
        return Decision(EXACT_COPY, same_digest[0][-1], 1.0, 1.0)
    return _near_copy(entry, found.similar, memory) or Decision(UNIQUE)


def decide_withdrawal(found: Matches) -> Decision:
    """Decide about the revision that takes an article back: it revises what went on of that article, if anything."""
    if found.same_lineage is None:
        return Decision(UNIQUE)
    return Decision(REVISION, found.same_lineage)


def _revision(entry: Entry, row: int, memory: Memory) -> Decision:
    known = memory.records([row])
    if known["digest"][0].tobytes() == entry.digest:
        return Decision(EXACT_COPY, row, 1.0, 1.0)
    similarity = float(jaccard(np.frombuffer(entry.sketch, dtype=np.uint8), known["sketch"])[0])
    share = containment(similarity, entry.size, int(known["size"][0]))
    same_article = int(known["lineage"][0]) == entry.lineage
    # An older revision that arrives late must not take the place of a newer one.
    late = same_article and entry.revision < int(known["revision"][0])
    return Decision(NEAR_COPY if late else REVISION, row, similarity, share)


def _near_copy(entry: Entry, rows: list[int], memory: Memory) -> Decision | None:
    """Return the decision for the most similar of ``rows`` that the article copies; None if it copies none."""
    if not rows:
        return None
    others = memory.records(rows)
    similarities = jaccard(np.frombuffer(entry.sketch, dtype=np.uint8), others["sketch"])
    best: tuple[float, int, bytes] | None = None
    decision = None
    for position in (similarities >= CANDIDATE_JACCARD).nonzero()[0].tolist():
        other, similarity = others[position], float(similarities[position])
        at_s, size = int(other["at"]), int(other["size"])
        if abs(at_s - entry.at_s) > _HORIZON_S:
            continue
        share = containment(similarity, entry.size, size)
        comparison = Comparison(
            jaccard=similarity,
            containment=share,
            fewest_shingles=min(entry.size, size),
            numbers=agreement(entry.numbers, other["numbers"].tobytes()),
            names=agreement(entry.names, other["names"].tobytes()),
        )
        rank = (-similarity, at_s, other["id"].tobytes())
        if (best is None or rank < best) and is_near_copy(comparison):
            best, decision = rank, Decision(NEAR_COPY, rows[position], similarity, share)
    return decision


def _recent(entry: Entry, rows: list[int], memory: Memory) -> list[tuple[int, bytes, int]]:
    """Return time, id and row of those of ``rows`` that are near enough in time."""
    if not rows:
        return []
    records = memory.records(rows)
    return [
        (at_s, article.tobytes(), row)
        for at_s, article, row in zip(records["at"].tolist(), records["id"], rows, strict=True)
        if abs(at_s - entry.at_s) <= _HORIZON_S
    ]
