from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from services.api.broadcast import TOO_SLOW, TRIMMED, Broadcast, Subscription, chosen
from services.api.change_filters import Facets
from services.api.changes import Entry
from services.api.metrics import Metrics
from services.api.sse import START

FACETS = Facets("e", "visit", "politics-government", "planned", "created", False, frozenset(), frozenset())


def entry(number: int) -> Entry:
    return Entry((number, 0), b"{}", {}, FACETS)


def text(entry: Entry) -> bytes:
    return b"%d " % entry.position[0]


def offer(subscription: Subscription, *numbers: int) -> None:
    """Offer entries one after the other."""
    for number in numbers:
        subscription.offer(chosen(text, [entry(number)]))


async def test_entries_come_out_together_in_order() -> None:
    subscription = Subscription(START, limit=10)
    offer(subscription, 1, 2, 3)
    assert await subscription.take(timeout_s=1) == b"1 2 3 "


async def test_silence_ends_after_the_timeout() -> None:
    assert await Subscription(START, limit=10).take(timeout_s=0.001) == b""


async def test_entries_up_to_where_the_client_stands_are_left_out() -> None:
    subscription = Subscription((2, 0), limit=10)
    offer(subscription, 1, 2, 3)
    assert await subscription.take(timeout_s=1) == b"3 "


async def test_entries_that_were_not_chosen_take_no_room() -> None:
    subscription = Subscription(START, limit=1)
    for number in range(1, 5):
        subscription.offer(chosen(lambda entry: None, [entry(number)]))
    assert subscription.reset_reason == ""


async def test_of_entries_that_come_together_those_that_the_client_has_are_left_out() -> None:
    subscription = Subscription((2, 0), limit=2)
    subscription.offer(chosen(text, [entry(number) for number in (1, 2, 3, 4)]))
    assert await subscription.take(timeout_s=1) == b"3 4 "


async def test_what_is_taken_leaves_room() -> None:
    subscription = Subscription(START, limit=2)
    for numbers in ((1, 2), (3, 4)):
        subscription.offer(chosen(text, [entry(number) for number in numbers]))
        assert await subscription.take(timeout_s=1) == b"%d %d " % numbers


async def test_entries_are_chosen_once_for_all_who_choose_alike() -> None:
    asked: list[tuple[str, int]] = []

    @dataclass(frozen=True)
    class Choice:
        name: str

        def __call__(self, entry: Entry) -> bytes:
            asked.append((self.name, entry.position[0]))
            return self.name.encode()

    metrics = Metrics()
    broadcast = Broadcast[Entry](cast("Any", None), metrics.subscribers, metrics.changes, queue=9)
    subscriptions = [broadcast.subscribe(Choice(name), START) for name in ("a", "a", "b")]
    broadcast._publish((entry(1), entry(2)))
    assert [await each.take(timeout_s=1) for each in subscriptions] == [b"aa", b"aa", b"bb"]
    assert sorted(asked) == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]
    for name, subscription in zip(("a", "a", "b"), subscriptions, strict=True):
        broadcast.unsubscribe(Choice(name), subscription)
    assert (len(broadcast), broadcast._subscribers) == (0, {})


async def test_one_entry_too_many_gives_up_the_queue_with_the_reason() -> None:
    subscription = Subscription(START, limit=2)
    offer(subscription, 1, 2, 3, 4)
    assert subscription.reset_reason == TOO_SLOW
    assert await subscription.take(timeout_s=1) == b""


async def test_who_missed_something_gets_nothing_more() -> None:
    subscription = Subscription(START, limit=2)
    subscription.miss(TRIMMED)
    offer(subscription, 1)
    assert await subscription.take(timeout_s=1) == b""


async def test_at_the_end_what_is_queued_still_goes_out() -> None:
    subscription = Subscription(START, limit=2)
    offer(subscription, 1)
    subscription.close()
    assert await subscription.take(timeout_s=1) == b"1 "
    assert await subscription.take(timeout_s=1) == b""


async def test_a_form_is_rendered_once_for_all_subscribers() -> None:
    rendered: list[Entry] = []

    def render(entry: Entry) -> bytes:
        rendered.append(entry)
        return b"x"

    shared = entry(1)
    assert shared.rendered("card", render) == shared.rendered("card", render) == b"x"
    assert len(rendered) == 1


@pytest.mark.parametrize("limit", [1, 5])
async def test_a_queue_holds_as_many_as_its_limit(limit: int) -> None:
    subscription = Subscription(START, limit)
    offer(subscription, *range(1, limit + 1))
    assert subscription.reset_reason == ""
