"""After a run: every dead letter is replayed, good messages are sent again, and nothing may come of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Final

from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.topics import (
    ALL,
    ARTICLES_DUPLICATES,
    ARTICLES_UNIQUE,
    BY_NAME,
    DEAD_LETTERS,
    EVENTS,
    MENTIONS,
)
from services.runtime.dead_letters import Resent
from services.runtime.kafka_dead_letters import Replay, dead_letters
from tests.chaos.checks import LINKER_TABLE, Problem, Run
from tests.chaos.publishing import Publisher
from tests.chaos.record import Log, messages, newest

AGAIN: Final = 20
"""Good messages of each topic that are sent once more."""


def replay(bootstrap: str, publisher: Publisher, run: Run, seed: int) -> int:
    """Replay all dead letters, and send good messages of every topic again; return how many were sent."""
    sent = 0
    with Replay(bootstrap) as box:
        for position, letter in dead_letters(bootstrap):
            sent += bool(box.resend(position, letter)) is Resent.SENT
    dice = random.Random(seed)
    poison = {(each.topic, each.value) for each in run.poison}
    for topic in ALL:
        records = run.log[topic.name]
        if topic.compacted:  # an old state would come to lie after the newest one
            records = list(newest(records).values())
        good = [each for each in records if (each.topic, each.value) not in poison and each.message()]
        for each in dice.sample(good, min(AGAIN, len(good))) if topic.readers else []:
            publisher.put(topic, (each.key or b"").decode(), each.value or b"", each.headers)
            sent += 1
    publisher.flush()
    return sent


def replay_problems(before: Run, after: Run) -> Iterator[Problem]:
    """Return what a replay has changed: it may repeat what was said, with the same ids and the same content."""
    for topic in (ARTICLES_UNIQUE.name, ARTICLES_DUPLICATES.name, MENTIONS.name):
        for message_id, _ in sorted(_said(before.log, topic) ^ _said(after.log, topic)):
            yield Problem("replay", message_id, f"in {topic} says something else than before")
    for topic in (EVENTS.name, LINKER_TABLE):
        held, now = _values(before.log, topic), _values(after.log, topic)
        for key in sorted(held.keys() | now.keys()):
            if held.get(key) != now.get(key):
                yield Problem("replay", key.decode("utf-8", "replace"), f"has another state in {topic}")
    if (before.redis.events, before.redis.indexes) != (after.redis.events, after.redis.indexes):
        yield Problem("replay", "", "Redis holds something else than before")
    for stage, topic, _ in sorted(_letters(before.log) ^ _letters(after.log)):
        yield Problem("replay", "", f"{stage} has a dead letter of {topic} only before or only after")


def _said(log: Log, topic: str) -> set[tuple[str, bytes]]:
    return {(each.id, each.value.SerializeToString(deterministic=True)) for each in messages(log[topic])}


def _values(log: Log, topic: str) -> Mapping[bytes, bytes | None]:
    records = [each for each in log[topic] if topic not in BY_NAME or each.message() is not None]
    return {key: each.value for key, each in newest(records).items()}


def _letters(log: Log) -> set[tuple[str, str, bytes]]:
    """What there are dead letters of. Not their ids: a message without one is known by its place, and gets another."""
    letters = (each.value for each in messages(log[DEAD_LETTERS.name]) if isinstance(each.value, DeadLetter))
    return {(letter.stage, letter.topic, letter.value) for letter in letters}
