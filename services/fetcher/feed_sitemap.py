"""Read sitemaps, news sitemaps and sitemap indexes as feeds. Pure.

Sources: sitemaps.org protocol 0.9; Google's news and image extensions (sitemap-news/0.9, sitemap-image/1.1). Like the
protocol, this believes a sitemap only about its own site: who may write to one site must not speak for others.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.fetcher.dates import dated
from services.fetcher.feed_item import make_item, medium_of, newest
from services.fetcher.feed_model import MAX_CHILDREN, ChildSitemap, FeedItem, ParsedFeed, PollHints
from services.fetcher.plain_text import one_line, plain_line
from services.fetcher.web_address import absolute, source_domain
from services.fetcher.xml_tree import Fields, fields_of, text_of

KINDS = {
    "sm:urlset": "sitemap",
    "urlset": "sitemap",
    "sm:sitemapindex": "sitemap-index",
    "sitemapindex": "sitemap-index",
}
"""Root elements, by short name."""


def read_sitemap(root: Any, kind: str, url: str, now: datetime, read_by: str) -> ParsedFeed:
    """Return the sitemap under ``root``, which was found at ``url``.

    Where it has news entries only these are items: the others are pages that were never published as news.
    """
    site = source_domain(url)
    own: list[Fields] = []
    off_site = 0
    for element in root:
        fields = {name.removeprefix("sm:"): found for name, found in fields_of(element).items()}
        link = absolute(text_of(fields, "loc"), url)
        if link and source_domain(link) == site:
            own.append(fields)
        else:
            off_site += bool(link)
    if kind == "sitemap-index":
        children = tuple(
            ChildSitemap(absolute(text_of(fields, "loc"), url), dated(text_of(fields, "lastmod"), now))
            for fields in own[:MAX_CHILDREN]
        )
        return _feed(kind, "", "", [], url, read_by, off_site, children)
    news = [fields for fields in own if "news:news" in fields]
    items = [_item(fields, url, now) for fields in news or own]
    publication = fields_of(news[0]["news:news"][0]).get("news:publication", ()) if news else ()
    named = fields_of(publication[0]) if publication else {}
    title, language = (
        plain_line(text_of(named, "news:name"))[:200],
        one_line(text_of(named, "news:language")).lower()[:35],
    )
    return _feed(kind, title, language, items, url, read_by, off_site)


def _feed(
    kind: str,
    title: str,
    language: str,
    items: list[FeedItem],
    url: str,
    read_by: str,
    off_site: int,
    children: tuple[ChildSitemap, ...] = (),
) -> ParsedFeed:
    return ParsedFeed(
        kind=kind,
        title=title,
        home=absolute("/", url),
        language=language,
        items=newest(items),
        items_total=len(items),
        hints=PollHints(),
        read_by=read_by,
        children=children,
        off_site=off_site,
    )


def _item(fields: Fields, url: str, now: datetime) -> FeedItem:
    about = fields_of(fields["news:news"][0]) if "news:news" in fields else {}
    publication = fields_of(about["news:publication"][0]) if "news:publication" in about else {}
    pictures = [fields_of(picture) for picture in fields.get("image:image", ())]
    media = [
        medium_of(
            text_of(picture, "image:loc"), url, kind="image", title=text_of(picture, "image:title", "image:caption")
        )
        for picture in pictures
    ]
    return make_item(
        title=text_of(about, "news:title"),
        link=absolute(text_of(fields, "loc"), url),
        guid="",
        summary="",
        content="",
        authors=(),
        published=dated(text_of(about, "news:publication_date"), now),
        updated=dated(text_of(fields, "lastmod"), now),
        language=text_of(publication, "news:language"),
        categories=(text_of(about, "news:keywords") + "," + text_of(about, "news:genres")).split(","),
        media=[medium for medium in media if medium is not None],
    )
