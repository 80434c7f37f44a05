"""Article and memory → decision: which known article it is compared with, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.dedup.entry import EXACT_COPY, NEAR_COPY, REVISION, UNIQUE, Record, id_text
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


def decide(record: Record, found: Matches, memory: Memory) -> Decision:
    """Decide about the article in the one ``record``, given what ``memory`` found to share with it.

    An article that went on stays the owner of what it told: its later revisions always go on too, so that readers can
    withdraw what is no longer said. A copy's later revisions are judged anew, against the canonical article.
    """
    if found.same_lineage is not None:
        return _revision(record, found.same_lineage, memory)
    near = _recent(record, found.same_address, memory)
    if len(near):
        latest = max(near.tolist(), key=lambda row: _age(memory, row))
        return _revision(record, latest, memory)
    same = _recent(record, found.same_digest, memory)
    if len(same):
        return Decision(EXACT_COPY, min(same.tolist(), key=lambda row: _age(memory, row)), 1.0, 1.0)
    return _near_copy(record, _recent(record, found.similar, memory), memory) or Decision(UNIQUE)


def _revision(record: Record, row: int, memory: Memory) -> Decision:
    known = memory.records(row)
    if (known["digest"] == record["digest"]).all():
        return Decision(EXACT_COPY, row, 1.0, 1.0)
    similarity = float(jaccard(record["sketch"][0], known["sketch"])[0])
    share = containment(similarity, int(record["size"][0]), int(known["size"][0]))
    same_article = known["lineage"][0] == record["lineage"][0]
    # An older revision that arrives late must not take the place of a newer one.
    late = same_article and record["revision"][0] < known["revision"][0]
    return Decision(NEAR_COPY if late else REVISION, row, similarity, share)


def _near_copy(record: Record, rows: NDArray[np.int64], memory: Memory) -> Decision | None:
    """Return the decision for the most similar of ``rows`` that the article copies; None if it copies none."""
    if not len(rows):
        return None
    others = memory.records(rows)
    similarities = jaccard(record["sketch"][0], others["sketch"])
    own = record[0]
    best: tuple[float, int, str] | None = None
    decision = None
    for position in (similarities >= CANDIDATE_JACCARD).nonzero()[0].tolist():
        other, similarity = others[position], float(similarities[position])
        share = containment(similarity, int(own["size"]), int(other["size"]))
        comparison = Comparison(
            jaccard=similarity,
            containment=share,
            fewest_shingles=min(int(own["size"]), int(other["size"])),
            numbers=agreement(own["numbers"].tobytes(), other["numbers"].tobytes()),
            names=agreement(own["names"].tobytes(), other["names"].tobytes()),
        )
        # Ties go to the earlier article, then to the id: what is chosen must not depend on the order of rows.
        rank = (-similarity, int(other["at"]), id_text(other["id"]))
        if is_near_copy(comparison) and (best is None or rank < best):
            best, decision = rank, Decision(NEAR_COPY, int(rows[position]), similarity, share)
    return decision


def _recent(record: Record, rows: NDArray[np.int64], memory: Memory) -> NDArray[np.int64]:
    if not len(rows):
        return rows
    apart = np.abs(memory.records(rows)["at"].astype(np.int64) - int(record["at"][0]))
    recent: NDArray[np.int64] = rows[apart <= _HORIZON_S]
    return recent


def _age(memory: Memory, row: int) -> tuple[int, str]:
    record = memory.records(row)
    return int(record["at"][0]), id_text(record["id"][0])
