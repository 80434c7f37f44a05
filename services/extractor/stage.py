"""The extractor as a stage: unique articles become batches of mentions, copies and revisions become notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from services.contracts.dateline.v1.article_pb2 import ArticleRef, UniqueArticle, Verdict
from services.contracts.dateline.v1.event_pb2 import MentionBatch
from services.contracts.ids import derive
from services.contracts.namewords import names_of_article
from services.contracts.ontology import TOPIC_FAMILIES
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_UNIQUE, MENTIONS
from services.extractor.confidence import DEFAULT_THRESHOLD
from services.extractor.glossary import ENGLISH
from services.extractor.languages import Reader, Readers, listed, primary
from services.extractor.mentions import by_family, published_at, reference
from services.extractor.nlp import Parser
from services.extractor.reading import Clock, Depth, Reading, Text, read
from services.runtime.guard import Guard
from services.runtime.stage import Emit, Failure, Health, Message, Outcome, Stage


class Extractor(Stage):
    """Reads articles; keeps no state, so any number of workers share the messages."""

    name = "extractor"
    inputs = (ARTICLES_UNIQUE, ARTICLES_DUPLICATES)
    outputs = (MENTIONS,)
    stateful = False

    def __init__(
        self,
        depth: Depth = "full",
        readers: Mapping[str, Reader] | None = None,
        unread: Callable[[str], None] | None = None,
        *,
        min_confidence: float = DEFAULT_THRESHOLD,
        clock: Clock | None = None,
        guard: Guard | None = None,
        cut: Callable[[str], None] | None = None,
        last_resort: Callable[[int], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """Read every sentence with a trigger ("full") or title and the first of them ("lead").

        Articles in languages that ``readers`` has not pass without mentions; ``unread`` is told the language of each.
        Mentions less sure than ``min_confidence``, from 0 to 1, are not sent.
        ``clock`` is what the time an article may take is measured with; without one only counting limits it. ``guard``
        ends a step that does not end by itself; ``last_resort`` surrounds work on a number of messages, and ends the
        process if need be. ``cut`` is told every note of an article that was not read to its end.
        """
        if depth not in ("full", "lead"):
            raise ValueError(f"depth {depth!r} is unknown: use full or lead")
        if not 0 <= min_confidence <= 1:
            raise ValueError(f"confidence {min_confidence} is no probability: use 0 to 1")
        self._depth: Depth = depth
        self._min_confidence = min_confidence
        self._readers: Mapping[str, Reader] = readers if readers is not None else Readers()
        self._unread = unread
        self._clock = clock
        self._guard = guard
        self._cut = cut
        self._last_resort = last_resort
        self._noted = 0

    def handle(self, message: Message, now: datetime) -> Outcome:
        """Answer one message."""
        answer = self.handle_many([message], now)[0]
        if isinstance(answer, Failure):
            raise answer.error
        return answer

    def handle_many(self, messages: Sequence[Message], now: datetime) -> list[Outcome | Failure]:
        """Answer messages in order; their sentences are parsed together, a failing article fails alone."""
        with self._last_resort(len(messages)):
            return self._answers(messages)

    def _answers(self, messages: Sequence[Message]) -> list[Outcome | Failure]:
        answers: list[Outcome | Failure | None] = [None] * len(messages)
        places: dict[str, list[int]] = {}
        for number, message in enumerate(messages):
            try:
                if isinstance(message.value, Verdict):
                    answers[number] = _copy(message, message.value)
                elif _unique(message).article.withdrawn:
                    answers[number] = _withdrawal(message)
                else:
                    places.setdefault(primary(_unique(message).article.language), []).append(number)
            except Exception as error:  # any message may be poison; the stream must go on
                answers[number] = Failure(error)
        for language, numbers in places.items():
            for number, found in zip(numbers, self._read(language, messages, numbers), strict=True):
                if isinstance(found, Exception):
                    answers[number] = Failure(found)
                else:
                    answers[number] = self._told(messages[number], found)
        return [answer if answer is not None else Outcome() for answer in answers]

    def _read(self, language: str, messages: Sequence[Message], numbers: Sequence[int]) -> list[Reading | Exception]:
        """Return what each article of one language tells; nothing where that language is not read."""
        if language in self._readers:
            texts = [_text(_unique(messages[number])) for number in numbers]
            return read(texts, self._readers[language], self._depth, self._clock, self._guard)
        if self._unread is not None:
            for _ in numbers:
                self._unread(listed(language))
        return [Reading([]) for _ in numbers]

    def _told(self, message: Message, found: Reading) -> Outcome:
        self._noted += bool(found.notes)
        if self._cut is not None:
            for note in found.notes:
                self._cut(note)
        unique = _unique(message)
        ref = reference(unique, found.agency)
        mentions = by_family(found.drafts, ref, self._min_confidence)
        superseded = _superseded(unique)
        names = names_of_article(unique.article.text) if mentions else ()
        # Every family hears of a revision: what it no longer says must be withdrawn.
        told = [family for family in TOPIC_FAMILIES if superseded or family in mentions]
        batches = (
            MentionBatch(
                topic=family,
                article=ref,
                supersedes=superseded,
                mentions=mentions.get(family, ()),
                depth=self._depth,
                notes=found.notes,
                agency=found.agency,
                names=names if family in mentions else (),
            )
            for family in told
        )
        return Outcome(tuple(_emit(message, unique.article.id, batch) for batch in batches))

    def health(self) -> Health:
        """Return how many articles were not read to their end, and what the memory of sentences saves."""
        reader = self._readers.get(ENGLISH)
        recall = reader.recall if isinstance(reader, Parser) else None
        return Health(
            {
                "articles_read_in_part": float(self._noted),
                "sentences_recalled": float(recall.hits if recall is not None else 0),
                "sentences_parsed": float(recall.misses if recall is not None else 0),
            }
        )


def _text(unique: UniqueArticle) -> Text:
    article = unique.article
    return Text(article.title, article.text, published_at(article), article.source.country)


def _unique(message: Message) -> UniqueArticle:
    if not isinstance(message.value, UniqueArticle):
        raise TypeError(f"the extractor reads UniqueArticle and Verdict, not {type(message.value).__name__}")
    return message.value


def _emit(message: Message, article_id: str, batch: MentionBatch) -> Emit:
    return Emit(MENTIONS, batch.topic, batch, derive("batch", article_id, batch.topic), message.time)


def _superseded(unique: UniqueArticle) -> str:
    """Return the article whose mentions this one replaces; empty where there is none.

    Dedup knows it: the revision before may have been a copy that told nothing, and then the one before that counts.
    """
    if unique.verdict.decision in ("revision", "withdrawn") and unique.verdict.of_article_id:
        return unique.verdict.of_article_id
    return unique.article.supersedes if unique.article.revision >= 2 else ""


def _withdrawal(message: Message) -> Outcome:
    """Tell every family that what the revisions before said no longer counts, and that nothing is said instead."""
    unique = _unique(message)
    ref, superseded = reference(unique, ""), _superseded(unique)
    batches = (MentionBatch(topic=family, article=ref, supersedes=superseded) for family in TOPIC_FAMILIES)
    return Outcome(tuple(_emit(message, unique.article.id, batch) for batch in batches))


def _copy(message: Message, verdict: Verdict) -> Outcome:
    ref = ArticleRef(
        id=verdict.article_id,
        url=verdict.article_url,
        source=verdict.source,
        story_id=verdict.story_id,
        sample=verdict.sample,
    )
    if verdict.HasField("first_seen_at"):
        ref.first_seen_at.CopyFrom(verdict.first_seen_at)
    batches = (MentionBatch(topic=family, article=ref, copy_of=verdict.of_article_id) for family in TOPIC_FAMILIES)
    return Outcome(tuple(_emit(message, verdict.article_id, batch) for batch in batches))
