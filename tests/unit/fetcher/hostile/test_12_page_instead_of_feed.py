"""A page that stands where the feed should be is named for what it is and gives no items."""

from __future__ import annotations

import pytest

from services.fetcher.feed_model import NotAFeed
from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>", "checks for a browser"),
        ("<html><body><form>Log in</form></body></html>", "web page"),
        ("\n <!-- x --><!doctype HTML><p>Parked", "web page"),
        ('{"error": "forbidden"}', "not a JSON Feed"),
        ("Forbidden", "neither RSS nor Atom"),
        ("<xml><message>Rate limited</message></xml>", "not a feed"),
    ],
)
def test_hostile_12_page_instead_of_feed(document: str, says: str) -> None:
    with pytest.raises(NotAFeed, match=says):
        parse_feed(document.encode(), "application/rss+xml", URL, NOW)
