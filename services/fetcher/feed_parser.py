"""Bytes of a feed to what it says: strict first, mended second, salvaged last. Pure.

The strict reader is fast and certain. What it refuses is mended (``feed_repair``) and read strictly again; only what is
then still no XML needs ``feed_salvage``, which must run where it can be killed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from lxml import etree

from services.fetcher.charset import decode
from services.fetcher.decompression import BodyReader, BodyRefused
from services.fetcher.feed_json import read_json_feed
from services.fetcher.feed_model import NotAFeed, ParsedFeed
from services.fetcher.feed_repair import breaks_off, repaired, without_declaration
from services.fetcher.feed_salvage import salvage
from services.fetcher.feed_tree import read_feed
from services.fetcher.xml_tree import parse_tree

_HTML: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_CHALLENGE: Final = re.compile(
    r"just a moment|checking your browser|enable javascript and cookies|captcha|access denied", re.IGNORECASE
)


_TOO_DEEP: Final = "Excessive depth"
"""What libxml2 says of elements nested more than 256 deep."""
_GZIP: Final = b"\x1f\x8b"
_STEP: Final = 65_536
MAX_UNPACKED: Final = 50_000_000
"""Bytes of a sitemap (sitemaps.org allows 50 MB, of feeds nobody writes as much)."""


class NeedsSalvage(Exception):
    """The document is not well-formed even when mended."""


def parse_feed(raw: bytes, content_type: str, url: str, now: datetime) -> ParsedFeed:
    """Return the feed in ``raw``. Raises NotAFeed saying what it is instead.

    May take seconds for a document that is made to hurt: run it in a reading worker, or use ``parse_well_formed``.
    """
    try:
        return parse_well_formed(raw, content_type, url, now)
    except NeedsSalvage:
        # Mended as far as it goes: entities of its own must be gone whatever reads it.
        text = decode(_unpacked(raw), content_type)
        return replace(salvage(repaired(text), url, now), truncated=breaks_off(text))


def parse_well_formed(raw: bytes, content_type: str, url: str, now: datetime) -> ParsedFeed:
    """Return the feed in ``raw``, in time proportional to its size. Raises NotAFeed, or NeedsSalvage."""
    text = decode(_unpacked(raw), content_type)
    head = text[:2000].lstrip()
    if not head:
        raise NotAFeed("the document is empty: nothing is concluded from it, and it is asked for again later")
    if head.startswith("{"):
        return read_json_feed(text, url, now)
    if _HTML.match(head):
        challenge = _CHALLENGE.search(text[:20_000])
        hint = "a page that checks for a browser" if challenge else "a web page, not a feed"
        raise NotAFeed(f"the address answers with {hint}: look for the site's RSS address, or allow feed readers there")
    # A DOCTYPE can define entities, and attributes would still expand them: such a document is mended, never trusted.
    if "<!DOCTYPE" not in text[:20_000].upper():
        try:
            return read_feed(parse_tree(without_declaration(text).encode()), url, now, "strict")
        except etree.XMLSyntaxError:
            pass
    try:
        feed = read_feed(parse_tree(repaired(text).encode()), url, now, "repaired")
    except etree.XMLSyntaxError as error:
        if _TOO_DEEP in str(error):
            raise NotAFeed("the document is nested too deep for a feed: taken for an attack") from error
        raise NeedsSalvage(str(error)) from error
    return replace(feed, truncated=True) if breaks_off(text) else feed


def is_packed(raw: bytes) -> bool:
    """True for a gzip file, as which large sitemaps are kept ("news.xml.gz")."""
    return raw.startswith(_GZIP)


def _unpacked(raw: bytes) -> bytes:
    if not is_packed(raw):
        return raw
    reader = BodyReader("gzip", MAX_UNPACKED)
    try:
        for start in range(0, len(raw), _STEP):
            reader.feed(raw[start : start + _STEP])
    except BodyRefused as error:
        why = str(error).partition(";")[0]
        raise NotAFeed(f"the document is a gzip file that cannot be unpacked: {why}") from error
    body, _ = reader.finish()
    if is_packed(body):
        raise NotAFeed("the document is a gzip file within a gzip file: taken for an attack")
    return body
