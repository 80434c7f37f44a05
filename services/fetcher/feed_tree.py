"""Read RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, and sitemaps, from a well-formed XML tree. Pure.

Sources: RSS 2.0 and its content, dc, sy modules; RFC 4287 (Atom); RSS 1.0; RFC 6721 (deleted entries).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any, Final

from lxml import etree

from services.fetcher.dates import dated
from services.fetcher.feed_item import cut, make_item, newest_of
from services.fetcher.feed_media import categories_in, media_of, origin_of
from services.fetcher.feed_model import (
    MAX_DELETED,
    MAX_HUBS,
    MAX_ITEMS,
    MAX_NAME,
    FeedItem,
    NotAFeed,
    ParsedFeed,
    PollHints,
)
from services.fetcher.feed_sitemap import KINDS as SITEMAPS
from services.fetcher.feed_sitemap import read_sitemap
from services.fetcher.plain_text import one_line, plain_line
from services.fetcher.web_address import absolute
from services.fetcher.xml_tree import (
    XML_LANG,
    Fields,
    base_of,
    fields_of,
    name_of,
    own_base,
    text_of,
    texts_of,
    whole_text,
)

_ATOM: Final = "http://www.w3.org/2005/Atom"
_RDF_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_KINDS: Final = {"rss": "rss", "rdf:RDF": "rdf", "RDF": "rdf", "atom:feed": "atom", "feed": "atom"}
_RSS_DATES: Final = ("pubDate", "atom:published", "dc:date", "dcterms:issued", "dcterms:created", "pubdate")
_ATOM_DATES: Final = ("atom:published", "atom:issued", "dc:date", "atom:created")
_CHANGED: Final = ("atom:updated", "atom:modified", "dcterms:modified")
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS_S: Final = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def read_feed(root: Any, url: str, now: datetime, read_by: str) -> ParsedFeed:
    """Return the feed under ``root``; relative links count from ``url``. Raises NotAFeed for other documents."""
    kind = _KINDS.get(name_of(root))
    if kind is None:
        if (sitemap := SITEMAPS.get(name_of(root))) is not None:
            return read_sitemap(root, sitemap, url, now, read_by)
        raise NotAFeed(f"the document is <{etree.QName(root).localname}>, not a feed: look for the site's RSS address")
    if root.tag == "feed":
        _into_atom(root)
    children = fields_of(root)
    head = root if kind == "atom" else next(iter(children.get("channel", ())), None)
    if head is None:
        raise NotAFeed("the RSS document has no <channel>: its publisher has to mend it")
    fields = children if head is root else fields_of(head)
    # RSS 1.0 lists items beside the channel; some feeds do both.
    elements = fields.get("atom:entry", []) if kind == "atom" else [*fields.get("item", ()), *children.get("item", ())]
    read_item = _atom_item if kind == "atom" else _rss_item
    around = {parent: base_of(parent, url) for parent in (root, head)}
    items = [
        read_item(element, own_base(element, around[element.getparent()]), now) for element in _newest(elements, now)
    ]
    return ParsedFeed(
        kind=kind,
        title=cut(plain_line(text_of(fields, "atom:title" if kind == "atom" else "title")), MAX_NAME),
        home=_home(fields, base_of(head, url)),
        language=one_line(
            text_of(fields, "language", "dc:language") or head.get(XML_LANG) or root.get(XML_LANG) or ""
        ).lower()[:35],
        items=tuple(items),
        items_total=len(elements),
        hints=_hints(fields),
        read_by=read_by,
        hubs=_related(fields, "hub", base_of(head, url))[:MAX_HUBS],
        topic=next(iter(_related(fields, "self", base_of(head, url))), ""),
        deleted=tuple(ref for entry in fields.get("at:deleted-entry", ()) if (ref := one_line(entry.get("ref") or "")))[
            :MAX_DELETED
        ],
    )


def _into_atom(root: Any) -> None:
    """Give the elements of an Atom feed the namespace that its publisher forgot."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag[0] != "{":
            element.tag = f"{{{_ATOM}}}{element.tag}"


def _newest(elements: list[Any], now: datetime) -> list[Any]:
    """At most MAX_ITEMS of the items, by their dates alone: a hundred thousand are not worth reading whole."""
    if len(elements) <= MAX_ITEMS:
        return elements
    times = [dated(text_of(fields_of(element), *_RSS_DATES, *_ATOM_DATES, *_CHANGED), now).at for element in elements]
    return [elements[position] for position in newest_of(times)]


def _rss_item(element: Any, base: str, now: datetime) -> FeedItem:
    fields = fields_of(element)
    guid = text_of(fields, "guid", "dc:identifier") or element.get(_RDF_ABOUT) or text_of(fields, "atom:id")
    is_link = "guid" in fields and (fields["guid"][0].get("isPermaLink") or "true").strip().lower() != "false"
    link = (
        absolute(text_of(fields, "feedburner:origLink"), base)
        or absolute(text_of(fields, "link"), base)
        or _atom_link(fields, base)
        or (absolute(guid, "") if is_link or element.get(_RDF_ABOUT) else "")
    )
    return make_item(
        title=text_of(fields, "title", "dc:title", "media:title"),
        link=link,
        guid=guid,
        summary=text_of(fields, "description", "atom:summary", "media:description"),
        content=text_of(fields, "content:encoded") or _atom_markup(fields, "atom:content"),
        authors=[*texts_of(fields, "dc:creator"), *texts_of(fields, "author"), *_people(fields)],
        published=dated(text_of(fields, *_RSS_DATES), now),
        updated=dated(text_of(fields, "atom:updated", "dcterms:modified"), now),
        language=text_of(fields, "dc:language") or element.get(XML_LANG) or "",
        categories=categories_in(fields),
        media=media_of(fields, base),
        origin=origin_of(fields, base),
    )  # fmt: skip


def _atom_item(element: Any, base: str, now: datetime) -> FeedItem:
    fields = fields_of(element)
    guid = text_of(fields, "atom:id")
    return make_item(
        title=_atom_markup(fields, "atom:title"),
        link=absolute(text_of(fields, "feedburner:origLink"), base) or _atom_link(fields, base) or absolute(guid, ""),
        guid=guid,
        summary=_atom_markup(fields, "atom:summary"),
        content=_atom_markup(fields, "atom:content"),
        authors=[*_people(fields), *texts_of(fields, "dc:creator")],
        published=dated(text_of(fields, *_ATOM_DATES), now),
        updated=dated(text_of(fields, "atom:updated", "atom:modified"), now),
        language=element.get(XML_LANG) or "",
        categories=categories_in(fields),
        media=media_of(fields, base),
        origin=origin_of(fields, base),
    )


def _atom_markup(fields: Fields, name: str) -> str:
    """An Atom text construct as markup (RFC 4287, section 3.1): text is escaped, XHTML is written out."""
    for element in fields.get(name, ()):
        kind = (element.get("type") or ("html" if name == "atom:content" else "text")).lower()
        # Atom 0.3 writes markup out wherever it does not say mode="escaped".
        if kind == "xhtml" or (kind not in ("text", "html") and any(isinstance(c.tag, str) for c in element)):
            inner = "".join(
                etree.tostring(child, encoding="unicode") for child in element if isinstance(child.tag, str)
            )
            # The namespace prefix would hide the tags from an HTML parser.
            return re.sub(r"(</?)[\w-]+:(?=\w)", r"\1", inner)
        text = whole_text(element)
        if text and not text.isspace():
            return (
                escape(text, quote=False) if kind in ("text", "text/plain") and not _looks_like_markup(text) else text
            )
    return ""


def _looks_like_markup(text: str) -> bool:
    """Many feeds put HTML where they promise text."""
    return re.search(r"</(?:p|a|b|i|em|strong|div|span)>|<(?:br|p|img)\b|&#?\w{2,8};", text) is not None


def _related(fields: Fields, rel: str, base: str) -> tuple[str, ...]:
    """The links of a feed with this relation."""
    links = [
        absolute(element.get("href") or "", own_base(element, base))
        for element in (*fields.get("atom:link", ()), *fields.get("link", ()))
        if rel in (element.get("rel") or "").lower().split()
    ]
    return tuple(link for link in links if link)


def _atom_link(fields: Fields, base: str) -> str:
    fallback = ""
    for element in (*fields.get("atom:link", ()), *fields.get("link", ())):
        href = element.get("href")
        if href is None or (element.get("rel") or "alternate").lower() != "alternate":
            continue
        link = absolute(href, own_base(element, base))
        if (element.get("type") or "text/html").lower() in ("text/html", "application/xhtml+xml"):
            return link
        fallback = fallback or link
    return fallback


def _people(fields: Fields) -> Iterator[str]:
    for element in fields.get("atom:author", ()):
        inner = fields_of(element)
        yield text_of(inner, "atom:name", "name") or ("" if len(element) else element.text or "")


def _home(fields: Fields, base: str) -> str:
    return absolute(text_of(fields, "link"), base) or _atom_link(fields, base)


def _hints(fields: Fields) -> PollHints:
    ttl = _number(text_of(fields, "ttl"))
    period = _PERIODS_S.get(one_line(text_of(fields, "sy:updatePeriod")).lower())
    frequency = _number(text_of(fields, "sy:updateFrequency")) or 1
    hours = {
        int(_number(text) or 0) % 24
        for block in fields.get("skipHours", ())
        for text in texts_of(fields_of(block), "hour")
    }
    days = {
        one_line(text).lower() for block in fields.get("skipDays", ()) for text in texts_of(fields_of(block), "day")
    }
    return PollHints(
        ttl_s=ttl * 60 if ttl else None,
        update_period_s=period / frequency if period else None,
        # Skipping every hour or day would mean never; it is taken as a mistake.
        skip_hours=tuple(sorted(hours)) if len(hours) < 24 else (),
        skip_days=tuple(n for n, day in enumerate(_DAYS) if day in days) if len(days) < 7 else (),
    )


def _number(text: str) -> float | None:
    digits = text.strip()
    return float(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
