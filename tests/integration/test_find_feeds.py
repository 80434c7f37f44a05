"""A site is asked for its feeds: few requests, none that robots.txt forbids, and each named before it is made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli import main
from services.fetcher.find_feeds import MAX_TRIED, Found, find_feeds
from tests.integration.fetcher_site import Site, running_site
from tests.integration.test_fetcher import full_item, rss, settings

DECLARED = '<link rel="alternate" type="application/rss+xml" title="All" href="/all.xml">'


def find(prepare: Callable[[Site], None], path: str = "/") -> tuple[Found, list[str]]:
    async def run() -> tuple[Found, list[str]]:
        async with running_site() as site:
            prepare(site)
            found = await find_feeds(site.url(path), settings(site))
            return found, [request.path for request in site.requests]

    return asyncio.run(run())


def feed(site: Site, path: str) -> None:
    site.feed(path, rss(full_item(site, 1)))


def test_a_declared_feed_is_found_with_two_requests() -> None:
    def prepare(site: Site) -> None:
        site.page("/", f"<html><head>{DECLARED}</head></html>")
        feed(site, "/all.xml")

    found, paths = find(prepare)
    assert [(one.title, one.items) for one in found.feeds] == [("News", 1)]
    assert paths == ["/", "/all.xml"]


def test_an_address_that_is_a_feed_itself_takes_one_request() -> None:
    found, paths = find(lambda site: feed(site, "/feed.xml"), "/feed.xml")
    assert len(found.feeds) == 1
    assert paths == ["/feed.xml"]


def test_usual_addresses_are_tried_where_nothing_is_declared_and_robots_txt_allows_them() -> None:
    def prepare(site: Site) -> None:
        site.page("/", "<html></html>")
        site.page("/robots.txt", "User-agent: *\nDisallow: /feed", "text/plain")
        feed(site, "/feed")
        feed(site, "/atom.xml")

    found, paths = find(prepare)
    assert [one.url.rpartition("/")[2] for one in found.feeds] == ["atom.xml"]
    assert "/feed" not in paths


def test_a_news_sitemap_that_robots_txt_names_is_found() -> None:
    def prepare(site: Site) -> None:
        site.page("/", "<html></html>")
        site.page("/robots.txt", f"Sitemap: {site.url('/news-map.xml')}", "text/plain")
        site.page("/news-map.xml", f"<urlset><url><loc>{site.url('/1')}</loc></url></urlset>", "application/xml")

    found, _ = find(prepare)
    assert [one.kind for one in found.feeds] == ["sitemap"]


def test_a_site_without_feeds_is_told_after_few_requests() -> None:
    found, paths = find(lambda site: site.page("/", "<html></html>"))
    assert "no feed was found" in found.problem
    assert len(paths) <= MAX_TRIED + 2


def test_the_command_adds_the_first_feed_of_a_site_and_names_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path))

    async def run() -> tuple[str, int]:
        async with running_site() as site:
            monkeypatch.setenv("DATELINE_FETCH_ALLOW_HOSTS", f"127.0.0.1:{site.port}")
            monkeypatch.setenv("DATELINE_FETCH_HOST_GAP_S", "0")
            site.page("/", f'<html><head>{DECLARED}</head><body><a href="/world/rss.xml">World</a></body></html>')
            feed(site, "/all.xml")
            feed(site, "/world/rss.xml")
            arguments = ["feeds", "add", site.url("/")]
            result = await asyncio.to_thread(CliRunner().invoke, main, arguments, catch_exceptions=False)
            return result.stdout, site.port

    told, port = asyncio.run(run())
    assert told == (
        f"http://site.localhost:{port}/all.xml added\n  also there: http://site.localhost:{port}/world/rss.xml  News\n"
    )
    assert f"http://site.localhost:{port}/all.xml" in (tmp_path / "feeds.opml").read_text()
