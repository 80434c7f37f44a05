"""Small questions about one report that several parts of merging ask."""

from __future__ import annotations

from services.contracts.dateline.v1 import article_pb2, event_pb2
from services.linker.days import days_of, told_on
from services.linker.profile import AHEAD
from services.linker.record import Report
from services.linker.status import Told


def told_us(article: article_pb2.ArticleRef) -> int:
    """Return when an article was published, or first seen where it does not say: microseconds since 1970."""
    stamp = article.published_at if article.published_at.seconds else article.first_seen_at
    return int(stamp.seconds * 1_000_000 + stamp.nanos // 1_000)


def in_order_told(report: Report) -> tuple[int, int]:
    """Sort key: by publication, then by arrival."""
    return told_us(report.mention.article), report.arrived_us


def domain(article: article_pb2.ArticleRef) -> str:
    """Return what identifies the source of an article: its registered domain, its address where that is missing."""
    return article.source.domain or article.url


def told_status(mention: event_pb2.Mention) -> Told:
    """Return the status as a mention tells it."""
    days = days_of(mention.time) if mention.HasField("time") else None
    return Told(
        mention.status,
        mention.article.id,
        told_us(mention.article),
        told_on(mention.article),
        days.start if days and days.explicit else None,
        mention.sentence_span.in_title,
    )


def same_stage(mention: event_pb2.Mention, status: str) -> bool:
    """Tell whether a mention sees the event as ``status`` does: as still ahead, or as begun or ended."""
    return (mention.status in AHEAD) == (status in AHEAD)
