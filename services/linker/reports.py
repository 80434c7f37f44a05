"""Small questions about one report that several parts of merging ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.contracts.dateline.v1 import article_pb2, event_pb2
from services.linker.days import days_of, told_on
from services.linker.origins import origin
from services.linker.profile import AHEAD, called_by_name
from services.linker.record import Report
from services.linker.status import Told, rank_of


def told_us(article: article_pb2.ArticleRef) -> int:
    """Return when an article was published, or first seen where it does not say: microseconds since 1970."""
    stamp = article.published_at if article.published_at.seconds else article.first_seen_at
    return int(stamp.seconds * 1_000_000 + stamp.nanos // 1_000)


LEAD: Final = 400
"""A sentence that starts within this many characters belongs to the lead, which tells what the headline promises."""

Telling = tuple[int, str, bool, int, str]


def in_order_told(report: Report) -> Telling:
    """Sort key: when its source first said so, then the order within the article. Arrival has no part in it."""
    mention = report.mention
    span = mention.sentence_span
    since = report.since_us or told_us(mention.article)
    return since, mention.article.id, not span.in_title, span.start, mention.id


def told_in_order(reports: Iterable[Report]) -> list[Report]:
    """Return reports in the order told; of articles of one instant (often a mere day) the one that knows less first."""
    found = list(reports)
    known: dict[str, int] = {}
    for report in found:
        article, rank = report.mention.article.id, rank_of(report.mention.status)
        known[article] = min(known.get(article, rank), rank)

    def order(report: Report) -> tuple[int, int, Telling]:
        telling = in_order_told(report)
        return telling[0], known[telling[1]], telling

    if len(found) > 1:
        found.sort(key=order)
    return found


def since_us(report: Report) -> int:
    """Return when its source first said so, microseconds since 1970: by an earlier revision where that said it too."""
    return report.since_us or told_us(report.mention.article)


def domain(article: article_pb2.ArticleRef) -> str:
    """Return what identifies the source of an article: its registered domain, its address where that is missing."""
    return article.source.domain or article.url


def voice_of(mention: event_pb2.Mention) -> tuple[str, bool]:
    """Return who says what a mention tells, and whether that is the article itself.

    Ten outlets that carry one government's denial are one voice. Officials without a name or country ("police said")
    speak through the outlet.
    """
    who = mention.attribution.entity
    if not who.id and mention.status == "denied":
        # "Iran denies the attack": who is named as having done it denies it.
        who = next((p.entity for p in mention.participants if p.role == "source" and p.entity.country), who)
    if who.country and (who.kind in ("country", "group") or who.sector):
        return f"country:{who.country}", False
    if who.id and (who.kind == "person" or called_by_name(who.name, who.kind)):
        return who.id, False
    return origin(mention.article).name, not mention.HasField("attribution")


def told_status(report: Report) -> Told:
    """Return the status as a report tells it."""
    mention = report.mention
    voice, own = voice_of(mention)
    days = days_of(mention.time) if mention.HasField("time") else None
    return Told(
        mention.status,
        mention.article.id,
        since_us(report),
        told_on(mention.article),
        days.start if days and days.explicit else None,
        mention.sentence_span.in_title,
        voice,
        own,
    )


def same_stage(mention: event_pb2.Mention, status: str) -> bool:
    """Tell whether a mention sees the event as ``status`` does: as still ahead, or as begun or ended."""
    return (mention.status in AHEAD) == (status in AHEAD)
