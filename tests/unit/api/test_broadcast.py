from __future__ import annotations

import pytest

from services.api.broadcast import TOO_SLOW, TRIMMED, Subscription
from services.api.change_filters import Facets
from services.api.changes import Entry
from services.api.sse import START

FACETS = Facets("e", "visit", "politics-government", "planned", "created", False, frozenset(), frozenset())


def entry(number: int) -> Entry:
    return Entry((number, 0), b"{}", {}, FACETS)


def text(entry: Entry) -> bytes:
    return b"%d " % entry.position[0]


async def test_entries_come_out_together_in_order() -> None:
    subscription = Subscription(text, START, limit=10)
    for number in (1, 2, 3):
        subscription.offer(entry(number))
    assert await subscription.take(timeout_s=1) == b"1 2 3 "


async def test_silence_ends_after_the_timeout() -> None:
    assert await Subscription(text, START, limit=10).take(timeout_s=0.001) == b""


async def test_entries_up_to_where_the_client_stands_are_left_out() -> None:
    subscription = Subscription(text, (2, 0), limit=10)
    for number in (1, 2, 3):
        subscription.offer(entry(number))
    assert await subscription.take(timeout_s=1) == b"3 "


async def test_entries_that_were_not_chosen_take_no_room() -> None:
    subscription = Subscription(lambda entry: None, START, limit=1)
    for number in range(1, 5):
        subscription.offer(entry(number))
    assert subscription.reset_reason == ""


async def test_one_entry_too_many_gives_up_the_queue_with_the_reason() -> None:
    subscription = Subscription(text, START, limit=2)
    for number in (1, 2, 3, 4):
        subscription.offer(entry(number))
    assert subscription.reset_reason == TOO_SLOW
    assert await subscription.take(timeout_s=1) == b""


async def test_who_missed_something_gets_nothing_more() -> None:
    subscription = Subscription(text, START, limit=2)
    subscription.miss(TRIMMED)
    subscription.offer(entry(1))
    assert await subscription.take(timeout_s=1) == b""


async def test_at_the_end_what_is_queued_still_goes_out() -> None:
    subscription = Subscription(text, START, limit=2)
    subscription.offer(entry(1))
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
    subscription = Subscription(text, START, limit)
    for number in range(1, limit + 1):
        subscription.offer(entry(number))
    assert subscription.reset_reason == ""
