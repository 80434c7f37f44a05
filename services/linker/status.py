"""Which reports move an event's status: forward by what happens, to an end by denial, and back by stronger evidence.

The order is that of ``ontology.STATUSES``. Reports are read in the order in which they were told, so late arrivals make
the same history. A background sentence ("the deal, agreed in May") must not undo what is known; a claim that is denied
must not come back because the same article repeats the claim; and what took place stays so when somebody denies it,
until more say no than say yes, or those who said yes take it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from services.contracts.ontology import STATUSES
from services.linker import weights as w

_RANK: Final = {status: rank for rank, status in enumerate(STATUSES)}
ENDS: Final = frozenset({"denied", "cancelled"})
HAPPENED: Final = frozenset({"ongoing", "occurred"})

FIRST, FORWARD, ENDED, REVIVED = "first", "forward", "ended", "revived"
CORRECTED, OUTWEIGHED = "corrected", "outweighed"


class Told(NamedTuple):
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
    voice: str = ""
    """Who says so: the person, body or country that the sentence names for it, else who stands behind the article."""
    own: bool = True
    """False where the sentence names somebody else than the article as saying so."""


class Move(NamedTuple):
    """A step of the status, caused by the report at ``at`` in the order told."""

    at: int
    basis: str


class Course(NamedTuple):
    """What a sequence of reports makes of an event's status."""

    moves: tuple[Move, ...]
    stands: dict[str, int]
    """By voice: the report, by its position, with what that voice says in the end."""
    ended_by: frozenset[str]
    """Ids of the articles that tell that it does not, or did not, take place."""


def course(reports: Sequence[Told]) -> Course:
    """Return the moves that reports in the order told make, and where everybody stands in the end."""
    ended_by = frozenset(told.article_id for told in reports if told.status in ENDS)
    moves: list[Move] = []
    stands: dict[str, int] = {}
    current: Told | None = None
    dates: set[int] = set()
    for at, told in enumerate(reports):
        if told.status not in _RANK:
            continue
        held = stands.get(told.voice)
        if held is None or _changes_stand(reports[held], told):
            stands[told.voice] = at
        basis = FIRST
        if current is not None:
            basis = _step(current, told, dates, told.article_id in ended_by)
            if not basis and opposes(current.status, told):
                basis = _backward(current, told, [reports[n] for n in stands.values()])
        if basis:
            current = told
            moves.append(Move(at, basis))
        if told.starts is not None and told.status not in ENDS:
            dates.add(told.starts)
    return Course(tuple(moves), stands, ended_by)


def rank_of(status: str) -> int:
    """Return how far along a status is; -1 for one that nobody knows."""
    return _RANK.get(status, -1)


def moves(current: Told, report: Told) -> bool:
    """Tell whether a report by itself moves an event on from its current status."""
    return bool(_step(current, report, set(), denies_too=False))


def _step(current: Told, report: Told, dates: set[int], denies_too: bool) -> str:
    if report.status == current.status or report.status not in _RANK:
        return ""
    if current.status in ENDS:
        return REVIVED if not denies_too and _revives(current, report, dates) else _more_final(current, report)
    if report.status in ENDS:
        # What took place stays so, whoever denies it: a contradiction, not a move. A call-off ends what goes on.
        if current.status == "occurred" or (current.status == "ongoing" and report.status == "denied"):
            return ""
        return ENDED if report.told_us >= current.told_us else ""
    if current.headline and current.article_id == report.article_id and report.status in HAPPENED:
        # The headline tells how far along it is; "as he announced the swap" further down does not know better.
        return ""
    return FORWARD if _RANK[report.status] > _RANK[current.status] else ""


def _more_final(current: Told, report: Told) -> str:
    if current.status == "denied" and report.status == "cancelled" and report.article_id != current.article_id:
        return FORWARD if report.told_us >= current.told_us else ""
    return ""


def _revives(current: Told, report: Told, dates: set[int]) -> bool:
    if report.article_id == current.article_id or report.told_us < current.told_us:
        return False
    if current.status == "cancelled" and report.status == "planned":
        # Called off, then set for a new day; the day it was to take place on before is no new one.
        return report.starts is not None and report.starts > current.day and report.starts not in dates
    return report.status == "agreed" or report.status in HAPPENED


def opposes(current: str, told: Told) -> bool:
    """Tell whether a report says that what is held to have happened did not, or lies ahead on a day it names."""
    if current not in HAPPENED:
        return False
    if told.status in ENDS:
        return current == "occurred" or told.status == "denied"
    return told.status not in HAPPENED and told.starts is not None and told.starts > told.day


def _backward(current: Told, report: Told, stands: Sequence[Told]) -> str:
    """Return why a report that opposes what is held is believed; empty where it is not."""
    if report.article_id == current.article_id:
        return ""
    for_it = sum(told.status in HAPPENED for told in stands)
    against = sum(opposes(current.status, told) for told in stands)
    if not for_it:
        return CORRECTED
    if against >= w.OUTWEIGH_LEAST and against > for_it * w.OUTWEIGH:
        return OUTWEIGHED
    return ""


def _changes_stand(held: Told, told: Told) -> bool:
    """Tell whether a voice that said ``held`` says something else by ``told``, rather than looking back."""
    if held.article_id == told.article_id:
        return bool(_step(held, told, set(), denies_too=False))
    if held.status in HAPPENED:
        return told.status in HAPPENED or (opposes(held.status, told) and told.own == held.own)
    return told.status in ENDS or told.status in HAPPENED or held.status not in ENDS
