"""How many real feeds are read, how, and whether any item is lost against two other parsers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fastfeedparser
import feedparser

from services.fetcher.feed_model import NotAFeed, ParsedFeed
from services.fetcher.feed_parser import parse_feed
from services.fetcher.plain_text import plain_line

_NOW = datetime(2027, 1, 1, tzinfo=UTC)  # after every feed of the data
_URL = "https://feeds.example/feed.xml"


def evaluate(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield a record for each feed that was not read strictly or lost something, then one over all."""
    paths = sorted((shared / "data" / "feeds-dev").glob("*.xml"))
    read_by: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for path in paths:
        raw = path.read_bytes()
        entries = {"fastfeedparser": _entries(fastfeedparser, raw), "feedparser": _entries(feedparser, raw)}
        others = {name: len(found) for name, found in entries.items()}
        counts.update({f"items_{name}": number for name, number in others.items()})
        try:
            feed = parse_feed(raw, "", _URL, _NOW)
        except NotAFeed as error:
            counts["failed"] += 1
            yield {"eval": "feeds", "feed": path.name, "failed": str(error), **others}
            continue
        read_by[feed.read_by] += 1
        counts.update(_counted(feed))
        lost = len(lost_items(feed, entries.values()))
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


def lost_items(feed: ParsedFeed, others: Iterable[Sequence[Any]]) -> list[str]:
    """Return the names of items that another parser gave and ``feed`` has under none of its names, and one for each by
    which it has fewer."""
    known = {name for item in feed.items for name in _names(item.guid, item.link, item.title)}
    lost: dict[str, None] = {}
    for entries in others:
        for entry in entries:
            names = _names(entry.get("id"), entry.get("link"), entry.get("title"))
            if names and not known & names:
                lost[min(names)] = None
        for number in range(feed.items_total, len(entries)):
            lost[f"item {number + 1}"] = None
    return list(lost)


def _names(*texts: str | None) -> set[str]:
    return {folded for text in texts if text and (folded := "".join(plain_line(text).split()).casefold())}


def _entries(parser: Any, raw: bytes) -> list[Any]:
    try:
        return list(parser.parse(raw).entries)
    except (ValueError, KeyError):
        return []


def _counted(feed: ParsedFeed) -> dict[str, int]:
    return {
        "items": feed.items_total,
        "with_link": sum(bool(item.link) for item in feed.items),
        "with_date": sum((item.published.at or item.updated.at) is not None for item in feed.items),
        "with_title": sum(bool(item.title) for item in feed.items),
    }
