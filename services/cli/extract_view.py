"""An article with the events that were read out of it, as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from services.cli.printable import printable
from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.dateline.v1.event_pb2 import Entity, Mention, Participant, Quantity
from services.contracts.instants import from_timestamp
from services.extractor.codes import cameo_codes, media_topic
from services.extractor.explain import Explained

_INDENT: Final = 6
_LABEL: Final = 12
_QUALIFIERS: Final = {
    "at_least": "at least ",
    "up_to": "up to ",
    "about": "about ",
    "more_than": "more than ",
    "less_than": "less than ",
}


def view(article: Article, told: Sequence[Explained], width: int) -> Iterator[str]:
    """Yield the lines: the title and its events, then each paragraph with the events of a sentence beneath it.

    ``width``: characters a line may have. Nothing in the article can command the terminal.
    """
    return map(printable, _view(article, told, width))


def _view(article: Article, told: Sequence[Explained], width: int) -> Iterator[str]:
    if article.title:
        yield from textwrap.wrap(article.title, width)
    yield _heading(article, told)
    for each in (each for each in told if each.mention.sentence_span.in_title):
        yield from _event(each, width)
    begin = 0
    for paragraph in article.text.split("\n"):
        end = begin + len(paragraph)
        yield ""
        yield from _paragraph(article.text, begin, end, told, width)
        begin = end + 1


def _heading(article: Article, told: Sequence[Explained]) -> str:
    dated = next((d for d in (article.published_at, article.page_dated_at) if d.HasField("at")), None)
    when = (
        f"published {from_timestamp(dated.at):%A, %d %B %Y}"
        if dated is not None
        else f"read as of {from_timestamp(article.first_seen_at):%A, %d %B %Y}; --date says when it was published"
    )
    count = f"{len(told)} event{'' if len(told) == 1 else 's'}" if told else "no events found"
    return " · ".join(part for part in (when, article.source.name, count) if part)


def _paragraph(text: str, begin: int, end: int, told: Sequence[Explained], width: int) -> Iterator[str]:
    within = [each for each in told if _in_text(each.mention) and begin <= each.mention.sentence_span.start < end]
    spans = sorted({(each.mention.sentence_span.start, each.mention.sentence_span.end) for each in within})
    at = begin
    for start, stop in spans:
        yield from textwrap.wrap(text[at:start].strip(), width)
        yield from textwrap.wrap(text[start:stop].strip(), width)
        for each in within:
            if each.mention.sentence_span.start == start:
                yield from _event(each, width)
        at = stop
    yield from textwrap.wrap(text[at:end].strip(), width)


def _in_text(mention: Mention) -> bool:
    return not mention.sentence_span.in_title


def _event(each: Explained, width: int) -> Iterator[str]:
    mention = each.mention
    span, trigger = mention.sentence_span, mention.trigger_span
    word = mention.sentence[trigger.start - span.start : trigger.end - span.start]
    yield f"  > {mention.type}, {mention.status}  “{word}”"
    for label, value in _facts(mention):
        yield from _row(label, value, width)
    yield from _row("why", each.why, width)
    codes = _codes(mention)
    if codes:
        yield from _row("codes", codes, width)
    topic = media_topic(mention.type)
    yield from _row("topic", f"{topic.id} {topic.name}", width)
    unsure = "" if each.sent else ", too unsure to be sent"
    yield from _row("confidence", f"{mention.confidence:.2f}{unsure}", width)


def _row(label: str, value: str, width: int) -> Iterator[str]:
    first = f"{' ' * _INDENT}{label:<{_LABEL}}"
    yield from textwrap.wrap(
        value, max(width, 40), initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False
    )


def _facts(mention: Mention) -> Iterator[tuple[str, str]]:
    """Yield what the sentence tells, a label and its value each."""
    for participant in mention.participants:
        yield participant.role, _participant(participant)
    if mention.HasField("place"):
        place = mention.place
        parts = [place.admin1, place.country, place.precision]
        position = [f"{place.lat:.2f}, {place.lon:.2f}"] if place.HasField("lat") and place.HasField("lon") else []
        origin = [f"from the {place.origin}"] if place.origin in ("dateline", "article") else []
        yield "place", _with(place.name or place.text, [part for part in parts if part] + position + origin)
    if mention.HasField("time") and mention.time.start:
        yield "time", _time(mention)
    for quantity in mention.quantities:
        yield "quantity", _quantity(quantity)
    if mention.HasField("attribution"):
        said = mention.attribution
        yield "said by", _with(_named(said.text, said.entity), [*_about(said.entity), f"verb: {said.verb}"])


def _participant(participant: Participant) -> str:
    return _with(_named(participant.text, participant.entity), _about(participant.entity))


def _named(text: str, entity: Entity) -> str:
    return f"{entity.name}, here “{text}”" if entity.name and entity.name != text else text


def _about(entity: Entity) -> list[str]:
    return [part for part in (entity.kind, entity.country, entity.sector) if part]


def _with(text: str, more: Sequence[str]) -> str:
    return f"{text} ({', '.join(more)})" if more else text


def _time(mention: Mention) -> str:
    time = mention.time
    days = time.start if time.end in ("", time.start) else f"{time.start} to {time.end}"
    return _with(days, [time.granularity, f"“{time.text}”" if time.text else "day of the report"])


def _quantity(quantity: Quantity) -> str:
    number = f"{quantity.value:,.10g}"
    counted = f"{_QUALIFIERS.get(quantity.qualifier, '')}{number} {quantity.unit}".strip()
    return _with(counted, [part for part in (quantity.measure, f"“{quantity.text}”" if quantity.text else "") if part])


def _codes(mention: Mention) -> str:
    cameo = cameo_codes().get(mention.codes.cameo)
    plover = f"PLOVER {mention.codes.plover}" if mention.codes.plover else ""
    return " · ".join(
        part for part in (plover, f"CAMEO {cameo.code} {cameo.name}" if cameo is not None else "") if part
    )
