"""How fast dedup is, how that holds up to a million articles, and how much memory an article takes."""

from __future__ import annotations

import gc
import os
import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from services.contracts.dateline.v1.article_pb2 import Article, Source
from services.contracts.ids import article_id, lineage_id
from services.contracts.topics import ARTICLES_RAW
from services.dedup.service import build
from services.runtime.stage import Failure, Message, Stage

START = datetime(2025, 2, 10, tzinfo=UTC)
WORDS = 300
COPIES = 0.2
BLOCK = 2_000
REFERENCE_ARTICLES = 600


def benchmark() -> Iterator[dict[str, object]]:
    """Yield for each size articles/s of handle and apply (processor time) against datasketch, and bytes an article."""
    sizes = [10_000, 100_000] + ([1_000_000] if os.environ.get("DATELINE_BENCH_LONG") == "1" else [])
    reference, reference_batched = _datasketch(REFERENCE_ARTICLES, False), _datasketch(REFERENCE_ARTICLES, True)
    stage, rng, vocabulary = build(), random.Random(7), _vocabulary(random.Random(1))
    gc.collect()
    before, done = _resident_bytes(), 0
    for size in sizes:
        rates = []
        while done < size:
            block = _messages(done, min(BLOCK, size - done), rng, vocabulary)
            rates.append(len(block) / _timed(stage, block))
            done += len(block)
        del block
        rate = max(rates[-5:])  # the others only tell what else the machine had to do
        gc.collect()
        yield {
            "name": f"dedup.articles_per_s.{size}",
            "value": round(rate),
            "unit": "articles/s of one core, best of the last five blocks of 2,000",
            "reference": "datasketch MinHashLSH, 126 permutations, update() a shingle, same articles",
            "reference_value": round(reference),
            "ratio": round(rate / reference, 1),
            "ratio_to_update_batch": round(rate / reference_batched, 1),
        }
        yield {
            "name": f"dedup.bytes_per_article.{size}",
            "value": round((_resident_bytes() - before) / size),
            "unit": "resident bytes",
            "tables": round(stage.health().gauges["table_bytes"] / size),
        }


def _timed(stage: Stage, messages: Sequence[Message]) -> float:
    start = time.process_time()
    answers = stage.handle_many(messages, START)
    spent = time.process_time() - start
    failures = [answer.error for answer in answers if isinstance(answer, Failure)]
    if failures:
        raise failures[0]
    return spent


def _datasketch(count: int, batched: bool) -> float:
    """Articles/s of the usual way: a set of word shingles, a MinHash of it, a query and an insertion."""
    from datasketch import MinHash, MinHashLSH

    rng, vocabulary = random.Random(7), _vocabulary(random.Random(1))
    texts = [message.value.text for message in _messages(0, count, rng, vocabulary)]  # type: ignore[attr-defined]
    lsh = MinHashLSH(num_perm=126, params=(42, 3))
    start = time.process_time()
    for number, text in enumerate(texts):
        words = text.lower().split()
        shingles = {" ".join(words[at : at + 3]).encode() for at in range(len(words) - 2)}
        made = MinHash(num_perm=126)
        if batched:
            made.update_batch(shingles)
        else:
            for shingle in shingles:
                made.update(shingle)
        lsh.query(made)
        lsh.insert(str(number), made)
    return count / (time.process_time() - start)


def _vocabulary(rng: random.Random) -> list[str]:
    letters = "etaoinshrdlcumwfgypbvk"
    return ["".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(30_000)]


def _messages(first: int, count: int, rng: random.Random, vocabulary: list[str]) -> list[Message]:
    """Articles of Zipf-like words, numbers and names; a fifth of them light edits of one in the same block."""
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(vocabulary))))
    made: list[Message] = []
    for number in range(first, first + count):
        if made and rng.random() < COPIES:
            words = rng.choice(made).value.text.split()  # type: ignore[attr-defined]
            for _ in range(8):
                words[rng.randrange(len(words))] = rng.choice(vocabulary)
        else:
            words = rng.choices(vocabulary, cum_weights=weights, k=WORDS)
            for at in range(0, WORDS, 15):
                words[at] = words[at].capitalize()
                words[at + 7] = str(rng.randint(1, 3_000))
            words = [f"{word}." if at % 20 == 19 else word for at, word in enumerate(words)]
        lineage = lineage_id("wire.example", str(number))
        url = f"https://www.wire-{number % 97}.example/news/world/2025/02/{number}/{'-'.join(words[:5]).lower()}"
        when = START + timedelta(seconds=number / 12)
        article = Article(
            id=article_id(lineage, 1),
            lineage_id=lineage,
            revision=1,
            url=url,
            canonical_url=url,
            source=Source(domain=f"wire-{number % 97}.example", name="Wire"),
            title=" ".join(words[:9]),
            text=" ".join(words),
            language="en",
        )
        article.first_seen_at.FromDatetime(when)
        made.append(Message(ARTICLES_RAW, "en", article, article.id, when))
    return made


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    for figure in benchmark():
        print(figure, flush=True)
