"""Where a site keeps its feeds: what its page declares, what it links to, and where feeds usually are. Pure.

Sources: RSS Autodiscovery and the HTML standard (link, rel=alternate, 4.6.7.1); JSON Feed 1.1, "Discovery"; the
addresses that WordPress, Drupal, Blogger, Ghost, Hugo, Medium and large publishing systems use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree, html

from services.fetcher.charset import decode
from services.fetcher.feed_repair import without_declaration
from services.fetcher.plain_text import plain_line
from services.fetcher.web_address import absolute

FEED_MIMES: Final = {
    "application/rss+xml": 0,
    "application/atom+xml": 0,
    "application/feed+json": 1,
    "application/rdf+xml": 1,
    "application/json": 2,
    "application/xml": 2,
    "text/xml": 2,
}
"""MIME types of links that lead to feeds, the surest first. JSON and plain XML may be anything: they are tried last."""
USUAL_PATHS: Final = (
    "/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/feed/", "/index.xml", "/feed.json", "/rss/", "/feeds",
    "/feeds/posts/default", "/?feed=rss2", "/blog/feed", "/news/rss.xml", "/news-sitemap.xml", "/sitemap-news.xml",
)  # fmt: skip
MAX_FOUND: Final = 30
_LOOKS_LIKE_FEED: Final = re.compile(
    r"(?:/|\b)(?:rss|atom|feeds?)(?:/|\.xml|\.rss|\.json|\.rdf|\d*$|[?#])|\.(?:rss|rdf|atom)(?:[?#]|$)"
    r"|[?&](?:feed|format)=(?:rss|atom)",
    re.IGNORECASE,
)
_OF_COMMENTS: Final = re.compile(
    r"/comments/(?:feed|default)|[?&]feed=comments|comments?[-_]?(?:rss|feed)", re.IGNORECASE
)
_COMMENTS_TITLE: Final = re.compile(r"\bcomments?\b|\bcommentaires\b|\bkommentare?\b|\bcomentarios\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """An address at which a feed may be."""

    url: str
    title: str = ""
    """As the page names it."""


def declared_feeds(page: bytes, content_type: str, url: str) -> list[FeedLink]:
    """Return the feeds that a page declares in its head, then those it links to; those of comments are left out."""
    tree = _tree(page, content_type)
    if tree is None:
        return []
    base = absolute((tree.xpath("string((//base/@href)[1])") or "").strip(), url) or url
    declared = sorted(_links(tree, base), key=lambda ranked: ranked[0])
    anchors = [
        (3, FeedLink(link, plain_line(anchor.text_content()[:400])[:200]))
        for anchor in tree.iterfind(".//a[@href]")
        if _LOOKS_LIKE_FEED.search(anchor.get("href")) and (link := absolute(anchor.get("href"), base))
    ]
    found = {link.url: link for _, link in reversed([*declared, *anchors]) if not _is_of_comments(link)}
    return list(reversed(found.values()))[:MAX_FOUND]


def usual_feeds(url: str) -> list[FeedLink]:
    """Return the addresses at which sites usually have feeds: under the path that was named, then at the root."""
    folder = absolute("./", url if url.endswith("/") else url + "/")
    under = [absolute(path.lstrip("/"), folder) for path in USUAL_PATHS[:5]] if folder != absolute("/", url) else []
    return [FeedLink(link) for link in dict.fromkeys([*under, *(absolute(path, url) for path in USUAL_PATHS)]) if link]


def news_sitemaps(sitemaps: Iterable[str], url: str) -> list[FeedLink]:
    """Return those of the sitemaps that a robots.txt lists which are for news."""
    links = (absolute(sitemap, url) for sitemap in sitemaps)
    return [FeedLink(link) for link in dict.fromkeys(links) if "news" in link.lower()][:MAX_FOUND]


def _tree(page: bytes, content_type: str) -> Any:
    text = without_declaration(decode(page, content_type))
    if not text.strip():
        return None
    try:
        return html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8", remove_comments=True))
    except (etree.LxmlError, ValueError):
        return None


def _links(tree: Any, base: str) -> Iterable[tuple[int, FeedLink]]:
    for element in tree.iter("link"):
        relations = (element.get("rel") or "").lower().split()
        mime = (element.get("type") or "").lower().partition(";")[0].strip()
        link = absolute(element.get("href") or "", base)
        if not link or not {"alternate", "feed"} & set(relations) or "stylesheet" in relations:
            continue
        if mime in FEED_MIMES or "feed" in relations:
            # WordPress declares its own interface as application/json.
            if mime == "application/json" and "wp-json" in link:
                continue
            yield FEED_MIMES.get(mime, 1), FeedLink(link, plain_line((element.get("title") or "")[:400])[:200])


def _is_of_comments(link: FeedLink) -> bool:
    return bool(_OF_COMMENTS.search(link.url) or _COMMENTS_TITLE.search(link.title))
