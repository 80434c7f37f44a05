"""Tolls and amounts: what the latest report says, what each independent source says, and where they disagree.

A toll that grows is news, not a contradiction; two authorities who count differently are. A source that gives a new
figure has updated its own. All of it is kept: the latest figure, the range, and every source's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.origins import Origin, origin
from services.linker.profile import measure_key
from services.linker.record import Report
from services.linker.reports import LEAD, domain, in_order_told, told_us
from services.linker.words import telling_words

GROWING: Final = frozenset({"killed", "injured", "missing", "displaced", "detained", "rescued"})
"""Measures counted while the event goes on: a later, higher figure is normal."""
_ABOUT: Final = 0.15
"""How far "about" reaches, as a share of the figure."""
_RISE_US: Final = 6 * 3600 * 1_000_000
"""Two authorities whose figures differ within six hours disagree; later the higher one is a rise."""
_FALL_US: Final = 48 * 3600 * 1_000_000
"""A lower figure from another source within two days disagrees; later it is a correction."""


def bounds(quantity: event_pb2.Quantity) -> tuple[float, float]:
    """Return the least and the greatest value that a quantity with its qualifier allows."""
    value = quantity.value
    match quantity.qualifier:
        case "at_least" | "more_than":
            return value, inf
        case "up_to" | "less_than":
            return -inf, value
        case "about":
            return value - abs(value) * _ABOUT, value + abs(value) * _ABOUT
        case _:
            return value, value


def conflict(one: event_pb2.Quantity, other: event_pb2.Quantity) -> bool:
    """Tell whether two figures cannot both be right, qualifiers considered."""
    low, high = bounds(one)
    other_low, other_high = bounds(other)
    return high < other_low or other_high < low


def _attributed(mention: event_pb2.Mention) -> tuple[str, frozenset[int]]:
    attribution = mention.attribution
    return attribution.entity.id, frozenset(telling_words(attribution.text))


def _other_authority(one: event_pb2.Mention, other: event_pb2.Mention) -> bool:
    """Both say who counted, and it is not the same: "rescue officials" and "the rescue agency" are."""
    (one_id, one_words), (other_id, other_words) = _attributed(one), _attributed(other)
    if one_id and other_id:
        return one_id != other_id and not one_words & other_words
    return bool(one_words and other_words and not one_words & other_words)


def _position(mention: event_pb2.Mention) -> tuple[bool, int]:
    return not mention.sentence_span.in_title, mention.sentence_span.start


Figure = tuple[Report, event_pb2.Quantity]


def _figures(reports: Sequence[Report]) -> dict[str, dict[Origin, list[Figure]]]:
    """By measure and source: the figures of the source's latest article, its main one first."""
    found: dict[str, dict[Origin, list[Figure]]] = {}
    for report in sorted(reports, key=in_order_told):
        for quantity in report.mention.quantities:
            by_source = found.setdefault(measure_key(quantity), {})
            held = by_source.setdefault(origin(report.mention.article), [])
            if held and held[0][0].mention.article.id != report.mention.article.id:
                held.clear()
            held.append((report, quantity))
    for by_source in found.values():
        for source, figures in by_source.items():
            by_source[source] = _told_by_one_article(figures)
    return found


def _told_by_one_article(figures: list[Figure]) -> list[Figure]:
    # Headline and lead carry the figure that the article stands for ("three women and two men" comes further down), and
    # often somewhere below who counted it.
    figures.sort(key=lambda figure: _position(figure[0].mention))
    first = figures[0]
    main = next((f for f in figures if not conflict(f[1], first[1]) and _attributed(f[0].mention)[1]), first)
    others = [f for f in figures if conflict(f[1], main[1]) and _other_authority(f[0].mention, main[0].mention)]
    return [main, *others[:2]]


