"""A byte order mark is believed before the HTTP header, that before the declaration, that before the bytes."""

from __future__ import annotations

import codecs

import pytest

from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL, rss

TITLE = "Zürich – Łódź"
DOCUMENT = rss(f"<title>{TITLE}</title>", head='<?xml version="1.0" encoding="iso-8859-2"?>')


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (codecs.BOM_UTF16_LE + DOCUMENT.encode("utf-16-le"), ""),
        (codecs.BOM_UTF16_BE + DOCUMENT.encode("utf-16-be"), "application/xml; charset=utf-8"),
        (codecs.BOM_UTF8 + DOCUMENT.encode(), "text/xml; charset=iso-8859-1"),
        (DOCUMENT.encode("utf-16-be"), ""),
        (DOCUMENT.replace("–", "-").encode("cp1250"), "text/xml; charset=windows-1250"),
        (DOCUMENT.replace("–", "-").encode("iso-8859-2"), ""),
    ],
    ids=["utf-16-le", "utf-16-be-and-wrong-header", "utf-8-and-wrong-header", "no-mark", "header", "declaration"],
)
def test_hostile_09_byte_order_marks(raw: bytes, content_type: str) -> None:
    assert parse_feed(raw, content_type, URL, NOW).items[0].title.replace("-", "–") == TITLE
