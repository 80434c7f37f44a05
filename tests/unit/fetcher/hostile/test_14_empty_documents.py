"""An answer without a document is an error that tells nothing about the feed's items."""

from __future__ import annotations

import pytest

from services.fetcher.feed_model import NotAFeed
from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL


@pytest.mark.parametrize("body", [b"", b"   \n", b"\xef\xbb\xbf", b"\x00\x00"])
def test_hostile_14_empty_documents(body: bytes) -> None:
    with pytest.raises(NotAFeed, match="empty"):
        parse_feed(body, "application/rss+xml", URL, NOW)
