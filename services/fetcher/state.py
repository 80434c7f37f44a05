"""What the fetcher remembers: feeds, items and paused hosts, each one entry of its table. Pure.

One poll writes one small entry for the feed, and one for each item that is new or changed. Entries are JSON with sorted
keys, so the same state is the same bytes. All is kept in memory as well; ``apply`` is fed every entry at the start and
every write afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, TypeVar

import orjson
from pydantic import TypeAdapter

from services.contracts.ids import derive
from services.fetcher.feed_model import FeedItem, PollHints
from services.fetcher.pace import Rhythm
from services.fetcher.schedule import WINDOW_SHARE
from services.fetcher.validators import Validators
from services.fetcher.websub import Push, push_of
from services.runtime.stage import Write

Record = TypeVar("Record")

REMEMBER: Final = timedelta(days=45)
"""How long an item is remembered after it was last written, once its feed lists it no more."""
MAX_FORGOTTEN_PER_POLL: Final = 200
QUARANTINE_ERRORS: Final = 8
"""After so many failures in a row, some ten hours, a feed is asked once a day and its user told."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One poll, for the person who asks why: what happened and what follows from it."""

    at: datetime
    decision: str
    """new, unchanged, not-modified, error, gone, retired, or delivered (by its hub, without a poll)."""
    reason: str
    """What happened, in words."""
    validators: str
    """What the request carried: sent, none (the server gave none), or withheld (an audit of the server's ETag)."""
    next_at: datetime
    next_because: str
    status: int = 0
    """HTTP status; 0 where there was no answer."""
    bytes: int = 0
    """Bytes of the body as they came over the wire."""
    published: int = 0
    """Articles that were published."""
    gap: bool = False
    """True where the listing shared nothing with the one before: items may have been missed."""


@dataclass(frozen=True, slots=True)
class Move:
    """A permanent redirect that is being watched, or has proved itself."""

    target: str
    since: datetime
    hits: int = 1
    """Polls in a row that were redirected there, and found the same feed."""
    foreign: bool = False
    """True where the target was another feed when it was first seen: it is never believed then."""
    followed: bool = False
    """True once it has proved stable: the target is asked directly."""


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """A feed between two polls."""

    url: str
    next_at: datetime
    reason: str = ""
    """Why then."""
    validators: Validators = field(default_factory=Validators)
    polls: int = 0
    """Polls that brought a feed (200) so far."""
    listed: int = 0
    """Items of the last listing that had any."""
    errors: int = 0
    """Failures in a row."""
    gone: int = 0
    """Answers 410 in a row."""
    last_status: int = 0
    last_error: str = ""
    last_success_at: datetime | None = None
    last_whole_at: datetime | None = None
    """When it was last answered with a body; see audit_interval_s."""
    title: str = ""
    hints: PollHints = field(default_factory=PollHints)
    rhythm: Rhythm = field(default_factory=Rhythm)
    newest_at: datetime | None = None
    """Date of the newest item of the last listing."""
    window_s: float = 0.0
    """Time between the newest and the oldest item of the last listing; 0 where they have no dates."""
    window_share: float = WINDOW_SHARE
    """The next poll comes before this share of the window has passed."""
    gaps: int = 0
    """Times that a listing shared nothing with the one before."""
    last_gap_at: datetime | None = None
    first_failed_at: datetime | None = None
    """When the failures in a row began."""
    retired_at: datetime | None = None
    """When it was taken at its word that it is gone for good."""
    paused: bool = False
    """True while its user wants it left alone."""
    move: Move | None = None
    pushed_until: datetime | None = None
    """Until when its hub has agreed to deliver what is new."""
    last: Decision | None = None

    @property
    def address(self) -> str:
        """Where to ask: the feed's own address, or the one it has moved to for good."""
        return self.move.target if self.move is not None and self.move.followed else self.url

    @property
    def condition(self) -> str:
        """In one word: paused, retired, quarantined, failing, waiting (not polled yet) or fine."""
        if self.paused:
            return "paused"
        if self.retired_at is not None:
            return "retired"
        if self.errors >= QUARANTINE_ERRORS:
            return "quarantined"
        if self.errors:
            return "failing"
        return "fine" if self.last_success_at is not None else "waiting"


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An article that was seen in some feed."""

    lineage: str
    keys: tuple[str, ...]
    """Hashed names it is recognised by (see identity.py)."""
    seen_at: datetime
    """When this entry was last written."""
    signatures: dict[str, str] = field(default_factory=dict)
    """Feed key → what that feed said of it last (see revisions.listing_signature)."""
    revision: int = 0
    """0: not published."""
    article_id: str = ""
    content_hash: str = ""
    completeness: str = ""
    tries: int = 0
    """Attempts at its page that failed since the feed last said something new."""
    pending: FeedItem | None = None
    """What the feed said, while its page is still to be read."""
    pending_feed: str = ""
    url: str = ""
    """Its page; "" where it has none."""
    language: str = ""
    """Of its first revision; later ones keep it, so that all meet in one place."""
    dated_at: datetime | None = None
    """When its feed says it was published."""
    headline: str = ""
    """Short hash of its title: with the canonical address it tells one story under two addresses."""
    looks: int = 0
    """Polls at which its page was asked for since it went missing from its feed."""
    withdrawn: bool = False
    """True while its publisher has taken it back."""

    @property
    def stands(self) -> bool:
        """True where it was published and has not been withdrawn."""
        return self.revision > 0 and not self.withdrawn


@dataclass(frozen=True, slots=True)
class HostRecord:
    """A registered domain that asked to be left alone."""

    domain: str
    paused_until: datetime


@dataclass(frozen=True, slots=True)
class RecordWrite(Write):
    """A write that still holds what it was made of, so that taking it up need not read it back."""

    record: FeedRecord | ItemRecord | None = field(default=None, compare=False, repr=False)


_FEED: Final = TypeAdapter(FeedRecord)
_ITEM: Final = TypeAdapter(ItemRecord)
_HOST: Final = TypeAdapter(HostRecord)


@lru_cache(maxsize=4096)  # a poll names its feed half a dozen times
def feed_key(url: str) -> str:
    """Short name of a feed, for keys."""
    return derive("feed", url)[:16]


def hashed(key: str) -> str:
    """Short form of an item's name, for keeping."""
    return derive(key)[:20]


