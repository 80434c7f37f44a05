"""What the linker remembers of an article in one topic family: that it was read, what it tells, who copied it."""

from __future__ import annotations

from typing import Final, NamedTuple

import orjson

COPIES_KEPT: Final = 400
"""Copying articles remembered by id for one article; further ones are counted without being told apart."""


class ArticleEntry(NamedTuple):
    """One article in one topic family."""

    day: int
    """Day (ordinal) of the last change, by message time: entries expire by it."""
    batch: str = ""
    """Id of the message that was read; empty while only copies of the article or its next revision were heard of."""
    events: tuple[str, ...] = ()
    """Ids of the events it tells."""
    copies: tuple[str, ...] = ()
    """Ids of the articles that copy it."""
    further_copies: int = 0
    copy_of: str = ""
    """Id of the article it copies; empty for one in its own words."""
    replaced_by: str = ""
    """Id of the revision that replaced it; its own mentions no longer count."""

    @property
    def copied(self) -> int:
        """How many articles copy it."""
        return len(self.copies) + self.further_copies


def encode(entry: ArticleEntry) -> bytes:
    """Return the stored form."""
    return orjson.dumps(
        [entry.day, entry.batch, entry.events, entry.copies, entry.further_copies, entry.copy_of, entry.replaced_by]
    )


def decode(data: bytes) -> ArticleEntry:
    """Return the entry of its stored form."""
    day, batch, events, copies, further, copy_of, replaced_by = orjson.loads(data)
    return ArticleEntry(day, batch, tuple(events), tuple(copies), further, copy_of, replaced_by)
