"""Who took part, over all reports: one entry a person or body, under the best name, in the role most reports give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.names import Name, person_name, same_person
from services.linker.profile import called_by_name
from services.linker.record import Report

MOST: Final = 24
"""Participants kept of one event: those of the most support."""
_LONGEST_NAME: Final = 4
"""A longer "name" has swallowed a title or a neighbour."""


@dataclass(slots=True)
class _Figure:
    name: Name
    person: bool = False
    support: float = 0.0
    roles: dict[str, float] = field(default_factory=dict)
    forms: dict[str, float] = field(default_factory=dict)
    best: dict[str, event_pb2.Participant] = field(default_factory=dict)


def _key(participant: event_pb2.Participant) -> str:
    entity = participant.entity
    return entity.id or f"{entity.kind}:{(entity.name or participant.text).lower()}"


def _form(participant: event_pb2.Participant) -> str:
    return participant.entity.name or participant.text


def _quality(figure: _Figure, form: str) -> tuple[int, float, str]:
    words = len(form.split())
    # Of a person the fuller name wins; of anything else the name most reports use.
    full = words if figure.person and words <= _LONGEST_NAME else 0
    return full, figure.forms[form], form


def merge_participants(reports: Sequence[Report]) -> list[event_pb2.Participant]:
    """Return the participants of all reports, those of most support first."""
    figures: dict[str, _Figure] = {}
    for report in reports:
        weight = report.mention.confidence or 0.1
        for participant in report.mention.participants:
            figure = _figure(figures, participant)
            figure.support += weight
            figure.roles[participant.role] = figure.roles.get(participant.role, 0.0) + weight
            form = _form(participant)
            figure.forms[form] = figure.forms.get(form, 0.0) + weight
            if form not in figure.best or participant.entity.kind == "person" != figure.best[form].entity.kind:
                figure.best[form] = participant
            if figure.person and len(person_name(form)) > len(figure.name) > 0:
                figure.name = person_name(form)
    distinct = {id(figure): figure for figure in figures.values()}.values()
    ranked = sorted(distinct, key=lambda figure: -figure.support)
    return [_merged(figure) for figure in ranked[:MOST]]


def _figure(figures: dict[str, _Figure], participant: event_pb2.Participant) -> _Figure:
    key = _key(participant)
    known = figures.get(key)
    if known is not None:
        return known
    form, kind = _form(participant), participant.entity.kind
    name = person_name(form) if kind != "country" and called_by_name(form, kind) else ()
    figure = None
    if name:
        # A bare surname that one article takes for a body's is the person whom another names in full.
        figure = next(
            (f for f in figures.values() if (f.person or kind == "person") and f.name and same_person(f.name, name)),
            None,
        )
    if figure is None:
        figure = _Figure(name)
    figure.person |= kind == "person"
    figures[key] = figure
    return figure


def _merged(figure: _Figure) -> event_pb2.Participant:
    forms = [f for f in figure.forms if not figure.person or figure.best[f].entity.kind == "person"]
    form = max(forms or figure.forms, key=lambda f: _quality(figure, f))
    merged = event_pb2.Participant()
    merged.CopyFrom(figure.best[form])
    # max keeps the first of equals: the role that was told first.
    merged.role = max(figure.roles, key=lambda role: figure.roles[role])
    return merged
