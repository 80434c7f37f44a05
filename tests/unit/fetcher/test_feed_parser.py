"""Feeds of every dialect are read; hostile and broken ones end in bounded time with what can be kept."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import fastfeedparser
import feedparser
import pytest

from services.fetcher.feed_model import MAX_ITEMS, MAX_TITLE, NotAFeed, ParsedFeed
from services.fetcher.feed_parser import NeedsSalvage, parse_feed, parse_well_formed
from tests.eval.feeds import lost_items
from tests.unit.fetcher.feed_documents import NOW, URL, item, rss


def parse(document: str | bytes, content_type: str = "", url: str = URL) -> ParsedFeed:
    return parse_feed(document.encode() if isinstance(document, str) else document, content_type, url, NOW)


def test_an_rss_item_is_read_with_its_dates_people_and_both_texts() -> None:
    feed = parse(
        rss(
            item(
                1,
                "<pubDate>Sun, 22 Nov 2026 10:00:00 GMT</pubDate><dc:creator>By Jane Doe</dc:creator>"
                "<description>Short</description><content:encoded><![CDATA[<p>Long</p>]]></content:encoded>"
                "<atom:updated>2026-11-22T11:00:00Z</atom:updated>",
            ),
            attributes='xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/"',
            channel="<language>en-GB</language>",
        )
    )
    story = feed.items[0]
    assert (feed.kind, feed.title, feed.language, feed.read_by) == ("rss", "News", "en-gb", "strict")
    assert (story.title, story.link, story.guid) == ("Story 1", "https://news.example/1", "g-1")
    assert (story.summary, story.content, story.authors) == ("Short", "<p>Long</p>", ("Jane Doe",))
    assert story.published.at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert story.updated.at == datetime(2026, 11, 22, 11, tzinfo=UTC)


def test_an_atom_entry_is_read_with_xhtml_content_and_xml_base() -> None:
    feed = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://other.example/a/"><title>T</title>'
        '<entry xml:base="b/"><id>tag:1</id><title type="html">A &amp;lt;b&amp;gt;bold&amp;lt;/b&amp;gt; claim</title>'
        '<link rel="self" href="x.atom"/><link rel="alternate" href="story.html"/><author><name>Ann</name></author>'
        "<published>2026-11-21T00:00:00Z</published>"
        '<content type="xhtml"><x:div xmlns:x="http://www.w3.org/1999/xhtml"><x:p>One.</x:p></x:div></content></entry></feed>'
    )
    entry = feed.items[0]
    assert entry.link == "https://other.example/a/b/story.html"
    assert entry.title == "A bold claim"
    assert "<p>One.</p>" in entry.content
    assert (feed.kind, feed.language, entry.authors) == ("atom", "en", ("Ann",))


def test_an_rss_1_document_with_items_beside_the_channel_is_read() -> None:
    feed = parse(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title></channel>'
        '<item rdf:about="https://news.example/1"><title>A</title><link>https://news.example/1</link>'
        "<dc:date>2026-11-20T00:00:00Z</dc:date></item></rdf:RDF>"
    )
    assert feed.kind == "rdf"
    assert feed.items[0].published.at == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_json_feed_is_read() -> None:
    feed = parse(
        '{"version":"https://jsonfeed.org/version/1.1","title":"J","items":[{"id":"1","url":"/a","title":"A",'
        '"content_text":"1 < 2","date_published":"2026-11-20T00:00:00Z"}]}'
    )
    assert (feed.kind, feed.items[0].link, feed.items[0].content) == ("json", "https://news.example/a", "1 &lt; 2")


def test_hints_about_polling_are_read() -> None:
    hints = parse(
        rss(
            channel="<ttl>30</ttl><skipHours><hour>0</hour><hour>1</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            attributes='xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"',
        )
    ).hints
    assert (hints.ttl_s, hints.update_period_s, hints.skip_hours, hints.skip_days) == (1800, 21_600, (0, 1), (6,))


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/a?b=1", "https://news.example/a?b=1"),
        ("//x.example/a", "https://x.example/a"),
        ("javascript:alert(1)", ""),
        ("mailto:a@b.c", ""),
        ("file:///etc/passwd", ""),
        (" https://news.example/1 ", "https://news.example/1"),
    ],
)
def test_a_link_becomes_absolute_or_is_dropped(link: str, expected: str) -> None:
    assert parse(rss(f"<title>t</title><link>{link}</link>")).items[0].link == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<![CDATA[<b>Bold</b> &amp; <script>alert(1)</script>new]]>", "Bold & new"),
        ("&amp;lt;i&amp;gt;x&amp;lt;/i&amp;gt;", "x"),
        ("AT&amp;amp;T", "AT&T"),
        ("  a\n\tb  ", "a b"),
        ("3 &lt; 4", "3 < 4"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_a_title_is_plain_text(title: str, expected: str) -> None:
    assert parse(rss(f"<title>{title}</title>")).items[0].title == expected


def bomb(levels: int) -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels))
    return f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{entities}]>'


@pytest.mark.parametrize(
    "head",
    [
        bomb(9),
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l8 "{"x" * 50_000}">]>',
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l8 SYSTEM "file:///etc/passwd">]>',
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l8 SYSTEM "http://127.0.0.1:9/x">]>',
    ],
)
def test_entities_of_a_document_are_dropped_and_its_items_kept(head: str) -> None:
    started = time.process_time()
    references = "&l8;" * (20_000 if "x" * 100 in head else 1)
    feed = parse(rss(f"<title>before {references}after</title><guid a='&l8;'>g</guid>", head=head))
    assert feed.items[0].title == "before after"
    assert feed.items[0].guid == "g"
    assert time.process_time() - started < 1.0  # feedparser takes two seconds for the first of them


@pytest.mark.parametrize("depth", [100_000, 200_000])
def test_endless_nesting_is_refused_quickly(depth: int) -> None:
    started = time.process_time()
    with pytest.raises((NeedsSalvage, NotAFeed)):
        parse_well_formed(rss("<a>" * depth + "</a>" * depth).encode(), "", URL, NOW)
    assert time.process_time() - started < 2.0


def test_of_too_many_items_the_newest_are_kept() -> None:
    # Oldest first, so that keeping the head of the list would be wrong.
    items = (f"<title>{n}</title><pubDate>{1_700_000_000 + n * 60}</pubDate>" for n in range(5_000))
    feed = parse(rss(*items))
    assert feed.items_total == 5_000
    assert [story.title for story in feed.items] == [str(n) for n in range(5_000 - MAX_ITEMS, 5_000)]


def test_a_huge_title_is_cut_and_the_other_items_are_kept() -> None:
    feed = parse(rss(f"<title>{'x' * 5_000_000}</title>", item(2)))
    assert feed.items[0].title_cut
    assert len(feed.items[0].title) == MAX_TITLE
    assert feed.items[1].title == "Story 2"


def test_bare_ampersands_and_html_entities_lose_neither_items_nor_words() -> None:
    feed = parse(
        rss(
            "<title>Fish & chips &eacute;t&eacute; &nosuch; AT&T; a&b=c</title><link>https://news.example/?a=1&b=2</link>",
            item(2),
        )
    )
    assert feed.items[0].title == "Fish & chips été &nosuch; AT&T; a&b=c"
    assert feed.items[0].link == "https://news.example/?a=1&b=2"
    assert (len(feed.items), feed.read_by) == (2, "repaired")


def test_cdata_is_left_alone_when_a_document_is_mended() -> None:
    feed = parse(rss("<title>a & b</title><description><![CDATA[<p>x &nosuch; <a b=c>&amp;</a></p>]]></description>"))
    assert feed.items[0].summary == "<p>x &nosuch; <a b=c>&amp;</a></p>"


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (rss("<title>café – naïve</title>").encode("utf-16"), "text/xml; charset=utf-8"),
        (b"\xef\xbb\xbf" + rss("<title>café – naïve</title>").encode(), "text/xml; charset=iso-8859-1"),
        (rss("<title>café – naïve</title>", head='<?xml version="1.0" encoding="UTF-8"?>').encode("cp1252"), ""),
        (rss("<title>café – naïve</title>", head='<?xml version="1.0" encoding="windows-1252"?>').encode("cp1252"), ""),
        (rss("<title>café – naïve</title>").encode("cp1252"), "application/rss+xml; charset=ISO-8859-1"),
        (rss("<title>café – naïve</title>", head='<?xml version="1.0" encoding="ISO-8859-1"?>').encode(), ""),
        (rss("<title>café – naïve</title>").encode(), "text/xml; charset=iso-8859-1"),
    ],
)
def test_the_text_is_right_whatever_charset_is_declared(raw: bytes, content_type: str) -> None:
    assert parse(raw, content_type).items[0].title == "café – naïve"


def test_undeclared_cyrillic_is_recognised() -> None:
    title = "Президент России объявил о новых переговорах в Москве"
    assert parse(rss(f"<title>{title}</title>", head="").encode("cp1251")).items[0].title == title


def test_control_characters_are_stripped() -> None:
    assert parse(rss("<title>a\x00b\x0bc\x1bd</title>")).items[0].title == "abcd"


def test_of_a_document_that_breaks_off_only_whole_items_are_kept() -> None:
    whole = rss(item(1), item(2), item(3))
    feed = parse(whole[: whole.index("Story 3") + 4])
    assert [story.title for story in feed.items] == ["Story 1", "Story 2"]
    assert feed.truncated


@pytest.mark.parametrize(
    "junk",
    ["\n\n", "<br />\n<b>Warning</b>: Cannot modify header in /x.php on line 3<br />\n", "<!-- cached -->\n", "\ufeff"],
)
def test_something_before_the_declaration_does_no_harm(junk: str) -> None:
    assert parse(junk + rss(item(1))).items[0].title == "Story 1"


def test_prefixes_nobody_declared_are_understood() -> None:
    feed = parse(rss("<title>a</title><dc:creator>Jane</dc:creator><odd:x>1</odd:x>"))
    assert feed.items[0].authors == ("Jane",)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("<!DOCTYPE html><html><title>Just a moment...</title></html>", "checks for a browser"),
        ("<html><body>Log in</body></html>", "web page"),
        ("", "empty"),
        ("   \n ", "empty"),
        ('{"a": 1}', "not a JSON Feed"),
        ("{broken", "broken JSON"),
        ("<opml/>", "<opml>"),
        ("plain words", "neither RSS nor Atom"),
        ("<rss version='2.0'/>", "no <channel>"),
    ],
)
def test_what_is_no_feed_is_named_for_what_it_is(document: str, says: str) -> None:
    with pytest.raises(NotAFeed, match=says):
        parse(document)


@pytest.mark.shared_data
def test_behaviour_01_no_lost_items_through_parsing_of_real_feeds(shared: Path) -> None:
    lost = {}
    for path in sorted((shared / "data" / "feeds-dev").glob("*.xml")):
        raw = path.read_bytes()
        feed = parse_well_formed(raw, "", URL, NOW)
        if missing := lost_items(feed, (fastfeedparser.parse(raw).entries, feedparser.parse(raw).entries)):
            lost[path.name] = missing
    assert lost == {}
