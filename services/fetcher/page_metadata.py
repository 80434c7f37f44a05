"""What a page says about itself in JSON-LD and meta elements: headline, people, dates, address, access. Pure.

Sources: schema.org NewsArticle as publishers embed it for search engines; Open Graph; HTML meta and link elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from services.fetcher.dates import Dated, dated
from services.fetcher.feed_item import categories_of, medium_of
from services.fetcher.feed_model import MAX_AUTHORS, MAX_NAME, Medium
from services.fetcher.plain_text import one_line, plain_line
from services.fetcher.web_address import absolute, without_trackers

ARTICLE_TYPES: Final = frozenset(
    {
        "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "backgroundnewsarticle",
        "opinionnewsarticle", "reviewnewsarticle", "blogposting", "liveblogposting", "report", "webpage",
        "techarticle", "socialmediaposting",
    }
)  # fmt: skip
_COMMON_WORDS: Final = 0.3
"""Share of the shorter title's words: more than chance, and still true of a headline that was rewritten."""
_MAX_BLOCKS: Final = 50
_MAX_OBJECTS: Final = 500
_DATE_META: Final = (
    "article:published_time", "og:published_time", "parsely-pub-date", "datepublished", "pubdate", "publishdate",
    "publish-date", "dc.date.issued", "dcterms.created", "dc.date", "sailthru.date", "cxenseparse:recs:publishtime",
    "date", "timestamp",
)  # fmt: skip
_CHANGED_META: Final = ("article:modified_time", "og:updated_time", "last-modified", "dcterms.modified", "datemodified")
_AUTHOR_META: Final = (
    "author", "article:author", "parsely-author", "dc.creator", "byl", "sailthru.author", "cxenseparse:author",
    "twitter:creator",
)  # fmt: skip
_TITLE_META: Final = ("og:title", "twitter:title", "parsely-title", "dc.title", "headline")
_TRAILING_COMMA: Final = re.compile(r",\s*(?=[}\]])")
_NOT_A_PERSON: Final = re.compile(
    r"^(?:https?:|www\.|@)|\b(?:staff|newsroom|editors?|desk|admin|administrator)$", re.IGNORECASE
)
_BY: Final = re.compile(r"^(?:by|from|story by|written by|analysis by)[:\s]+", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"\s*(?:,(?!\s*(?:jr|sr|ii|iii|phd|md)\b)|;|\||\band\b|&)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page says about itself; "" and () where it says nothing."""

    title: str
    authors: tuple[str, ...]
    published: Dated
    changed: Dated
    dated_by: str
    """Where the dates stood: json-ld, meta, page or ""."""
    language: str
    canonical_url: str
    article_body: str
    """articleBody of the JSON-LD, as it stands there."""
    free: bool | None
    """isAccessibleForFree of the JSON-LD, or the tier of its content; None where it says nothing."""
    words: int
    """wordCount of the JSON-LD; 0 where it says nothing."""
    site_name: str
    """The publisher's name for itself."""
    categories: tuple[str, ...]
    """Its section, then its keywords."""
    media: tuple[Medium, ...]
    """The picture that it offers for previews."""


def read_metadata(tree: Any, url: str, now: datetime) -> PageMetadata:
    """Return what the page under ``tree`` (an lxml HTML tree), read from ``url``, says about itself."""
    meta = _meta(tree)
    article = _article(tree, url)
    published, changed, dated_by = _dates(tree, article, meta, now)
    title = _title(tree, plain_line(_string(article.get("headline"))) or _first(meta, _TITLE_META))
    canonical = next((link.get("href") for link in tree.iterfind(".//link[@rel='canonical']") if link.get("href")), "")
    canonical = absolute(canonical or _first(meta, ("og:url",)), url)
    language = _string(article.get("inLanguage")) or tree.get("lang") or _first(meta, ("language", "content-language"))
    return PageMetadata(
        title=title[:500],
        authors=_authors(article, meta),
        published=published,
        changed=changed,
        dated_by=dated_by,
        language=one_line(language).lower().replace("_", "-")[:35],
        canonical_url=without_trackers(canonical),
        article_body=_string(article.get("articleBody")),
        free=_access(article, meta),
        words=_words(article),
        site_name=(_publisher(article) or _first(meta, ("og:site_name", "application-name")))[:MAX_NAME],
        categories=_categories(article, meta),
        media=_picture(article, meta, url),
    )


def _categories(article: Mapping[str, Any], meta: Mapping[str, list[str]]) -> tuple[str, ...]:
    sections = [*_strings(article.get("articleSection")), *meta.get("article:section", ())]
    words = [*_strings(article.get("keywords")), *meta.get("article:tag", ()), *meta.get("news_keywords", ())]
    return categories_of((*sections, *(part for text in words for part in text[:4000].split(","))))


def _picture(article: Mapping[str, Any], meta: Mapping[str, list[str]], url: str) -> tuple[Medium, ...]:
    image = article.get("image")
    first = image[0] if isinstance(image, list) and image else image
    link = _first(meta, ("og:image:secure_url", "og:image", "twitter:image")) or _id(first)
    medium = medium_of(link, url, kind="image")
    return (medium,) if medium is not None else ()


def _title(tree: Any, declared: str) -> str:
    """The headline as readers see it: the page's only h1, where it has words in common with what is declared."""
    headings = [heading for element in tree.iterfind(".//h1") if (heading := plain_line(element.text_content()[:500]))]
    if len(set(headings)) == 1:
        seen, said = set(headings[0].casefold().split()), set(declared.casefold().split())
        if not said or len(seen & said) >= _COMMON_WORDS * min(len(seen), len(said)):
            return headings[0]
    return declared or next(iter(headings), "") or plain_line(tree.findtext(".//title") or "")


def _meta(tree: Any) -> dict[str, list[str]]:
    meta: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = element.get("content")
        if name and content and not content.isspace():
            meta.setdefault(name.strip().lower(), []).append(content)
    return meta


def _first(meta: Mapping[str, list[str]], names: tuple[str, ...]) -> str:
    return next((plain_line(meta[name][0][:4000]) for name in names if name in meta), "")


def _article(tree: Any, url: str) -> Mapping[str, Any]:
    """The JSON-LD object that tells most about the page: an article before a web page, with a body before without."""
    best: Mapping[str, Any] = {}
    best_rank = (-1, 0)
    for found in _objects(tree):
        kinds = {kind.lower() for kind in _strings(found.get("@type"))} & ARTICLE_TYPES
        if not kinds:
            continue
        # A page may list other articles; they name their own address.
        own = absolute(_string(found.get("url")) or _id(found.get("mainEntityOfPage")), url)
        if own and without_trackers(own).rstrip("/") != without_trackers(url).rstrip("/") and best:
            continue
        rank = (0 if kinds == {"webpage"} else 1, len(_string(found.get("articleBody"))) or int("headline" in found))
        if rank > best_rank:
            best, best_rank = found, rank
    return best


def _objects(tree: Any) -> Iterator[Mapping[str, Any]]:
    budget = _MAX_OBJECTS
    for number, script in enumerate(tree.iterfind(".//script[@type='application/ld+json']")):
        if number >= _MAX_BLOCKS:
            return
        stack = [_json(script.text or "")]
        while stack and budget > 0:
            node = stack.pop()
            budget -= 1
            if isinstance(node, list):
                stack.extend(reversed(node))
            elif isinstance(node, dict):
                yield node
                stack.extend(
                    node[key]
                    for key in ("@graph", "mainEntity", "mainEntityOfPage")
                    if isinstance(node.get(key), dict | list)
                )


def _json(text: str) -> Any:
    text = (
        text.strip()
        .removeprefix("<!--")
        .removeprefix("//<![CDATA[")
        .removesuffix("-->")
        .removesuffix("//]]>")
        .strip()
        .rstrip(";")
    )
    for candidate in (text, _TRAILING_COMMA.sub("", text.replace("\r", "").replace("\n", " ").replace("\t", " "))):
        try:
            return orjson.loads(candidate.encode("utf-8", "replace"))
        except orjson.JSONDecodeError:
            continue
    return None


def _dates(
    tree: Any, article: Mapping[str, Any], meta: Mapping[str, list[str]], now: datetime
) -> tuple[Dated, Dated, str]:
    found = (
        ("json-ld", _string(article.get("datePublished")), _string(article.get("dateModified"))),
        ("meta", _first(meta, _DATE_META), _first(meta, _CHANGED_META)),
        ("page", next((time.get("datetime") for time in tree.iterfind(".//time[@datetime]")), ""), ""),
    )
    for origin, published_text, changed_text in found:
        published, changed = dated(published_text, now), dated(changed_text, now)
        if published.at or changed.at:
            return published, changed, origin
    return Dated(), Dated(), ""


def _authors(article: Mapping[str, Any], meta: Mapping[str, list[str]]) -> tuple[str, ...]:
    names = [name for name in map(_person, _people(article.get("author") or article.get("creator"))) if name]
    for key in _AUTHOR_META:
        if names:
            break
        names = [
            name for text in meta.get(key, ()) for part in _SEVERAL.split(plain_line(text)) if (name := _person(part))
        ]
    return tuple(dict.fromkeys(names))[:MAX_AUTHORS]


def _people(value: Any) -> Iterator[str]:
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, str):
            yield from _SEVERAL.split(plain_line(entry))
        elif isinstance(entry, dict) and "organization" not in {kind.lower() for kind in _strings(entry.get("@type"))}:
            for name in _strings(entry.get("name")):
                yield from _SEVERAL.split(plain_line(name))


