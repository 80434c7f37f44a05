"""The title of an event: a headline that is about it, else a sentence that tells it cut to one, else its fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.quantities import GROWING
from services.linker.report import Report
from services.linker.reports import LEAD
from services.linker.title_grammar import as_headline, dangling, points_back
from services.linker.title_headline import SENTENCE
from services.linker.title_length import LONGEST
from services.linker.title_making import make
from services.linker.title_phrases import title_phrases
from services.linker.words import telling_words, without_dateline

_TOLLS: Final = ("killed", "injured")
"""Measures that the title of what kills begins with, the gravest first."""
_JOINS: Final = re.compile(
    r"\A\W*(?:and|but|so|yet|or|also|still|however|meanwhile|instead|then)\s?,?\s+(?=\w)", re.IGNORECASE
)
"""What joins a sentence to the one before."""
_RESULT: Final = re.compile(r"[^,;:],\s\Z")
_GERUND: Final = re.compile(r"\w+ing\b")
_CASE: Final = re.compile(
    r"\b(?:charged|accused|arrested|held|jailed|convicted|sentenced|guilty|suspects?|wanted|trial|testif\w+|acquitted|cleared)\b"
    r".*\b(?:in|of|for)\s(?:\S+\s)*\Z",
    re.IGNORECASE,
)
"""Somebody is before a court for what comes after it."""
_OF_IT: Final = re.compile(
    r"\s(?:suspects?|victims?|case|trial|charges?|probe|inquiry|investigation|anniversary|survivors?|plot|fears?|claims?|"
    r"rumou?rs|memorial|verdict|hearing|lawsuit)\b",
    re.IGNORECASE,
)
"""What comes of an event or is feared of it, behind the word that names it."""
_REPORTS_READ: Final = 3
"""Reports whose headlines and sentences are looked at before a title is made."""
_LED_IN: Final = re.compile(
    r"\A(?:As|After|Amid|Before|Despite|Following|While|When|With|Since)\s[^,]*,\s", re.IGNORECASE
)
"""What leads in to the main clause of a headline."""


def title_of(
    event: event_pb2.Event, reports: Sequence[Report], before: event_pb2.Event | None = None, fewer: bool = False
) -> str:
    """Return the title of an event with type, status, participants, place and quantities filled in.

    ``before`` is its last state; where nothing that a title tells has changed since, it keeps that title, however much
    better the headlines of further reports are. ``fewer``: reports were taken away, so it may not be told any more.
    """
    if before is not None and before.title and _tells_the_same(before, event):
        title = before.title
        if not fewer or any(title in (r.headline.text, r.cut.text) for r in reports):
            return title
    return headline(event, reports)


def _tells_the_same(one: event_pb2.Event, other: event_pb2.Event) -> bool:
    """Tell whether two states of an event differ in nothing that its title tells."""
    return (
        one.status == other.status
        and one.type == other.type
        and (one.place.name or one.place.text) == (other.place.name or other.place.text)
        and _figures_shown(one) == _figures_shown(other)
        and _called(one) == _called(other)
    )


def _figures_shown(event: event_pb2.Event) -> set[tuple[str, str, float, str]]:
    return {(q.measure, q.unit, q.latest.value, q.latest.qualifier) for q in event.quantities}


def _called(event: event_pb2.Event) -> set[tuple[str, str]]:
    """Return who takes part, in any order: which of them is told most often is no news."""
    return {(p.role, p.entity.name or p.text) for p in event.participants}


def headline(event: event_pb2.Event, reports: Sequence[Report]) -> str:
    """Return the title that the reports of an event make.

    A publisher's headline serves when it tells the event itself at its present status, with no toll but the one shown;
    then a sentence that tells it in the first place, cut to a headline; then what its fields make.
    """
    serving = [r for r in reports if r.status == event.status]
    if len(serving) > 1:
        # Those told in the headline itself go first, then those that carry the toll shown; among them the first.
        tolls = _tolls(event)
        if tolls:
            outdated = _outdated(reports, tolls)
            serving = [r for r in serving if _up_to_date(r, tolls, outdated)]
        serving.sort(key=lambda r: (not r.in_title, not _carries(r, tolls), r.order))
        del serving[_REPORTS_READ:]
    second = ""
    for report in serving:
        below, start = report.place_in_article
        if below and start > LEAD:
            continue
        shown = report.headline
        at = _told_in_title(report, event) if shown.text else None
        if at is None:
            continue
        if shown.states and not _on_the_side(report, shown.start, at):
            return shown.text
        second = second or shown.text
    said = ""
    about = ""
    for report in serving if not _toll_of(event) else ():
        if not report.in_title or report.headline is SENTENCE:
            cut = report.cut
            if cut.named and not cut.about:
                return cut.text
            if cut.named:
                about = about or cut.text
            said = said or cut.text
    made = make(event, placed=place_is_told(event, reports))
    if about and not (made.telling and made.sides):
        return about
    if made.telling:
        return made.text
    asides = (r.cut_aside.text for r in serving if not r.in_title)
    title = said or second or next(filter(None, asides), "")
    if title or not made.bare:
        return title or made.text
    # "Flood" could be any: even half a sentence says more.
    return _begun((serving or reports)[0].mention.sentence) or made.text


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


def _on_the_side(report: Report, start: int, at: int) -> bool:
    """Tell whether what the headline of a report says at a place is not what it is about."""
    title = report.title
    before = _LED_IN.sub("", title[start:at], count=1)
    if _RESULT.search(before) and _GERUND.match(title, at):
        return False  # "Etna roars back to life, closing the airport"
    if subordinate(before) or _CASE.search(before):
        return True
    span = report.mention.trigger_span
    return span.in_title and _OF_IT.match(title, span.end) is not None


def _tolls(event: event_pb2.Event) -> Mapping[str, float]:
    """Return the toll that stands for how grave an event is, by its measure; none where it has none."""
    found = {q.measure: q.latest.value for q in event.quantities if q.measure in GROWING}
    first = next((measure for measure in _TOLLS if measure in found), "")
    return {first: found[first]} if first else found


def _outdated(reports: Sequence[Report], tolls: Mapping[str, float]) -> frozenset[str]:
    """Return the figures of tolls, as they are written, that are not those shown any more."""
    return frozenset(
        figure.quantity.text.split(" ", 1)[0].lower()
        for report in reports
        for figure in report.figures
        if tolls.get(figure.quantity.measure, figure.value) != figure.value
    )


def _up_to_date(report: Report, tolls: Mapping[str, float], outdated: frozenset[str]) -> bool:
    """Tell whether neither a report nor the headline above it gives a toll that is not the one shown."""
    if any(tolls.get(figure.quantity.measure, figure.value) != figure.value for figure in report.figures):
        return False
    return outdated.isdisjoint(word.strip(",.:;").lower() for word in report.title.split())


def _toll_of(event: event_pb2.Event) -> bool:
    """Tell whether an event that kills has a toll, with which its title begins."""
    return any(each.measure in _TOLLS and each.latest.value for each in event.quantities) and (
        "toll" in title_phrases()[event.type].traits
    )


def _about(event: event_pb2.Event) -> frozenset[int]:
    """Return the telling words of who and where an event is about."""
    who = (name for p in event.participants for name in (p.text, p.entity.name))
    texts = {*who, event.place.name, event.place.text}
    return frozenset(word for text in texts for word in telling_words(text, most=100))


def _told_in_title(report: Report, event: event_pb2.Event) -> int | None:
    """Return where in its headline a report in headline or lead tells the event, or None where it does not."""
    mention = report.mention
    span, trigger = mention.sentence_span, mention.trigger_span
    if span.in_title:
        return trigger.start if trigger.in_title else 0
    if trigger.in_title:
        return None
    words = report.title_words
    what = _named_by(mention.sentence[trigger.start - span.start : trigger.end - span.start])
    if words.isdisjoint(what) or (words.isdisjoint(report.about) and words.isdisjoint(_about(event))):
        return None
    told = (match for match in _WORD.finditer(report.title) if not _named_by(match.group()).isdisjoint(what))
    return next((match.start() for match in told), None)


@lru_cache(maxsize=4_096)
def _named_by(words: str) -> frozenset[int]:
    """Return the telling words of what names an event: few are used again and again."""
    return frozenset(telling_words(words))


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


def _begun(sentence: str) -> str:
    """Return the beginning of a sentence, at most ``LONGEST`` characters, that does not end on a word such as "of"."""
    sentence = as_headline(_JOINS.sub("", without_dateline(sentence)).strip(" ."))
    if points_back(sentence) or len(sentence) <= LONGEST:
        return "" if points_back(sentence) else sentence
    shown = sentence[:LONGEST].rsplit(" ", 1)[0].rstrip(",;:")
    while dangling(shown):
        shown = shown.rpartition(" ")[0].rstrip(",;:")
    return f"{shown}…" if shown else ""
