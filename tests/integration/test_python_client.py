"""The Python client against a real API and a real Valkey."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from dateline_client import ApiError, AsyncClient, Change, Client, ConnectionLost

from services.contracts.ids import event_id
from tests.integration.api_fixture import Running, running_api
from tests.integration.cutting_proxy import cutting_proxy
from tests.integration.valkey_fixture import valkey
from tests.unit.cache.events import START, make_event

CHANGES = 600


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with valkey() as url:
        yield url


@pytest.fixture
def api(redis_url: str) -> Iterator[Running]:
    with running_api(redis_url) as running:
        yield running


def test_events_are_read_over_all_pages(api: Running) -> None:
    api.put(*(make_event(f"event {number}", title=f"Event {number}") for number in range(250)))
    with Client(api.url) as client:
        assert Counter(event.title for event in client.events(view="summary")) == Counter(
            f"Event {number}" for number in range(250)
        )


def test_an_event_is_typed_and_one_that_was_merged_leads_to_the_other(api: Running) -> None:
    kept = make_event("kept", killed=[("a.example", 12.0)])
    api.put(kept, make_event("gone", merged_into=kept.id, kind="merged"))
    with Client(api.url) as client:
        (gone,) = client.events(state="merged")
        event = client.event(gone.id)
    assert event.id == kept.id
    assert (event.participants[0].name, event.place and event.place.country) == ("Kenya", "KEN")
    assert event.figures[0].high == 12.0
    assert event.evidence[0].source == "meridian.example"


def test_changes_come_typed_and_go_on_after_a_position(api: Running) -> None:
    with Client(api.url) as client:
        after = client.position()
        api.put(make_event("a", title="one"), make_event("b", title="two", status="denied"))
        changes = client.changes(after=after)
        first = next(changes)
        assert (first.title, first.event.status, first.kind) == ("one", "agreed", "created")
        assert next(client.changes(after=first.position, status="denied")).title == "two"


async def test_the_asynchronous_client_does_the_same(api: Running) -> None:
    async with AsyncClient(api.url) as client:
        after = await client.position()
        await asyncio.to_thread(api.put, make_event("a", title="one"))
        async for change in client.changes(after=after):
            assert change.title == "one"
            break
        assert [event.title async for event in client.events()] == ["one"]


def test_a_loop_over_changes_that_is_left_early_ends_without_a_word(api: Running) -> None:
    api.put(*(make_event(f"event {number}") for number in range(3)))
    complaints: list[object] = []

    async def leave_early() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, told: complaints.append(told))
        async with AsyncClient(api.url) as client:
            async for _ in client.changes(after="beginning"):
                break

    asyncio.run(leave_early())
    assert complaints == []


def test_no_more_events_are_read_than_were_asked_for(api: Running) -> None:
    api.put(*(make_event(f"event {number}") for number in range(120)))
    with Client(api.url) as client:
        assert [len(list(client.events(limit=limit))) for limit in (1, 100, 110, 500)] == [1, 100, 110, 120]


async def test_no_more_events_are_read_than_were_asked_for_asynchronously(api: Running) -> None:
    await asyncio.to_thread(api.put, *(make_event(f"event {number}") for number in range(120)))
    async with AsyncClient(api.url) as client:
        assert len([event async for event in client.events(limit=110)]) == 110


async def test_an_event_is_read_as_it_stood_with_what_had_changed_by_then(api: Running) -> None:
    for revision in (1, 2):
        at = START + timedelta(hours=revision)
        await asyncio.to_thread(api.put, make_event("a", revision=revision, title=f"Title {revision}", at=at))
    then, identity = START + timedelta(hours=1), event_id("a")
    with Client(api.url) as client:
        assert (client.event(identity, as_of=then).title, client.event(identity).title) == ("Title 1", "Title 2")
        assert [change.revision for change in client.history(identity)] == [1, 2]
        assert [change.revision for change in client.history(identity, as_of=then)] == [1]
    async with AsyncClient(api.url) as other:
        assert (await other.event(identity, as_of=then)).title == "Title 1"
        assert [change.revision for change in await other.history(identity, as_of=then)] == [1]


def test_a_wrong_filter_is_an_error_that_says_what_to_write(api: Running) -> None:
    with Client(api.url) as client, pytest.raises(ApiError, match="did you mean visit"):
        next(client.changes(type="vizit"))


def test_a_server_that_is_not_there_is_said_to_be_so() -> None:
    with Client("http://127.0.0.1:9") as client, pytest.raises(ConnectionLost, match="cannot be reached"):
        next(client.changes())


def test_a_client_that_is_cut_off_at_random_under_load_misses_and_doubles_nothing(api: Running) -> None:
    """DATELINE_CUT_OFF_S=60 makes it a minute of load, DATELINE_CUT_OFF_SEED another one."""
    seed = int(os.environ.get("DATELINE_CUT_OFF_SEED", "1"))
    lasting_s = float(os.environ.get("DATELINE_CUT_OFF_S", "0"))
    received: list[Change] = []
    with cutting_proxy(api.url, seed, mean_bytes=40_000) as cuts, Client(cuts.url, sleep=lambda _: None) as client:
        after = Client(api.url).position()
        writing = threading.Thread(target=_write, args=(api, seed, lasting_s))
        writing.start()
        for change in client.changes(after=after):
            received.append(change)
            if change.title == "the last one":
                break
        writing.join()
        assert cuts.connections > 10
    stream = [entry.decode() for entry, _ in api.redis.xrange(api.keys.changes)]
    assert [change.position for change in received] == stream


def _write(api: Running, seed: int, lasting_s: float) -> None:
    """Write changes, some at once and some one by one, for as long as is asked, and then the last one."""
    dice, number, until = random.Random(seed), 0, time.monotonic() + lasting_s
    while number < CHANGES or time.monotonic() < until:
        count = dice.choice((1, 1, 1, 5, 40))
        api.put(*(make_event(f"event {each}", title=f"Event {each}") for each in range(number, number + count)))
        number += count
        if lasting_s:
            time.sleep(dice.random() / 50)
    api.put(make_event("last", title="the last one"))
