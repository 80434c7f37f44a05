"""A sitemap index is polled as the one feed that its sitemaps are together."""

from __future__ import annotations

import gzip

from tests.integration.fetcher_site import Reply, Site, running_site
from tests.integration.test_fetcher import Memory, running, story_page

NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def entry(site: Site, number: int) -> str:
    return (
        f"<url><loc>{site.url(f'/story/{number}')}</loc><news:news><news:publication><news:name>The Example</news:name>"
        f"<news:language>en</news:language></news:publication><news:title>Story {number}</news:title></news:news></url>"
    )


async def test_hostile_33_sitemap_index_is_polled_with_its_packed_sitemaps_and_never_conditionally() -> None:
    async with running_site() as site:
        listed = (
            f"<sitemap><loc>{site.url('/a.xml.gz')}</loc></sitemap><sitemap><loc>{site.url('/map.xml')}</loc></sitemap>"
        )
        site.page("/map.xml", f"<sitemapindex>{listed}</sitemapindex>", "application/xml")
        packed = gzip.compress(f"<urlset {NEWS}>{entry(site, 1)}{entry(site, 2)}</urlset>".encode())
        site.answers["/a.xml.gz"] = Reply(packed, headers={"Content-Type": "application/gzip"})
        for number in (1, 2, 3):
            site.page(f"/story/{number}", story_page())
        outbox = Memory()
        async with running(site, outbox, "/map.xml"):
            await outbox.until(lambda: len(outbox.articles) == 2)
            packed = gzip.compress(f"<urlset {NEWS}>{entry(site, 1)}{entry(site, 2)}{entry(site, 3)}</urlset>".encode())
            site.answers["/a.xml.gz"] = Reply(packed, headers={"Content-Type": "application/gzip"})
            await outbox.until(lambda: len(outbox.articles) == 3)
        assert sorted(outbox.titles()) == ["Story 1", "Story 2", "Story 3"]
        assert {article.source.name for article in outbox.articles} == {"The Example"}
        assert not any("if-none-match" in r.headers for r in site.requests if r.path == "/map.xml")
