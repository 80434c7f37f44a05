"""Mend the faults that real feeds have, so that the strict parser can read them. Pure.

About 3% of real feeds are not well-formed, nearly all in one of these ways: something before the XML declaration, a
bare "&" or attribute, an HTML entity, an undeclared prefix, or an end that is missing. Mending exactly these keeps
every item, where tolerant parsers lose some silently.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import Final

_START_WITHIN: Final = 16_384
_DECLARATION: Final = re.compile(r"<\?xml[^>]{0,500}>\s*", re.IGNORECASE)
_DOCTYPE: Final = re.compile(r"<!DOCTYPE(?:[^\[>\"']|\"[^\"]*\"|'[^']*')*(\[)?", re.IGNORECASE)
_SUBSET_END: Final = re.compile(r"\]\s*>")
# CDATA sections and comments are matched first, so that nothing inside them is touched.
_MENDABLE: Final = re.compile(
    r"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<[A-Za-z][\w:.-]*\s[^<>]*>"
    r"|&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{0,31};)?",
    re.DOTALL,
)
_REFERENCE: Final = re.compile(r"&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{0,31};)?")
_XML_ENTITIES: Final = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_ROOT: Final = re.compile(r"<(rss|rdf:RDF|(?:[\w-]+:)?(?:feed|urlset|sitemapindex))\b[^<>]{0,4000}", re.IGNORECASE)
_BARE_ATTRIBUTE: Final = re.compile(r"""(\s[\w:-]+)=([^\s"'<>]*[^\s"'<>/])""")
_PREFIX: Final = re.compile(r"</?([A-Za-z][\w-]{0,30}):|\s([A-Za-z][\w-]{0,30}):[\w-]+\s*=\s*[\"']")
# What a prefix means where the document forgot to declare it.
_USUAL_NAMESPACES: Final = {
    "rss": "http://purl.org/rss/1.0/",
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
_LAST_ITEM: Final = re.compile(r"</(item|(?:[\w-]+:)?(?:entry|url|sitemap))\s*>", re.IGNORECASE)

_FIRST_ITEM: Final = re.compile(r"<(?:item|(?:[\w-]+:)?(?:entry|url|sitemap))[\s>]", re.IGNORECASE)


def without_declaration(text: str) -> str:
    """Return the text without its XML declaration, whose encoding is no longer true of decoded text."""
    stripped = text.lstrip()
    match = _DECLARATION.match(stripped)
    return stripped[match.end() :] if match else stripped


def breaks_off(text: str) -> bool:
    """True where the document's root element is never closed."""
    root = _ROOT.search(text, 0, _START_WITHIN)
    return root is not None and f"</{root.group(1).lower()}" not in text[-4096:].lower()


def repaired(text: str) -> str:
    """Return the document with known faults mended. Entities of its own are dropped together with its DOCTYPE."""
    text, had_entities = _without_doctype(text)
    root = _ROOT.search(text, 0, _START_WITHIN)
    text = without_declaration(text) if root is None else _with_sound_root(text[root.start() :])
    if breaks_off(text):
        text = _closed(text)
    return mended_markup(text, had_entities)


def mended_markup(text: str, had_entities: bool = False) -> str:
    """Return XML with bare ampersands and attributes and HTML entities mended; line numbers stay.

    ``had_entities``: the document defined entities of its own; references to them are dropped instead of shown.
    """

    def reference(match: re.Match[str]) -> str:
        return _mended_reference(match.group(1), had_entities)

    def mend(match: re.Match[str]) -> str:
        whole = match.group(0)
        if whole[0] == "&":
            return reference(match)
        if whole[1] == "!":
            return whole
        return _BARE_ATTRIBUTE.sub(r'\1="\2"', _REFERENCE.sub(reference, whole)) if "=" in whole else whole

    return _MENDABLE.sub(mend, text)


def _mended_reference(name: str | None, had_entities: bool) -> str:
    if name is None:
        return "&amp;"
    if name in _XML_ENTITIES:
        return f"&{name}"
    if name[0] == "#":
        return _character(name)
    character = html5.get(name)
    if character is not None:
        return character if character not in "<>&" else f"&#{ord(character)};"
    # The document defined it itself (billion laughs) or nobody did ("AT&T;").
    return "" if had_entities else f"&amp;{name}"


def _without_doctype(text: str) -> tuple[str, bool]:
    match = _DOCTYPE.search(text, 0, _START_WITHIN)
    if match is None:
        return text, False
    if match.group(1) is None:
        end = text.find(">", match.end())
        return text[: match.start()] + text[end + 1 :] if end >= 0 else text, False
    subset_end = _SUBSET_END.search(text, match.end())
    if subset_end is None:
        return text, False
    return text[: match.start()] + text[subset_end.end() :], True


def _with_sound_root(text: str) -> str:
    """Quote bare attributes of the root element and declare the prefixes that the document uses undeclared."""
    root = _ROOT.match(text)
    if root is None:
        return text
    tag = _BARE_ATTRIBUTE.sub(r'\1="\2"', root.group(0))
    used = {match.group(1) or match.group(2) for match in _PREFIX.finditer(text)} - {"xml", "xmlns"}
    for prefix in sorted(used):
        # Declared once on an inner element is declared there; a second declaration on the root does no harm.
        if f"xmlns:{prefix}=" not in tag:
            tag += f' xmlns:{prefix}="{_USUAL_NAMESPACES.get(prefix, f"urn:undeclared:{prefix}")}"'
    return tag + text[root.end() :]


def _closed(text: str) -> str:
    """Cut a document that breaks off after its last whole item and close what is open."""
    root = _ROOT.search(text, 0, _START_WITHIN)
    last = None
    for last in _LAST_ITEM.finditer(text):  # noqa: B007 the last one is wanted
        pass
    if root is None:
        return text
    if last is not None:
        end = last.end()
    else:
        first = _FIRST_ITEM.search(text, root.end())
        if first is None:
            return text
        end = first.start()
    name = root.group(1)
    middle = "</channel>" if name.lower() == "rss" else ""
    return f"{text[:end]}{middle}</{name}>"


def _character(reference: str) -> str:
    number = int(reference[2:-1], 16) if reference[1] in "xX" else int(reference[1:-1])
    if number in (9, 10, 13) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD or 0x10000 <= number <= 0x10FFFF:
        return f"&{reference}"
    return ""
