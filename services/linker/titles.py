"""The title of an event: a publisher's headline where that is about the event, else one made of its fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.quantities import GROWING
from services.linker.report import Report
from services.linker.reports import LEAD
from services.linker.title_grammar import as_headline, dangling, points_back
from services.linker.title_making import LONGEST, make
from services.linker.words import telling_words

_CLAUSE_WORDS: Final = 4
"""A clause of fewer words is a fragment."""
_RELATIVE: Final = re.compile(r"\s(?:that|which|who|whose|whom)\s")
"""A clause that is cut off after such a word may lack what its first words do."""
_ENDS_CLAUSE: Final = re.compile(r"\s*[,;]\s(?!\d)")
_HEADLINES_READ: Final = 3
"""Headlines looked at before a title is made."""


def headline(event: event_pb2.Event, reports: Sequence[Report]) -> str:
    """Return the title of an event with type, status, participants and place filled in.

    A headline serves when it tells the event itself at its present status.
    """
    serving = [r for r in reports if r.status == event.status and r.title]
    # Those told in the headline itself go first, then those that carry the toll shown; among them the first: the title
    # changes when the status or the toll does, and not with every further report.
    tolls = {q.measure: q.latest.value for q in event.quantities if q.measure in GROWING}
    serving.sort(key=lambda r: (not r.in_title, not _carries(r, tolls), r.order))
    second = ""
    about = _about(event) if serving else frozenset()
    for report in serving[:_HEADLINES_READ]:
        title, at = report.title, _told_in_title(report, about)
        if at is None:
            continue
        if not subordinate(title[:at]):
            return title
        second = second or title
    made = make(event)
    if made.telling:
        return made.text
    # A bare "Flood" says less than another event's headline that mentions it, and than the sentence itself.
    telling = next((r for r in reports if r.status == event.status), reports[0]).mention
    sentence = _clause(telling)
    if second or sentence:
        return second or sentence
    begun = _shortened(as_headline(telling.sentence))
    if " " in made.text and (made.names_all or not begun or points_back(begun)):
        return made.text
    return begun or made.text


def _carries(report: Report, tolls: Mapping[str, float]) -> bool:
    """Tell whether a mention gives a toll as it is shown."""
    return any(tolls.get(f.quantity.measure) == f.value for f in report.figures)


def _about(event: event_pb2.Event) -> frozenset[int]:
    """Return the telling words of who and where an event is about."""
    who = (name for p in event.participants for name in (p.text, p.entity.name))
    return frozenset(telling_words(*who, event.place.name, event.place.text, most=100))


def _told_in_title(report: Report, about: frozenset[int]) -> int | None:
    """Return where in its headline a report tells the event ``about`` those words, or None where it does not."""
    mention = report.mention
    span, trigger = mention.sentence_span, mention.trigger_span
    if span.in_title:
        return trigger.start if trigger.in_title else 0
    if trigger.in_title or span.start > LEAD:
        return None
    words = report.title_words
    if words.isdisjoint(report.about) and words.isdisjoint(about):
        return None
    what = telling_words(mention.sentence[trigger.start - span.start : trigger.end - span.start])
    if words.isdisjoint(what):
        return None
    told = (match for match in _WORD.finditer(report.title) if not set(telling_words(match.group())).isdisjoint(what))
    return next((match.start() for match in told), None)


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


def _clause(mention: event_pb2.Mention) -> str:
    """Return a sentence, or its first clause if that tells the event, where it reads by itself; else nothing."""
    sentence = mention.sentence
    if len(sentence) > LONGEST:
        comma = _ENDS_CLAUSE.search(sentence)
        if comma is None or comma.start() < mention.trigger_span.end - mention.sentence_span.start:
            return ""
        sentence = sentence[: comma.start()]
        if _RELATIVE.search(sentence):
            return ""
    shown = as_headline(sentence).rstrip(" .")
    if len(shown.split()) < _CLAUSE_WORDS or len(shown) > LONGEST or points_back(shown) or dangling(shown):
        return ""
    return shown


def _shortened(sentence: str) -> str:
    """Return the beginning of a sentence, at most ``LONGEST`` characters, that does not end on a word such as "of"."""
    if len(sentence) <= LONGEST:
        return sentence
    shown = sentence[:LONGEST].rsplit(" ", 1)[0].rstrip(",;:")
    while dangling(shown):
        shown = shown.rpartition(" ")[0].rstrip(",;:")
    return f"{shown}…" if shown else ""