def merge_quantities(reports: Sequence[Report]) -> list[event_pb2.QuantityState]:
    """Return each measure over all reports, in the order in which they were first told."""
    states: list[event_pb2.QuantityState] = []
    for measure, by_source in _figures(reports).items():
        ordered = sorted((f for figures in by_source.values() for f in figures), key=lambda f: in_order_told(f[0]))
        mains = sorted((figures[0] for figures in by_source.values()), key=lambda f: in_order_told(f[0]))
        latest = _credible(measure, mains)[1]
        values = [quantity.value for _, quantity in ordered]
        state = event_pb2.QuantityState(
            measure=latest.measure, unit=latest.unit, latest=latest, low=min(values), high=max(values)
        )
        for report, quantity in ordered:
            sourced = state.reports.add(
                source_domain=domain(report.mention.article), quantity=quantity, mention_id=report.mention.id
            )
            sourced.at.FromMicroseconds(told_us(report.mention.article))
        states.append(state)
    return states


def disagreements(reports: Sequence[Report], added: frozenset[str]) -> Iterator[tuple[str, Figure, Figure]]:
    """Yield (measure, held figure, new figure) where a mention of ``added`` disagrees with what was held before it."""
    before = _figures([r for r in reports if r.mention.id not in added])
    for measure, by_source in _figures(reports).items():
        held = [figures[0] for figures in before.get(measure, {}).values()]
        standing = max(held, key=lambda f: in_order_told(f[0])) if held else None
        for source, figures in by_source.items():
            if figures[0][0].mention.id not in added:
                continue
            if len(figures) > 1:
                yield measure, figures[0], figures[1]
            elif standing and source not in before[measure] and _disagrees(measure, standing, figures[0]):
                yield measure, standing, figures[0]


def _disagrees(measure: str, standing: Figure, new: Figure) -> bool:
    if not conflict(standing[1], new[1]):
        return False
    apart = abs(told_us(new[0].mention.article) - told_us(standing[0].mention.article))
    if measure in GROWING and new[1].value > standing[1].value:
        return apart <= _RISE_US and _other_authority(standing[0].mention, new[0].mention)
    return apart <= _FALL_US


def disputes(reports: Sequence[Report]) -> Iterator[tuple[str, list[Figure]]]:
    """Yield each measure on which sources differ now, with their figures: the one that is shown first."""
    for measure, by_source in _figures(reports).items():
        mains = sorted((figures[0] for figures in by_source.values()), key=lambda f: in_order_told(f[0]))
        if ":" in measure:
            # What is merely counted or paid may be another thing elsewhere; headline and lead tell the event.
            mains = [f for f in mains if _leads(f)]
        if not mains:
            continue
        shown = _credible(measure, mains)
        against = [f for f in mains if f is not shown and _in_dispute(measure, f, shown)]
        if ":" not in measure:
            against += [f for figures in by_source.values() for f in figures[1:] if conflict(f[1], shown[1])]
        if against:
            agreeing = [f for f in mains if f is not shown and not conflict(f[1], shown[1])]
            same = [f for f in agreeing if _same_figure(f[1], shown[1])]
            yield measure, [shown, *same, *against]


def _leads(figure: Figure) -> bool:
    span = figure[0].mention.sentence_span
    return span.in_title or span.start < LEAD


def _same_figure(one: event_pb2.Quantity, other: event_pb2.Quantity) -> bool:
    return (one.value, one.qualifier) == (other.value, other.qualifier)


def _in_dispute(measure: str, one: Figure, other: Figure) -> bool:
    older, newer = sorted((one, other), key=lambda f: in_order_told(f[0]))
    return _disagrees(measure, older, newer)


def _credible(measure: str, mains: Sequence[Figure]) -> Figure:
    """Return the figure to show of each source's latest, in the order told.

    The latest stands, unless it is in dispute with an earlier one that more sources give: one outlet that still prints
    an old toll, or a wrong one, does not undo what three agree on.
    """
    latest = mains[-1]
    support = sum(not conflict(f[1], latest[1]) for f in mains)
    for figure in reversed(mains[:-1]):
        backing = sum(not conflict(f[1], figure[1]) for f in mains)
        if backing > support and _in_dispute(measure, figure, latest):
            return figure
    return latest
