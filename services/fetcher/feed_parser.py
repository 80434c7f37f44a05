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
from services.fetcher.feed_json import read_json_feed
from services.fetcher.feed_model import NotAFeed, ParsedFeed
from services.fetcher.feed_repair import breaks_off, repaired, without_declaration
from services.fetcher.feed_salvage import salvage
from services.fetcher.feed_tree import parse_tree, read_feed

_HTML: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_CHALLENGE: Final = re.compile(
    r"just a moment|checking your browser|enable javascript and cookies|captcha|access denied", re.IGNORECASE
)


class NeedsSalvage(Exception):
    """The document is not well-formed even when mended."""


def parse_feed(raw: bytes, content_type: str, url: str, now: datetime) -> ParsedFeed:
    """Return the feed in ``raw``. Raises NotAFeed saying what it is instead.

    May take seconds for a document that is made to hurt: run it in a reading worker, or use ``parse_well_formed``.
    """
    try:
        return parse_well_formed(raw, content_type, url, now)
    except NeedsSalvage:
        return salvage(decode(raw, content_type), url, now)


def parse_well_formed(raw: bytes, content_type: str, url: str, now: datetime) -> ParsedFeed:
    """Return the feed in ``raw``, in time proportional to its size. Raises NotAFeed, or NeedsSalvage."""
    text = decode(raw, content_type)
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
        raise NeedsSalvage(str(error)) from error
    return replace(feed, truncated=True) if breaks_off(text) else feed
