"""What a feed says, whatever its format: the result of parsing. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.fetcher.dates import Dated

MAX_ITEMS: Final = 2000
"""Newest items kept of a feed; nobody lists more for readers, and a hundred thousand are an attack."""
MAX_TITLE: Final = 500
MAX_NAME: Final = 200
MAX_MARKUP: Final = 400_000
"""Characters of markup kept of one item: ten times the longest reportage."""
MAX_AUTHORS: Final = 20
MAX_HUBS: Final = 5
MAX_CATEGORIES: Final = 30
MAX_CATEGORY: Final = 100
MAX_MEDIA: Final = 20
MAX_DELETED: Final = 1000
MAX_CHILDREN: Final = 50_000
"""Sitemaps that one index may list (sitemaps.org)."""


class NotAFeed(Exception):
    """A document that is no feed or cannot be read as one. The text says what it is instead and what to do."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A picture, sound, video or document that belongs to an item."""

    url: str
    """Absolute http(s) URL."""
    kind: str
    """One of: image, audio, video, document."""
    mime: str = ""
    """As declared; "" where nothing is."""
    size: int = 0
    """Bytes as declared; 0 where nothing is."""
    title: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an item says that it was taken from (RSS source, Atom source)."""

    name: str = ""
    url: str = ""
    """Of its feed or site; absolute http(s) URL, "" where none is given."""


@dataclass(frozen=True, slots=True)
class ChildSitemap:
    """A sitemap that a sitemap index lists."""

    url: str
    changed: Dated


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item of a feed, cleaned: absolute links, plain-text titles, dates read but not believed blindly."""

    title: str
    link: str
    """Absolute http(s) URL; "" where the item has none."""
    guid: str
    """The publisher's own id, as it stands there; "" where it has none."""
    summary: str
    """Markup of the short text; "" where there is none."""
    content: str
    """Markup of the long text (content:encoded, Atom content); "" where there is none."""
    authors: tuple[str, ...]
    published: Dated
    updated: Dated
    language: str
    """Of the item where it says so, else ""."""
    title_cut: bool = False
    """True where the title was longer than MAX_TITLE."""
    categories: tuple[str, ...] = ()
    """Sections, categories and tags as the publisher names them, each once."""
    media: tuple[Medium, ...] = ()
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True)
class PollHints:
    """What a feed asks of those who poll it. Seconds; hours and days are GMT, 0 is Monday."""

    ttl_s: float | None = None
    update_period_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A parsed feed. ``items`` are in the order of the document."""

    kind: str
    """One of: rss, atom, rdf, json, sitemap, sitemap-index."""
    title: str
    home: str
    """The site the feed belongs to; "" where it does not say."""
    language: str
    """BCP 47 tag as declared, lower case; "" where it does not say."""
    items: tuple[FeedItem, ...]
    items_total: int
    """How many the document held before the cap."""
    hints: PollHints
    read_by: str
    """One of: strict, repaired (after mending known faults), salvaged (by the tolerant parser), json."""
    truncated: bool = False
    """True where the document broke off; its last, partial item is not among ``items``."""
    deleted: tuple[str, ...] = ()
    """Guids of entries that the feed says were deleted (RFC 6721)."""
    children: tuple[ChildSitemap, ...] = ()
    """Of a sitemap index: the sitemaps to read instead."""
    composed: bool = False
    """True where it was put together from several documents, so that no validator speaks for all of it."""
    hubs: tuple[str, ...] = ()
    """Addresses of the hubs it names, which deliver what is new (W3C WebSub, section 4)."""
    topic: str = ""
    """The address that it calls its own; "" where it does not say."""
    off_site: int = 0
    """Entries of a sitemap that were left out because they lead to another site."""
