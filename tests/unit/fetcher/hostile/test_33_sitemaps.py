"""Sitemaps end: each address once, few per poll, not deeper than two, only about their own site, and no bombs."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest

from services.fetcher.feed_model import NotAFeed, ParsedFeed
from services.fetcher.feed_parser import parse_feed
from services.fetcher.sitemap_walk import MAX_DEPTH, MAX_READ, SitemapWalk
from tests.unit.fetcher.feed_documents import NOW

SITE = "https://news.example"


def parse(document: str | bytes, url: str = f"{SITE}/sitemap.xml") -> ParsedFeed:
    return parse_feed(document.encode() if isinstance(document, str) else document, "", url, NOW)


def index(*entries: tuple[str, str]) -> str:
    inner = "".join(f"<sitemap><loc>{loc}</loc><lastmod>{lastmod}</lastmod></sitemap>" for loc, lastmod in entries)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</sitemapindex>'


def urlset(*locs: str) -> str:
    inner = "".join(f"<url><loc>{loc}</loc></url>" for loc in locs)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</urlset>'


def walked(root: str, pages: dict[str, str]) -> tuple[list[str], ParsedFeed]:
    """Walk from ``root``; return the addresses that were read and the result."""
    walk = SitemapWalk(root, parse(pages[root], root), NOW)
    read: list[str] = []
    while (url := walk.next()) is not None:
        read.append(url)
        walk.take(parse(pages[url], url))
    return read, walk.result()


def test_hostile_33_sitemap_index_that_lists_itself_is_read_once() -> None:
    loop = index((f"{SITE}/i.xml", ""), (f"{SITE}/j.xml", ""), (f"{SITE}/j.xml", ""))
    read, feed = walked(f"{SITE}/i.xml", {f"{SITE}/i.xml": loop, f"{SITE}/j.xml": loop})
    assert read == [f"{SITE}/j.xml"]
    assert feed.composed


def test_hostile_33_sitemap_index_of_fifty_thousand_is_read_in_part_newest_first() -> None:
    names = [f"{SITE}/{n}.xml" for n in range(50_000)]
    dates = [f"{NOW - timedelta(minutes=50_000 - n):%Y-%m-%dT%H:%MZ}" for n in range(50_000)]
    pages = dict.fromkeys(names, urlset(f"{SITE}/story"))
    read, _ = walked(f"{SITE}/i.xml", {f"{SITE}/i.xml": index(*zip(names, dates, strict=True)), **pages})
    assert read == names[::-1][:MAX_READ]


def test_hostile_33_sitemap_indexes_within_indexes_are_not_followed_for_ever() -> None:
    pages = {f"{SITE}/{n}.xml": index((f"{SITE}/{n + 1}.xml", "")) for n in range(20)}
    read, _ = walked(f"{SITE}/0.xml", pages)
    assert len(read) == MAX_DEPTH


def test_hostile_33_sitemap_that_has_not_changed_for_long_is_not_read() -> None:
    read, _ = walked(f"{SITE}/i.xml", {f"{SITE}/i.xml": index((f"{SITE}/old.xml", "2026-10-01"))})
    assert read == []


@pytest.mark.parametrize("loc", ["https://other.example/x", "file:///etc/passwd", "http://127.0.0.1/x"])
def test_hostile_33_sitemap_entries_of_other_sites_are_left_out(loc: str) -> None:
    assert [i.link for i in parse(urlset(loc, "https://www.news.example/own")).items] == [
        "https://www.news.example/own"
    ]
    assert [child.url for child in parse(index((loc, ""), (f"{SITE}/a.xml", ""))).children] == [f"{SITE}/a.xml"]


def test_hostile_33_sitemap_that_is_gzipped_is_read() -> None:
    assert parse(gzip.compress(urlset(f"{SITE}/a").encode())).items[0].link == f"{SITE}/a"


@pytest.mark.parametrize("times", [1, 2], ids=["bomb", "nested"])
def test_hostile_33_sitemap_bomb_is_refused(times: int) -> None:
    bomb = b"<urlset>" + b" " * 100_000_000
    for _ in range(times):
        bomb = gzip.compress(bomb)
    with pytest.raises(NotAFeed, match="gzip"):
        parse(bomb)
