"""How fast articles become mentions, against the naive use of the language model: all of it over the whole text.

Two sets of texts of some 800 words, the length of a long news article: bodies of captured pages, cut between
paragraphs, and reports of ECB+ joined within a topic, which tell more events. Both sides read the same texts in one
process, in turns, and what counts is computing time, so that a busy machine does not count. Nothing is read twice, so
the memory for sentences saves nothing; what it saves is a line of its own.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import spacy

from services.contracts.dateline.v1.article_pb2 import Article, UniqueArticle
from services.contracts.topics import ARTICLES_UNIQUE
from services.extractor.nlp import DEFAULT_PIPELINE, Parser
from services.extractor.reading import Depth
from services.extractor.stage import Extractor
from services.runtime.stage import Failure, Message

WORDS = 800
MARGIN = 40
"""So many words more or fewer will do: paragraphs stay whole where they can."""
ARTICLES = 40
"""Of each set."""
BATCH = 16
PUBLISHED = datetime(2024, 6, 15, 12, tzinfo=UTC)
BUDGETS: dict[Depth, tuple[float, float]] = {"full": (8.0, 1.6), "lead": (25.0, 5.0)}
"""Articles a second and times the naive pipeline, at least."""
NewsText = tuple[str, str]
"""Title and body."""


def page_texts(shared: Path) -> list[NewsText]:
    """Return the bodies of captured pages in parts of about WORDS words, the first part of each page first."""
    parts: list[tuple[int, NewsText]] = []
    for table in sorted((shared / "data" / "pages-dev").glob("*.json")):
        for truth in json.loads(table.read_text(encoding="utf-8")).values():
            body = truth["body"]
            paragraphs = [*body["summary"], *(p for s in body["sections"] for p in (*s["headline"], *s["paragraphs"]))]
            found = [(truth["title"], text) for text in _joined(paragraphs, "\n")]
            parts += [(number, text) for number, text in enumerate(found)]
    return [text for _, text in sorted(parts, key=lambda part: part[0])]


def report_texts(shared: Path) -> list[NewsText]:
    """Return reports of ECB+ joined within a topic to about WORDS words."""
    topics: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(shared / "data" / "ecbplus-dev" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            topics[article["cluster"]].append(article)
    return [
        (articles[0]["title"], text)
        for articles in topics.values()
        for text in _joined([article["body"] for article in articles], "\n")
    ]


def _joined(paragraphs: Sequence[str], between: str) -> Iterator[str]:
    """Yield runs of paragraphs of about WORDS words; what is left over at the end is too short."""
    run: list[str] = []
    count = 0
    for paragraph in paragraphs:
        words = paragraph.split()[: WORDS + MARGIN - count]
        run.append(" ".join(words))
        count += len(words)
        if count >= WORDS - MARGIN:
            yield between.join(run)
            run, count = [], 0


def messages_of(texts: Sequence[NewsText], name: str) -> list[Message]:
    """Return the texts as articles on their way to the extractor."""
    messages = []
    for number, (title, body) in enumerate(texts):
        article = Article(id=f"{name}-{number}", revision=1, title=title, text=body, language="en")
        article.published_at.at.FromDatetime(PUBLISHED)
        messages.append(Message(ARTICLES_UNIQUE, article.id, UniqueArticle(article=article), article.id, PUBLISHED))
    return messages


def read(extractor: Extractor, messages: Sequence[Message]) -> int:
    """Return how many mentions the articles give, read in batches. Raises RuntimeError where one fails."""
    mentions = 0
    for first in range(0, len(messages), BATCH):
        for answer in extractor.handle_many(messages[first : first + BATCH], PUBLISHED):
            if isinstance(answer, Failure):
                raise RuntimeError("an article of the benchmark failed") from answer.error
            mentions += sum(len(emit.value.mentions) for emit in answer.emits)  # type: ignore[attr-defined]
    return mentions


def shared_data() -> Path | None:
    """Return the folder of development data; None where there is none."""
    repo = Path(__file__).resolve().parent.parent.parent
    shared = Path(os.environ.get("DATELINE_SHARED", repo.parent / "shared"))
    return shared if (shared / "data").is_dir() else None


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def benchmark() -> Iterator[dict[str, Any]]:
    """Yield articles a second of the naive pipeline, and articles a second and the ratio to it at each depth."""
    shared = shared_data()
    if shared is None:
        yield {"name": "extractor.throughput", "skipped": "development data not found: set DATELINE_SHARED"}
        return
    naive: Any = spacy.load(DEFAULT_PIPELINE)
    # One pipeline a depth: what one has read the other must not remember.
    extractors = {depth: Extractor(depth, {"en": Parser()}) for depth in BUDGETS}
    warm = messages_of([("Police arrest three in Oslo", "Police arrested three men in Oslo on Monday.")], "warm")
    for extractor in extractors.values():
        read(extractor, warm)
    for name, texts in (("pages", page_texts(shared)[:ARTICLES]), ("reports", report_texts(shared)[:ARTICLES])):
        yield from _compare(name, texts, naive, extractors)


def _compare(
    name: str, texts: Sequence[NewsText], naive: Any, extractors: dict[Depth, Extractor]
) -> Iterator[dict[str, Any]]:
    messages = messages_of(texts, name)
    seconds: defaultdict[str, float] = defaultdict(float)
    mentions: defaultdict[str, int] = defaultdict(int)
    for first in range(0, len(messages), BATCH):
        part, plain = (
            messages[first : first + BATCH],
            [f"{title}\n{body}" for title, body in texts[first : first + BATCH]],
        )
        seconds["naive"] += _seconds(lambda plain=plain: list(naive.pipe(plain, batch_size=BATCH)))  # type: ignore[misc]
        for depth, extractor in extractors.items():
            began = time.process_time()
            mentions[depth] += read(extractor, part)
            seconds[depth] += time.process_time() - began
        seconds["again"] += _seconds(lambda part=part: read(extractors["full"], part))  # type: ignore[misc]
    base = len(messages) / seconds["naive"]
    words = sum(len(body.split()) for _, body in texts) // len(texts)
    yield {
        "name": f"extractor.{name}.naive.articles_per_s",
        "value": round(base, 1),
        "articles": len(texts),
        "words": words,
    }
    for depth, (rate, ratio) in BUDGETS.items():
        value = len(messages) / seconds[depth]
        yield {
            "name": f"extractor.{name}.{depth}.articles_per_s",
            "value": round(value, 1),
            "at_least": rate,
            "ratio_to_naive": round(value / base, 2),
            "ratio_at_least": ratio,
            "mentions": mentions[depth],
            "ok": value >= rate and value / base >= ratio,
        }
    yield {"name": f"extractor.{name}.read_again.articles_per_s", "value": round(len(messages) / seconds["again"], 1)}