def feed_write(record: FeedRecord) -> Write:
    return RecordWrite(f"feed:{feed_key(record.url)}", orjson.dumps(record, option=orjson.OPT_SORT_KEYS), record)


def item_write(record: ItemRecord) -> Write:
    return RecordWrite(f"item:{record.lineage}", orjson.dumps(record, option=orjson.OPT_SORT_KEYS), record)


def host_write(record: HostRecord) -> Write:
    return Write(f"host:{record.domain}", orjson.dumps(record, option=orjson.OPT_SORT_KEYS))


class FetcherState:
    """Everything remembered, with the indexes that polling needs."""

    def __init__(self) -> None:
        self._feeds: dict[str, FeedRecord] = {}
        self._items: dict[str, ItemRecord] = {}
        self._hosts: dict[str, HostRecord] = {}
        self._pushes: dict[str, Push] = {}
        self._lineages: dict[str, str] = {}
        self._of_feed: dict[str, dict[str, None]] = {}

    def apply(self, write: Write) -> None:
        """Take up one entry, or its removal. Raises ValueError, naming the key, for an entry it cannot read."""
        kind, _, name = write.key.partition(":")
        made_of = write.record if isinstance(write, RecordWrite) else None
        if isinstance(made_of, FeedRecord):
            self._feeds[name] = made_of
            return
        if isinstance(made_of, ItemRecord):
            self._set_item(name, made_of)
            return
        try:
            if kind == "feed":
                _set(self._feeds, name, None if write.value is None else _FEED.validate_json(write.value))
            elif kind == "host":
                _set(self._hosts, name, None if write.value is None else _HOST.validate_json(write.value))
            elif kind == "push":
                _set(self._pushes, name, None if write.value is None else push_of(write.value))
            elif kind == "item":
                self._set_item(name, None if write.value is None else _ITEM.validate_json(write.value))
        except ValueError as error:
            raise ValueError(f"entry {write.key!r} of the fetcher's state cannot be read: {error}") from error

    def feed(self, url: str) -> FeedRecord | None:
        return self._feeds.get(feed_key(url))

    def push(self, feed: str) -> Push | None:
        """What was agreed on with a hub about the feed of this key."""
        return self._pushes.get(feed)

    def item(self, lineage: str) -> ItemRecord | None:
        return self._items.get(lineage)

    def lineage_of(self, key: str) -> str | None:
        """The article that has the name ``key`` (not hashed)."""
        return self._lineages.get(hashed(key))

    def hosts(self) -> Iterator[HostRecord]:
        yield from self._hosts.values()

    def pending(self, feed: str) -> list[ItemRecord]:
        """Items of a feed whose page is still to be read."""
        records = (self._items[lineage] for lineage in self._of_feed.get(feed, ()))
        return [record for record in records if record.pending is not None and record.pending_feed == feed]

    def items_of(self, feed: str) -> Iterator[ItemRecord]:
        """Yield all that a feed has listed and that is remembered."""
        for lineage in self._of_feed.get(feed, ()):
            yield self._items[lineage]

    def __len__(self) -> int:
        return len(self._items)

    def forgettable(self, feed: str, listed: Collection[str], most: int, now: datetime) -> list[Write]:
        """Return removals of items that ``feed`` lists no more: those over ``most``, oldest first, and the stale."""
        known = self._of_feed.get(feed, {})
        if len(known) <= most and len(known) <= len(listed):
            return []
        unlisted = [self._items[lineage] for lineage in known if lineage not in listed]
        unlisted.sort(key=lambda record: record.seen_at)
        excess = len(known) - most
        doomed = [record for n, record in enumerate(unlisted) if n < excess or now - record.seen_at > REMEMBER]
        return [self._forget(record, feed) for record in doomed[:MAX_FORGOTTEN_PER_POLL]]

    @staticmethod
    def _forget(record: ItemRecord, feed: str) -> Write:
        others = {key: signature for key, signature in record.signatures.items() if key != feed}
        if not others:
            return Write(f"item:{record.lineage}", None)
        return item_write(replace(record, signatures=others))

    def _set_item(self, lineage: str, record: ItemRecord | None) -> None:
        old = self._items.pop(lineage, None)
        if old is not None:
            for key in old.keys:
                if self._lineages.get(key) == lineage:
                    del self._lineages[key]
            for feed in old.signatures:
                self._of_feed.get(feed, {}).pop(lineage, None)
        if record is not None:
            self._items[lineage] = record
            for key in record.keys:
                self._lineages.setdefault(key, lineage)
            for feed in record.signatures:
                self._of_feed.setdefault(feed, {})[lineage] = None


def _set(table: dict[str, Record], name: str, record: Record | None) -> None:
    if record is None:
        table.pop(name, None)
    else:
        table[name] = record
