"""Which report moves an event's status: forward by what happens, to an end by denial, and back by nothing.

The order is that of ``ontology.STATUSES``. A background sentence ("the deal, agreed in May") or an older article must
not undo what is known; a claim that is denied must not come back because the same article repeats the claim.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.contracts.ontology import STATUSES

_RANK: Final = {status: rank for rank, status in enumerate(STATUSES)}
_ENDS: Final = frozenset({"denied", "cancelled"})
_HAPPENED: Final = frozenset({"ongoing", "occurred"})


@dataclass(frozen=True, slots=True)
class Told:
    """A status as one report tells it."""

    status: str
    article_id: str
    told_us: int
    """When the article was published, microseconds since 1970."""
    day: int
    """The same as a day (ordinal)."""
    starts: int | None
    """First day (ordinal) of the event by the words of the text; None where it gives none."""
    headline: bool = False
    """True where the headline says so."""


def moves(current: Told, report: Told) -> bool:
    """Tell whether a report moves an event on from its current status."""
    if report.status == current.status or report.status not in _RANK:
        return False
    if current.status in _ENDS:
        return _revives(current, report)
    if report.status in _ENDS:
        # What took place stays so, whoever denies it: a contradiction, not a move. A call-off ends what goes on.
        if current.status == "occurred" or (current.status == "ongoing" and report.status == "denied"):
            return False
        return report.told_us >= current.told_us
    if current.headline and current.article_id == report.article_id and report.status in _HAPPENED:
        # The headline tells how far along it is; "as he announced the swap" further down does not know better.
        return False
    return _RANK[report.status] > _RANK[current.status]


def _revives(current: Told, report: Told) -> bool:
    if report.article_id == current.article_id or report.told_us < current.told_us:
        return False
    if current.status == "denied":
        return report.status == "cancelled" or report.status == "agreed" or report.status in _HAPPENED
    if report.status == "planned":
        # Called off, then set for a new day.
        return report.starts is not None and report.starts > current.day
    return report.status == "agreed" or report.status in _HAPPENED


def contradicts(current: str, report: str) -> bool:
    """Tell whether a report says the opposite of what is held without being able to move it."""
    return current in _HAPPENED and report in _ENDS
