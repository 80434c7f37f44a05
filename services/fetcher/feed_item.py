"""One item of a feed with every cap applied, whatever format it came in; and which items of too many are kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from services.fetcher.dates import Dated
from services.fetcher.feed_model import (
    MAX_AUTHORS,
    MAX_CATEGORIES,
    MAX_CATEGORY,
    MAX_ITEMS,
    MAX_MARKUP,
    MAX_MEDIA,
    MAX_NAME,
    MAX_TITLE,
    FeedItem,
    Medium,
    Origin,
)
from services.fetcher.plain_text import one_line, plain_line
from services.fetcher.web_address import absolute

_EMAIL_NAME: Final = re.compile(r"^\S+@\S+\s*\((.+)\)$")
_BY: Final = re.compile(r"^by\s+", re.IGNORECASE)
_KINDS: Final = ("image", "audio", "video")
_EXTENSIONS: Final = {
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "avif", "svg"), "image"),
    **dict.fromkeys(("mp3", "m4a", "ogg", "oga", "wav", "aac", "opus", "flac"), "audio"),
    **dict.fromkeys(("mp4", "m4v", "mov", "webm", "ogv", "m3u8"), "video"),
}
_EXTENSION: Final = re.compile(r"\.([a-z0-9]{2,5})(?:[?#]|$)", re.IGNORECASE)


def newest(items: list[FeedItem]) -> tuple[FeedItem, ...]:
    """Return at most MAX_ITEMS items, the newest; those without a date count as old, and order is kept."""
    if len(items) <= MAX_ITEMS:
        return tuple(items)
    return tuple(items[position] for position in newest_of([item.published.at or item.updated.at for item in items]))


def newest_of(times: Sequence[datetime | None]) -> list[int]:
    """Return the positions of at most MAX_ITEMS newest times, in order; None counts as old."""
    ages = sorted((-time.timestamp() if time else 0.0, position) for position, time in enumerate(times))
    return sorted(position for _, position in ages[:MAX_ITEMS])


def make_item(
    *,
    title: str,
    link: str,
    guid: str,
    summary: str,
    content: str,
    authors: Iterable[str],
    published: Dated,
    updated: Dated,
    language: str,
    categories: Iterable[str] = (),
    media: Iterable[Medium] = (),
    origin: Origin = Origin(),  # noqa: B008 frozen
) -> FeedItem:
    """Return an item with every cap applied."""
    line = plain_line(title[: MAX_TITLE * 20])
    return FeedItem(
        title=cut(line, MAX_TITLE),
        link=link,
        guid=one_line(guid)[:1000],
        summary=summary[:MAX_MARKUP],
        content=content[:MAX_MARKUP],
        authors=tuple(dict.fromkeys(name for name in map(_author, authors) if name))[:MAX_AUTHORS],
        published=published,
        updated=updated,
        language=one_line(language).lower()[:35],
        title_cut=len(line) > MAX_TITLE or len(title) > MAX_TITLE * 20,
        categories=categories_of(categories),
        media=distinct(media),
        origin=origin,
    )


def categories_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names as plain text, each once (letter case does not count), at most MAX_CATEGORIES."""
    kept: dict[str, str] = {}
    for name in names:
        line = _category(name[: MAX_CATEGORY * 10])
        if line:
            kept.setdefault(line.casefold(), line)
            if len(kept) == MAX_CATEGORIES:
                break
    return tuple(kept.values())


@lru_cache(maxsize=4096)
def _category(name: str) -> str:
    """Items of one feed share their categories."""
    line = cut(plain_line(name), MAX_CATEGORY)
    return "" if "://" in line else line


def distinct(media: Iterable[Medium]) -> tuple[Medium, ...]:
    """Return at most MAX_MEDIA of the media, in order; of one address the first counts."""
    kept: dict[str, Medium] = {}
    for medium in media:
        kept.setdefault(medium.url, medium)
    return tuple(kept.values())[:MAX_MEDIA]


def medium_of(
    link: str, base: str, *, mime: str = "", kind: str = "", size: str = "", title: str = "", credit: str = ""
) -> Medium | None:
    """Return the medium at ``link``, None where that is no http(s) address. The kind is told by the first of: what the
    feed says, the MIME type, the end of the address."""
    url = absolute(link, base)
    if not url:
        return None
    mime = one_line(mime).lower().partition(";")[0].strip()[:100]
    named = kind.strip().lower()
    if named not in _KINDS:
        named = mime.partition("/")[0]
    if named not in _KINDS:
        ending = _EXTENSION.search(url)
        named = _EXTENSIONS.get(ending.group(1).lower(), "document") if ending else "document"
    digits = size.strip()
    return Medium(
        url=url,
        kind=named,
        mime=mime,
        size=int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 13 else 0,
        title=cut(plain_line(title[: MAX_TITLE * 4]), MAX_TITLE),
        credit=cut(plain_line(credit[: MAX_NAME * 4]), MAX_NAME),
    )


def _author(text: str) -> str:
    name = plain_line(text[: MAX_NAME * 20])
    match = _EMAIL_NAME.match(name)  # RSS: "mail@example.com (Jane Doe)"
    name = _BY.sub("", match.group(1) if match else name)
    return "" if "@" in name or "://" in name else cut(name, MAX_NAME)


def cut(text: str, limit: int) -> str:
    """Return at most ``limit`` characters; where some are missing, the last is an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
