"""The cache against a real Valkey: guard, indexes, stream and rebuild."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from redis import Redis

from services.cache.projection import project
from services.cache.retention import AT_ONCE
from services.cache.service import build
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.redis_model import SET_MOST, Keys
from services.contracts.state_codec import State
from services.contracts.topics import EVENTS
from services.runtime.stage import Message, Unavailable
from tests.chaos.redis_dump import RedisDump, dump, of_projections
from tests.unit.cache.events import START, as_message, make_event

PREFIX = "test:"
KEYS = Keys(PREFIX)


def put(url: str, *events: Event) -> list[Exception | None]:
    return build(url, PREFIX).write([as_message(event) for event in events], START)


def contents(url: str) -> RedisDump:
    """States and indexes, by event."""
    return replace(dump(url, KEYS), changes=(), earlier={})


def streamed(url: str) -> list[tuple[str, int]]:
    changes = [orjson.loads(change) for change in dump(url, KEYS).changes]
    return [(change["event_id"], change["revision"]) for change in changes]


def test_every_key_carries_the_prefix(url: str, redis: Redis) -> None:
    put(url, make_event())
    assert all(key.startswith(b"test:") for key in redis.scan_iter())


def test_an_older_revision_that_arrives_late_changes_nothing(url: str, redis: Redis) -> None:
    put(url, make_event(revision=3, status="occurred"))
    before = contents(url)
    put(url, make_event(revision=2, status="agreed"))
    assert contents(url) == before


def test_a_repeated_message_appends_its_change_once(url: str, redis: Redis) -> None:
    event = make_event()
    put(url, event, event)
    put(url, event)
    assert streamed(url) == [(event.id, 1)]


def test_a_newer_revision_leaves_no_entry_of_the_older_one(url: str, redis: Redis) -> None:
    put(url, make_event(status="planned", title="Summit in Hanoi", place_country="IDN"))
    put(url, make_event(revision=2, status="cancelled", title="Talks called off", at=START + timedelta(hours=1)))
    held = contents(url).indexes
    assert not {"status:planned", "word:summit", "country:IDN"} & held.keys()
    assert {"status:cancelled", "word:talks", "country:KEN", "all"} <= held.keys()


def test_a_merged_event_moves_from_live_to_merged(url: str, redis: Redis) -> None:
    put(url, make_event(), make_event(revision=2, merged_into="e" * 32))
    held = contents(url).indexes
    assert "state:live" not in held
    assert held["state:merged"] == (make_event().id,)


def test_replaying_all_messages_after_a_flush_gives_equal_bytes(url: str, redis: Redis) -> None:
    messages = everything_that_happened()
    put(url, *messages)
    before = replace(dump(url, KEYS), changes=())
    redis.flushall()
    put(url, *messages)
    assert replace(dump(url, KEYS), changes=()) == before
    assert len(before.indexes) > 20


def test_replaying_only_the_latest_messages_gives_equal_states_and_indexes(url: str, redis: Redis) -> None:
    messages = everything_that_happened()
    put(url, *messages)
    before = contents(url)
    redis.flushall()
    latest = {event.id: event for event in messages}
    put(url, *latest.values())
    assert contents(url) == before


def test_any_order_of_arrival_gives_equal_states_and_indexes(url: str, redis: Redis) -> None:
    messages = everything_that_happened()
    put(url, *messages)
    before = contents(url)
    redis.flushall()
    random.Random(4).shuffle(messages)
    put(url, *messages)
    assert contents(url) == before


def everything_that_happened() -> list[Event]:
    chance = random.Random(11)
    events = []
    for revision in range(1, 5):
        for number in range(40):
            if revision > 1 and chance.random() < 0.5:
                continue
            events.append(
                make_event(
                    f"event {number}",
                    revision=revision,
                    status=chance.choice(["planned", "agreed", "occurred"]),
                    type=chance.choice(["agreement", "meeting", "visit"]),
                    at=START + timedelta(minutes=revision, seconds=number),
                    sources=chance.sample(["a.example", "b.example", "c.example"], 2),
                    retracted=chance.random() < 0.1,
                )
            )
    return events


def test_history_keeps_the_last_states_only_and_no_trace_of_the_others(url: str, redis: Redis) -> None:
    cache = build(url, PREFIX)
    cache._history_kept = 3
    cache.write([as_message(make_event(revision=revision)) for revision in range(1, 8)], START)
    assert [state.revision for state in dump(url, KEYS).earlier[make_event().id]] == [4, 5, 6]
    assert redis.zrange(KEYS.earlier, 0, -1) == [b"0:4", b"0:5", b"0:6"]


def test_every_earlier_state_is_kept_as_it_stood(url: str, redis: Redis) -> None:
    events = [make_event(revision=number, title=f"Title {number}") for number in (1, 2, 3)]
    put(url, *events[:2])
    put(url, events[2])
    assert dump(url, KEYS).earlier[events[0].id] == tuple(project(event).state for event in events[:2])


def test_a_term_of_many_events_is_found_as_one_of_few_is(url: str, redis: Redis) -> None:
    events = [make_event(f"event {number}") for number in range(SET_MOST + 20)]
    put(url, *events)
    assert redis.type(KEYS.index("type:agreement")) == b"string"
    assert contents(url) == of_projections({event.id: project(event) for event in events})
    put(url, make_event("event 7", revision=2, type="visit"))
    assert events[7].id not in contents(url).indexes["type:agreement"]


def test_a_state_overtaken_by_another_cache_is_computed_anew(url: str, redis: Redis) -> None:
    put(url, make_event(revision=1))
    slow = build(url, PREFIX)
    held = slow._held

    def overtaken(event_ids: set[str]) -> dict[str, State | Exception | None]:
        found = held(event_ids)
        slow._held = held  # type: ignore[method-assign]
        put(url, make_event(revision=2, title="Two", status="cancelled"))
        return found

    slow._held = overtaken  # type: ignore[method-assign,assignment]
    assert slow.write([as_message(make_event(revision=3))], START) == [None]
    assert [state.revision for state in dump(url, KEYS).earlier[make_event().id]] == [1, 2]
    assert contents(url) == of_projections({make_event().id: project(make_event(revision=3))})


def test_all_keys_that_scripts_touch_lie_in_one_slot_of_a_cluster(url: str, redis: Redis) -> None:
    build(url).write([as_message(event) for event in everything_that_happened()], START)
    keys = [*redis.scan_iter(), Keys().api_keys, Keys().rate("00000000"), Keys().written, Keys().free_slots]
    assert len({redis.execute_command("CLUSTER KEYSLOT", key) for key in keys}) == 1


def test_a_message_without_event_is_at_fault_and_the_others_are_written(url: str, redis: Redis) -> None:
    broken = Message(EVENTS, "k", Event(), "i", START)
    good = as_message(make_event())
    first, second = build(url, PREFIX).write([broken, good], START)
    assert isinstance(first, ValueError)
    assert second is None
    assert list(contents(url).events) == [make_event().id]


def test_a_server_that_lost_its_scripts_gets_them_again(url: str, redis: Redis) -> None:
    cache = build(url, PREFIX)
    cache.write([as_message(make_event())], START)
    redis.script_flush()
    assert cache.write([as_message(make_event(revision=2))], START) == [None]
    assert contents(url).events[make_event().id].revision == 2


def test_a_server_that_is_away_is_unavailable_and_no_fault_of_the_message() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        build("unix:///nowhere/valkey.sock", PREFIX).write([as_message(make_event())], START)


def test_a_server_out_of_memory_is_unavailable(url: str, redis: Redis) -> None:
    cache = build(url, PREFIX)
    redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(Unavailable, match="cannot write now"):
            cache.write([as_message(make_event())], START)
    finally:
        redis.config_set("maxmemory", 0)
    assert cache.write([as_message(make_event())], START) == [None]


def test_a_server_that_only_reads_is_unavailable(url: str, redis: Redis) -> None:
    cache = build(url, PREFIX)
    redis.config_set("min-replicas-to-write", 1)
    try:
        with pytest.raises(Unavailable, match="cannot write now"):
            cache.write([as_message(make_event())], START)
    finally:
        redis.config_set("min-replicas-to-write", 0)


def test_a_key_of_another_kind_is_a_fault_of_that_message_alone(url: str, redis: Redis) -> None:
    blocked, free = make_event("blocked"), make_event("free")
    redis.rpush(KEYS.event(blocked.id), "no string")
    first, second = put(url, blocked, free)
    assert isinstance(first, Exception)
    assert second is None


def test_a_note_of_what_is_written_stands_until_redis_is_emptied(url: str, redis: Redis) -> None:
    cache = build(url, PREFIX)
    assert cache.reached("events/3") is None
    assert cache.note("events/3", None, 17)
    assert cache.note("events/3", 17, 40)
    assert (cache.reached("events/3"), cache.reached("events/4")) == (40, None)
    redis.flushall()
    assert cache.reached("events/3") is None
    assert not cache.note("events/3", 40, 60), "what was written before is gone: the note must not say otherwise"


def test_a_note_of_a_worker_that_was_overtaken_is_refused(url: str, redis: Redis) -> None:
    one, two = build(url, PREFIX), build(url, PREFIX)
    assert one.note("events/0", None, 5)
    assert two.note("events/0", 5, 9)
    assert not one.note("events/0", 5, 7)
    assert one.reached("events/0") == 9


def test_notes_say_that_redis_is_away() -> None:
    cache = build("redis://127.0.0.1:1/0", PREFIX)
    with pytest.raises(Unavailable, match="Redis"):
        cache.reached("events/0")
    with pytest.raises(Unavailable, match="Redis"):
        cache.note("events/0", None, 1)


def test_an_event_that_has_not_changed_for_long_leaves_no_trace(url: str, redis: Redis) -> None:
    cache = build(url, PREFIX, kept_days=10)
    old = [make_event("old", revision=number, title=f"Title {number}") for number in (1, 2)]
    new = make_event("new", at=START + timedelta(days=8))
    assert cache.write([as_message(event) for event in (*old, new)], START + timedelta(days=8)) == [None] * 3
    assert set(contents(url).events) == {old[0].id, new.id}
    assert cache.write([], START + timedelta(days=11)) == []
    assert contents(url) == of_projections({new.id: project(new)})
    assert redis.exists(KEYS.history(old[0].id), KEYS.earlier, KEYS.former("word:1")) == 0


def test_what_is_too_old_goes_step_by_step_though_nothing_is_written(url: str, redis: Redis) -> None:
    cache = build(url, PREFIX, kept_days=10)
    cache.write([as_message(make_event(f"old {number}")) for number in range(AT_ONCE + 1)], START)
    later = START + timedelta(days=11)
    assert not cache.due(START + timedelta(days=9))
    assert [cache.due(later) for _ in range(3)] == [True, True, False]
    assert contents(url).events == {}


def test_an_event_that_cannot_be_read_keeps_no_other_from_leaving(url: str, redis: Redis) -> None:
    cache = build(url, PREFIX, kept_days=10)
    broken, sound = make_event("broken"), make_event("sound")
    cache.write([as_message(broken), as_message(sound)], START)
    redis.setrange(KEYS.event(broken.id), 16, b"damaged")
    assert cache.due(START + timedelta(days=11))
    assert redis.exists(KEYS.event(broken.id), KEYS.event(sound.id)) == 1


def test_a_slot_that_was_left_is_given_away_only_when_no_read_can_mean_the_event_before(url: str, redis: Redis) -> None:
    cache = build(url, PREFIX, kept_days=1)
    at = START + timedelta(days=2)
    cache.write([as_message(make_event("old"))], START)
    cache.write([as_message(make_event("one", at=at))], at)
    cache.write([as_message(make_event("two", at=at))], at + timedelta(seconds=5))
    cache.write([as_message(make_event("three", at=at))], at + timedelta(seconds=90))
    held = redis.get(KEYS.ids)
    assert isinstance(held, bytes)
    assert [held[slot * 16 : slot * 16 + 16].hex() for slot in range(3)] == [
        make_event(name).id for name in ("three", "one", "two")
    ]
    assert len(contents(url).events) == 3
