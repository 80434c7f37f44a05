"""Characters that no XML may hold are dropped, so that whatever is made of the text is sound."""

from __future__ import annotations

import json

import pytest
from lxml import etree

from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL, rss


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1b", "\x08", "\x7f", "\ufffe", "&#11;", "&#x1b;"])
def test_hostile_10_control_characters(character: str) -> None:
    item = f"<title>a{character}b</title><description>c{character}d</description><guid>g</guid>"
    story = parse_feed(rss(item).encode("utf-8"), "", URL, NOW).items[0]
    assert (story.title, story.summary) == ("ab", "cd")
    etree.Element("x").text = json.dumps(story.title + story.summary)
