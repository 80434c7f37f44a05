"""Articles and messages for the tests of the extractor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.contracts.dateline.v1.article_pb2 import Article, Source, UniqueArticle, Verdict
from services.contracts.dateline.v1.event_pb2 import Mention
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_UNIQUE
from services.extractor.stage import Extractor
from services.runtime.stage import Message

PUBLISHED = datetime(2025, 6, 12, 12, tzinfo=UTC)
"""A Thursday."""


def unique(text: str, title: str = "", identity: str = "a1", **fields: Any) -> Message:
    """Return the message of an English article published at PUBLISHED."""
    article = Article(id=identity, lineage_id="l", title=title, text=text, url=f"https://wire.example/{identity}")
    article.language = fields.pop("language", "en")
    article.revision = fields.pop("revision", 1)
    article.supersedes = fields.pop("supersedes", "")
    article.source.CopyFrom(Source(domain="wire.example", name="Wire", country="GBR"))
    article.published_at.at.FromDatetime(PUBLISHED)
    article.first_seen_at.FromDatetime(PUBLISHED)
    value = UniqueArticle(article=article, verdict=Verdict(article_id=identity, decision="unique", story_id="s1"))
    return Message(ARTICLES_UNIQUE, identity, value, f"m-{identity}", PUBLISHED)


def copy(identity: str, of: str) -> Message:
    """Return the verdict that an article copies another."""
    verdict = Verdict(article_id=identity, decision="near-copy", of_article_id=of, article_url="https://copy.example/1")
    return Message(ARTICLES_DUPLICATES, identity, verdict, f"m-{identity}", PUBLISHED)


def mentions(extractor: Extractor, text: str, title: str = "") -> list[Mention]:
    """Return what ``extractor`` finds in an article, in reading order."""
    outcome = extractor.handle(unique(text, title), PUBLISHED)
    found = [mention for emit in outcome.emits for mention in emit.value.mentions]  # type: ignore[attr-defined]
    return sorted(found, key=lambda mention: (not mention.trigger_span.in_title, mention.trigger_span.start))


def who(mention: Mention) -> dict[str, set[str]]:
    """Return the names of the participants by role: entity where there is one, else the words of the text."""
    found: dict[str, set[str]] = {}
    for each in mention.participants:
        found.setdefault(each.role, set()).add(each.entity.name or each.text)
    return found
