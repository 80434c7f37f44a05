"""A site's feeds are found in what its page declares and links to, or guessed."""

from __future__ import annotations

import pytest

from services.fetcher.discovery import FeedLink, declared_feeds, news_sitemaps, usual_feeds

URL = "https://news.example/section/"


def found(head: str = "", body: str = "") -> list[str]:
    page = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()
    return [link.url for link in declared_feeds(page, "text/html", URL)]


@pytest.mark.parametrize(
    "mime",
    ["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/json"],
)
def test_a_declared_feed_is_found(mime: str) -> None:
    assert found(f'<link rel="alternate" type="{mime}" href="/x" title="All &amp; more">') == ["https://news.example/x"]


def test_a_declared_feed_has_the_title_that_the_page_gives_it() -> None:
    page = b'<link rel="alternate" type="application/rss+xml" href="/x" title="All &amp;amp; more">'
    assert declared_feeds(page, "", URL) == [FeedLink("https://news.example/x", "All & more")]


def test_addresses_count_from_the_page_s_base() -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="feed">'
    assert found(link) == ["https://news.example/section/feed"]
    assert found('<base href="https://other.example/a/">' + link) == ["https://other.example/a/feed"]


def test_feeds_of_comments_and_other_alternates_are_left_out() -> None:
    assert (
        found(
            '<link rel="alternate" type="application/rss+xml" title="Site » Comments Feed" href="/x">'
            '<link rel="alternate" type="application/rss+xml" href="/comments/feed/">'
            '<link rel="alternate" hreflang="de" href="/de/">'
            '<link rel="alternate stylesheet" type="text/xml" href="/s">'
            '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1">'
            '<link rel="alternate" type="application/rss+xml" href="javascript:x">'
        )
        == []
    )


def test_surer_kinds_come_first_and_each_address_once() -> None:
    assert found(
        '<link rel="alternate" type="application/json" href="/j">'
        '<link rel="alternate" type="application/rss+xml" href="/r">'
        '<link rel="alternate" type="application/atom+xml" href="/r">',
        '<a href="/r">RSS</a><a href="/world/rss.xml">World</a><a href="/about">About</a>'
        '<a href="/feedback">Feedback</a>',
    ) == ["https://news.example/r", "https://news.example/j", "https://news.example/world/rss.xml"]


@pytest.mark.parametrize("page", [b"", b"\x00\xff\xfe", b"<<<>>>", b"{}"])
def test_what_is_no_page_declares_nothing(page: bytes) -> None:
    assert declared_feeds(page, "", URL) == []


def test_usual_addresses_are_guessed_under_the_path_first_and_at_the_root() -> None:
    guessed = [link.url for link in usual_feeds(URL)]
    assert guessed[:2] == ["https://news.example/section/feed", "https://news.example/section/rss"]
    assert "https://news.example/feed" in guessed
    assert len(set(guessed)) == len(guessed)
    assert usual_feeds("https://news.example/")[0].url == "https://news.example/feed"


def test_of_a_site_s_sitemaps_those_for_news_count() -> None:
    listed = ["https://news.example/pages.xml", "/news-sitemap.xml", "/news-sitemap.xml"]
    assert news_sitemaps(listed, "https://site.example/") == [
        FeedLink("https://news.example/pages.xml"),
        FeedLink("https://site.example/news-sitemap.xml"),
    ]
