"""How well the extractor reads real articles, against what a careful reader marked: events and each of their fields.

Both halves are scored alike. Single errors are told of the open half alone: nobody is to tune on the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.contracts.dateline.v1.event_pb2 import Mention
from services.extractor.stage import Extractor
from tests.eval.aligning import FIELDS, Aligned, align, facts
from tests.eval.marked_events import HALVES, MarkedArticle, MarkedEvent, load, stale
from tests.eval.marked_texts import NewsText, texts
from tests.eval.seeds import mentions_of

MAX_SPURIOUS = 0.15
"""Of mentions on the held-out half."""


@dataclass(slots=True)
class Totals:
    """Sums over articles."""

    events: int = 0
    found: int = 0
    news: int = 0
    """Events that are no background."""
    news_found: int = 0
    mentions: int = 0
    matched: int = 0
    spurious: int = 0
    right: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))

    def add(self, article: MarkedArticle, aligned: Aligned) -> None:
        """Add what was found in one article."""
        for number, event in enumerate(article.events):
            told = aligned.told.get(number, [])
            if event.optional:
                continue
            self.events += 1
            self.found += bool(told)
            self.news += not event.background
            self.news_found += bool(told) and not event.background
            if told:
                for name, values in facts(event, told).items():
                    self.right[name] += values
        self.matched += len(aligned.matched)
        self.spurious += len(aligned.spurious)
        self.mentions += len(aligned.matched) + len(aligned.loose) + len(aligned.spurious)

    def figures(self) -> dict[str, Any]:
        """Return precision and recall of events, the share of spurious mentions, and the accuracy of each field."""
        return {
            "events": self.events,
            "recall": _share(self.found, self.events),
            "recall_without_background": _share(self.news_found, self.news),
            "mentions": self.mentions,
            "precision": _share(self.matched, self.mentions),
            "spurious": _share(self.spurious, self.mentions),
            "fields": {name: {"right": _mean(self.right[name]), "of": len(self.right[name])} for name in FIELDS},
        }


def _share(part: int, whole: int) -> float:
    return round(part / max(1, whole), 3)


def _mean(values: list[bool]) -> float:
    return _share(sum(values), len(values))


def read_half(
    half: str, every: dict[str, NewsText], extractor: Extractor
) -> Iterator[tuple[MarkedArticle, NewsText, Aligned | str]]:
    """Yield the articles of a half with their text and mentions held against the marks, or why they cannot be."""
    for article in load(half):
        text = every.get(article.key)
        wrong = stale(article, text)
        if text is None or wrong:
            yield article, NewsText(article.key, "", ""), wrong
            continue
        published = datetime.fromisoformat(article.published).replace(hour=18, tzinfo=UTC)
        found = mentions_of(extractor, text.title, text.text, published, article.key)
        yield article, text, align(article, found)


def evaluate(shared: Path, *, misses: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the figures of both halves; with ``misses`` what is missed, wrong and spurious in the open half."""
    every = texts(shared)
    extractor = Extractor()
    for half in HALVES:
        totals = Totals()
        for article, text, aligned in read_half(half, every, extractor):
            if isinstance(aligned, str):
                yield {"name": "extractor.marked.skipped", "article": article.key, "why": aligned}
                continue
            totals.add(article, aligned)
            if misses and half == "open":
                yield from errors(article, text, aligned)
        figures = totals.figures()
        ok = {"spurious_at_most": MAX_SPURIOUS, "ok": figures["spurious"] <= MAX_SPURIOUS} if half != "open" else {}
        yield {"name": f"extractor.marked.{half}", **figures, **ok}


def errors(article: MarkedArticle, text: NewsText, aligned: Aligned) -> Iterator[dict[str, Any]]:
    """Yield what is missed, what is wrong in what was found, and what was found besides, a line each."""
    for number, event in enumerate(article.events):
        told = aligned.told.get(number, [])
        if not told:
            if not event.optional:
                yield {"article": article.key, "missed": _brief(event), "in": _sentence(event, text)}
            continue
        if event.optional:
            continue
        wrong = {name: values.count(False) for name, values in facts(event, told).items() if not all(values)}
        if wrong:
            yield {"article": article.key, "wrong": wrong, "marked": _brief(event), "read": [_told(m) for m in told]}
    for mention in aligned.loose:
        yield {"article": article.key, "loose": _told(mention), "in": mention.sentence}
    for mention in aligned.spurious:
        yield {"article": article.key, "spurious": _told(mention), "in": mention.sentence}


def _brief(event: MarkedEvent) -> str:
    people = ", ".join(f"{each.role} {each.names[0]}" for each in event.participants)
    time = "..".join(event.time) if event.time is not None else "-"
    return f"{'/'.join(event.types)} {'/'.join(event.statuses)}: {people} @ {'/'.join(event.places)} on {time}"


def _sentence(event: MarkedEvent, text: NewsText) -> str:
    first = event.told[0].sentence
    return (text.title if first.in_title else text.text)[first.start : first.end]


def _told(mention: Mention) -> str:
    people = ", ".join(f"{each.role} {each.entity.name or each.text}" for each in mention.participants)
    time = f"{mention.time.start}..{mention.time.end} ({mention.time.origin})" if mention.time.start else "-"
    place = f"{mention.place.name or mention.place.text} {mention.place.country}".strip()
    span = mention.trigger_span
    word = mention.sentence[span.start - mention.sentence_span.start : span.end - mention.sentence_span.start]
    numbers = "; ".join(f"{each.value:g} {each.qualifier} {each.measure}" for each in mention.quantities) or "-"
    return f"{mention.type} {mention.status} [{word}] {mention.confidence}: {people} @ {place} on {time} # {numbers}"
