"""Rebuilding Redis while it is used, against a real Valkey."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from redis import Redis

from services.cache.projection import project
from services.cache.rebuild import Rebuild
from services.cache.service import build
from services.cli import main
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.redis_model import Keys
from tests.chaos.redis_dump import RedisDump, dump, of_projections
from tests.unit.cache.events import START, as_message, make_event

KEYS = Keys()


def events() -> list[Event]:
    kinds = ("visit", "agreement", "meeting")
    return [make_event(f"event {n}", type=kinds[n % 3], at=START + timedelta(seconds=n)) for n in range(30)]


def wanted(states: list[Event]) -> RedisDump:
    return of_projections({event.id: project(event) for event in states})


def rebuilt(redis: Redis, states: list[Event]) -> Rebuild:
    run = Rebuild(redis, KEYS, lambda what, count: None)
    run.run([as_message(event) for event in states], START)
    return run


def held(url: str) -> RedisDump:
    found = dump(url)
    return RedisDump(found.events, found.indexes, found.orders)


def test_an_emptied_redis_is_filled_from_the_log_without_telling_anything_twice(url: str, redis: Redis) -> None:
    assert rebuilt(redis, events()).result.read == 30
    assert held(url) == wanted(events())
    assert redis.xlen(KEYS.changes) == 0


def test_what_was_lost_or_does_not_belong_in_an_index_is_mended(url: str, redis: Redis) -> None:
    build(url).write([as_message(event) for event in events()], START)
    redis.srem(KEYS.index("type:visit"), 0, 3)
    redis.sadd(KEYS.index("type:meeting"), 0)
    redis.sadd(KEYS.index("word:never"), 4)
    redis.sadd(KEYS.index("type:visit"), 777)
    redis.zrem(KEYS.order("time"), 5)
    redis.zadd(KEYS.order("sources"), {"6": 99, "778": 1})
    redis.setrange(KEYS.ids, 7 * 16, b"x" * 16)
    result = rebuilt(redis, []).result
    assert held(url) == wanted(events())
    assert (result.events, result.mended, result.strays) == (30, 5, 4)


def test_readers_that_hold_the_orders_are_told_of_places_that_were_mended(redis: Redis) -> None:
    rebuilt(redis, events())
    redis.zadd(KEYS.order("sources"), {"6": 99, "778": 1})
    redis.delete(KEYS.touched)
    rebuilt(redis, [])
    rows: Any = redis.xrange(KEYS.touched)
    assert {fields[b"s"] for _, fields in rows} == {b"6", b"778"}


def test_a_newer_state_is_not_set_back_by_an_older_one_of_the_log(url: str, redis: Redis) -> None:
    newer = make_event("event 1", revision=2, status="cancelled")
    build(url).write([as_message(newer)], START)
    rebuilt(redis, events())
    assert held(url).events[newer.id] == project(newer).state


def test_the_command_says_what_it_found(url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    build(url).write([as_message(event) for event in events()], START)
    redis.srem(KEYS.index("type:visit"), 0)
    monkeypatch.setenv("DATELINE_REDIS_URL", url)
    monkeypatch.delenv("DATELINE_KAFKA", raising=False)
    result = CliRunner().invoke(main, ["cache", "rebuild"], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.stdout.startswith("30 events stand, 0 states were read, 1 entries of indexes were mended")
    assert "There are no API keys, webhooks and alert rules. If there were some" in result.stdout
    redis.hset(KEYS.api_keys, "k", "{}")
    result = CliRunner().invoke(main, ["cache", "rebuild"], catch_exceptions=False)
    assert "Left as they are: 1 API keys, 0 webhooks and 0 alert rules" in result.stdout
