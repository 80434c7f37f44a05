"""A warning or blank lines before the XML declaration do no harm."""

from __future__ import annotations

import pytest

from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL, item, rss


@pytest.mark.parametrize(
    "junk",
    [
        "\n\n  \t",
        "<br />\n<b>Warning</b>:  Undefined variable $x in <b>/srv/feed.php</b> on line <b>3</b><br />\n",
        "Notice: deprecated & old < new\n",
        "\ufeff\n",
    ],
    ids=["blank", "php", "text", "mark"],
)
def test_hostile_13_junk_before_the_declaration(junk: str) -> None:
    feed = parse_feed((junk + rss(item(1), item(2))).encode(), "", URL, NOW)
    assert [i.guid for i in feed.items] == ["g-1", "g-2"]
