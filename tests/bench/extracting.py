"""How fast articles become mentions, against the naive use of the language model: all of it over the whole text.

Texts are bodies of ECB+ articles, joined within a topic to some 400 words, the usual length of a news article. Both
sides read the same texts in the same process, in turns, so that a busy machine slows both.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import spacy

from services.contracts.dateline.v1.article_pb2 import Article, UniqueArticle
from services.contracts.topics import ARTICLES_UNIQUE
from services.extractor.nlp import DEFAULT_PIPELINE
from services.extractor.stage import Extractor
from services.runtime.stage import Failure, Message

WORDS = 400
ARTICLES = 96
BATCH = 16
PUBLISHED = datetime(2012, 6, 15, 12, tzinfo=UTC)
BUDGETS = {"full": (15.0, 1.6), "lead": (40.0, 5.0)}
"""Articles a second and times the naive pipeline, at least."""


def _texts(shared: Path) -> list[tuple[str, str]]:
    """Return titles and bodies of about WORDS words; sentences of a body are paragraphs of five."""
    topics: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(shared / "data" / "ecbplus-dev" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            topics[article["cluster"]].append(article)
    made = []
    for articles in topics.values():
        paragraphs: list[str] = []
        title = ""
        for article in articles:
            title = title or article["title"]
            paragraphs.append(article["body"])
            if sum(len(paragraph.split()) for paragraph in paragraphs) >= WORDS:
                words = " \n ".join(paragraphs).split(" ")
                made.append((title, " ".join(words[:WORDS])))
                paragraphs, title = [], ""
    return made[:ARTICLES]


def _messages(texts: list[tuple[str, str]]) -> list[Message]:
    messages = []
    for number, (title, body) in enumerate(texts):
        article = Article(id=f"bench-{number}", revision=1, title=title, text=body, language="en")
        article.published_at.at.FromDatetime(PUBLISHED)
        messages.append(Message(ARTICLES_UNIQUE, article.id, UniqueArticle(article=article), article.id, PUBLISHED))
    return messages


def _read(extractor: Extractor, messages: list[Message]) -> float:
    start = time.perf_counter()
    for first in range(0, len(messages), BATCH):
        answers = extractor.handle_many(messages[first : first + BATCH], PUBLISHED)
        if any(isinstance(answer, Failure) for answer in answers):
            raise RuntimeError("an article of the benchmark failed")
    return time.perf_counter() - start


def benchmark() -> Iterator[dict[str, Any]]:
    """Yield articles a second of the naive pipeline, and articles a second and the ratio to it at each depth."""
    repo = Path(__file__).resolve().parent.parent.parent
    shared = Path(os.environ.get("DATELINE_SHARED", repo.parent / "shared"))
    if not (shared / "data").is_dir():
        yield {
            "name": "extractor.throughput",
            "skipped": f"development data not found at {shared}: set DATELINE_SHARED",
        }
        return
    texts = _texts(shared)
    messages = _messages(texts)
    naive: Any = spacy.load(DEFAULT_PIPELINE)
    extractors = {depth: Extractor(depth) for depth in ("full", "lead")}  # type: ignore[arg-type]
    for extractor in extractors.values():
        _read(extractor, messages[:BATCH])
    seconds: defaultdict[str, float] = defaultdict(float)
    for first in range(0, len(messages), BATCH * 2):
        part, plain = messages[first : first + BATCH * 2], texts[first : first + BATCH * 2]
        start = time.perf_counter()
        for _ in naive.pipe([f"{title}\n{body}" for title, body in plain], batch_size=BATCH):
            pass
        seconds["naive"] += time.perf_counter() - start
        for depth, extractor in extractors.items():
            seconds[depth] += _read(extractor, part)
    base = len(messages) / seconds["naive"]
    yield {
        "name": "extractor.naive.articles_per_s",
        "value": round(base, 1),
        "articles": len(messages),
        "words": WORDS,
    }
    for depth, (rate, ratio) in BUDGETS.items():
        value = len(messages) / seconds[depth]
        yield {
            "name": f"extractor.{depth}.articles_per_s",
            "value": round(value, 1),
            "at_least": rate,
            "ratio_to_naive": round(value / base, 2),
            "ratio_at_least": ratio,
            "ok": value >= rate and value / base >= ratio,
        }
