"""What a feed brings beside titles and texts, in every format: media, categories, people, sources, deletions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.fetcher.feed_model import FeedItem, Medium, Origin, ParsedFeed
from services.fetcher.feed_parser import parse_feed
from tests.unit.fetcher.feed_documents import NOW, URL, item, rss

MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'


def parse(document: str) -> ParsedFeed:
    return parse_feed(document.encode(), "", URL, NOW)


def only(document: str) -> FeedItem:
    (story,) = parse(document).items
    return story


def test_an_enclosure_is_a_medium() -> None:
    story = only(rss('<enclosure url="/a.mp3" type="audio/mpeg" length="1234"/>'))
    assert story.media == (Medium("https://news.example/a.mp3", "audio", "audio/mpeg", 1234),)


@pytest.mark.parametrize("namespace", ["http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss"])
def test_media_rss_is_read_alone_and_in_groups_each_address_once(namespace: str) -> None:
    story = only(
        rss(
            '<media:content url="/a.jpg" medium="image"><media:title>A dam</media:title><media:credit>Jane Doe'
            "</media:credit>"
            '</media:content><media:group><media:content url="/v.mp4" type="video/mp4" fileSize="99"/>'
            '<media:thumbnail url="/a.jpg"/></media:group>',
            attributes=f'xmlns:media="{namespace}"',
        )
    )
    assert story.media == (
        Medium("https://news.example/a.jpg", "image", title="A dam", credit="Jane Doe"),
        Medium("https://news.example/v.mp4", "video", "video/mp4", 99),
    )


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("/a.jpeg?w=10", "image"),
        ("/a.ogg", "audio"),
        ("/a.webm#t", "video"),
        ("/a.pdf", "document"),
        ("/a", "document"),
    ],
)
def test_the_kind_of_a_medium_is_told_by_its_address_where_nothing_else_tells_it(link: str, kind: str) -> None:
    assert only(rss(f'<enclosure url="{link}"/>')).media[0].kind == kind


def test_rss_categories_are_kept_once_whatever_their_case() -> None:
    story = only(
        rss(
            "<category domain='x'>World</category><category>world</category><category><![CDATA[Middle <b>East"
            "</b>]]></category>"
            "<dc:subject>Water</dc:subject><media:keywords>dam, flood</media:keywords>",
            attributes=f'xmlns:dc="http://purl.org/dc/elements/1.1/" {MEDIA}',
        )
    )
    assert story.categories == ("World", "Middle East", "Water", "dam", "flood")


def test_an_rss_source_names_whom_the_item_was_taken_from() -> None:
    story = only(rss('<source url="https://other.example/rss">The &amp;amp; Other</source>'))
    assert story.origin == Origin("The & Other", "https://other.example/rss")


def test_an_atom_entry_brings_categories_enclosures_and_source() -> None:
    story = only(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:1</id><title>A</title>'
        '<category term="w" label="World"/>'
        '<category term="Water"/><link rel="enclosure" href="/a.mp3" type="audio/mpeg" length="5"/>'
        '<source><title>Other</title><link rel="self" href="https://other.example/atom"/></source></entry></feed>'
    )
    assert story.categories == ("World", "Water")
    assert story.media == (Medium("https://news.example/a.mp3", "audio", "audio/mpeg", 5),)
    assert story.origin == Origin("Other", "https://other.example/atom")


def test_atom_0_3_is_read_with_its_dates_and_markup_that_is_written_out() -> None:
    story = only(
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><id>tag:1</id>'
        '<title mode="escaped">A &amp;amp; B</title>'
        "<issued>2026-11-20T10:00:00Z</issued><modified>2026-11-21T10:00:00Z</modified>"
        '<content type="application/xhtml+xml" mode="xml"><p xmlns="http://www.w3.org/1999/xhtml">One.</p></content>'
        "</entry></feed>"
    )
    assert (story.title, story.published.at) == ("A & B", datetime(2026, 11, 20, 10, tzinfo=UTC))
    assert story.updated.at == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert "One.</p>" in story.content


def test_an_atom_feed_without_its_namespace_is_read() -> None:
    story = only('<feed><title>T</title><entry><id>tag:1</id><title>A</title><link href="/a"/></entry></feed>')
    assert (story.title, story.link) == ("A", "https://news.example/a")


def test_deleted_entries_of_an_atom_feed_are_named() -> None:
    feed = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>T</title>'
        '<at:deleted-entry ref="tag:1" when="2026-11-21T00:00:00Z"/></feed>'
    )
    assert feed.deleted == ("tag:1",)


@pytest.mark.parametrize(
    "document",
    [
        '<rss version="0.91"><channel><title>T</title><item><title>A</title><link>/a</link></item></channel></rss>',
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/'
        'rss-0.91.dtd"><rss version="0.91"><channel><title>T</title><item><title>A</title><link>/a</link>'
        "</item></channel>"
        "</rss>",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">'
        "<channel><title>T</title></channel><item><title>A</title><link>/a</link></item></rdf:RDF>",
        '<rss xmlns="http://backend.userland.com/RSS2" version="2.0"><channel><title>T</title><item><title>A</title>'
        "<link>/a</link></item></channel></rss>",
        '<r:rss xmlns:r="http://purl.org/rss/1.0/"><r:channel><r:title>T</r:title><r:item><r:title>A</r:title>'
        "<r:link>/a</r:link></r:item></r:channel></r:rss>",
    ],
    ids=["0.91", "0.91-with-dtd", "0.90", "namespaced-2.0", "prefixed"],
)
def test_older_and_odder_rss_is_read(document: str) -> None:
    story = only(document)
    assert (story.title, story.link) == ("A", "https://news.example/a")


def test_a_json_feed_brings_tags_and_attachments() -> None:
    story = only(
        '{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"url":"/a","author":{"name":"Ann"},"tags":["World",2],'
        '"image":"/a.jpg","attachments":[{"url":"/a.mp3","mime_type":"audio/mpeg","size_in_bytes":7,"title":"Listen"}]}]}'
    )
    assert (story.guid, story.authors, story.categories) == ("1", ("Ann",), ("World",))
    assert story.media == (
        Medium("https://news.example/a.mp3", "audio", "audio/mpeg", 7, "Listen"),
        Medium("https://news.example/a.jpg", "image"),
    )


def test_a_news_sitemap_is_a_feed_of_its_news_entries() -> None:
    feed = parse(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
        'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
        "<url><loc>https://news.example/1</loc><lastmod>2026-11-22T11:00:00Z</lastmod><news:news><news:publication>"
        "<news:name>The Example</news:name><news:language>en</news:language></news:publication>"
        "<news:publication_date>2026-11-22T10:00:00Z</news:publication_date><news:title>A &amp; B</news:title>"
        "<news:keywords>water, dam</news:keywords></news:news><image:image><image:loc>/1.jpg</image:loc>"
        "</image:image></url>"
        "<url><loc>https://news.example/imprint</loc></url></urlset>"
    )
    (story,) = feed.items
    assert (feed.kind, feed.title, feed.language, feed.read_by) == ("sitemap", "The Example", "en", "strict")
    assert (story.title, story.link, story.categories) == ("A & B", "https://news.example/1", ("water", "dam"))
    assert story.published.at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert story.media == (Medium("https://news.example/1.jpg", "image"),)


def test_a_plain_sitemap_lists_all_its_pages() -> None:
    feed = parse("<urlset><url><loc>/a</loc><lastmod>2026-11-20</lastmod></url><url><loc>/b</loc></url></urlset>")
    assert [i.link for i in feed.items] == ["https://news.example/a", "https://news.example/b"]


def test_items_within_and_beside_the_channel_are_all_read() -> None:
    document = rss(item(1)).replace("</rss>", f"<item>{item(2)}</item></rss>")
    assert [i.guid for i in parse(document).items] == ["g-1", "g-2"]
