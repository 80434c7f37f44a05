"""Article → everything dedup compares articles by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import xxhash

from services.contracts.dateline.v1.article_pb2 import Article
from services.dedup.facts import Facts, facts
from services.dedup.normalise import Words, words_of
from services.dedup.shingles import shingles
from services.dedup.sketch import sketch
from services.dedup.thresholds import SHORT_BODY_WORDS


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is compared of one article."""

    digest: bytes
    """16 bytes, equal for texts that read the same; 16 zero bytes for an article without a word."""
    size: int
    """Number of distinct shingles."""
    sketch: bytes
    facts: Facts
    lineage: int
    """64-bit identity of the article across its revisions; 0 where it has none."""
    address: int
    """64-bit identity of its source and canonical address; 0 where it has none of its own."""


def fingerprint(article: Article) -> Fingerprint:
    """Return the fingerprint of an article: of its text, or of title and text where the text is short."""
    return fingerprints([article])[0]


def fingerprints(articles: Sequence[Article]) -> list[Fingerprint]:
    """Return the fingerprint of each article."""
    read = words_of([article.text for article in articles])
    short = [position for position, words in enumerate(read) if len(words) < SHORT_BODY_WORDS]
    with_title = words_of([f"{articles[position].title}\n{articles[position].text}" for position in short])
    for position, words in zip(short, with_title, strict=True):
        read[position] = words
    return [_fingerprint(article, words) for article, words in zip(articles, read, strict=True)]


def _fingerprint(article: Article, read: Words) -> Fingerprint:
    distinct = shingles(read.hashes)
    return Fingerprint(
        digest=read.digest,
        size=len(distinct),
        sketch=sketch(distinct).tobytes(),
        facts=facts(read),
        lineage=_identity(article.lineage_id) if article.lineage_id else 0,
        address=_address(article),
    )


def _address(article: Article) -> int:
    url = article.canonical_url or article.url
    path = url.partition("://")[2].partition("/")[2]
    # A front page as rel=canonical is a publisher's mistake that would make one article of all of them.
    if not path.strip("/"):
        return 0
    return _identity(f"{article.source.domain} {url}")


def _identity(text: str) -> int:
    return int(xxhash.xxh3_64_intdigest(text.encode()))
