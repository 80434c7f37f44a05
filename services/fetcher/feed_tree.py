"""Read RSS 0.9x, 1.0 and 2.0, and Atom 0.3 and 1.0, from a well-formed XML tree. Pure.

The parser is told to keep away from entities, the network and huge documents, so that billion laughs, external
entities and endless nesting end in an error instead of in memory. Sources: RSS 2.0 and its content, dc, sy modules;
RFC 4287 (Atom); RSS 1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any, Final

from lxml import etree

from services.fetcher.dates import Dated, dated
from services.fetcher.feed_model import (
    MAX_AUTHORS,
    MAX_ITEMS,
    MAX_MARKUP,
    MAX_NAME,
    MAX_TITLE,
    FeedItem,
    NotAFeed,
    ParsedFeed,
    PollHints,
)
from services.fetcher.plain_text import one_line, plain_line
from services.fetcher.web_address import absolute

_ATOM: Final = ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")
_PREFIXES: Final = {
    **dict.fromkeys(_ATOM, "atom"),
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://search.yahoo.com/mrss/": "media",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
}
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"
_RDF_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_KINDS: Final = {"rss": "rss", "rdf:RDF": "rdf", "atom:feed": "atom", "feed": "atom"}
_RSS_DATES: Final = ("pubDate", "atom:published", "dc:date", "dcterms:issued", "dcterms:created", "pubdate")
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS_S: Final = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_EMAIL_NAME: Final = re.compile(r"^\S+@\S+\s*\((.+)\)$")
_BY: Final = re.compile(r"^by\s+", re.IGNORECASE)

Fields = dict[str, list[Any]]


def parse_tree(document: bytes) -> Any:
    """Return the root of a well-formed document. Raises etree.XMLSyntaxError where it is not, or is too large."""
    return etree.fromstring(document, _parser())


def _parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def read_feed(root: Any, url: str, now: datetime, read_by: str) -> ParsedFeed:
    """Return the feed under ``root``; relative links count from ``url``. Raises NotAFeed for other documents."""
    kind = _KINDS.get(_name(root))
    if kind is None:
        raise NotAFeed(f"the document is <{etree.QName(root).localname}>, not a feed: look for the site's RSS address")
    children = _fields(root)
    head = root if kind == "atom" else next(iter(children.get("channel", ())), None)
    if head is None:
        raise NotAFeed("the RSS document has no <channel>: its publisher has to mend it")
    fields = children if head is root else _fields(head)
    elements = (
        fields.get("atom:entry" if kind == "atom" else "item") or children.get("item") or fields.get("entry") or []
    )
    read_item = _atom_item if kind == "atom" else _rss_item
    items = [read_item(element, _base(element, url), now) for element in elements]
    return ParsedFeed(
        kind=kind,
        title=_cut(
            plain_line(_text(fields, "atom:title", "title") if kind == "atom" else _text(fields, "title")), MAX_NAME
        ),
        home=_home(fields, _base(head, url)),
        language=one_line(_text(fields, "language", "dc:language") or head.get(_LANG) or root.get(_LANG) or "").lower()[
            :35
        ],
        items=newest(items),
        items_total=len(items),
        hints=_hints(fields),
        read_by=read_by,
    )


def newest(items: list[FeedItem]) -> tuple[FeedItem, ...]:
    """Return at most MAX_ITEMS items, the newest; those without a date count as old, and order is kept."""
    if len(items) <= MAX_ITEMS:
        return tuple(items)
    times = [item.published.at or item.updated.at for item in items]
    ages = sorted((-time.timestamp() if time else 0.0, position) for position, time in enumerate(times))
    return tuple(items[position] for position in sorted(position for _, position in ages[:MAX_ITEMS]))


def make_item(
    *,
    title: str,
    link: str,
    guid: str,
    summary: str,
    content: str,
    authors: list[str],
    published: Dated,
    updated: Dated,
    language: str,
) -> FeedItem:
    """Return an item with every cap applied."""
    line = plain_line(title[: MAX_TITLE * 20])
    return FeedItem(
        title=_cut(line, MAX_TITLE),
        link=link,
        guid=one_line(guid)[:1000],
        summary=summary[:MAX_MARKUP],
        content=content[:MAX_MARKUP],
        authors=tuple(dict.fromkeys(name for name in map(_author, authors) if name))[:MAX_AUTHORS],
        published=published,
        updated=updated,
        language=one_line(language).lower()[:35],
        title_cut=len(line) > MAX_TITLE or len(title) > MAX_TITLE * 20,
    )


def _rss_item(element: Any, base: str, now: datetime) -> FeedItem:
    fields = _fields(element)
    guid = _text(fields, "guid", "dc:identifier") or element.get(_RDF_ABOUT) or _text(fields, "atom:id")
    is_link = "guid" in fields and (fields["guid"][0].get("isPermaLink") or "true").strip().lower() != "false"
    link = (
        absolute(_text(fields, "feedburner:origLink"), base)
        or absolute(_text(fields, "link"), base)
        or _atom_link(fields, base)
        or (absolute(guid, "") if is_link or element.get(_RDF_ABOUT) else "")
    )
    return make_item(
        title=_text(fields, "title", "dc:title", "media:title"),
        link=link,
        guid=guid,
        summary=_text(fields, "description", "atom:summary", "media:description"),
        content=_text(fields, "content:encoded") or _atom_markup(fields, "atom:content"),
        authors=[*_texts(fields, "dc:creator"), *_texts(fields, "author"), *_people(fields)],
        published=dated(_text(fields, *_RSS_DATES), now),
        updated=dated(_text(fields, "atom:updated", "dcterms:modified"), now),
        language=_text(fields, "dc:language") or element.get(_LANG) or "",
    )  # fmt: skip


def _atom_item(element: Any, base: str, now: datetime) -> FeedItem:
    fields = _fields(element)
    guid = _text(fields, "atom:id")
    return make_item(
        title=_atom_markup(fields, "atom:title"),
        link=absolute(_text(fields, "feedburner:origLink"), base) or _atom_link(fields, base) or absolute(guid, ""),
        guid=guid,
        summary=_atom_markup(fields, "atom:summary"),
        content=_atom_markup(fields, "atom:content"),
        authors=[*_people(fields), *_texts(fields, "dc:creator")],
        published=dated(_text(fields, "atom:published", "atom:issued", "dc:date", "atom:created"), now),
        updated=dated(_text(fields, "atom:updated", "atom:modified"), now),
        language=element.get(_LANG) or "",
    )


def _name(element: Any) -> str:
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    if tag[0] != "{":
        return tag
    namespace, _, local = tag[1:].partition("}")
    prefix = _PREFIXES.get(namespace)
    return local if prefix == "" else f"{prefix}:{local}" if prefix is not None else tag


def _fields(element: Any) -> Fields:
    fields: Fields = {}
    for child in element:
        fields.setdefault(_name(child), []).append(child)
    return fields


def _texts(fields: Fields, name: str) -> Iterator[str]:
    for element in fields.get(name, ()):
        yield _whole(element)


def _text(fields: Fields, *names: str) -> str:
    """The text of the first of ``names`` that has any."""
    for name in names:
        for element in fields.get(name, ()):
            text = _whole(element)
            if text and not text.isspace():
                return text
    return ""


def _whole(element: Any) -> str:
    if len(element) == 0:
        return element.text or ""
    # An undefined entity is dropped, the words around it are kept.
    return (
        "".join(element.itertext(tag=("{*}*",))) if any(isinstance(c.tag, str) for c in element) else _around(element)
    )


def _around(element: Any) -> str:
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _atom_markup(fields: Fields, name: str) -> str:
    """An Atom text construct as markup (RFC 4287, section 3.1): text is escaped, XHTML is written out."""
    for element in fields.get(name, ()):
        kind = (element.get("type") or ("html" if name == "atom:content" else "text")).lower()
        if kind == "xhtml" or (kind.endswith("xml") and len(element)):
            inner = "".join(
                etree.tostring(child, encoding="unicode") for child in element if isinstance(child.tag, str)
            )
            # The namespace prefix would hide the tags from an HTML parser.
            return re.sub(r"(</?)[\w-]+:(?=\w)", r"\1", inner)
        text = _whole(element)
        if text and not text.isspace():
            return (
                escape(text, quote=False) if kind in ("text", "text/plain") and not _looks_like_markup(text) else text
            )
    return ""


def _looks_like_markup(text: str) -> bool:
    """Many feeds put HTML where they promise text."""
    return re.search(r"</(?:p|a|b|i|em|strong|div|span)>|<(?:br|p|img)\b|&#?\w{2,8};", text) is not None


def _atom_link(fields: Fields, base: str) -> str:
    fallback = ""
    for element in (*fields.get("atom:link", ()), *fields.get("link", ())):
        href = element.get("href")
        if href is None or (element.get("rel") or "alternate").lower() != "alternate":
            continue
        link = absolute(href, _base_of(element, base))
        if (element.get("type") or "text/html").lower() in ("text/html", "application/xhtml+xml"):
            return link
        fallback = fallback or link
    return fallback


def _people(fields: Fields) -> Iterator[str]:
    for element in fields.get("atom:author", ()):
        inner = _fields(element)
        yield _text(inner, "atom:name", "name") or ("" if len(element) else element.text or "")


def _author(text: str) -> str:
    name = plain_line(text)
    match = _EMAIL_NAME.match(name)  # RSS: "mail@example.com (Jane Doe)"
    name = _BY.sub("", match.group(1) if match else name)
    return "" if "@" in name or "://" in name else _cut(name, MAX_NAME)


def _home(fields: Fields, base: str) -> str:
    return absolute(_text(fields, "link"), base) or _atom_link(fields, base)


def _base(element: Any, url: str) -> str:
    bases = [element.get(_BASE)] if element.get(_BASE) else []
    for ancestor in element.iterancestors():
        if ancestor.get(_BASE):
            bases.append(ancestor.get(_BASE))
    for base in reversed(bases):
        url = absolute(base, url) or url
    return url


def _base_of(element: Any, base: str) -> str:
    own = element.get(_BASE)
    return (absolute(own, base) or base) if own else base


def _hints(fields: Fields) -> PollHints:
    ttl = _number(_text(fields, "ttl"))
    period = _PERIODS_S.get(one_line(_text(fields, "sy:updatePeriod")).lower())
    frequency = _number(_text(fields, "sy:updateFrequency")) or 1
    hours = {
        int(_number(text) or 0) % 24 for block in fields.get("skipHours", ()) for text in _texts(_fields(block), "hour")
    }
    days = {one_line(text).lower() for block in fields.get("skipDays", ()) for text in _texts(_fields(block), "day")}
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


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
