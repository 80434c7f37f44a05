"""How fast mentions are linked, how that holds up to a million live events, and what an event weighs."""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.contracts.dateline.v1 import event_pb2
from services.linker import profile, record, weights
from services.linker.activity import Memory
from services.linker.days import told_on
from services.linker.entry import entry_of
from services.linker.profile import Profile
from services.linker.score import Rarity, score
from services.linker.service import build
from services.runtime import heap
from services.runtime.stage import Failure, Message, Stage, Write
from tests.bench.filler import Filler
from tests.unit.linker.newsstream import World, stream

SEED = 5
WORLD_EVENTS = 3_000
"""Made-up events told by the stream; the other live events are variations of what came of them (see ``filler``)."""
MEASURED = 1_200
REFERENCE_EVENTS = 600
DAYS = 180
"""Short enough for nothing to expire while it is measured."""


MEMORY = Memory(quiet_days=500, archive_days=501, horizon_days=1_000)
"""Every event stays live while it is measured."""
RESTORED = 10_000
ARCHIVED = 5_000


def benchmark() -> Iterator[dict[str, object]]:
    """Yield for each number of live events: mentions/s of handle and apply, bytes an event, events/s when restored.

    All by processor time. The reference, measured between the others on the same mentions, is a dictionary from type,
    parties and place to events: what linking by equal keys would cost. Another is the linker's own score against every
    live event instead of candidates, at a few hundred events.
    """
    sizes = [10_000, 100_000] + ([1_000_000] if os.environ.get("DATELINE_BENCH_LONG") == "1" else [])
    yield _against_all_pairs()
    messages = [told.message for told in stream(SEED, WORLD_EVENTS, DAYS, 4)]
    warm, measured = messages[:-MEASURED], messages[-MEASURED:]
    stage = build(MEMORY)
    founded = [write for write in _stored(stage, warm) if write.key.startswith("e:")]
    filler = Filler(SEED, World(SEED, WORLD_EVENTS), DAYS, founded)
    gc.collect()
    live = warmed = int(stage.health().gauges["events"])
    before = _resident_bytes()
    at = 0
    share = MEASURED // len(sizes)
    for size in sizes:
        stage.load(filler.events(size - live))
        live = int(stage.health().gauges["events"])
        heap.settle()  # as the runtime does with what it has loaded
        weight = round((_resident_bytes() - before) / max(1, live - warmed))
        block = measured[at : at + share]
        at += share
        mentions = sum(len(_batch(message).mentions) for message in block)
        by_dictionary = mentions / _by_dictionary(block)
        spent = _feed(stage, block)
        gauges = stage.health().gauges
        yield {
            "name": f"linking.mentions_per_s.{size}",
            "value": round(mentions / spent),
            "unit": "mentions/s of one core, at this many live events",
            "reference": "mentions/s that a dictionary by type, parties and place looks up and stores",
            "reference_value": round(by_dictionary),
            "ratio": round(mentions / spent / by_dictionary, 4),
        }
        if live - warmed < size // 2:
            continue  # mostly warm-up: what the allocator still holds of it would hide the events
        yield {
            "name": f"linking.bytes_per_event.{size}",
            "value": weight,
            "unit": "resident bytes for each live event added, without its article's entry",
            "stored": round(gauges["stored_bytes"] / gauges["events"]),
            "index_keys": round(gauges["index_keys"] / gauges["events"], 1),
            "resident_mb": _resident_bytes() >> 20,
        }
    yield from map(_with_workers, sizes)
    yield _restoring(list(filler.events(RESTORED)))
    yield _archiving(list(filler.events(ARCHIVED)))


def _with_workers(size: int) -> dict[str, object]:
    """As it is deployed: a worker for each core, each the owner of some topic families and of their events alone."""
    workers = os.cpu_count() or 1
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        done = pool.starmap(_work, [(size, workers, number) for number in range(workers)], chunksize=1)
    mentions, busiest = sum(each for each, _ in done), max(spent for _, spent in done)
    alone, spent = max(done, key=lambda each: each[1])
    return {
        "name": f"linking.mentions_per_s.{size}.workers",
        "value": round(mentions / busiest),
        "unit": f"mentions/s of {workers} workers on as many cores, by the processor time of the busiest of them",
        "reference": "mentions/s of that worker",
        "reference_value": round(alone / spent),
        "ratio": round(mentions / alone, 2),
    }


