"""Which mention was told to belong to which event, whatever the linker has archived or forgotten by the end."""

from __future__ import annotations

from collections.abc import Iterable

from services.linker import record
from services.linker.merge import REPORTS_KEPT
from services.runtime.stage import Message
from tests.unit.linker.newsdesk import Desk


def assignments(desk: Desk, messages: Iterable[Message]) -> dict[str, str]:
    """Feed messages; return the id of the surviving event by mention id, but for mentions that were withdrawn."""
    held: dict[str, set[str]] = {}
    for message in messages:
        for event in desk.take(message):
            value = desk.stored.get(f"e:{event.id}")
            reports = record.decode(value).reports if value is not None else ()
            told = {report.mention.id for report in reports}
            # An archived event, and one of many reports, keeps only some of them; else what is missing was withdrawn.
            partly = event.merged_into or event.activity == "archived" or len(told) >= REPORTS_KEPT
            held[event.id] = told | held.get(event.id, set()) if partly else told
    return {mention: _surviving(desk, known) for known, mentions in held.items() for mention in mentions}


def _surviving(desk: Desk, known: str) -> str:
    while desk.events[known].merged_into:
        known = desk.events[known].merged_into
    return known
