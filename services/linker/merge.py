"""The state of an event, computed from its reports: the same reports always give the same state.

They are read in the order in which they were told, so it does not matter in which order they arrived. Computing anew,
instead of patching, is what makes a withdrawn report leave no trace. Its cost is bounded by ``REPORTS_KEPT``; the
articles beyond stay counted (``record.Spilled``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from services.contracts.dateline.v1 import event_pb2
from services.contracts.instants import set_instant
from services.linker.contradictions import contradictions
from services.linker.origins import Origin, origin_of
from services.linker.participants import merge_participants, participant_of
from services.linker.profile import Part
from services.linker.quantities import Measured, merge_quantities, quantity_state
from services.linker.record import Spilled
from services.linker.report import Report
from services.linker.reports import told_in_order
from services.linker.status import ENDS, Course, course
from services.linker.titles import title_of
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
    event = state_of(identify(reports), reports, spilled)
    event.evidence.extend(shown_evidence(event, reports))
    return event


class Identity(NamedTuple):
    """What tells an event from others, over all its reports: all that comparing needs."""

    type: str
    status: str
    course: Course
    participants: list[Part]
    place: Report | None
    """The report that gives the place; None where none gives any."""
    time: Report | None
    """The report that gives the time."""
    quantities: list[Measured]
    stories: list[str]


def identify(reports: Sequence[Report]) -> Identity:
    """Return what tells the event of these reports, in the order told, from others.

    While a batch is linked nothing else is asked of an event, and this costs a third of its state.
    """
    found = course([report.told for report in reports])
    status = reports[found.moves[-1].at].status if found.moves else ""
    if len(reports) == 1:
        (report,) = reports
        return Identity(
            report.type,
            status,
            found,
            merge_participants(reports),
            report if report.spot is not None else None,
            report if report.days is not None else None,
            merge_quantities(reports) if report.figures else [],
            [report.story] if report.story else [],
        )
    event_type = _type(reports)
    return Identity(
        event_type,
        status,
        found,
        merge_participants(reports),
        merge_place(reports, traits_of(event_type).wide),
        merge_time(reports, status),
        merge_quantities(reports),
        list(dict.fromkeys(report.story for report in reports if report.story))[-STORIES_KEPT:],
    )


def state_of(
    identity: Identity,
    reports: Sequence[Report],
    spilled: Mapping[str, Spilled],
    before: event_pb2.Event | None = None,
    fewer: bool = False,
) -> event_pb2.Event:
    """Return the state of an event but for its evidence, by what ``identify`` returned for the same reports.

    ``before`` is the last state, whose title it keeps where nothing that this tells has changed; ``fewer``: reports
    were taken away since.
    """
    event = event_pb2.Event(
        type=identity.type,
        status=identity.status,
        participants=map(participant_of, identity.participants),
        quantities=map(quantity_state, identity.quantities),
        story_ids=identity.stories,
        codes=_codes(reports, identity.status),
        evidence_total=len(reports) + sum(s.mentions for s in spilled.values()),
        sample=any(report.sample for report in reports),
    )
    if identity.place is not None:
        event.place.CopyFrom(identity.place.place)
    if identity.time is not None:
        event.time.CopyFrom(identity.time.mention.time)
    _set_history(event, identity.course, reports)
    event.contradictions.extend(contradictions(event, reports, identity.course))
    event.title = title_of(event, reports, before, fewer)
    _set_sources(event, reports, spilled)
    return event


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
    moves = course([report.told for report in reports]).moves
    causes = {reports[0].id, *(reports[move.at].id for move in moves)}
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


def _set_history(event: event_pb2.Event, status: Course, reports: Sequence[Report]) -> None:
    for step in status.moves:
        report = reports[step.at]
        mention = report.mention
        article = mention.article
        move = event.status_history.add(
            status=report.status,
            mention_id=report.id,
            article_url=article.url,
            source=article.source,
            origin=report.origin.name,
            basis=step.basis,
        )
        set_instant(move.at, report.arrived_us)
        set_instant(move.told_at, report.first_told_us)
        if mention.HasField("attribution"):
            move.attribution.CopyFrom(mention.attribution)


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
    counted = _bearing_out(event, reports, spilled)
    for known, source in sorted(found.items(), key=lambda item: (item[1].first_us, item[0].name)):
        told = event.origins.add(name=known.name, kind=known.kind, domains=source.domains)
        if source.first_us < _NEVER:
            set_instant(told.first_told_at, source.first_us)
        if known in counted:
            doubt *= 1 - min(_SURE, source.confidence)
            event.independent_sources.append(next(iter(source.domains)))
    event.confidence = round(min(_SURE, 1 - doubt), 6)


def _bearing_out(event: event_pb2.Event, reports: Sequence[Report], spilled: Mapping[str, Spilled]) -> set[Origin]:
    """Return who bears out the present status.

    Who tells only that it did not, or will not, take place bears out nothing but that; and what was denied or called
    off is borne out by nobody who only told of it before.
    """
    over = event.status in ENDS
    found = {report.origin for report in reports if (report.status in ENDS) == over}
    # What an article told that is only counted is not known any more: by its date it came before or after the end.
    since_us = event.status_history[-1].told_at.ToMicroseconds() if over else 0
    known = {report.origin for report in reports}
    told = {origin_of(each.domain, each.agency) for each in spilled.values() if each.told_us >= since_us}
    return found | (told - known)


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
