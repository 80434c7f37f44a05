"""Derived ids: the same input gives the same id, so a replay or a redelivery changes nothing.

Every id of Dateline is an xxh3-128 hash (32 lower-case hex digits) over length-prefixed parts; the prefix
keeps ("ab", "c") and ("a", "bc") apart. xxh3 is not cryptographic: ids name things, they protect nothing.
"""

from __future__ import annotations

import xxhash


def derive(*parts: str | int) -> str:
    """Return the id of ``parts``: 32 hex digits, equal for equal parts, in order."""
    digest = xxhash.xxh3_128()
    for part in parts:
        data = str(part).encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(4, "little"))
        digest.update(data)
    return str(digest.hexdigest())


def lineage_id(source_domain: str, item_identity: str) -> str:
    """Identity of an article across its revisions: its publisher and the publisher's own name for it.

    ``item_identity`` is the canonical URL, or the feed's guid where that is the stabler of the two.
    """
    return derive("lineage", source_domain, item_identity)


def article_id(lineage: str, revision: int) -> str:
    """Id of one revision (1, 2, ...) of an article."""
    return derive("article", lineage, revision)


def mention_id(article: str, in_title: bool, start: int, end: int, event_type: str) -> str:
    """Id of the mention of an event of ``event_type`` whose trigger spans [start, end) of an article."""
    return derive("mention", article, "title" if in_title else "text", start, end, event_type)


def event_id(founding_mention: str) -> str:
    """Id of the event that a mention founded."""
    return derive("event", founding_mention)


def split_id(event: str, revision: int, first_mention: str) -> str:
    """Id of the event divided from ``event`` as it stood at ``revision``; ``first_mention`` is the first it tells."""
    return derive("split", event, revision, first_mention)


def change_id(event: str, revision: int, position: int) -> str:
    """Id of the change at ``position`` (from 0) among those that led to ``revision`` of an event."""
    return derive("change", event, revision, position)