def _person(text: str) -> str:
    name = _BY.sub("", plain_line(text)).strip(" .,")
    return "" if _NOT_A_PERSON.search(name) or len(name) > MAX_NAME or len(name) < 2 else name


def _publisher(article: Mapping[str, Any]) -> str:
    publisher = article.get("publisher")
    first = publisher[0] if isinstance(publisher, list) and publisher else publisher
    return plain_line(_string(first.get("name"))) if isinstance(first, dict) else ""


def _access(article: Mapping[str, Any], meta: Mapping[str, list[str]]) -> bool | None:
    """Whether all of it is free. Google's markup for paywalls says so of the article, of the part behind the wall, or
    both; Facebook's content tier is locked, metered or free."""
    said = [_flag(part.get("isAccessibleForFree")) for part in _dicts(article.get("hasPart"))]
    free = _flag(article.get("isAccessibleForFree"))
    if free is False or False in said or _first(meta, ("article:content_tier",)).lower() == "locked":
        return False
    return free


def _flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(_string(value).lower().rpartition("/")[2])


def _words(article: Mapping[str, Any]) -> int:
    value = article.get("wordCount")
    digits = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0


def _id(value: Any) -> str:
    return _string(value.get("@id") or value.get("url")) if isinstance(value, dict) else _string(value)


def _string(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""


def _strings(value: Any) -> list[str]:
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
