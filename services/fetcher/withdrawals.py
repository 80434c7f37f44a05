"""Which articles a publisher may have taken back: those its feed names as deleted, and those that went missing. Pure.

A feed shows a window of its newest items, so most items that are listed no more have only grown old. One that goes
missing while older ones stay was taken out. That alone proves nothing yet (editors also move items to other feeds), so
its page is asked: what a page answers decides, see ``judged``.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from services.fetcher.feed_model import ParsedFeed
from services.fetcher.identity import guid_name
from services.fetcher.listing import dates_of
from services.fetcher.state import FetcherState, ItemRecord

GONE: Final = "gone"
DELETED: Final = "deleted"
OLDER_LEFT: Final = 2
"""An item is missing only while at least that many older ones are listed; a single one may be pinned there."""
MAX_LOOKS: Final = 3
"""Polls at which a missing article is looked for; what cannot be told by then stays."""
LOOKS_PER_POLL: Final = 3
"""Pages asked for at one poll."""
CONFIRMED_404: Final = 2
"""A page may be away for a moment: it has to answer 404 at that many polls. 410 is meant (RFC 9110, 15.5.11)."""


def deleted_by(feed: ParsedFeed, key: str, state: FetcherState, listed: Collection[str]) -> list[ItemRecord]:
    """Return the published articles that the feed ``key`` says were deleted (RFC 6721) and does not list any more."""
    lineages = dict.fromkeys(
        lineage for ref in feed.deleted if (lineage := state.lineage_of(guid_name(ref, key))) is not None
    )
    records = (state.item(lineage) for lineage in lineages if lineage not in listed)
    return [record for record in records if record is not None and record.stands]


def missing_from(feed: ParsedFeed, key: str, state: FetcherState, listed: Collection[str]) -> list[ItemRecord]:
    """Return the published articles that went missing from the middle of the feed's listing.

    A listing that broke off, lists nothing or has no dates tells nothing.
    """
    dates = dates_of(feed.items)
    if feed.truncated or feed.composed or len(dates) < OLDER_LEFT:
        return []
    oldest_but_one = dates[-OLDER_LEFT]
    return [
        record
        for record in state.items_of(key)
        if record.stands
        and record.lineage not in listed
        and record.looks < MAX_LOOKS
        and record.dated_at is not None
        and record.dated_at > oldest_but_one
    ][:LOOKS_PER_POLL]


def judged(record: ItemRecord, status: int) -> tuple[str, int]:
    """Return why the missing article counts as withdrawn ("" where it does not yet), and how often it was looked for.

    ``status`` is what its page answers: 200 means that it stands, 0 that there was no answer or that it has no page.
    """
    if status == 410 or (status == 404 and record.looks + 1 >= CONFIRMED_404):
        return GONE, 0
    if not record.url and record.looks + 1 >= MAX_LOOKS:
        return DELETED, 0
    return "", MAX_LOOKS if status == 200 else record.looks + 1
