"""Who took part, over all reports: one entry a person or body, under the best name, in the role most reports give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.names import Name, person_name, same_person
from services.linker.profile import Part
from services.linker.report import Report

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
    best: dict[str, Part] = field(default_factory=dict)


def _quality(figure: _Figure, form: str) -> tuple[int, float, str]:
    words = len(form.split())
    # Of a person the fuller name wins; of anything else the name most reports use.
    full = words if figure.person and words <= _LONGEST_NAME else 0
    return full, figure.forms[form], form


def merge_participants(reports: Sequence[Report]) -> list[Part]:
    """Return the participants of all reports, those of most support first, each in the role it has over all."""
    if len(reports) == 1 and _distinct(reports[0].parts):
        return list(reports[0].parts[:MOST])
    figures: dict[str, _Figure] = {}
    for report in reports:
        weight = report.confidence or 0.1
        for part in report.parts:
            figure = _figure(figures, part)
            figure.support += weight
            figure.roles[part.role] = figure.roles.get(part.role, 0.0) + weight
            form = part.form
            figure.forms[form] = figure.forms.get(form, 0.0) + weight
            if form not in figure.best or part.kind == "person" != figure.best[form].kind:
                figure.best[form] = part
            if figure.person and len(person_name(form)) > len(figure.name) > 0:
                figure.name = person_name(form)
    distinct = {id(figure): figure for figure in figures.values()}.values()
    ranked = sorted(distinct, key=lambda figure: -figure.support)
    return [_merged(figure) for figure in ranked[:MOST]]


def _distinct(parts: Sequence[Part]) -> bool:
    """Tell whether no two participants of one report can be the same person or body."""
    surnames = [part.name[-1] for part in parts if part.name and part.kind != "country"]
    return len(set(surnames)) == len(surnames) and len({part.key for part in parts}) == len(parts)


def _figure(figures: dict[str, _Figure], part: Part) -> _Figure:
    known = figures.get(part.key)
    if known is not None:
        return known
    kind = part.kind
    name = part.name if kind != "country" else ()
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
    figures[part.key] = figure
    return figure


def _merged(figure: _Figure) -> Part:
    if len(figure.forms) == 1:
        (best,) = figure.best.values()
    else:
        forms = [f for f in figure.forms if not figure.person or figure.best[f].kind == "person"]
        best = figure.best[max(forms or figure.forms, key=lambda f: _quality(figure, f))]
    if len(figure.roles) == 1:
        return best
    # max keeps the first of equals: the role that was told first.
    role = max(figure.roles, key=lambda role: figure.roles[role])
    return best if role == best.role else best._replace(role=role)


def participant_of(part: Part) -> event_pb2.Participant:
    """Return a merged participant as an event shows it."""
    if part.role == part.participant.role:
        return part.participant
    shown = event_pb2.Participant()
    shown.CopyFrom(part.participant)
    shown.role = part.role
    return shown
