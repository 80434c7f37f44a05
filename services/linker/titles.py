"""The headline of an event: a publisher's own where the event is what the article is about, else a compact label."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.profile import called_by_name
from services.linker.quantities import GROWING
from services.linker.report import Report
from services.linker.reports import LEAD
from services.linker.values import quantity_text
from services.linker.words import telling_words

_TWO: Final = 2
_TOLL: Final = "toll"
_NAMED: Final = 3
"""Participants that a label names."""
_SENTENCE_SHOWN: Final = 90
"""Characters shown of a sentence that stands for a headline."""
_HEADLINES_READ: Final = 3
"""Headlines looked at before a label is made."""


def headline(event: event_pb2.Event, reports: Sequence[Report]) -> str:
    """Return the title of an event with type, status, participants and place filled in.

    A headline serves when it tells the event itself at its present status.
    """
    serving = [r for r in reports if r.status == event.status and r.title]
    # Those told in the headline itself go first, then those that carry the toll shown; among them the first: the title
    # changes when the status or the toll does, and not with every further report.
    tolls = {q.measure: q.latest.value for q in event.quantities if q.measure in GROWING}
    serving.sort(key=lambda r: (not r.in_title, not _carries(r, tolls), r.order))
    called = [name for p in event.participants for name in (p.text, p.entity.name)]
    second = ""
    for report in serving[:_HEADLINES_READ]:
        title, at = report.title, _told_in_title(report, event, called)
        if at is None:
            continue
        if not subordinate(title[:at]):
            return title
        second = second or title
    named = label(event)
    if named != _plain(event) or ":" in named or " in " in named:
        return named
    # A bare "Flood" says less than another event's headline that mentions it, and than the sentence itself.
    return second or _shortened(reports[0].mention.sentence) or named


def _carries(report: Report, tolls: Mapping[str, float]) -> bool:
    """Tell whether a mention gives a toll as it is shown."""
    return any(tolls.get(f.quantity.measure) == f.value for f in report.figures)


def _told_in_title(report: Report, event: event_pb2.Event, called: Sequence[str]) -> int | None:
    """Return where in the headline the event is told, whose participants are ``called`` so; None where it is not."""
    mention, title = report.mention, report.title
    span, trigger = mention.sentence_span, mention.trigger_span
    if span.in_title:
        return trigger.start if trigger.in_title else 0
    if trigger.in_title or span.start > LEAD:
        return None
    what = set(telling_words(mention.sentence[trigger.start - span.start : trigger.end - span.start]))
    where = (mention.place.name, mention.place.text, event.place.name, event.place.text)
    about = set(telling_words(*report.names, *called, *where, most=100))
    if not set(telling_words(title, most=100)) & about:
        return None
    return next((match.start() for match in _WORD.finditer(title) if what & set(telling_words(match.group()))), None)


_WORD: Final = re.compile(r"\w+")
_SUBORDINATE: Final = re.compile(
    r"\b(?:after|ahead of|amid|as|because of|before|despite|during|following|over|since|until|when|while|days after)\s"
    r"|(?:\S+\s+){3}\S+[,;]\s",
    re.IGNORECASE,
)
"""What comes after such a word, or after a comma that ends a clause (four words or more), is told on the side."""


def subordinate(before: str) -> bool:
    """Tell whether what follows ``before`` in a headline is not what the headline is about."""
    return _SUBORDINATE.search(before) is not None


def _shortened(sentence: str) -> str:
    plain = " ".join(sentence.split())
    if len(plain) <= _SENTENCE_SHOWN:
        return plain
    return plain[:_SENTENCE_SHOWN].rsplit(" ", 1)[0].rstrip(",;:") + "…"


_BETWEEN: Final = {
    "considered": "consider {noun}",
    "requested": "ask for {noun}",
    "planned": "plan {noun}",
    "agreed": "agree on {noun}",
    "denied": "deny {noun}",
    "cancelled": "call off {noun}",
}
"""What two sides do by status; of what goes on or took place the type's own words."""


@cache
def _phrases() -> dict[str, tuple[str, str]]:
    lines = files("services.linker").joinpath("title_phrases.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {name: (noun, done) for name, noun, done in rows}


def label(event: event_pb2.Event) -> str:
    """Return a title made of the event's fields.

    "Russia and United States exchange prisoners", "At least 15 killed in fire in Porto", else a label such as
    "Arrest in Porto: Marc Fogel".
    """
    return _between(event) or _toll(event) or _plain(event)


def _between(event: event_pb2.Event) -> str:
    """What two sides that are called by name do with each other; empty where there are not two, or more."""
    sides = [p for p in event.participants if p.role == "party" and (p.entity.kind == "country" or _named(p))]
    countries = [p for p in sides if p.entity.kind == "country"]
    chosen = countries if len(countries) > 1 else sides
    names = sorted(dict.fromkeys(p.entity.name or p.text for p in chosen))
    noun, done = _phrases().get(event.type, ("", _TOLL))
    if len(names) != _TWO or done == _TOLL:
        return ""
    return f"{names[0]} and {names[1]} {_BETWEEN.get(event.status, done).format(noun=noun)}"


def _toll(event: event_pb2.Event) -> str:
    killed = next((q.latest for q in event.quantities if q.measure == "killed"), None)
    place = event.place.name or event.place.text
    noun, done = _phrases().get(event.type, ("", ""))
    if done != _TOLL or killed is None or not killed.value or not place or event.status not in ("ongoing", "occurred"):
        return ""
    told = f"{quantity_text(killed)} killed in {noun} in {place}"
    return told[0].upper() + told[1:]


def _plain(event: event_pb2.Event) -> str:
    text = event.type.replace("-", " ").capitalize()
    # A name says more than a country, a country more than "two men".
    rank = {"person": 0, "organisation": 1, "country": 2}
    called = [p for p in event.participants if p.entity.kind == "country" or _named(p)]
    named = sorted(called or event.participants, key=lambda p: rank.get(p.entity.kind, 3))
    names: list[str] = []
    for participant in named:
        name = participant.entity.name or participant.text
        if name and name not in names:
            names.append(name)
    place = event.place.name or event.place.text
    if place and place not in names:
        text += f" in {place}"
    return f"{text}: {', '.join(names[:_NAMED])}" if names else text


def _named(participant: event_pb2.Participant) -> bool:
    return called_by_name(participant.entity.name or participant.text, participant.entity.kind)
