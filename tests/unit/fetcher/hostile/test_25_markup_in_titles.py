"""Titles, names and categories are plain text, however they are escaped; script in content is no text."""

from __future__ import annotations

import pytest

from services.fetcher.feed_parser import parse_feed
from services.fetcher.plain_text import paragraphs
from tests.unit.fetcher.feed_documents import NOW, URL, rss

FORMS = [
    ("<![CDATA[<b>Bold</b> &amp; <script>alert(1)</script>new]]>", "Bold & new"),
    ("&lt;i&gt;x&lt;/i&gt;", "x"),
    ("&amp;lt;i&amp;gt;x&amp;lt;/i&amp;gt;", "x"),
    ("AT&amp;amp;T", "AT&T"),
    ("3 &lt; 4 and 5 &gt; 4", "3 < 4 and 5 > 4"),
    ("<b>inner</b> elements", "inner elements"),
    ("<![CDATA[It&#8217;s <em>on</em>]]>", "It’s on"),
]


@pytest.mark.parametrize(("markup", "expected"), FORMS)
def test_hostile_25_markup_in_titles(markup: str, expected: str) -> None:
    item = f"<title>{markup}</title><author>{markup}</author><category>{markup}</category>"
    story = parse_feed(rss(item).encode(), "", URL, NOW).items[0]
    assert (story.title, story.authors, story.categories) == (expected, (expected,), (expected,))


def test_hostile_25_markup_in_titles_of_atom() -> None:
    document = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="xhtml">'
        '<div xmlns="http://www.w3.org/1999/xhtml">A '
        "<b>claim</b></div></title></entry></feed>"
    )
    assert parse_feed(document.encode(), "", URL, NOW).items[0].title == "A claim"


def test_hostile_25_script_in_content_is_no_text() -> None:
    assert paragraphs("<p>One.</p><script>alert('x')</script><style>p{}</style><p onclick='x()'>Two.</p>") == [
        "One.",
        "Two.",
    ]
