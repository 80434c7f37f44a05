"""Small stages that make it visible when a runtime loses, doubles or reorders something.

They use the real topics, because a runtime knows its topics from the contracts.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import cast

from services.contracts.dateline.v1.article_pb2 import Article, ArticleRef, UniqueArticle, Verdict
from services.contracts.dateline.v1.event_pb2 import Event, MentionBatch
from services.contracts.ids import derive
from services.contracts.topics import ARTICLES_RAW, ARTICLES_UNIQUE, EVENTS, MENTIONS
from services.runtime.stage import Emit, Message, Outcome, Sink, Stage, Unavailable, Write


class Numbering(Stage):
    """Stateful: gives every article the next number. A lost or doubled step leaves a gap or a repeated number."""

    name = "dedup"
    inputs = (ARTICLES_RAW,)
    outputs = (ARTICLES_UNIQUE,)
    stateful = True

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def handle(self, message: Message, now: datetime) -> Outcome:
        article = cast("Article", message.value)
        if article.title == "poison":
            raise ValueError("this article cannot be numbered")
        if article.title == "killer":
            os._exit(9)
        number = self.numbers.get(article.id, len(self.numbers) + 1)
        numbered = UniqueArticle(article=article, verdict=Verdict(article_id=article.id, story_id=str(number)))
        emit = Emit(ARTICLES_UNIQUE, article.id, numbered, derive("numbered", article.id), message.time)
        return Outcome((emit,), (Write(article.id, str(number).encode()),))

    def apply(self, write: Write) -> None:
        if write.value is not None:
            self.numbers[write.key] = int(write.value)


class Reminding(Numbering):
    """Numbers articles and, from a day on, sends each number again, negative, though nothing comes: one a step."""

    def __init__(self, since: datetime) -> None:
        super().__init__()
        self.since = since
        self.reminded: set[str] = set()

    def due(self, now: datetime) -> Outcome:
        waiting = sorted(self.numbers.keys() - self.reminded) if now >= self.since else []
        if not waiting:
            return Outcome()
        known = waiting[0]
        verdict = Verdict(article_id=known, story_id=str(-self.numbers[known]))
        again = UniqueArticle(article=Article(id=known), verdict=verdict)
        emit = Emit(ARTICLES_UNIQUE, known, again, derive("reminded", known), now)
        return Outcome((emit,), (Write(f"reminded {known}", b"1"),))

    def apply(self, write: Write) -> None:
        if write.key.startswith("reminded "):
            self.reminded.add(write.key.removeprefix("reminded "))
        else:
            super().apply(write)


class Tagging(Stage):
    """Stateless: one batch for every numbered article."""

    name = "extractor"
    inputs = (ARTICLES_UNIQUE,)
    outputs = (MENTIONS,)
    stateful = False

    def handle(self, message: Message, now: datetime) -> Outcome:
        numbered = cast("UniqueArticle", message.value)
        batch = MentionBatch(
            topic="sport", article=ArticleRef(id=numbered.article.id, story_id=numbered.verdict.story_id)
        )
        return Outcome((Emit(MENTIONS, "sport", batch, derive("tagged", numbered.article.id), message.time),))


class Notebook(Sink):
    """Writes event ids into a file, and is away for its first calls."""

    name = "cache"
    inputs = (EVENTS,)

    def __init__(self, path: str, away_for: int) -> None:
        self.path = path
        self.away = away_for

    def write(self, messages: Sequence[Message], now: datetime) -> list[Exception | None]:
        if self.away:
            self.away -= 1
            raise Unavailable("the notebook is at home")
        faults: list[Exception | None] = []
        with Path(self.path).open("a", encoding="utf-8") as notebook:
            for message in messages:
                event = cast("Event", message.value)
                if event.title == "poison":
                    faults.append(ValueError("this event cannot be noted"))
                    continue
                notebook.write(event.id + "\n")
                faults.append(None)
        return faults
