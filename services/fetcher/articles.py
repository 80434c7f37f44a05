"""Make the Article message from what the feed and the page say. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.contracts.dateline.v1.article_pb2 import Article, DatedFrom, Media, Source
from services.contracts.ids import article_id
from services.contracts.instants import to_timestamp
from services.contracts.topics import ARTICLES_RAW
from services.fetcher.dates import Dated
from services.fetcher.feed_item import categories_of, distinct
from services.fetcher.feed_model import FeedItem, Origin
from services.fetcher.language import language_of
from services.fetcher.revisions import content_hash
from services.fetcher.source_country import source_country
from services.fetcher.state import ItemRecord
from services.fetcher.subscriptions import Subscription
from services.fetcher.text import ArticleText
from services.fetcher.web_address import source_domain, without_trackers
from services.runtime.stage import Emit

DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is known of one revision of one article."""

    subscription: Subscription
    feed_title: str
    feed_language: str
    item: FeedItem
    text: ArticleText
    url: str
    """Where the text was read: the page's address after redirects, else the item's link, else the feed's."""
    lineage: str
    revision: int
    supersedes: str
    seen_at: datetime
    language: str = ""
    """Of the revisions before; "" for the first."""
    diff: str = ""
    """Hash of what it changed against the revision before; "" for the first."""


def text_hash(item: FeedItem, text: ArticleText) -> str:
    """Return the content hash of the article that ``item`` and ``text`` make."""
    return content_hash(_title(item, text), text.paragraphs)


def make_article(reading: Reading) -> Article:
    """Return the message."""
    item, text = reading.item, reading.text
    canonical = text.canonical_url or without_trackers(reading.url)
    article = Article(
        id=article_id(reading.lineage, reading.revision),
        lineage_id=reading.lineage,
        revision=reading.revision,
        supersedes=reading.supersedes,
        url=reading.url,
        canonical_url=canonical,
        source=_source(reading),
        feed_url=reading.subscription.url,
        title=_title(item, text),
        text="\n".join(text.paragraphs),
        paragraphs=text.paragraphs,
        authors=text.authors or item.authors,
        language=_language(reading),
        first_seen_at=to_timestamp(reading.seen_at),
        text_origin=text.origin,
        text_extractor=text.extractor,
        completeness=text.completeness,
        content_hash=text_hash(item, text),
        raw_sha256=text.raw_sha256,
        sample=reading.subscription.sample,
        categories=categories_of((*item.categories, *text.categories)),
        media=_media(item, text),
        diff_hash=reading.diff,
    )
    if item.origin != Origin():
        article.syndicated_from.CopyFrom(_taken_from(item.origin))
    published, origin = (item.published, "feed") if item.published.raw else (item.updated, "feed")
    if published.at is None and text.page_published.at is not None:
        published, origin = text.page_published, text.page_dated_by
    _set_date(article.published_at, published, origin)
    _set_date(article.page_dated_at, text.page_dated, text.page_dated_by)
    return article


def make_withdrawal(record: ItemRecord, subscription: Subscription, why: str, seen_at: datetime) -> Article:
    """Return the revision that takes an article back: it has no text, and says ``why``."""
    url = record.url or subscription.url
    domain = source_domain(url)
    return Article(
        id=article_id(record.lineage, record.revision + 1),
        lineage_id=record.lineage,
        revision=record.revision + 1,
        supersedes=record.article_id,
        url=url,
        canonical_url=without_trackers(url),
        source=Source(domain=domain, name=domain, country=source_country(domain, "")),
        feed_url=subscription.url,
        language=record.language or DEFAULT_LANGUAGE,
        first_seen_at=to_timestamp(seen_at),
        completeness="full",
        text_origin="feed",
        sample=subscription.sample,
        withdrawn=why,
    )


def emit_article(article: Article, seen_at: datetime) -> Emit:
    """Return the message as it is sent."""
    return Emit(ARTICLES_RAW, article.language, article, article.id, seen_at)


def _title(item: FeedItem, text: ArticleText) -> str:
    return item.title or text.title


def _source(reading: Reading) -> Source:
    domain = source_domain(reading.url)
    country = source_country(domain, reading.feed_language or reading.text.language)
    return Source(domain=domain, name=_source_name(reading), country=country)


def _taken_from(origin: Origin) -> Source:
    domain = source_domain(origin.url) if origin.url else ""
    return Source(domain=domain, name=origin.name or domain, country=source_country(domain, "") if domain else "")


def _media(item: FeedItem, text: ArticleText) -> list[Media]:
    return [
        Media(url=one.url, kind=one.kind, mime=one.mime, size=one.size, title=one.title, credit=one.credit)
        for one in distinct((*item.media, *text.media))
    ]


def _source_name(reading: Reading) -> str:
    return reading.text.site_name or reading.feed_title or reading.subscription.title or source_domain(reading.url)


def _language(reading: Reading) -> str:
    if reading.language:
        return reading.language
    said = reading.item.language or reading.text.language or reading.feed_language
    return language_of(_title(reading.item, reading.text), reading.text.paragraphs, said, DEFAULT_LANGUAGE)


def _set_date(target: DatedFrom, date: Dated, origin: str) -> None:
    if not date.raw and date.at is None:
        return
    target.raw = date.raw
    target.origin = origin or "page"
    if date.at is not None:
        target.at.CopyFrom(to_timestamp(date.at))
        target.confidence = date.confidence
