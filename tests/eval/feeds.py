"""How many real feeds are read, how, and whether any item is lost against two other parsers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fastfeedparser
import feedparser

from services.fetcher.feed_model import NotAFeed, ParsedFeed
from services.fetcher.feed_parser import parse_feed

_NOW = datetime(2027, 1, 1, tzinfo=UTC)  # after every feed of the data
_URL = "https://feeds.example/feed.xml"


def evaluate(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield a record for each feed that was not read strictly or lost something, then one over all."""
    paths = sorted((shared / "data" / "feeds-dev").glob("*.xml"))
    read_by: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for path in paths:
        raw = path.read_bytes()
        others = {"fastfeedparser": _items(fastfeedparser, raw), "feedparser": _items(feedparser, raw)}
        counts.update({f"items_{name}": number for name, number in others.items()})
        try:
            feed = parse_feed(raw, "", _URL, _NOW)
        except NotAFeed as error:
            counts["failed"] += 1
            yield {"eval": "feeds", "feed": path.name, "failed": str(error), **others}
            continue
        read_by[feed.read_by] += 1
        counts.update(_counted(feed))
        lost = max(0, *(number - feed.items_total for number in others.values()))
        counts["items_lost"] += lost
        if feed.read_by not in ("strict", "json") or lost:
            yield {"eval": "feeds", "feed": path.name, "read_by": feed.read_by, "items": feed.items_total, **others}
    total = len(paths)
    yield {
        "eval": "feeds",
        "feeds": total,
        "parsed_share": round(1 - counts["failed"] / total, 4),
        "strict_share": round((read_by["strict"] + read_by["json"]) / total, 4),
        "repaired_share": round(read_by["repaired"] / total, 4),
        "salvaged_share": round(read_by["salvaged"] / total, 4),
        **{name: counts[name] for name in ("items", "items_lost", "items_fastfeedparser", "items_feedparser")},
        "items_with_link": counts["with_link"],
        "items_with_date": counts["with_date"],
        "items_with_title": counts["with_title"],
    }


def _items(parser: Any, raw: bytes) -> int:
    try:
        return len(parser.parse(raw).entries)
    except (ValueError, KeyError):
        return 0


def _counted(feed: ParsedFeed) -> dict[str, int]:
    return {
        "items": feed.items_total,
        "with_link": sum(bool(item.link) for item in feed.items),
        "with_date": sum((item.published.at or item.updated.at) is not None for item in feed.items),
        "with_title": sum(bool(item.title) for item in feed.items),
    }
