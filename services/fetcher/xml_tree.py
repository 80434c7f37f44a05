"""A well-formed XML document as a tree, and its elements by short names, whatever prefixes it uses. Pure.

The parser is told to keep away from entities, the network and huge documents, so that billion laughs, external
entities and endless nesting end in an error instead of in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from lxml import etree

from services.fetcher.web_address import absolute

XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"
_PREFIXES: Final = {
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns": "atom",
    "http://purl.org/rss/1.0": "",
    "http://my.netscape.com/rdf/simple/0.9": "",
    "http://channel.netscape.com/rdf/simple/0.9": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://backend.userland.com/rss091": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://www.rssboard.org/rss-specification": "",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/syndication": "sy",
    "http://search.yahoo.com/mrss": "media",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://purl.org/atompub/tombstones/1.0": "at",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "sm",
    "http://www.google.com/schemas/sitemap/0.84": "sm",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://www.google.com/schemas/sitemap-image/1.1": "image",
}
"""Short names of namespaces, which are written here as ``_plain`` makes them."""

Fields = dict[str, list[Any]]
"""Child elements by short name, in order."""


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


def name_of(element: Any) -> str:
    """Return "item", "atom:entry", ...: with the usual prefix of its namespace, the tag itself for unknown ones."""
    tag = element.tag
    return _short(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=2048)
def _short(tag: str) -> str:
    if tag[0] != "{":
        return tag
    namespace, _, local = tag[1:].partition("}")
    prefix = _PREFIXES.get(_plain(namespace))
    return local if prefix == "" else f"{prefix}:{local}" if prefix is not None else tag


def _plain(namespace: str) -> str:
    """Publishers write namespaces with https, another case, and with or without the slash at the end."""
    return namespace.lower().replace("https://", "http://", 1).rstrip("/#")


def fields_of(element: Any) -> Fields:
    """Return the children of an element by name."""
    fields: Fields = {}
    for child in element:
        fields.setdefault(name_of(child), []).append(child)
    return fields


def texts_of(fields: Fields, name: str) -> Iterator[str]:
    """Yield the text of every child of that name."""
    for element in fields.get(name, ()):
        yield whole_text(element)


def text_of(fields: Fields, *names: str) -> str:
    """Return the text of the first of ``names`` that has any; "" where none has."""
    for name in names:
        for element in fields.get(name, ()):
            found = whole_text(element)
            if found and not found.isspace():
                return found
    return ""


def whole_text(element: Any) -> str:
    """Return all text within an element."""
    if len(element) == 0:
        return element.text or ""
    # An undefined entity is dropped, the words around it are kept.
    return (
        "".join(element.itertext(tag=("{*}*",))) if any(isinstance(c.tag, str) for c in element) else _around(element)
    )


def _around(element: Any) -> str:
    return (element.text or "") + "".join(child.tail or "" for child in element)


def base_of(element: Any, url: str) -> str:
    """Return what relative addresses in ``element`` count from (XML Base): every xml:base above it and its own."""
    bases = [element.get(_BASE)] if element.get(_BASE) else []
    for ancestor in element.iterancestors():
        if ancestor.get(_BASE):
            bases.append(ancestor.get(_BASE))
    for base in reversed(bases):
        url = absolute(base, url) or url
    return url


def own_base(element: Any, base: str) -> str:
    """Return ``base`` as the element's own xml:base changes it."""
    own = element.get(_BASE)
    return (absolute(own, base) or base) if own else base
