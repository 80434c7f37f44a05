"""Small questions about one report that several parts of merging ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.linker.profile import AHEAD
from services.linker.report import Order, Report
from services.linker.status import rank_of

LEAD: Final = 400
"""A sentence that starts within this many characters belongs to the lead, which tells what the headline promises."""


def in_order_told(report: Report) -> Order:
    """Sort key: when its source first said so, then the order within the article. Arrival has no part in it."""
    return report.order


def told_in_order(reports: Iterable[Report]) -> list[Report]:
    """Return reports in the order told; of articles of one instant (often a mere day) the one that knows less first."""
    found = list(reports)
    if len(found) < 2:
        return found
    known: dict[str, int] = {}
    for report in found:
        article, rank = report.article_id, rank_of(report.status)
        known[article] = min(known.get(article, rank), rank)
    found.sort(key=lambda report: (report.first_told_us, known[report.article_id], report.order))
    return found


def same_stage(told: str, status: str) -> bool:
    """Tell whether a report at a status sees the event as ``status`` does: as still ahead, or as begun or ended."""
    return (told in AHEAD) == (status in AHEAD)
