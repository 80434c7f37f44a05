"""Read what is no XML at all with feedparser, the most tolerant parser. Pure, but only ever run in a reading worker:
feedparser takes seconds and a hundred megabytes for a document that is made to hurt it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import feedparser

from services.fetcher.dates import dated
from services.fetcher.feed_item import make_item, medium_of, newest
from services.fetcher.feed_model import MAX_ITEMS, MAX_NAME, FeedItem, NotAFeed, Origin, ParsedFeed, PollHints
from services.fetcher.plain_text import one_line, plain_line
from services.fetcher.web_address import absolute


def salvage(text: str, url: str, now: datetime) -> ParsedFeed:
    """Return what can be read. Raises NotAFeed where that is nothing."""
    parsed = feedparser.parse(text.encode(), sanitize_html=False, resolve_relative_uris=False)
    if not parsed.entries and not parsed.get("version"):
        raise NotAFeed("the document is neither RSS nor Atom: check the address, or ask its publisher to mend it")
    items = [_item(entry, url, now) for entry in parsed.entries[: MAX_ITEMS * 5]]
    return ParsedFeed(
        kind=str(parsed.get("version") or "rss")[:4].rstrip("0123456789"),
        title=plain_line(str(parsed.feed.get("title", "")))[:MAX_NAME],
        home=absolute(str(parsed.feed.get("link", "")), url),
        language=one_line(str(parsed.feed.get("language", ""))).lower()[:35],
        items=newest(items),
        items_total=len(parsed.entries),
        hints=PollHints(),
        read_by="salvaged",
    )


def _item(entry: Any, url: str, now: datetime) -> FeedItem:
    contents = entry.get("content") or []
    source = entry.get("source") or {}
    media = [
        medium_of(str(one.get("href") or one.get("url") or ""), url, mime=str(one.get("type") or ""))
        for one in (*(entry.get("enclosures") or []), *(entry.get("media_content") or []))
    ]
    return make_item(
        title=str(entry.get("title", "")),
        link=absolute(str(entry.get("link", "")), url),
        guid=str(entry.get("id", "")),
        summary=str(entry.get("summary", "")),
        content=str(contents[0].get("value", "")) if contents else "",
        authors=[str(person.get("name", "")) for person in entry.get("authors") or []],
        published=dated(str(entry.get("published", "")), now),
        updated=dated(str(entry.get("updated", "")) if "updated" in entry else "", now),
        language="",
        categories=[str(tag.get("label") or tag.get("term") or "") for tag in entry.get("tags") or []],
        media=[medium for medium in media if medium is not None],
        origin=Origin(
            plain_line(str(source.get("title") or ""))[:MAX_NAME],
            absolute(str(source.get("href") or source.get("link") or ""), url),
        ),
    )
