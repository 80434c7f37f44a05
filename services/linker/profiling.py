"""Profiles out of reports: of a single one, and of an event by all of its. Nothing is read from Protobuf for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.linker.gist import event_gist
from services.linker.merge import Identity
from services.linker.profile import Amount, Profile, assembled
from services.linker.report import Report
from services.linker.words import most_shared

WORDS_KEPT: Final = 24
"""Telling words kept of an event."""
_READ_FOR_WORDS: Final = 4
"""Of how many of the first and of the latest reports words are taken."""


def profile_of_report(report: Report, gist: tuple[int, ...] = ()) -> Profile:
    """Return the profile of one report; ``gist`` is that of its article."""
    day = report.told_on
    return assembled(
        report.type,
        report.status,
        report.parts,
        report.spot,
        report.days,
        (day, day),
        (report.story,) if report.story else (),
        report.words,
        gist,
        tuple(Amount(figure.measure, figure.value, figure.value) for figure in report.figures),
    )


def profile_of(identity: Identity, reports: Sequence[Report]) -> Profile:
    """Return the profile of an event made of ``reports``, in the order told: identity, days and shared words."""
    place, time = identity.place, identity.time
    if len(reports) == 1:
        (report,) = reports
        first = last = report.told_on
        words, gist = report.words[:WORDS_KEPT], report.gist
    else:
        days = [report.told_on for report in reports]
        first, last = min(days), max(days)
        read = reports
        if len(reports) > 2 * _READ_FOR_WORDS:
            read = (*reports[:_READ_FOR_WORDS], *reports[-_READ_FOR_WORDS:])
        words = most_shared([report.words for report in read], WORDS_KEPT)
        gist = event_gist([report.gist for report in read])
    return assembled(
        identity.type,
        identity.status,
        identity.participants,
        place.spot if place is not None else None,
        time.days if time is not None else None,
        (first, last),
        identity.stories,
        words,
        gist,
        tuple(Amount(each.measure, each.low, each.high) for each in identity.quantities),
    )
