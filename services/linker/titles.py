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
_JOINS: Final = re.compile(
    r"\A\W*(?:and|but|so|yet|or|also|still|however|meanwhile|instead|then)\s?,?\s+(?=\w)", re.IGNORECASE
)
"""What joins a sentence to the one before."""
_HALF: Final = re.compile(
    r"\W*(?:if|when|as|by|after|while|because|although|though|since|once|before|for)\b", re.IGNORECASE
)
_RELATIVE: Final = re.compile(r"\s(?:that|which|who|whose|whom)\s")
"""A clause that is cut off after such a word may lack what its first words do."""
_ENDS_CLAUSE: Final = re.compile(r"\s*[,;]\s(?!\d)|\s(?:after|as|while|because|when|amid|although|though|but)\s")
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
    made = make(event, placed=place_is_told(event, reports))
    if made.telling:
        return made.text
    # A bare "Flood" says less than another event's headline that mentions it, and than the sentence itself.
    telling = next((r for r in reports if r.status == event.status), reports[0]).mention
    sentence = _clause(telling)
    if second or sentence:
        return second or sentence
    begun = _shortened(as_headline(_JOINS.sub("", telling.sentence).strip(" .")))
    serves = made.names_all and made.names_any and not made.vague
    if " " in made.text and (serves or not begun or points_back(begun)):
        return made.text
    return begun or made.text


def place_is_told(event: event_pb2.Event, reports: Sequence[Report]) -> bool:
    """Tell whether a sentence that tells the event names its place, rather than the article or its dateline.

    Of an event of named people in a country that is not theirs the words must stand together: who "was freed in what
    may end the war in Ukraine" was not freed there.
    """
    place = event.place
    told = [r for r in reports if r.names_place and (r.place.name or r.place.text) == (place.name or place.text)]
    abroad = place.precision == "country" and all(p.entity.country != place.country for p in event.participants)
    if not abroad or not any(p.entity.kind in ("person", "organisation", "country") for p in event.participants):
        return bool(told)
    return any(_together(report.mention) for report in told)


def _together(mention: event_pb2.Mention) -> bool:
    """Tell whether no clause ends between the word that names an event and its place, in one sentence."""
    sentence, start = mention.sentence, mention.sentence_span.start
    first, last = mention.trigger_span.start - start, mention.trigger_span.end - start
    for match in re.finditer(re.escape(mention.place.text), sentence):
        between = sentence[last : match.start()] if match.start() >= last else sentence[match.end() : first]
        if not _NEXT_CLAUSE.search(between) or _OPENING.fullmatch(sentence[: match.start()]):
            return True
    return False


_NEXT_CLAUSE: Final = re.compile(
    r"[,;:()]|\b(?:that|which|who|whose|when|while|where|as|after|before|because|amid|to)\b"
)
_OPENING: Final = re.compile(r"\W*(?:in|at|on|near|across|outside)\s+(?:the\s+)?", re.IGNORECASE)
"""What stands before the place of a sentence that begins with it: "In Kenya, ..."."""


def _carries(report: Report, tolls: Mapping[str, float]) -> bool:
    """Tell whether a mention gives a toll as it is shown."""
    return any(tolls.get(f.quantity.measure) == f.value for f in report.figures)


def _about(event: event_pb2.Event) -> frozenset[int]:
    """Return the telling words of who and where an event is about."""
    who = (name for p in event.participants for name in (p.text, p.entity.name))
    texts = {*who, event.place.name, event.place.text}
    return frozenset(word for text in texts for word in telling_words(text, most=100))


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
        told = mention.trigger_span.end - mention.sentence_span.start
        ends = [end.start() for end in _ENDS_CLAUSE.finditer(sentence, 0, LONGEST + 2)]
        fitting = [end for end in ends if told <= end <= LONGEST]
        if not fitting:
            return ""
        sentence = sentence[: fitting[0]]
        if _HALF.match(sentence):
            return ""  # cut off before what it says
        if _RELATIVE.search(sentence):
            return ""
    shown = as_headline(_JOINS.sub("", sentence)).rstrip(" .")
    if sum(map(shown.count, '"“”')) % 2:
        return ""  # cut off inside what somebody said
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
