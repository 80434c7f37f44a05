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


class NotAFeed(Exception):
    """A document that is no feed or cannot be read as one. The text says what it is instead and what to do."""


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
    """One of: rss, atom, rdf, json."""
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
