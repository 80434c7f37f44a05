"""How well an article is read off its page: against captured pages of publishers with hand-checked ground truth."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean, median
from typing import Any

from services.fetcher.dates import read_date
from services.fetcher.text import ArticleText, from_page

_WORD = re.compile(r"\w+")
_NOW = datetime(2027, 1, 1, tzinfo=UTC)  # after every page of the data
_SAME_DAY_S = 86_400


def evaluate(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield one record per page, then one over all: token F1 of the text, and the shares of titles, authors, dates."""
    folder = shared / "data" / "pages-dev"
    records = []
    for truth, path in truths(folder):
        article = from_page(gzip.decompress(path.read_bytes()), "", f"https://{path.stem}.example/article", _NOW)
        record = {"name": path.name.removesuffix(".html.gz"), **_scores(article, truth)}
        records.append(record)
        yield {"eval": "pages", "page": record}
    yield {
        "eval": "pages",
        "pages": len(records),
        "f1_mean": round(fmean(r["f1"] for r in records), 4),
        "f1_median": round(median(r["f1"] for r in records), 4),
        "precision_mean": round(fmean(r["precision"] for r in records), 4),
        "recall_mean": round(fmean(r["recall"] for r in records), 4),
        "titles_right": round(fmean(r["title"] for r in records), 4),
        "authors_right": round(fmean(r["authors"] for r in records), 4),
        "dates_right": round(fmean(r["date"] for r in records), 4),
        "full": sum(r["completeness"] == "full" for r in records),
    }


def truths(folder: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """Yield each page with its ground truth; a page of version V1 is the oldest of its publisher, V1_1 the next."""
    for table in sorted(folder.glob("*.json")):
        versions = json.loads(table.read_text(encoding="utf-8"))
        pages = sorted(folder.glob(f"{table.stem}_*.html.gz"))
        days = {path: datetime.strptime(path.name[-18:-8], "%Y_%m_%d").replace(tzinfo=UTC) for path in pages}
        for truth in versions.values():
            at = read_date(truth["publishing_date"])
            if at is None or not pages:
                continue
            # The file's date is the day of capture: the page was published on it or a while before.
            page = min(pages, key=lambda path: (days[path].date() < at.date(), abs((days[path] - at).total_seconds())))
            yield truth, page


def _scores(article: ArticleText, truth: dict[str, Any]) -> dict[str, Any]:
    body = truth["body"]
    wanted = Counter(
        _words([*body["summary"], *(p for s in body["sections"] for p in (*s["headline"], *s["paragraphs"]))])
    )
    found = Counter(_words(article.paragraphs))
    common = (wanted & found).total()
    precision = common / found.total() if found else 0.0
    recall = common / wanted.total() if wanted else 0.0
    at, true_at = article.page_published.at, read_date(truth["publishing_date"])
    return {
        "f1": 2 * common / (found.total() + wanted.total()) if common else 0.0,
        "precision": precision,
        "recall": recall,
        "title": _words([article.title]) == _words([truth["title"] or ""]),
        "authors": {" ".join(_words([name])) for name in article.authors}
        == {" ".join(_words([name])) for name in truth.get("authors", ())},
        "date": at is not None and true_at is not None and abs((at - true_at).total_seconds()) <= _SAME_DAY_S,
        "origin": article.origin,
        "completeness": article.completeness,
    }


def _words(texts: Any) -> list[str]:
    return [word.casefold() for text in texts for word in _WORD.findall(text)]
