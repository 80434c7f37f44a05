"""What is stored is what is remembered, to the byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.fetcher.dates import Dated
from services.fetcher.feed_model import FeedItem, PollHints
from services.fetcher.pace import begun
from services.fetcher.state import (
    MAX_FORGOTTEN_PER_POLL,
    REMEMBER,
    Decision,
    FeedRecord,
    FetcherState,
    ItemRecord,
    Move,
    feed_key,
    feed_write,
    hashed,
    item_write,
)
from services.fetcher.validators import Validators
from services.runtime.stage import Write
from tests.unit.fetcher.feed_documents import NOW

FEED = "https://news.example/feed.xml"


def record(number: int, age: timedelta = timedelta()) -> ItemRecord:
    return ItemRecord(
        f"lineage-{number}", (hashed(f"link:{number}"),), NOW - age, {feed_key(FEED): "signature"}, revision=1
    )


def state_of(*writes: Write) -> FetcherState:
    state = FetcherState()
    for write in writes:
        state.apply(Write(write.key, write.value))  # as it is found in the log
    return state


def test_a_feed_survives_storing_with_its_validators_byte_for_byte() -> None:
    assert state_of(feed_write(full_feed())).feed(FEED) == full_feed()


def test_what_was_just_written_is_what_is_read_after_a_restart() -> None:
    writes = (feed_write(full_feed()), item_write(record(1)))
    at_once, restarted = FetcherState(), state_of(*writes)
    for write in writes:
        at_once.apply(write)
    assert (at_once.feed(FEED), at_once.item("lineage-1")) == (restarted.feed(FEED), restarted.item("lineage-1"))
    assert at_once.lineage_of("link:1") == "lineage-1"


def full_feed() -> FeedRecord:
    return FeedRecord(
        FEED,
        NOW,
        "why",
        Validators("W/W/\"a\\b'", "Garbage, not a date"),
        hints=PollHints(60.0, None, (1, 2), (6,)),
        rhythm=begun([NOW], NOW),
        move=Move("https://news.example/new", NOW),
        last=Decision(NOW, "new", "why", "sent", NOW, "pace", 200, 7, 1, True),
    )


def test_an_item_survives_storing_with_what_is_owed() -> None:
    owed = FeedItem("T", "https://news.example/1", "g", "<p>é</p>", "", ("A",), Dated("raw", NOW), Dated(), "en")
    item = replace(record(1), pending=owed, pending_feed=feed_key(FEED), tries=2)
    assert state_of(item_write(item)).pending(feed_key(FEED)) == [item]


def test_the_same_state_is_stored_as_the_same_bytes() -> None:
    one = replace(record(1), signatures={"b": "2", "a": "1"})
    assert item_write(one) == item_write(replace(one, signatures={"a": "1", "b": "2"}))


def test_an_item_is_found_by_any_of_its_names_until_it_is_removed() -> None:
    state = state_of(item_write(record(1)))
    assert state.lineage_of("link:1") == "lineage-1"
    state.apply(Write("item:lineage-1", None))
    assert state.lineage_of("link:1") is None
    assert len(state) == 0


def test_items_over_the_limit_are_forgotten_oldest_first_but_never_listed_ones() -> None:
    state = state_of(*(item_write(record(n, timedelta(hours=n))) for n in range(10)))
    removals = state.forgettable(feed_key(FEED), {"lineage-9"}, 7, NOW)
    assert [write.key for write in removals] == ["item:lineage-8", "item:lineage-7", "item:lineage-6"]


def test_unlisted_items_are_forgotten_with_time_a_bounded_number_at_once() -> None:
    state = state_of(*(item_write(record(n, REMEMBER * 2)) for n in range(MAX_FORGOTTEN_PER_POLL + 50)))
    assert len(state.forgettable(feed_key(FEED), set(), 10_000, NOW)) == MAX_FORGOTTEN_PER_POLL


def test_an_item_that_another_feed_announced_too_only_loses_this_feed() -> None:
    shared_item = replace(record(1, REMEMBER * 2), signatures={feed_key(FEED): "a", "other": "b"})
    (write,) = state_of(item_write(shared_item)).forgettable(feed_key(FEED), set(), 10_000, NOW)
    state = state_of(item_write(shared_item), write)
    kept = state.item("lineage-1")
    assert kept is not None
    assert kept.signatures == {"other": "b"}


@pytest.mark.parametrize("value", [b"", b"{}", b"[1]", b'{"url": 5}'])
def test_an_entry_that_cannot_be_read_is_named(value: bytes) -> None:
    with pytest.raises(ValueError, match="entry 'feed:x'"):
        FetcherState().apply(Write("feed:x", value))