def _work(size: int, workers: int, number: int) -> tuple[int, float]:
    """Return the mentions that one of several workers linked and the processor time it took."""
    messages = [told.message for told in stream(SEED, WORLD_EVENTS, DAYS, 4)]
    own = _owned(messages, workers)[number]
    mine = [message for message in messages if _batch(message).topic in own]
    measured = {id(message) for message in messages[-MEASURED:]}
    block = [message for message in mine if id(message) in measured]
    stage = build(MEMORY)
    founded = [w for w in _stored(stage, [m for m in mine if id(m) not in measured]) if w.key.startswith("e:")]
    filler = Filler(SEED, World(SEED, WORLD_EVENTS), DAYS, founded)
    live = int(stage.health().gauges["events"])
    stage.load(filler.events(max(0, size * len(mine) // len(messages) - live)))
    heap.settle()
    return sum(len(_batch(message).mentions) for message in block), _feed(stage, block)


def _owned(messages: Sequence[Message], workers: int) -> list[set[str]]:
    """Share the topic families among workers so that each has about as many messages, the greatest family first."""
    owned: list[set[str]] = [set() for _ in range(workers)]
    load = [0] * workers
    for topic, count in Counter(_batch(message).topic for message in messages).most_common():
        least = load.index(min(load))
        owned[least].add(topic)
        load[least] += count
    return owned


def _by_dictionary(messages: Sequence[Message]) -> float:
    """The processor time that linking by equal keys takes, its state parsed, changed and stored like the linker's."""
    start = time.process_time()
    stored: dict[tuple[str, ...], bytes] = {}
    for message in messages:
        for mention in _batch(message).mentions:
            key = (mention.type, *sorted(p.entity.id for p in mention.participants), mention.place.name)
            event = event_pb2.Event.FromString(stored.get(key, b""))
            event.type, event.status = mention.type, mention.status
            event.revision += 1
            stored[key] = event.SerializeToString()
    return time.process_time() - start


def _restoring(writes: Sequence[Write]) -> dict[str, object]:
    stage = build(MEMORY)
    gc.collect()
    start = time.process_time()
    stage.load(writes)
    loaded = len(writes) / (time.process_time() - start)
    stage = build(MEMORY)
    start = time.process_time()
    for write in writes:
        stage.apply(write)
    return {
        "name": f"linking.restored_per_s.{len(writes)}",
        "value": round(loaded),
        "unit": "events/s of one core, from stored entries to an answering linker",
        "reference": "the same entries applied one by one",
        "reference_value": round(len(writes) / (time.process_time() - start)),
    }


def _archiving(chosen: Sequence[Write]) -> dict[str, object]:
    """What an archived event weighs beside a live one."""
    weights_of: dict[bool, list[int]] = {False: [], True: []}
    for write in chosen:
        assert write.value is not None
        held, was = record.decode(write.value), record.read_entry(write.value)
        for archived in (False, True):
            entry = entry_of(held.profile, was.topic, first_seen_us=0, changed_day=1, next_day=2, archived=archived)
            weights_of[archived].append(len(record.encode(held, entry)) + 8 * len(entry.keys))
    return {
        "name": "linking.archived_bytes",
        "value": round(sum(weights_of[True]) / len(chosen)),
        "unit": "stored bytes and postings of an archived event",
        "reference": "the same event live",
        "reference_value": round(sum(weights_of[False]) / len(chosen)),
    }


def _batch(message: Message) -> event_pb2.MentionBatch:
    assert isinstance(message.value, event_pb2.MentionBatch)
    return message.value


def _feed(stage: Stage, messages: Sequence[Message]) -> float:
    start = time.process_time()
    for message in messages:
        (answer,) = stage.handle_many([message], message.time)
        if isinstance(answer, Failure):
            raise answer.error
    return time.process_time() - start


def _stored(stage: Stage, messages: Sequence[Message]) -> list[Write]:
    entries: dict[str, Write] = {}
    for message in messages:
        outcome = stage.handle(message, message.time)
        for write in outcome.writes:
            stage.apply(write)
            entries[write.key] = write
    return [write for write in entries.values() if write.value is not None]


def _against_all_pairs() -> dict[str, object]:
    messages = [told.message for told in stream(6, REFERENCE_EVENTS, reports_most=4)]
    mentions = sum(len(_batch(message).mentions) for message in messages)
    linked = mentions / _feed(build(), messages)
    start = time.process_time()
    events: list[Profile] = []
    rarity = Rarity(lambda key: 1, lambda word: 1)
    for message in messages:
        for mention in _batch(message).mentions:
            mine = profile.of_mention(mention, profile.mention_words(mention))
            assert mine.told_first == told_on(mention.article)
            best = max((score(mine, event, rarity, False, False).total for event in events), default=0.0)
            if best < weights.LINK_AT:
                events.append(mine)
    reference = mentions / (time.process_time() - start)
    return {
        "name": f"linking.against_all_pairs.{REFERENCE_EVENTS}",
        "value": round(linked),
        "unit": "mentions/s of one core",
        "reference": f"score against each of {len(events)} events at the end, no merging, no state",
        "reference_value": round(reference),
        "ratio": round(linked / reference, 1),
    }


def _resident_bytes() -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmRSS in /proc/self/status: run the benchmark on Linux")
