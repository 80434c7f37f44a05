"""On the embedded log the states come back from what the linker holds, against a real Valkey."""

from __future__ import annotations

import threading

import pytest
from redis import Redis

from services.cache.service import build
from services.cli.embedded_states import states_are_missing, write_missing
from services.cli.run_embedded import run_on_embedded
from services.contracts.redis_model import Keys
from services.contracts.state_codec import Codec
from services.contracts.topics import EVENTS
from services.runtime.entry import Answer
from services.runtime.health import Pulse
from services.runtime.settings import RuntimeSettings
from services.runtime.stage import Emit, Message
from services.runtime.stream_log import StreamLog, connect
from tests.unit.cache.events import START
from tests.unit.linker.newsdesk import Desk, article, batch, says

KEYS = Keys()


@pytest.fixture
def log(url: str, redis: Redis) -> StreamLog:
    found = StreamLog(connect(url), source="linker")
    found.prepare()
    return found


def linked(log: StreamLog, *waiting: int) -> list[Message]:
    """Link three events; return their states. Those by their numbers in ``waiting`` the cache has not read yet."""
    desk = Desk()
    sent: list[Message] = []
    for number, country in enumerate(("KEN", "CHL", "FRA")):
        told = says("visit", "planned", (f"source=Ann Oyelaran{number}/UGA", f"target={country}"), where=country)
        message = batch(article(f"a{number}", f"{number}.example", "2026-03-11"), told)
        (event,) = desk.take(message)
        sent.append(Message(EVENTS, event.id, event, f"state {number}", message.time))
    emits = [Emit(EVENTS, sent[n].key, sent[n].value, sent[n].id, sent[n].time) for n in waiting]
    log.client.hset(log.state("linker"), mapping=desk.stored)
    log.commit("linker", [Answer(None, tuple(emits))])
    return sent


def held(redis: Redis, message: Message) -> bytes | None:
    value = redis.get(KEYS.event(message.key))
    assert value is None or isinstance(value, bytes)
    return value


def fill(log: StreamLog) -> int:
    return write_missing(log, KEYS, START, lambda: None)


def test_states_of_another_layout_are_written_anew_and_what_was_left_is_removed(log: StreamLog, redis: Redis) -> None:
    sent = linked(log)
    redis.set("{dateline}:1:e:old", b"x")
    redis.set("{dateline}:api-keys", b"x")
    assert states_are_missing(log, KEYS)
    assert fill(log) == 3
    for message in sent:
        assert Codec().unpack(held(redis, message) or b"").revision == 1
    assert not states_are_missing(log, KEYS)
    assert redis.exists("{dateline}:1:e:old") == 0
    assert redis.exists("{dateline}:api-keys") == 1
    assert redis.xlen(KEYS.changes) == 0


def test_a_state_that_waits_for_the_cache_is_left_to_it_so_that_its_changes_are_told(
    url: str, log: StreamLog, redis: Redis
) -> None:
    sent = linked(log, 1)
    assert fill(log) == 2
    assert held(redis, sent[1]) is None
    build(url).write([sent[1]], START)
    assert redis.xlen(KEYS.changes) == 1


def test_a_filling_that_was_interrupted_begins_again(log: StreamLog, redis: Redis) -> None:
    linked(log)

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_missing(log, KEYS, START, die)
    redis.set(KEYS.ids, b"begun")
    assert states_are_missing(log, KEYS)
    redis.delete(KEYS.ids)
    assert fill(log) == 3


def test_what_stands_is_not_looked_at_again(log: StreamLog) -> None:
    linked(log)
    fill(log)
    assert fill(log) == 0


def test_a_first_start_has_nothing_to_write(log: StreamLog) -> None:
    assert not states_are_missing(log, KEYS)


def test_the_cache_does_it_by_itself_before_it_reads_on(url: str, log: StreamLog, redis: Redis) -> None:
    sent = linked(log, 1)
    stop = threading.Event()
    settings = RuntimeSettings(redis_url=url, worker="cache-0")
    cache = threading.Thread(target=run_on_embedded, args=("cache", settings, Pulse(), stop))
    cache.start()
    try:
        assert redis.xread({KEYS.changes: "0"}, block=60_000), "the change of the state that waited is told"
        assert all(held(redis, message) is not None for message in sent)
    finally:
        stop.set()
        cache.join()
