"""Article → everything dedup compares articles by."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
import xxhash
from numpy.typing import NDArray

from services.contracts.dateline.v1.article_pb2 import Article
from services.dedup.facts import Facts, facts
from services.dedup.normalise import words
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
    sketch: NDArray[np.uint8]
    facts: Facts
    lineage: int
    """64-bit identity of the article across its revisions; 0 where it has none."""
    address: int
    """64-bit identity of its source and canonical address; 0 where it has none of its own."""


def fingerprint(article: Article) -> Fingerprint:
    """Return the fingerprint of an article: of its text, or of title and text where the text is short."""
    read = words(article.text)
    if len(read) < SHORT_BODY_WORDS:
        read = words(f"{article.title}\n{article.text}")
    distinct = shingles(read.hashes)
    return Fingerprint(
        digest=read.digest,
        size=len(distinct),
        sketch=sketch(distinct),
        facts=facts(read),
        lineage=_identity(article.lineage_id) if article.lineage_id else 0,
        address=_address(article),
    )


def _address(article: Article) -> int:
    url = article.canonical_url or article.url
    # A front page as rel=canonical is a publisher's mistake that would make one article of all of them.
    parts = urlsplit(url) if url else None
    if parts is None or not (parts.path.strip("/") or parts.query):
        return 0
    return _identity(f"{article.source.domain} {url}")


def _identity(text: str) -> int:
    return int(xxhash.xxh3_64_intdigest(text.encode()))
