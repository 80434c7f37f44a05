"""The state of an event, computed from its reports: the same reports always give the same state.

They are read in the order in which they were told, so it does not matter in which order they arrived. Computing anew,
instead of patching, is what makes a withdrawn report leave no trace. Its cost is bounded by ``REPORTS_KEPT``; the
articles beyond stay counted (``record.Spilled``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.contradictions import contradictions
from services.linker.origins import Origin, origin_of
from services.linker.participants import merge_participants
from services.linker.quantities import merge_quantities
from services.linker.record import Spilled
from services.linker.report import Report
from services.linker.reports import told_in_order
from services.linker.status import Course, course
from services.linker.titles import headline
from services.linker.traits import traits_of
from services.linker.when_and_where import merge_place, merge_time

EVIDENCE_SHOWN: Final = 20
REPORTS_KEPT: Final = 40
"""Reports kept to compute from. Forty sources that tell one event differ in nothing that a field would show."""
ARCHIVED_REPORTS_KEPT: Final = 6
"""Reports kept of an archived event: the first, those that moved its status, then the latest of some sources."""
STORIES_KEPT: Final = 8
_SURE: Final = 0.99
"""No number of sources makes an event certain."""
_NEVER: Final = 1 << 62


def merge(reports: Sequence[Report], spilled: Mapping[str, Spilled]) -> event_pb2.Event:
    """Return the state that ``reports`` (in any order, at least one) make.

    Id, revision, dates of first and last change, copies and relations are the caller's.
    """
    reports = told_in_order(reports)
    event, status = identify(reports)
    complete(event, status, reports, spilled)
    event.evidence.extend(shown_evidence(event, reports))
    return event


def identify(reports: Sequence[Report]) -> tuple[event_pb2.Event, Course]:
    """Return what tells the event of these reports from others, all that comparing needs, and the course of its status.

    ``reports`` are in the order told. While a batch is linked nothing else is asked of it, and this costs half.
    """
    event = event_pb2.Event(type=_type(reports))
    status = _set_status(event, reports)
    event.participants.extend(merge_participants(reports))
    place, time = merge_place(reports, traits_of(event.type).wide), merge_time(reports, event.status)
    if place:
        event.place.CopyFrom(place)
    if time:
        event.time.CopyFrom(time)
    event.quantities.extend(merge_quantities(reports))
    stories = dict.fromkeys(report.story for report in reports if report.story)
    event.story_ids.extend(list(stories)[-STORIES_KEPT:])
    return event, status


def complete(event: event_pb2.Event, status: Course, reports: Sequence[Report], spilled: Mapping[str, Spilled]) -> None:
    """Fill in everything but the evidence in what ``identify`` returned for the same reports, in the order told."""
    event.codes.CopyFrom(_codes(reports, event.status))
    event.contradictions.extend(contradictions(event, reports, status))
    event.title = headline(event, reports)
    _set_sources(event, reports, spilled)
    event.evidence_total = len(reports) + sum(s.mentions for s in spilled.values())
    event.sample = any(report.mention.article.sample for report in reports)


def shown_evidence(
    event: event_pb2.Event, reports: Sequence[Report], copied: Callable[[str], int] = lambda _: 0
) -> list[event_pb2.Evidence]:
    """Return the evidence of a state, computed or stored, that ``reports``, in the order told, made.

    ``copied`` tells how many articles copy one, by its id.
    """
    found: list[event_pb2.Evidence] = []
    for report in _shown(event, _best_first(reports, event.status)):
        evidence, copies = report.evidence, copied(report.article_id)
        if copies:
            evidence = event_pb2.Evidence()
            evidence.CopyFrom(report.evidence)
            evidence.copies = copies
        found.append(evidence)
    return found


def spill(
    reports: Sequence[Report], spilled: Mapping[str, Spilled], most: int = REPORTS_KEPT
) -> tuple[tuple[Report, ...], dict[str, Spilled]]:
    """Return at most ``most`` reports and the articles that are only counted from now on.

    Kept at all costs are the first report and those that moved the status; then each source's latest; then the
    newest. An article of which any mention is left out counts as spilled with that many mentions.
    """
    counted = dict(spilled)
    if len(reports) <= most:
        return tuple(reports), counted
    reports = told_in_order(reports)
    event = event_pb2.Event()
    _set_status(event, reports)
    causes = {reports[0].id, *(move.mention_id for move in event.status_history)}
    latest = {report.origin: at for at, report in enumerate(reports)}
    order = sorted(
        range(len(reports)),
        key=lambda at: (reports[at].id in causes, latest[reports[at].origin] == at, at),
    )
    out = set(order[: len(reports) - most])
    for at in sorted(out):
        mention = reports[at].mention
        ref = mention.article
        held = counted.get(ref.id, Spilled(reports[at].domain, 0, 0.0, ref.agency, reports[at].first_told_us))
        sure = max(held.confidence, mention.confidence)
        counted[ref.id] = replace(held, mentions=held.mentions + 1, confidence=sure)
    return tuple(report for at, report in enumerate(reports) if at not in out), counted


def _type(reports: Sequence[Report]) -> str:
    votes: dict[str, float] = {}
    for report in reports:
        votes[report.type] = votes.get(report.type, 0.0) + report.confidence
    return max(votes, key=lambda name: votes[name])


def _set_status(event: event_pb2.Event, reports: Sequence[Report]) -> Course:
    found = course([report.told for report in reports])
    for step in found.moves:
        report = reports[step.at]
        mention = report.mention
        move = event.status_history.add(
            status=mention.status,
            mention_id=mention.id,
            article_url=mention.article.url,
            source=mention.article.source,
            origin=report.origin.name,
            basis=step.basis,
        )
        move.at.FromMicroseconds(report.arrived_us)
        move.told_at.FromMicroseconds(report.first_told_us)
        if mention.HasField("attribution"):
            move.attribution.CopyFrom(mention.attribution)
    event.status = event.status_history[-1].status if event.status_history else ""
    return found


def _shown(event: event_pb2.Event, ranked: Sequence[Report]) -> list[Report]:
    """The evidence shown: the best, and in place of the last ones what moved the status or stands against a field."""
    if len(ranked) <= EVIDENCE_SHOWN:
        return list(ranked)
    needed = {move.mention_id for move in event.status_history}
    needed |= {claim.mention_id for each in event.contradictions for claim in each.values}
    chosen = list(ranked[:EVIDENCE_SHOWN])
    left_out = [report for report in ranked[EVIDENCE_SHOWN:] if report.id in needed]
    free = [at for at, report in enumerate(chosen) if report.id not in needed]
    for at, report in zip(reversed(free), left_out, strict=False):
        chosen[at] = report
    return chosen


def _codes(reports: Sequence[Report], status: str) -> event_pb2.Codes:
    """The codes follow type and status, so those of the surest mention at the event's status are the event's."""
    at_status = [report for report in reports if report.status == status] or reports
    return max(at_status, key=lambda report: report.confidence).mention.codes


@dataclass(slots=True)
class _Source:
    """What one origin has told of the event."""

    confidence: float = 0.0
    domains: dict[str, None] = field(default_factory=dict)
    first_us: int = _NEVER

    def add(self, domain: str, confidence: float, told_us: int) -> None:
        self.domains[domain] = None
        self.confidence = max(self.confidence, confidence)
        self.first_us = min(self.first_us, told_us or _NEVER)


def _set_sources(event: event_pb2.Event, reports: Sequence[Report], spilled: Mapping[str, Spilled]) -> None:
    found: dict[Origin, _Source] = defaultdict(_Source)
    for article in spilled.values():
        found[origin_of(article.domain, article.agency)].add(article.domain, article.confidence, article.told_us)
    for report in reports:
        found[report.origin].add(report.domain, report.confidence, report.first_told_us)
    doubt = 1.0
    for known, source in sorted(found.items(), key=lambda item: (item[1].first_us, item[0].name)):
        doubt *= 1 - min(_SURE, source.confidence)
        told = event.origins.add(name=known.name, kind=known.kind, domains=source.domains)
        if source.first_us < _NEVER:
            told.first_told_at.FromMicroseconds(source.first_us)
        event.independent_sources.append(next(iter(source.domains)))
    event.confidence = round(min(_SURE, 1 - doubt), 6)


def _best_first(reports: Sequence[Report], status: str) -> list[Report]:
    """Evidence for the present status first; then the surer, the later; each source's best before anybody's second."""
    ranked = sorted(reports, key=lambda r: (r.status != status, -round(r.confidence, 2), -r.told_us, r.id))
    turn: dict[Origin, int] = {}
    turns: list[tuple[int, Report]] = []
    for report in ranked:
        source = report.origin
        before = turn.get(source, 0)
        turns.append((before, report))
        turn[source] = before + 1
    return [report for _, report in sorted(turns, key=lambda item: item[0])]
