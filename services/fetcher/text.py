"""The article's text: from the feed where it is whole there, else from the page's JSON-LD, else from its markup. Pure.

The page functions may take long for a page that is made to hurt; they run in a reading worker.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import trafilatura
from lxml import etree, html

from services.fetcher.charset import decode
from services.fetcher.completeness import FULL_WORDS, is_teaser, of_page, without_feed_tail, word_count
from services.fetcher.dates import Dated
from services.fetcher.feed_model import FeedItem, Medium
from services.fetcher.feed_repair import without_declaration
from services.fetcher.page_furniture import EMBEDS, without_furniture
from services.fetcher.page_metadata import PageMetadata, read_metadata
from services.fetcher.plain_text import one_line, paragraphs
from services.fetcher.revisions import normalised

MAX_TEXT: Final = 200_000
"""Characters kept of a text: 30,000 words."""
FEED_EXTRACTOR: Final = "dateline feed 1"
JSON_LD_EXTRACTOR: Final = "dateline json-ld 1"
PAGE_EXTRACTOR: Final = f"trafilatura {trafilatura.__version__}"
_SAME_TEXT: Final = 0.9
_LONG_PARAGRAPH_WORDS: Final = 150
_SENTENCES_IN_ONE: Final = 3
_SENTENCE_END: Final = re.compile(r"(?<=[a-z0-9)][.!?])[\"”’]?\s+(?=[\"“‘]?[A-Z])|(?<=[.!?][\"”])\s+(?=[\"“]?[A-Z])")


@dataclass(frozen=True, slots=True)
class ArticleText:
    """An article's text and what its page says about it, each with where it came from."""

    title: str
    paragraphs: tuple[str, ...]
    origin: str
    """One of: feed, json-ld, page."""
    extractor: str
    completeness: str
    """One of: full, teaser, paywalled, consent-page."""
    authors: tuple[str, ...] = ()
    language: str = ""
    site_name: str = ""
    page_published: Dated = field(default_factory=Dated)
    page_dated: Dated = field(default_factory=Dated)
    """When the page was changed last, or published where it does not say that."""
    page_dated_by: str = ""
    """One of: json-ld, meta, page; "" without a date."""
    canonical_url: str = ""
    raw_sha256: str = ""
    categories: tuple[str, ...] = ()
    """The page's section and keywords."""
    media: tuple[Medium, ...] = ()
    """The picture that the page offers for previews."""


def from_feed(item: FeedItem) -> ArticleText | None:
    """Return the item's own text where the feed carries the whole article, else None."""
    for markup, least_words in ((item.content, FULL_WORDS), (item.summary, 3 * FULL_WORDS)):
        lines = without_feed_tail(paragraphs(markup)) if len(markup) >= 5 * least_words else []
        if word_count(lines) >= least_words and not is_teaser(lines):
            return _from_item(item, lines, "full", markup)
    return None


def teaser(item: FeedItem, completeness: str = "teaser") -> ArticleText:
    """Return what little the feed says of an item, for when its page cannot be read."""
    markup = max(item.content, item.summary, key=len)
    return _from_item(item, without_feed_tail(paragraphs(markup)), completeness, markup)


def from_page(raw: bytes, content_type: str, url: str, now: datetime) -> ArticleText:
    """Return the article on a page. Raises ValueError, saying why, where it is no HTML page or holds no text at all."""
    text = without_declaration(decode(raw, content_type))
    if not text.strip():
        raise ValueError("the page is empty")
    try:
        tree = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8", remove_comments=True))
    except (etree.LxmlError, ValueError) as error:
        raise ValueError(f"the page is not HTML ({error})") from error
    about = read_metadata(tree, url, now)
    lines, origin, extractor, end = _best_text(tree, about, url)
    return ArticleText(
        title=about.title,
        paragraphs=_capped(lines),
        origin=origin,
        extractor=extractor,
        completeness=of_page(lines, about.free, _visible_start(tree), about.words, end),
        authors=about.authors,
        language=about.language,
        site_name=about.site_name,
        page_published=about.published,
        page_dated=about.changed if about.changed.at else about.published,
        page_dated_by=about.dated_by,
        canonical_url=about.canonical_url,
        raw_sha256=sha256(raw).hexdigest(),
        categories=about.categories,
        media=about.media,
    )


def _best_text(tree: Any, about: PageMetadata, url: str) -> tuple[list[str], str, str, str]:
    """The article's paragraphs, where they were found, by what, and how the text ended before it was cleaned."""
    body = paragraphs(about.article_body)
    declared, body_end = without_furniture(body), " ".join(body[-2:])
    declared_words = word_count(declared)
    if declared_words >= FULL_WORDS and len(declared) > 1 + declared_words // _LONG_PARAGRAPH_WORDS:
        return declared, "json-ld", JSON_LD_EXTRACTOR, body_end
    extracted = _extracted(tree, url)
    lines, end = without_furniture(extracted), " ".join(extracted[-2:])
    if lines and normalised(lines[0]) == normalised(about.title):  # the headline stands above the text
        del lines[0]
    if declared_words < FULL_WORDS or declared_words < 0.5 * word_count(lines):
        return lines, "page", PAGE_EXTRACTOR, end
    # The body is there but in one piece: the page's paragraphs, where they say the same, else sentences in threes.
    if _overlap(declared, lines) >= _SAME_TEXT:
        return lines, "page", PAGE_EXTRACTOR, end
    return [part for line in declared for part in _split(line)], "json-ld", JSON_LD_EXTRACTOR, body_end


def _extracted(tree: Any, url: str) -> list[str]:
    document = trafilatura.bare_extraction(
        tree,
        url=url,
        favor_precision=True,
        include_comments=False,
        include_tables=False,
        with_metadata=False,
        prune_xpath=list(EMBEDS),
    )
    return [line for line in map(one_line, (document.text or "").splitlines()) if line] if document is not None else []


def _overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """F1 of the words of two texts."""
    a, b = Counter(" ".join(one).split()), Counter(" ".join(other).split())
    common = (a & b).total()
    return 2 * common / (a.total() + b.total()) if common else 0.0


def _split(line: str) -> list[str]:
    if len(line.split()) <= _LONG_PARAGRAPH_WORDS:
        return [line]
    sentences = _SENTENCE_END.split(line)
    return [" ".join(sentences[n : n + _SENTENCES_IN_ONE]) for n in range(0, len(sentences), _SENTENCES_IN_ONE)]


def _visible_start(tree: Any) -> str:
    body = tree.find(".//body")
    return (
        one_line(" ".join(body.xpath("(.//text()[not(ancestor::script|ancestor::style)])[position() < 200]"))[:8000])
        if body is not None
        else ""
    )


def _from_item(item: FeedItem, lines: Sequence[str], completeness: str, markup: str) -> ArticleText:
    return ArticleText(
        title=item.title,
        paragraphs=_capped(lines),
        origin="feed",
        extractor=FEED_EXTRACTOR,
        completeness=completeness,
        authors=item.authors,
        language=item.language,
        raw_sha256=sha256(markup.encode("utf-8", "replace")).hexdigest(),
    )


def _capped(lines: Sequence[str]) -> tuple[str, ...]:
    kept, room = [], MAX_TEXT
    for line in lines:
        if room <= 0:
            break
        kept.append(line[:room])
        room -= len(line) + 1
    return tuple(kept)
