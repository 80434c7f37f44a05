"""Links become absolute http(s) addresses, counted from where the document says, or are dropped."""

from __future__ import annotations

import pytest

from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL, rss


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("story", "https://base.example/a/story"),
        ("/story", "https://base.example/story"),
        ("../b/story?x=1#y", "https://base.example/b/story?x=1"),
        ("//other.example/story", "https://other.example/story"),
        ("HTTP://Other.Example/story", "http://other.example/story"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("ftp://other.example/x", ""),
        ("https://", ""),
    ],
)
@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_hostile_24_relative_links(kind: str, link: str, expected: str) -> None:
    document = {
        "rss": rss(
            f'<link>{link}</link><enclosure url="{link}" type="audio/mpeg"/>',
            attributes='xml:base="https://base.example/a/"',
        ),
        "atom": '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/">'
        '<entry xml:base="a/"><id>x</id>'
        f'<link href="{link}"/><link rel="enclosure" href="{link}"/></entry></feed>',
    }[kind]
    story = parse_feed(document.encode(), "", URL, NOW).items[0]
    assert story.link.partition("#")[0] == expected
    assert [medium.url.partition("#")[0] for medium in story.media] == ([expected] if expected else [])
