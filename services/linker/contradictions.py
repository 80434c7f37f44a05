"""What reports of one event say that cannot all be right: each field's values side by side, with who says them.

The event's fields show the most credible value (see ``status``, ``when_and_where``, ``quantities``); here stands what
speaks against it. Everybody counts by what they said last: a source that gives a new figure has corrected its own, and
a claim that was withdrawn is gone with its report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import orjson

from services.contracts.dateline.v1 import event_pb2
from services.contracts.instants import set_instant
from services.linker.days import days_of
from services.linker.names import Name, person_name
from services.linker.profile import AHEAD, called_by_name, spot_of
from services.linker.quantities import disputes
from services.linker.report import Report
from services.linker.reports import in_order_told, same_stage
from services.linker.score import same_body
from services.linker.status import ENDS, HAPPENED, Course, opposes
from services.linker.traits import traits_of
from services.linker.values import place_text, place_value, quantity_text, quantity_value, time_text, time_value
from services.linker.when_and_where import days_apart, other_day, other_place, spots_apart

Value = TypeVar("Value", event_pb2.Place, event_pb2.EventTime)
MOST_VALUES: Final = 6
"""Values stated of one field; further ones would be noise."""


@dataclass(slots=True)
class _Side:
    """One value with the reports that say it, in the order told."""

    value: object
    text: str
    reports: list[Report] = field(default_factory=list)

    @property
    def sources(self) -> list[str]:
        return list(dict.fromkeys(report.origin.name for report in self.reports))


def contradictions(event: event_pb2.Event, reports: Sequence[Report], status: Course) -> list[event_pb2.Contradiction]:
    """Return the fields of an event on which its reports, in the order told, differ.

    ``event`` has its fields filled in already: their values come first.
    """
    found: list[event_pb2.Contradiction | None] = []
    if len(reports) > 1:  # one report gives several figures at most
        found = [
            _stated("status", _statuses(event.status, reports, status)),
            _stated("place", _places(event, reports)),
            _stated("time", _times(event, reports)),
            _stated("participants.source", _doers(event, reports)),
        ]
    for measure, figures in disputes(reports):
        sides: dict[str, _Side] = {}
        for figure in figures:
            text = quantity_text(figure.quantity)
            sides.setdefault(text, _Side(quantity_value(figure.quantity), text)).reports.append(figure.report)
        found.append(_stated(f"quantities.{measure}", list(sides.values())))
    return [each for each in found if each is not None]


def _stated(name: str, sides: Sequence[_Side]) -> event_pb2.Contradiction | None:
    """Return a contradiction of the sides, of which the first is shown; None where there are fewer than two."""
    if len(sides) < 2:
        return None
    first, *others = sides
    others.sort(key=lambda side: (-len(side.sources), -side.reports[-1].first_told_us, side.text))
    stated = event_pb2.Contradiction(field=name)
    for side in (first, *others[: MOST_VALUES - 1]):
        best = max(side.reports, key=lambda r: (r.confidence, r.order))
        claim = stated.values.add(
            value=orjson.dumps(side.value, option=orjson.OPT_SORT_KEYS).decode(),
            text=side.text,
            sources=side.sources,
            mention_id=best.id,
            article_url=best.mention.article.url,
            shown=side is first,
        )
        set_instant(claim.at, max(report.first_told_us for report in side.reports))
    return stated


def _statuses(shown: str, reports: Sequence[Report], status: Course) -> list[_Side]:
    """Who says it took place, who denies it; who says it is to take place, where it is denied."""
    against: dict[str, _Side] = {}
    agreeing = _Side(shown, shown)
    for at in status.stands.values():
        report = reports[at]
        told = report.status
        if told == shown or (shown in HAPPENED and told in HAPPENED):
            agreeing.reports.append(report)
        elif (shown in HAPPENED and told in ENDS and opposes(shown, report.told)) or (
            shown == "denied" and (told in AHEAD or told in HAPPENED) and report.article_id not in status.ended_by
        ):
            against.setdefault(told, _Side(told, told)).reports.append(report)
    if not agreeing.reports or not against:
        return []
    for side in (agreeing, *against.values()):
        side.reports.sort(key=in_order_told)
    return [agreeing, *against.values()]


def _differing(
    shown: Value,
    claims: Iterator[tuple[Report, Value]],
    other: Callable[[Value, Value], bool],
    side_of: Callable[[Value], _Side],
) -> list[_Side]:
    """Put each source on the side of the shown value if anything it says allows it, else on that of its latest."""
    by_source: dict[str, list[tuple[Report, Value]]] = {}
    for report, value in claims:
        by_source.setdefault(report.origin.name, []).append((report, value))
    agreeing = side_of(shown)
    against: list[tuple[Value, _Side]] = []
    for told in by_source.values():
        allowed = [report for report, value in told if not other(shown, value)]
        if allowed:
            agreeing.reports += allowed
            continue
        report, value = told[-1]
        side = next((s for v, s in against if not other(v, value)), None)
        if side is None:
            side = side_of(value)
            against.append((value, side))
        side.reports.append(report)
    if not agreeing.reports:
        return []
    agreeing.reports.sort(key=in_order_told)
    return [agreeing, *(side for _, side in against)]


def _places(event: event_pb2.Event, reports: Sequence[Report]) -> list[_Side]:
    if not event.HasField("place"):
        return []
    # A place that the sentence does not name itself is no claim.
    claiming = [r for r in reports if r.spot is not None and r.names_place]
    shown, precision = spot_of(event.place), event.place.precision
    if not any(spots_apart(shown, r.spot, "site" in (precision, r.precision)) for r in claiming):
        return []
    wide = traits_of(event.type).wide

    def other(one: event_pb2.Place, two: event_pb2.Place) -> bool:
        if not other_place(one, two):
            return False
        # Of what reaches beyond one town different towns of one country are told without contradiction.
        return not (wide and one.country == two.country)

    claims = ((r, r.place) for r in claiming)
    return _differing(event.place, claims, other, lambda place: _Side(place_value(place), place_text(place)))


def _times(event: event_pb2.Event, reports: Sequence[Report]) -> list[_Side]:
    # Of an event ahead the latest plan holds: that it was put off is news, not a contradiction.
    if not event.HasField("time") or event.status not in HAPPENED:
        return []
    shown = days_of(event.time)
    if not any(days_apart(shown, r.days) for r in reports if same_stage(r.status, event.status)):
        return []
    claims = ((r, r.mention.time) for r in reports if r.mention.HasField("time") and same_stage(r.status, event.status))
    return _differing(event.time, claims, other_day, lambda time: _Side(time_value(time), time_text(time)))


@dataclass(frozen=True, slots=True)
class _Doers:
    """Who did it by one report."""

    countries: frozenset[str]
    names: frozenset[Name]
    called: tuple[str, ...]


def _doers_of(mention: event_pb2.Mention) -> _Doers | None:
    countries: set[str] = set()
    names: set[Name] = set()
    called: list[str] = []
    for participant in mention.participants:
        entity = participant.entity
        name = entity.name or participant.text
        if participant.role != "source":
            continue
        official = entity.kind == "country" or bool(entity.country and entity.sector)
        named = entity.kind not in ("country", "person") and called_by_name(name, entity.kind)
        if not (official or named):
            continue
        if entity.country:
            countries.add(entity.country)
        if entity.kind != "country":
            names.add(person_name(name))
        called.append(name)
    return _Doers(frozenset(countries), frozenset(names), tuple(sorted(called))) if called else None


def _other_doers(one: _Doers, other: _Doers) -> bool:
    if one.countries & other.countries or any(same_body(a, b) for a in one.names for b in other.names):
        return False
    # A body that nobody placed in a country may be that country's.
    return bool(one.countries and other.countries) or not (one.countries or other.countries)


def _doers(event: event_pb2.Event, reports: Sequence[Report]) -> list[_Side]:
    """Who did it, where that can only be one side: by whoever says so, each with what it said last."""
    if not traits_of(event.type).culprit:
        return []
    told = [(r, who) for r in reports if r.status == event.status and (who := _doers_of(r.mention)) is not None]
    by_voice: dict[str, tuple[Report, _Doers]] = {}
    for report, who in told:
        by_voice[report.voice[0]] = (report, who)
    sides: list[tuple[_Doers, _Side]] = []
    for report, who in sorted(by_voice.values(), key=lambda item: in_order_told(item[0])):
        side = next((s for doers, s in sides if not _other_doers(doers, who)), None)
        if side is None:
            side = _Side(list(who.called), " and ".join(who.called))
            sides.append((who, side))
        side.reports.append(report)
    if any(_together(sides, who) for _, who in told):
        return []
    sides.sort(key=lambda item: -len(item[1].sources))
    return [side for _, side in sides]


def _together(sides: Sequence[tuple[_Doers, _Side]], who: _Doers) -> bool:
    """Tell whether a report names the doers of several sides at once: they did it together."""
    return sum(bool(who.countries & d.countries or who.names & d.names) for d, _ in sides) > 1
