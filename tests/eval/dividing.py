"""How well an event that is two is told from one that is one: on made-up news, where the truth is known.

Pairs are as hard as the stream has them: two events of one type between the same parties, or in one country, thrown
together as if the linker had taken them for one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from services.contracts.dateline.v1 import event_pb2
from services.linker import weights
from services.linker.dividing import division
from services.linker.origins import origin
from services.linker.report import Report
from services.linker.score import Rarity
from tests.unit.linker.newsstream import stream

THRESHOLDS = (-1.0, 0.0, 0.5, 1.0, 1.5)
PAIRS_APART_DAYS = 30
"""Events of a pair are at most so far apart that a linker could take them for one."""


def figures(events: int, seeds: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield for each threshold: single events that were divided, and pairs divided at all and exactly."""
    singles, pairs = _cases(events, seeds)
    rarity = Rarity(lambda key: 1, lambda word: 1)
    chosen = weights.SPLIT_AT
    for threshold in THRESHOLDS:
        weights.SPLIT_AT = threshold  # type: ignore[misc]
        try:
            wrong = sum(bool(division(reports, rarity)) for reports in singles)
            found = [(division([*one, *other], rarity), one, other) for one, other in pairs]
        finally:
            weights.SPLIT_AT = chosen  # type: ignore[misc]
        sides = [(part, _ids(one), _ids(other)) for part, one, other in found if part]
        yield {
            "threshold": threshold,
            "chosen": threshold == chosen,
            "singles": len(singles),
            "divided_wrongly": wrong,
            "pairs": len(pairs),
            "divided": len(sides),
            "exactly": sum(part in (one, other) for part, one, other in sides),
            "reports_on_the_right_side": round(
                sum(max(len(p & a) + len(b - p), len(p & b) + len(a - p)) for p, a, b in sides)
                / max(1, sum(len(a) + len(b) for _, a, b in sides)),
                4,
            ),
        }


def _ids(reports: Iterable[Report]) -> frozenset[str]:
    return frozenset(report.mention.id for report in reports)


def _cases(events: int, seeds: Sequence[int]) -> tuple[list[list[Report]], list[tuple[list[Report], list[Report]]]]:
    singles: list[list[Report]] = []
    pairs: list[tuple[list[Report], list[Report]]] = []
    for seed in seeds:
        told: dict[int, list[Report]] = defaultdict(list)
        for item in stream(seed, events):
            value = item.message.value
            assert isinstance(value, event_pb2.MentionBatch)
            arrived = round(item.message.time.timestamp() * 1_000_000)
            for mention in value.mentions:
                told[item.truths[mention.id]].append(Report(arrived, mention))
        singles += told.values()
        kinds: dict[tuple[str, str], list[list[Report]]] = defaultdict(list)
        for reports in told.values():
            if len({origin(r.mention.article) for r in reports}) >= weights.SPLIT_SOURCES:
                mention = reports[0].mention
                kinds[mention.type, min((p.entity.country for p in mention.participants), default="")].append(reports)
        for members in kinds.values():
            for at, one in enumerate(members):
                pairs += ((one, other) for other in members[at + 1 :] if _near(one, other))
    return singles, pairs


def _near(one: Sequence[Report], other: Sequence[Report]) -> bool:
    return abs(one[0].arrived_us - other[0].arrived_us) <= PAIRS_APART_DAYS * 86_400_000_000
