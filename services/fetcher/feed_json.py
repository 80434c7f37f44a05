"""Read JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

import orjson

from services.fetcher.dates import dated
from services.fetcher.feed_item import make_item, medium_of, newest
from services.fetcher.feed_model import MAX_HUBS, MAX_NAME, FeedItem, Medium, NotAFeed, ParsedFeed, PollHints
from services.fetcher.plain_text import one_line, plain_line
from services.fetcher.web_address import absolute


def read_json_feed(text: str, url: str, now: datetime) -> ParsedFeed:
    """Return the feed. Raises NotAFeed where the JSON is broken or is something else."""
    try:
        document = orjson.loads(text.encode("utf-8", "replace"))
    except orjson.JSONDecodeError as error:
        raise NotAFeed(f"the document is broken JSON ({error}): its publisher has to mend it") from error
    if not isinstance(document, dict) or not str(document.get("version", "")).startswith(
        "https://jsonfeed.org/version/"
    ):
        raise NotAFeed("the document is JSON but not a JSON Feed: look for the site's RSS address")
    entries = document.get("items")
    items = (
        [_item(entry, url, now) for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    )
    return ParsedFeed(
        kind="json",
        title=plain_line(_string(document, "title"))[:MAX_NAME],
        home=absolute(_string(document, "home_page_url"), url),
        language=one_line(_string(document, "language")).lower()[:35],
        items=newest(items),
        items_total=len(items),
        hints=PollHints(),
        read_by="json",
        hubs=_hubs(document, url),
        topic=absolute(_string(document, "feed_url"), url),
    )


def _hubs(document: Mapping[str, Any], url: str) -> tuple[str, ...]:
    """The WebSub hubs it names (JSON Feed 1.1, "hubs")."""
    listed = document.get("hubs")
    hubs = [hub for hub in listed if isinstance(hub, dict)] if isinstance(listed, list) else []
    links = [absolute(_string(hub, "url"), url) for hub in hubs if _string(hub, "type").lower() == "websub"]
    return tuple(link for link in links if link)[:MAX_HUBS]


def _item(entry: Mapping[str, Any], url: str, now: datetime) -> FeedItem:
    people = entry.get("authors") or [entry.get("author")]
    names = (
        [_string(person, "name") for person in people if isinstance(person, dict)] if isinstance(people, list) else []
    )
    tags = entry.get("tags")
    return make_item(
        title=_string(entry, "title"),
        link=absolute(_string(entry, "external_url"), url) or absolute(_string(entry, "url"), url),
        guid=_string(entry, "id"),
        summary=escape(_string(entry, "summary"), quote=False),
        content=_string(entry, "content_html") or escape(_string(entry, "content_text"), quote=False),
        authors=names,
        published=dated(_string(entry, "date_published"), now),
        updated=dated(_string(entry, "date_modified"), now),
        language=_string(entry, "language"),
        categories=[tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else [],
        media=_media(entry, url),
    )


def _media(entry: Mapping[str, Any], url: str) -> list[Medium]:
    attachments = entry.get("attachments")
    found = [
        medium_of(
            _string(attachment, "url"),
            url,
            mime=_string(attachment, "mime_type"),
            size=_string(attachment, "size_in_bytes"),
            title=_string(attachment, "title"),
        )
        for attachment in (attachments if isinstance(attachments, list) else ())
        if isinstance(attachment, dict)
    ]
    found += [medium_of(_string(entry, name), url, kind="image") for name in ("image", "banner_image")]
    return [medium for medium in found if medium is not None]


def _string(mapping: Mapping[str, Any], key: str) -> str:
    value = mapping.get(key)
    return str(value) if isinstance(value, str | int) else ""
