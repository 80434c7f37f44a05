"""The articles of the marked set: read from the development data, never copied into the project.

Their keys and the seeded draw that chose them; `tests/eval/marks/README.md` says how the texts were chosen and marked.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEED = 20_260
PER_HALF = 10
"""Articles of each source in each half."""
NOT_NEWS = frozenset(
    {
        "BusinessInsider/V1",
        "BusinessInsider/V2",
        "LATimes/V1",
        "RollingStone/V1_1",
        "TheNewYorker/V1",
        "Wired/V1",
        "WorldTruth/V1",
    }
)
"""Pages of lists, product advice, essays and long features: no texts that a news wire would carry."""
WORDS = (60, 900)
"""Of ECB+ bodies: shorter ones tell one sentence, longer ones are pages of several articles."""
# ECB+ is tokenised: "`` We appreciate her family 's privacy , '' she said at 3 : 30 p . m . , as 1 , 000 fans ..."
_DETOKENISED = (
    (re.compile(r"(?:``|''|(?<!\S)\")(?!\S) ?(.*?) ?(?<!\S)(?:''|``|\"(?!\S))"), r'"\1"'),
    (re.compile(r"``|''"), '"'),
    (re.compile(r"([“‘]) | (?=[”])"), r"\1"),
    (re.compile(r" (n't|'s|'re|'ve|'ll|'d|'m|'(?= ))"), r"\1"),
    (re.compile(r"(\d) ([:,]) (?=\d\d\b|\d\d\d\b)"), r"\1\2"),
    (re.compile(r"\b([ap]) \. m \."), r"\1.m."),
    (re.compile(r" ([.,;:?!%)\]])"), r"\1"),
    (re.compile(r"([(\[$#]) "), r"\1"),
    (re.compile(r"(\w) - ?(?=\w)"), r"\1-"),
    (re.compile(r" - - "), " -- "),
    (re.compile(r"\b([A-Z])\. ([A-Z])\."), r"\1.\2."),
    (re.compile(r'([,.?!]) "(?=[a-z])'), r'\1" '),
    (re.compile(r'([,.?!]) ""'), r'\1" "'),
)


@dataclass(frozen=True, slots=True)
class NewsText:
    """An article as the extractor is given it."""

    key: str
    """Source and key within it: "pages-dev/Reuters/V1", "ecbplus-dev/1_10ecb.xml"."""
    title: str
    text: str
    """Paragraphs, a line each."""


def texts(shared: Path) -> dict[str, NewsText]:
    """Return all articles of both sources by key. Raises FileNotFoundError where the data is missing."""
    return {text.key: text for text in (*_pages(shared / "data" / "pages-dev"), *_ecb(shared / "data" / "ecbplus-dev"))}


def _pages(folder: Path) -> Iterator[NewsText]:
    for table in sorted(folder.glob("*.json")):
        for version, truth in json.loads(table.read_text(encoding="utf-8")).items():
            body = truth["body"]
            paragraphs = [*body["summary"], *(p for s in body["sections"] for p in (*s["headline"], *s["paragraphs"]))]
            text = "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
            yield NewsText(f"pages-dev/{table.stem}/{version}", truth["title"], text)


def _ecb(folder: Path) -> Iterator[NewsText]:
    with gzip.open(folder / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row: dict[str, Any] = json.loads(line)
            yield NewsText(f"ecbplus-dev/{row['id']}", detokenised(row["title"]), detokenised(row["body"]))


def detokenised(text: str) -> str:
    """Return ``text``, whose tokens stand apart, as it would be printed."""
    for pattern, put in _DETOKENISED:
        text = pattern.sub(put, text)
    return " ".join(text.split())


def drawn(shared: Path) -> dict[str, list[str]]:
    """Return the keys of each half, "open" and "held-out", as the seed draws them: one article of an ECB+ topic."""
    rng = random.Random(SEED)
    every = texts(shared)
    pages = sorted(key for key in every if key.startswith("pages-dev/"))
    pages = [key for key in pages if key.removeprefix("pages-dev/") not in NOT_NEWS]
    topics: defaultdict[str, list[str]] = defaultdict(list)
    for key, text in sorted(every.items()):
        if key.startswith("ecbplus-dev/") and WORDS[0] <= len(text.text.split()) <= WORDS[1]:
            topics[key.removeprefix("ecbplus-dev/").split("_")[0]].append(key)
    halves: dict[str, list[str]] = {"open": [], "held-out": []}
    reports = [rng.choice(topics[topic]) for topic in sorted(topics, key=int)]
    for keys in (rng.sample(pages, 2 * PER_HALF), rng.sample(reports, 2 * PER_HALF)):
        halves["open"] += keys[:PER_HALF]
        halves["held-out"] += keys[PER_HALF:]
    return halves
