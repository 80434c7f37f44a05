"""Tolls and amounts: what the latest report says, what each independent source says, and where they disagree.

A toll that grows is news, not a contradiction; two authorities who count differently are. A source that gives a new
figure has updated its own. All of it is kept: the latest figure, the range, and every source's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import inf
from typing import Final, NamedTuple

from services.contracts.dateline.v1 import event_pb2
from services.contracts.instants import set_instant
from services.linker.origins import Origin
from services.linker.report import Figure, Order, Report
from services.linker.reports import LEAD, in_order_told

GROWING: Final = frozenset({"killed", "injured", "missing", "displaced", "detained", "rescued"})
"""Measures counted while the event goes on: a later, higher figure is normal."""
_BOUNDS: Final = frozenset({"at_least", "more_than", "up_to", "less_than"})
"""Qualifiers of figures that say only on which side of them the true one lies."""
_ABOUT: Final = 0.15
"""How far "about" reaches, as a share of the figure."""
_RISE_US: Final = 6 * 3600 * 1_000_000
"""Two authorities whose figures differ within six hours disagree; later the higher one is a rise."""
_FALL_US: Final = 48 * 3600 * 1_000_000
"""A lower figure from another source within two days disagrees; later it is a correction."""


@lru_cache(maxsize=4_096)
def bounds(value: float, qualifier: str) -> tuple[float, float]:
    """Return the least and the greatest value that a figure with its qualifier allows."""
    match qualifier:
        case "at_least" | "more_than":
            return value, inf
        case "up_to" | "less_than":
            return -inf, value
        case "about":
            return value - abs(value) * _ABOUT, value + abs(value) * _ABOUT
        case _:
            return value, value


def conflict(one: event_pb2.Quantity | Figure, other: event_pb2.Quantity | Figure) -> bool:
    """Tell whether two figures cannot both be right, qualifiers considered."""
    low, high = bounds(one.value, one.qualifier)
    other_low, other_high = bounds(other.value, other.qualifier)
    return high < other_low or other_high < low


def _other_authority(one: Report, other: Report) -> bool:
    """Both say who counted, and it is not the same: "rescue officials" and "the rescue agency" are."""
    (one_id, one_words), (other_id, other_words) = one.authority, other.authority
    if one_id and other_id:
        return one_id != other_id and not one_words & other_words
    return bool(one_words and other_words and not one_words & other_words)


def _figures(reports: Sequence[Report]) -> dict[str, dict[Origin, list[Figure]]]:
    """By measure and source: the figures of the source's latest article, its main one first."""
    found: dict[str, dict[Origin, list[Figure]]] = {}
    telling = [report for report in reports if report.figures]
    if not telling:
        return found
    for report in sorted(telling, key=in_order_told):
        for figure in report.figures:
            by_source = found.setdefault(figure.measure, {})
            held = by_source.setdefault(report.origin, [])
            if held and held[0].report.article_id != report.article_id:
                held.clear()
            held.append(figure)
    for by_source in found.values():
        for source, figures in by_source.items():
            by_source[source] = _told_by_one_article(figures)
    return found


def _told_by_one_article(figures: list[Figure]) -> list[Figure]:
    # Headline and lead carry the figure that the article stands for ("three women and two men" comes further down), and
    # often somewhere below who counted it.
    if len(figures) == 1:
        return figures
    figures.sort(key=lambda figure: figure.report.place_in_article)
    first = figures[0]
    main = next((f for f in figures if not conflict(f, first) and f.report.authority[1]), first)
    others = [f for f in figures if conflict(f, main) and _other_authority(f.report, main.report)]
    return [main, *others[:2]]


class Measured(NamedTuple):
    """One measure over all reports."""

    measure: str
    latest: Figure
    low: float
    high: float
    figures: tuple[Figure, ...]
    """Each source's own, in the order told."""


def merge_quantities(reports: Sequence[Report]) -> list[Measured]:
    """Return each measure over all reports, in the order in which they were first told."""
    found: list[Measured] = []
    for measure, by_source in _figures(reports).items():
        ordered = tuple(sorted((f for figures in by_source.values() for f in figures), key=_told))
        mains = sorted((figures[0] for figures in by_source.values()), key=_told)
        values = [figure.value for figure in ordered]
        found.append(Measured(measure, _credible(measure, mains), min(values), max(values), ordered))
    return found


def quantity_state(measured: Measured) -> event_pb2.QuantityState:
    """Return a measure as an event shows it."""
    latest = measured.latest.quantity
    state = event_pb2.QuantityState(
        measure=latest.measure, unit=latest.unit, latest=latest, low=measured.low, high=measured.high
    )
    for figure in measured.figures:
        report = figure.report
        sourced = state.reports.add(source_domain=report.domain, quantity=figure.quantity, mention_id=report.id)
        set_instant(sourced.at, report.told_us)
    return state


def _disagrees(measure: str, standing: Figure, new: Figure) -> bool:
    if not conflict(standing, new):
        return False
    apart = abs(new.report.told_us - standing.report.told_us)
    if measure in GROWING and new.value > standing.value:
        return apart <= _RISE_US and _other_authority(standing.report, new.report)
    return apart <= _FALL_US


def disputes(reports: Sequence[Report]) -> Iterator[tuple[str, list[Figure]]]:
    """Yield each measure on which sources differ now, with their figures: the one that is shown first."""
    for measure, by_source in _figures(reports).items():
        mains = sorted((figures[0] for figures in by_source.values()), key=_told)
        if ":" in measure:
            # What is merely counted or paid may be another thing elsewhere; headline and lead tell the event.
            mains = [f for f in mains if _leads(f)]
        if not mains:
            continue
        shown = _credible(measure, mains)
        against = [f for f in mains if f is not shown and _in_dispute(measure, f, shown)]
        if ":" not in measure:
            against += [f for figures in by_source.values() for f in figures[1:] if conflict(f, shown)]
        if against:
            agreeing = [f for f in mains if f is not shown and not conflict(f, shown)]
            same = [f for f in agreeing if _same_figure(f, shown)]
            yield measure, [shown, *same, *against]


def _told(figure: Figure) -> Order:
    return figure.report.order


def _leads(figure: Figure) -> bool:
    below, start = figure.report.place_in_article
    return not below or start < LEAD


def _same_figure(one: Figure, other: Figure) -> bool:
    return (one.value, one.qualifier) == (other.value, other.qualifier)


def _in_dispute(measure: str, one: Figure, other: Figure) -> bool:
    older, newer = sorted((one, other), key=_told)
    return _disagrees(measure, older, newer)


def _credible(measure: str, mains: Sequence[Figure]) -> Figure:
    """Return the figure to show of each source's latest, in the order told.

    The latest stands, unless it is in dispute with an earlier one that more sources give: one outlet that still prints
    an old toll, or a wrong one, does not undo what three agree on.
    """
    latest = mains[-1]
    support = sum(not conflict(f, latest) for f in mains)
    for figure in reversed(mains[:-1]):
        backing = sum(not conflict(f, figure) for f in mains)
        if backing > support and _in_dispute(measure, figure, latest):
            return figure
    if latest.qualifier in _BOUNDS:
        # "At least 14" and "up to 20" take nothing back from "15", whoever says them last.
        firm = (f for f in reversed(mains[:-1]) if f.qualifier == "exactly" and f.value != latest.value)
        return next((f for f in firm if not conflict(f, latest)), latest)
    return latest
