"""The headline of an event: a publisher's own where the event is what the article is about, else a compact label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.record import Report
from services.linker.reports import in_order_told
from services.linker.words import telling_words

_NAMED: Final = 3
"""Participants that a label names."""
_HEADLINES_READ: Final = 3
"""Headlines looked at before a label is made."""
_LEAD: Final = 400
"""A sentence that starts within this many characters belongs to the lead, which tells what the headline promises."""


def headline(event: event_pb2.Event, reports: Sequence[Report]) -> str:
    """Return the title of an event with type, status, participants and place filled in.

    A headline serves when it tells the event itself at its present status; the latest such one, because it carries the
    latest toll.
    """
    serving = [r for r in reports if r.mention.status == event.status and r.mention.article.title]
    # Those told in the headline itself go first; among them, and among the others, the latest.
    serving.sort(key=lambda r: (r.mention.sentence_span.in_title, in_order_told(r)), reverse=True)
    for report in serving[:_HEADLINES_READ]:
        if _told_in_title(report.mention):
            return report.mention.article.title
    return label(event)


def _told_in_title(mention: event_pb2.Mention) -> bool:
    title = mention.article.title
    if mention.sentence_span.in_title:
        return True
    span, trigger = mention.sentence_span, mention.trigger_span
    if trigger.in_title or span.start > _LEAD:
        return False
    words = set(telling_words(title, most=100))
    what = set(telling_words(mention.sentence[trigger.start - span.start : trigger.end - span.start]))
    who = [p.text for p in mention.participants] + [p.entity.name for p in mention.participants]
    about = set(telling_words(*who, mention.place.name, mention.place.text, most=100))
    return bool(words & what) and bool(words & about)


def label(event: event_pb2.Event) -> str:
    """Return a label such as "Prisoner exchange: Russia, United States" or "Fire in Porto, Portugal"."""
    text = event.type.replace("-", " ").capitalize()
    # A name says more than a country, a country more than "two men".
    rank = {"person": 0, "organisation": 1, "country": 2}
    named = sorted(event.participants, key=lambda p: rank.get(p.entity.kind, 3))
    names: list[str] = []
    for participant in named:
        name = participant.entity.name or participant.text
        if name and name not in names:
            names.append(name)
    place = event.place.name or event.place.text
    if place and place not in names:
        text += f" in {place}"
    return f"{text}: {', '.join(names[:_NAMED])}" if names else text
