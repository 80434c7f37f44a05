"""Small feed documents for the tests."""

from __future__ import annotations

from datetime import UTC, datetime

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://news.example/feed.xml"


def rss(*items: str, channel: str = "", attributes: str = "", head: str = '<?xml version="1.0"?>') -> str:
    """An RSS 2.0 document of the given items (their inner XML)."""
    body = "".join(f"<item>{item}</item>" for item in items)
    return f'{head}<rss version="2.0" {attributes}><channel><title>News</title>{channel}{body}</channel></rss>'


def item(number: int, extra: str = "") -> str:
    """The inner XML of an item."""
    return f"<title>Story {number}</title><link>https://news.example/{number}</link><guid>g-{number}</guid>{extra}"
