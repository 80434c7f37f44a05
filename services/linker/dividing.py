"""When one event turns out to be two: its reports fall into two groups, each borne out by several sources.

A report that only differs is a contradiction, kept side by side. Two events are at hand where independent sources on
either side, none of them on both, name another day, another town, another person, or already look ahead to the next
time; and where the two groups, each taken as an event of its own, would not have been linked had they come apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.linker import weights as w
from services.linker.days import Days
from services.linker.merge import identify
from services.linker.names import Name, person_name, same_person
from services.linker.origins import Origin
from services.linker.profile import AHEAD, ENDED, UNDERGOES, Profile, Spot
from services.linker.profiling import profile_of, profile_of_report
from services.linker.report import Report
from services.linker.reports import told_in_order
from services.linker.score import Rarity, distance_km, score
from services.linker.traits import traits_of

_DAY_BY_WORDS = 2
"""Explicit times of at most this many days count as naming a day."""


@dataclass(frozen=True, slots=True)
class _Fact:
    """One fact by which reports may stand against each other."""

    of: Callable[[Report], Any]
    """What a report says of it; None where it says nothing."""
    same: Callable[[Any, Any], bool]


def division(reports: Sequence[Report], rarity: Rarity) -> frozenset[str]:
    """Return the ids of the mentions that tell another event than the others do; none where all tell one.

    What the first report to arrive tells keeps the identity, so its mention is never among them.
    """
    if _sources(reports) < 2 * w.SPLIT_SOURCES:
        return frozenset()
    ordered = told_in_order(reports)
    for fact in _facts(ordered):
        sides = _two_sides(ordered, fact)
        if sides is None:
            continue
        further = min(_sources(side) for side in sides) - w.SPLIT_SOURCES
        one, other = _all_assigned(ordered, *sides, rarity)
        if _score_apart(one, other, rarity) - w.SPLIT_FURTHER * further > w.SPLIT_AT:
            continue
        mentions = frozenset(report.id for report in other)
        founding = min(reports, key=lambda report: (report.arrived_us, report.id)).mention.id
        return frozenset(report.id for report in one) if founding in mentions else mentions
    return frozenset()


def _facts(reports: Sequence[Report]) -> Iterator[_Fact]:
    traits = traits_of(reports[0].mention.type)
    if traits.identified_by_person:
        yield _Fact(_undergo, lambda mine, others: any(same_person(a, b) for a in mine for b in others))
    if not traits.wide:
        yield _Fact(_town, _same_town)
    # One day apart is a matter of time zones.
    yield _Fact(_day_named, lambda one, other: one.gap(other) <= max(1, traits.lasts_days))
    happened = [days.end for days in map(_day_named, reports) if days is not None]
    if happened:
        over = max(happened) + traits.lasts_days
        yield _Fact(lambda report: _occasion(report, over), lambda one, other: one == other)


def _origins(reports: Sequence[Report]) -> set[Origin]:
    return {report.origin for report in reports}


def _sources(reports: Sequence[Report]) -> int:
    return len(_origins(reports))


def _undergo(report: Report) -> list[Name] | None:
    people = (p for p in report.mention.participants if p.entity.kind == "person" and p.role in UNDERGOES)
    return [name for name in (person_name(p.entity.name or p.text) for p in people) if name] or None


def _town(report: Report) -> Spot | None:
    spot = report.spot
    return spot if spot is not None and spot.city else None


def _same_town(here: Spot, there: Spot) -> bool:
    if here.city == there.city or (here.name and here.name == there.name):
        return True
    km = distance_km(here, there)
    return km is not None and km <= w.NEAR_KM


def _day_named(report: Report) -> Days | None:
    """The day by words on which it took place; None where the report does not say so."""
    days = None if report.status in AHEAD or report.status in ENDED else report.days
    return days if days is not None and days.explicit and days.width <= _DAY_BY_WORDS else None


def _occasion(report: Report, over: int) -> str | None:
    """Whether it tells that the event took place or, after it was ``over`` (ordinal day), what is still ahead."""
    if _day_named(report) is not None:
        return "over"
    if report.status not in AHEAD:
        return None
    days, told = report.days, report.told_on
    ahead = days is not None and days.explicit and days.start > told > over + w.SPLIT_PLAN_DAYS
    return "next" if ahead else None


def _two_sides(reports: Sequence[Report], fact: _Fact) -> tuple[list[Report], list[Report]] | None:
    """The two largest groups that exclude each other, where each has enough sources of its own."""
    groups: list[list[tuple[Any, Report]]] = []
    for report in reports:
        told = fact.of(report)
        if told is None:
            continue
        home = next((group for group in groups if any(fact.same(told, each) for each, _ in group)), None)
        if home is None:
            home = []
            groups.append(home)
        home.append((told, report))
    if len(groups) < 2:
        return None
    # The sort is stable: among equals the one told first.
    by_size = sorted(([report for _, report in group] for group in groups), key=lambda group: -_sources(group))
    one, other = by_size[:2]
    if min(_sources(one), _sources(other)) < w.SPLIT_SOURCES or _origins(one) & _origins(other):
        return None  # a source on both sides has corrected itself, or tells of both
    return one, other


def _all_assigned(
    reports: Sequence[Report], one: list[Report], other: list[Report], rarity: Rarity
) -> tuple[list[Report], list[Report]]:
    """Every report to one side: with those of its own article, else to the side that it fits better."""
    sides = (_profile(one), _profile(other))
    placed = {r.id: 0 for r in one} | {r.id: 1 for r in other}
    by_article = {r.article_id: placed[r.id] for r in reports if r.id in placed}
    for report in reports:
        mention = report.mention
        if mention.id in placed:
            continue
        side = by_article.get(mention.article.id)
        if side is None:
            mine = profile_of_report(report, report.gist)
            fits = [score(mine, profile, rarity, same_article=False, repeated=False).total for profile in sides]
            side = int(fits[1] > fits[0])
        placed[mention.id] = side
    return [r for r in reports if not placed[r.id]], [r for r in reports if placed[r.id]]


def _profile(reports: Sequence[Report]) -> Profile:
    return profile_of(identify(reports), reports)


def _score_apart(one: Sequence[Report], other: Sequence[Report], rarity: Rarity) -> float:
    first, second = _profile(one), _profile(other)
    return max(
        score(first, second, rarity, same_article=False, repeated=False).total,
        score(second, first, rarity, same_article=False, repeated=False).total,
    )
