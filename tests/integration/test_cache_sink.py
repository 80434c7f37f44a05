"""The cache against a real Valkey: guard, indexes, stream and rebuild."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import orjson
import pytest
from redis import Redis

from services.cache.service import build
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.redis_model import Keys
from services.contracts.topics import EVENTS
from services.runtime.stage import Message, Unavailable
from tests.integration.valkey_fixture import valkey
from tests.unit.cache.events import START, as_message, make_event

PREFIX = "test:"
KEYS = Keys(PREFIX)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with valkey() as address:
        yield address


@pytest.fixture
def redis(url: str) -> Iterator[Redis]:
    with Redis.from_url(url) as client:
        client.flushall()
        yield client


def put(url: str, *events: Event) -> list[Exception | None]:
    return build(url, PREFIX).write([as_message(event) for event in events], START)


def contents(redis: Redis, *, but: tuple[str, ...] = ()) -> dict[bytes, object]:
    """Everything in the server, by key, whatever its inner encoding."""
    found: dict[bytes, object] = {}
    for key in redis.scan_iter(count=1000):
        if any(part in key.decode() for part in but):
            continue
        match redis.type(key):
            case b"hash":
                found[key] = redis.hgetall(key)
            case b"zset":
                found[key] = redis.zrange(key, 0, -1, withscores=True)
            case b"list":
                found[key] = redis.lrange(key, 0, -1)
            case kind:
                found[key] = kind
    return found


def streamed(redis: Redis) -> list[tuple[str, int]]:
    entries = redis.xrange(KEYS.changes)
    changes = [orjson.loads(fields[b"change"]) for _, fields in entries]
    return [(change["event_id"], change["revision"]) for change in changes]


def test_every_key_carries_the_prefix(url: str, redis: Redis) -> None:
    put(url, make_event())
    assert all(key.startswith(b"test:") for key in redis.scan_iter())


def test_an_older_revision_that_arrives_late_changes_nothing(url: str, redis: Redis) -> None:
    put(url, make_event(revision=3, status="occurred"))
    before = contents(redis)
    put(url, make_event(revision=2, status="agreed"))
    assert contents(redis) == before


def test_a_repeated_message_appends_its_change_once(url: str, redis: Redis) -> None:
    event = make_event()
    put(url, event, event)
    put(url, event)
    assert streamed(redis) == [(event.id, 1)]


def test_a_newer_revision_leaves_no_entry_of_the_older_one(url: str, redis: Redis) -> None:
    put(url, make_event(status="planned", title="Summit in Hanoi", place_country="IDN"))
    put(url, make_event(revision=2, status="cancelled", title="Talks called off", at=START + timedelta(hours=1)))
    for term in ("status:planned", "word:summit", "country:IDN"):
        assert redis.zcard(KEYS.index(term)) == 0
    for term in ("status:cancelled", "word:talks", "country:KEN", "all"):
        assert redis.zcard(KEYS.index(term)) == 1


def test_a_merged_event_moves_from_live_to_merged(url: str, redis: Redis) -> None:
    put(url, make_event(), make_event(revision=2, merged_into="e" * 32))
    assert redis.zcard(KEYS.index("state:live")) == 0
    assert redis.zcard(KEYS.index("state:merged")) == 1


def test_replaying_all_messages_after_a_flush_gives_equal_bytes(url: str, redis: Redis) -> None:
    messages = everything_that_happened()
    put(url, *messages)
    before = contents(redis, but=("changes",))
    redis.flushall()
    put(url, *messages)
    assert contents(redis, but=("changes",)) == before
    assert len(before) > 50


def test_replaying_only_the_latest_messages_gives_equal_states_and_indexes(url: str, redis: Redis) -> None:
    messages = everything_that_happened()
    put(url, *messages)
    before = contents(redis, but=("changes", "history"))
    redis.flushall()
    latest = {event.id: event for event in messages}
    put(url, *latest.values())
    assert contents(redis, but=("changes", "history")) == before


def test_any_order_of_arrival_gives_equal_states_and_indexes(url: str, redis: Redis) -> None:
    messages = everything_that_happened()
    put(url, *messages)
    before = contents(redis, but=("changes", "history"))
    redis.flushall()
    random.Random(4).shuffle(messages)
    put(url, *messages)
    assert contents(redis, but=("changes", "history")) == before


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


def test_history_keeps_the_last_changes_only(url: str, redis: Redis) -> None:
    cache = build(url, PREFIX)
    cache._history_kept = 3
    cache.write([as_message(make_event(revision=revision)) for revision in range(1, 8)], START)
    kept = [orjson.loads(change)["revision"] for change in redis.lrange(KEYS.history(make_event().id), 0, -1)]
    assert kept == [5, 6, 7]


def test_a_message_without_event_is_at_fault_and_the_others_are_written(url: str, redis: Redis) -> None:
    broken = Message(EVENTS, "k", Event(), "i", START)
    good = as_message(make_event())
    first, second = build(url, PREFIX).write([broken, good], START)
    assert isinstance(first, ValueError)
    assert second is None
    assert redis.zcard(KEYS.index("all")) == 1


def test_a_server_that_lost_its_scripts_gets_them_again(url: str, redis: Redis) -> None:
    cache = build(url, PREFIX)
    cache.write([as_message(make_event())], START)
    redis.script_flush()
    assert cache.write([as_message(make_event(revision=2))], START) == [None]
    assert redis.hget(KEYS.event(make_event().id), "revision") == b"2"


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
    redis.set(KEYS.event(blocked.id), "not a hash")
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
