"""What an XML item brings beside its text: media, categories, and whom it was taken from. Pure.

Sources: RSS 2.0 (enclosure, category, source); Media RSS 1.5.1; RFC 4287 (links of rel enclosure, category, source);
Dublin Core; the podcast elements of Apple.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from services.fetcher.feed_item import cut, medium_of
from services.fetcher.feed_model import MAX_NAME, Medium, Origin
from services.fetcher.plain_text import plain_line
from services.fetcher.web_address import absolute
from services.fetcher.xml_tree import Fields, fields_of, own_base, text_of, texts_of

# Most items have few of these: asking for all at once is a third of the price.
_MEDIA: Final = frozenset(
    {"enclosure", "atom:link", "media:content", "media:group", "media:thumbnail", "itunes:image", "image"}
)
_FILED: Final = frozenset(
    {"category", "atom:category", "dc:subject", "media:category", "media:keywords", "itunes:keywords"}
)
_TAKEN: Final = frozenset({"source", "atom:source", "dc:source"})


def media_of(fields: Fields, base: str) -> Iterator[Medium]:
    """Yield the media of an item."""
    if _MEDIA.isdisjoint(fields):
        return
    for found in (*_enclosures(fields, base), *_media_rss(fields, base), *_pictures(fields, base)):
        if found is not None:
            yield found


def categories_in(fields: Fields) -> Iterator[str]:
    """Yield the names under which an item is filed."""
    if _FILED.isdisjoint(fields):
        return
    yield from texts_of(fields, "category")
    for element in fields.get("atom:category", ()):
        yield element.get("label") or element.get("term") or ""
    for name in ("dc:subject", "media:category"):
        yield from texts_of(fields, name)
    for words in (*texts_of(fields, "media:keywords"), *texts_of(fields, "itunes:keywords")):
        yield from words.split(",")


def origin_of(fields: Fields, base: str) -> Origin:
    """Return whom an item says that it was taken from."""
    if _TAKEN.isdisjoint(fields):
        return Origin()
    for element in fields.get("source", ()):
        found = Origin(_name(text_of({"source": [element]}, "source")), absolute(element.get("url") or "", base))
        if found != Origin():
            return found
    for element in fields.get("atom:source", ()):
        inner = fields_of(element)
        links = {link.get("rel") or "alternate": link.get("href") or "" for link in inner.get("atom:link", ())}
        found = Origin(
            _name(text_of(inner, "atom:title")),
            absolute(links.get("alternate") or links.get("self") or text_of(inner, "atom:id"), own_base(element, base)),
        )
        if found != Origin():
            return found
    return Origin(_name(text_of(fields, "dc:source")))


def _enclosures(fields: Fields, base: str) -> Iterator[Medium | None]:
    for element in fields.get("enclosure", ()):
        yield _declared(element, element.get("url"), base, element.get("length"))
    for element in fields.get("atom:link", ()):
        if (element.get("rel") or "").lower() == "enclosure":
            yield _declared(element, element.get("href"), own_base(element, base), element.get("length"))


def _declared(element: Any, link: str | None, base: str, size: str | None) -> Medium | None:
    return medium_of(
        link or "", base, mime=element.get("type") or "", size=size or "", title=element.get("title") or ""
    )


def _media_rss(fields: Fields, base: str) -> Iterator[Medium | None]:
    for group in (fields, *map(fields_of, fields.get("media:group", ()))):
        for element in group.get("media:content", ()):
            inner = fields_of(element)
            yield medium_of(
                element.get("url") or "",
                base,
                mime=element.get("type") or "",
                kind=element.get("medium") or "",
                size=element.get("fileSize") or "",
                title=text_of(inner, "media:title", "media:description") or text_of(group, "media:title"),
                credit=text_of(inner, "media:credit", "media:copyright"),
            )
            for small in inner.get("media:thumbnail", ()):
                yield medium_of(small.get("url") or "", base, kind="image")
        for element in group.get("media:thumbnail", ()):
            yield medium_of(element.get("url") or "", base, kind="image")


def _pictures(fields: Fields, base: str) -> Iterator[Medium | None]:
    for element in fields.get("itunes:image", ()):
        yield medium_of(element.get("href") or "", base, kind="image")
    for element in fields.get("image", ()):  # RSS 1.0 and home-made ones: an address, or an element that holds one
        inner = fields_of(element)
        link = text_of(inner, "url") if inner else text_of(fields, "image")
        yield medium_of(link, base, kind="image")


def _name(markup: str) -> str:
    return cut(plain_line(markup[: MAX_NAME * 4]), MAX_NAME)
