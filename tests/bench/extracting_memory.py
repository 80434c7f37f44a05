"""Whether a worker's memory stays flat over tens of thousands of articles that all bring new words and sentences.

DATELINE_BENCH_ARTICLES says how many articles are read (50,000 take an hour); without it a few hundred show only that
it runs. DATELINE_BENCH_SENTENCES says how long they are: 10 sentences take a third of that. Texts are made of sentences
of the development data whose names and numbers are replaced by invented ones, so that neither the memory for sentences
nor that for words ever has all of them.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from services.extractor.nlp import Parser
from services.extractor.stage import Extractor
from tests.bench.extracting import BATCH, NewsText, messages_of, page_texts, read, report_texts, shared_data

ARTICLES = 320
SENTENCES = 30
"""Of an article: some 700 words."""
NEW_NAMES = 0.2
"""Share of capitalised words that are replaced by invented ones: a tenth of all words of news is seen once."""
STEPS = (0.02, 0.06, *(number / 10 for number in range(1, 11)))
"""Shares of all articles after which the memory is looked at."""
LIMIT_MB = 700
_NAME = re.compile(r"\b[A-Z][a-z]{3,}\b")
_NUMBER = re.compile(r"\b\d{1,3}(?:,\d{3})*\b")
_SYLLABLES = ("ba", "ren", "to", "ski", "mar", "lo", "ven", "da", "quin", "os", "har", "ti", "gu", "fel", "ny", "zor")


def benchmark() -> Iterator[dict[str, Any]]:
    """Yield the worker's memory at even steps, then its peak and its growth over the second half."""
    shared = shared_data()
    if shared is None:
        yield {"name": "extractor.memory", "skipped": "development data not found: set DATELINE_SHARED"}
        return
    count = int(os.environ.get("DATELINE_BENCH_ARTICLES", ARTICLES))
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    length = int(os.environ.get("DATELINE_BENCH_SENTENCES", SENTENCES))
    worker = context.Process(target=_work, args=(str(shared), count, length, theirs))
    worker.start()
    steps: list[tuple[int, float]] = []
    for _ in STEPS:
        figures = ours.recv()
        steps.append((figures["articles"], figures["resident_mb"]))
        yield {"name": "extractor.memory", **figures}
    worker.join()
    half = [step for step in steps if step[0] >= count / 2]
    peak = max(resident for _, resident in steps)
    yield {
        "name": "extractor.memory.peak_mb",
        "value": peak,
        "at_most": LIMIT_MB,
        "growth_mb_per_10k_articles": round(_slope(half) * 10_000, 1),
        "articles": count,
        "ok": peak <= LIMIT_MB,
    }


def _slope(points: list[tuple[int, float]]) -> float:
    """Return the slope of the least-squares line through ``points``."""
    mean_x, mean_y = (sum(point[axis] for point in points) / len(points) for axis in (0, 1))
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def _work(shared: str, count: int, length: int, report: Any) -> None:
    texts = [*page_texts(Path(shared)), *report_texts(Path(shared))]
    sentences = [each for _, body in texts for each in re.split(r"(?<=[.!?”]) +|\n", body) if 40 < len(each) < 300]
    rng = random.Random(7)
    parser = Parser()
    extractor = Extractor("full", {"en": parser})
    began, mentions = time.process_time(), 0
    done = 0
    for step in STEPS:
        while done < int(count * step):
            size = min(BATCH, int(count * step) - done)
            mentions += read(extractor, messages_of([_text(sentences, rng, length) for _ in range(size)], f"m{done}"))
            done += size
        report.send(
            {
                "articles": done,
                "resident_mb": round(psutil.Process().memory_info().rss / 1e6),
                "articles_per_s": round(done / (time.process_time() - began), 1),
                "mentions": mentions,
                "pipeline_loads": parser.loads,
                "tokens_remembered": parser.recall.tokens,
            }
        )


def _text(sentences: list[str], rng: random.Random, length: int) -> NewsText:
    def name(match: re.Match[str]) -> str:
        if rng.random() >= NEW_NAMES:
            return match.group()
        return "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 4))).capitalize()

    def number(match: re.Match[str]) -> str:
        return f"{rng.randint(1, 99_999):,}" if rng.random() < NEW_NAMES else match.group()

    chosen = [_NUMBER.sub(number, _NAME.sub(name, sentence)) for sentence in rng.sample(sentences, length)]
    return chosen[0], "\n".join(chosen[1:])
