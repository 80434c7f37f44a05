"""What a feed's listing holds that is new, what it only repeats, and whether something was missed between two. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.contracts.ids import lineage_id
from services.fetcher.feed_model import FeedItem, ParsedFeed
from services.fetcher.identity import Identity, identify, recognise
from services.fetcher.revisions import listing_signature
from services.fetcher.state import FetcherState, ItemRecord, hashed, item_write
from services.fetcher.web_address import source_domain
from services.runtime.stage import Write

MAX_KEYS: Final = 6


@dataclass(frozen=True, slots=True)
class Task:
    """An article to look at."""

    item: FeedItem
    keys: tuple[str, ...]
    lineage: str
    known: ItemRecord | None


@dataclass(frozen=True, slots=True)
class Sorted:
    """A listing, sorted out."""

    tasks: tuple[Task, ...] = ()
    """What is new or changed, oldest first."""
    writes: tuple[Write, ...] = ()
    """What only has to be remembered."""
    listed: frozenset[str] = frozenset()
    """Lineages of everything in the listing."""
    familiar: int = 0
    """How many of them were known before, from whichever feed."""
    overlap: int = 0
    """How many of them this feed itself had listed before."""
    skipped: int = 0
    """Items too old for a first poll: remembered and not published."""


def sort_out(
    state: FetcherState, key: str, feed: ParsedFeed, feed_url: str, now: datetime, first_items: int | None
) -> Sorted:
    """Compare a listing of the feed ``key`` with what is remembered. ``first_items``: on a first poll, how many of the
    newest are published; else None."""
    tasks: dict[str, Task] = {}
    writes: list[Write] = []
    listed: set[str] = set()
    familiar = overlap = 0
    for item, identity in zip(feed.items, identify(feed.items, key), strict=True):
        lineage = recognise(identity, state.lineage_of) or _new_lineage(item, identity, feed, feed_url)
        if lineage in listed:
            continue
        listed.add(lineage)
        known = state.item(lineage)
        familiar += known is not None
        overlap += known is not None and key in known.signatures
        signature = listing_signature(item)
        if known is not None and known.signatures.get(key) == signature:
            continue
        if known is not None and key not in known.signatures:
            # Another feed of the publisher announced it before; this one only has to remember what it says itself.
            writes.append(item_write(replace(known, signatures={**known.signatures, key: signature}, seen_at=now)))
            continue
        tasks[lineage] = Task(item, tuple(map(hashed, identity.keys)), lineage, known)
    # Feeds list the newest first: reversed, items of the same second keep the order they were published in.
    oldest_first = list(reversed(tasks.values()))
    ordered = sorted(oldest_first, key=lambda task: published_at(task.item, now))
    skipped: list[Task] = []
    if first_items is not None and len(ordered) > first_items:
        skipped, ordered = ordered[:-first_items], ordered[-first_items:]
        writes += [item_write(remembered(task, key, now)) for task in skipped]
    return Sorted(tuple(ordered), tuple(writes), frozenset(listed), familiar, overlap, len(skipped))


def remembered(task: Task, key: str, now: datetime) -> ItemRecord:
    """Return the record of an item whose current listing in the feed ``key`` has been dealt with."""
    known = task.known or ItemRecord(task.lineage, (), now)
    keys = tuple(dict.fromkeys((*known.keys, *task.keys)))
    return replace(
        known,
        keys=keys if len(keys) <= MAX_KEYS else (*keys[:2], *keys[-(MAX_KEYS - 2) :]),
        seen_at=now,
        signatures={**known.signatures, key: listing_signature(task.item)},
        tries=0,
        pending=None,
        pending_feed="",
    )


def published_at(item: FeedItem, now: datetime) -> datetime:
    """Return when an item says it was published; ``now`` where it says nothing."""
    return item.published.at or item.updated.at or now


def dates_of(items: Sequence[FeedItem]) -> tuple[datetime, ...]:
    """Return the dates of the items that have one, newest first."""
    times = [time for item in items if (time := item.published.at or item.updated.at) is not None]
    return tuple(sorted(times, reverse=True))


def _new_lineage(item: FeedItem, identity: Identity, feed: ParsedFeed, feed_url: str) -> str:
    return lineage_id(source_domain(item.link or feed.home or feed_url), identity.primary)
