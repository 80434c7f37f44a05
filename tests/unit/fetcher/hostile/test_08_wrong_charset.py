"""Text is right although its charset is declared wrongly or not at all."""

from __future__ import annotations

import pytest

from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL, rss

FRENCH = "L’été à Besançon coûte 5 €"
RUSSIAN = "Правительство обсудило бюджет на следующий год и утвердило новые меры поддержки"


@pytest.mark.parametrize(
    ("title", "charset", "declared"),
    [
        (FRENCH, "cp1252", 'encoding="UTF-8"'),
        ("Über den Fluß", "latin-1", 'encoding="utf-8"'),
        (RUSSIAN, "cp1251", ""),
        (RUSSIAN, "koi8-r", ""),
        (FRENCH, "utf-8", 'encoding="ISO-8859-1"'),
        (FRENCH, "cp1252", 'encoding="ISO-8859-1"'),
        (FRENCH, "cp1252", 'encoding="no-such-charset"'),
    ],
)
def test_hostile_08_wrong_charset(title: str, charset: str, declared: str) -> None:
    document = rss(f"<title>{title}</title>", head=f'<?xml version="1.0" {declared}?>').encode(charset)
    feed = parse_feed(document, "", URL, NOW)
    assert feed.items[0].title == title
