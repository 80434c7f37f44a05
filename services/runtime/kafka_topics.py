"""Dateline's topics on Kafka: what they should be, how they are made, and what is wrong with those there are.

They follow ``services/contracts/topics.py``. A stage with state also has a changelog: a compacted topic with one
partition for each partition of its input, from which its table is built anew anywhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from kafka import TopicPartition
from kafka.admin import ConfigResource
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    InvalidReplicationFactorError,
    KafkaTimeoutError,
    NotCoordinatorError,
    PolicyViolationError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
)
from kafka.protocol.consumer import OffsetSpec

from services.contracts.topics import ALL, ARTICLES_RAW, MENTIONS, Topic
from services.runtime.kafka_client import LARGEST_BYTES, admin, unavailable_when_away

STATEFUL: Final[Mapping[str, Topic]] = {"dedup": ARTICLES_RAW, "linker": MENTIONS}
"""The stages that keep state, with the topic each reads. Their modules are a floor above this one."""

SOURCES: Final = ("fetcher",)
"""What publishes without reading, and keeps its state in a changelog of one partition."""


SEGMENT_BYTES: Final = 64 * 1024 * 1024
SEGMENT_AGE: Final = timedelta(hours=6)
"""Kafka compacts what is not in the newest segment: without these a small table would never be compacted."""

DIRTY_RATIO: Final = 0.3
"""Compact once this part of a log is new: a reader of the whole table reads at most about 1.4 times what is in it."""

TOMBSTONES: Final = timedelta(days=7)
"""How long a removal is told. A copy of a table that is older than this must be built anew from the start."""

MIN_INSYNC: Final = 2
"""With three replicas: an acknowledged message survives the loss of one, and one may be away without a stop."""


TOLD_S: Final = 30.0
"""How long the brokers may take to take up a change; a moment, except where a new cluster sets itself up."""


class TopicsError(Exception):
    """Topics cannot be made as they should be; the text names the topic and what to do."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What a topic should be on Kafka."""

    name: str
    partitions: int
    replication: int | None
    """Replicas of each partition; None: what the cluster has as its default."""
    configs: Mapping[str, str] = field(default_factory=dict)
    keeps_keys: bool = False
    """True where a key must stay in its partition, because a table or a compacted log hangs on it."""
    follows: str = ""
    """The topic that it must have the same number of partitions as."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it should be."""

    topic: str
    found: str
    wanted: str
    advice: str


def group_of(stage: str) -> str:
    """Return the consumer group of a stage or sink: "dateline-dedup"."""
    return f"dateline-{stage}"


def changelog_of(stage: str) -> str:
    """Return the name of the changelog of a stage or source: "dateline-dedup-state-changelog"."""
    return f"dateline-{stage}-state-changelog"


def wanted(replication: int | None) -> list[Spec]:
    """Return what every topic should be, the declared ones first, then the changelogs."""
    stateful = {topic.name for topic in STATEFUL.values()}
    specs = [
        Spec(
            topic.name,
            topic.partitions,
            replication,
            _configs(topic.compacted, topic.retention, replication),
            keeps_keys=topic.compacted or topic.name in stateful,
        )
        for topic in ALL
    ]
    tables = [(stage, topic.partitions, topic.name) for stage, topic in STATEFUL.items()]
    tables += [(source, 1, "") for source in SOURCES]
    specs += [
        Spec(changelog_of(name), partitions, replication, _configs(True, None, replication), True, follows)
        for name, partitions, follows in tables
    ]
    return specs


def _configs(compacted: bool, retention: timedelta | None, replication: int | None) -> dict[str, str]:
    configs = {
        "cleanup.policy": "compact" if compacted else "delete",
        "retention.ms": "-1" if retention is None else str(_ms(retention)),
        "retention.bytes": "-1",
        "max.message.bytes": str(LARGEST_BYTES),
        "compression.type": "producer",
    }
    if compacted:
        configs |= {
            "segment.bytes": str(SEGMENT_BYTES),
            "segment.ms": str(_ms(SEGMENT_AGE)),
            "min.cleanable.dirty.ratio": str(DIRTY_RATIO),
            "delete.retention.ms": str(_ms(TOMBSTONES)),
        }
    if replication is not None:
        configs["min.insync.replicas"] = str(MIN_INSYNC if replication > MIN_INSYNC else 1)
    return configs


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def create(bootstrap: str, replication: int | None = None) -> list[str]:
    """Make the topics that are missing and mend those that differ; return what was done, one line each.

    ``replication``: replicas of new topics; None: the cluster's default. Doing it again does nothing.
    Raises TopicsError where that is not possible, Unavailable while Kafka is away.
    """
    with unavailable_when_away(bootstrap), admin(bootstrap) as client:
        existing = _existing(client)
        specs = _followed(wanted(replication), existing)
        present = [_as_replicated(spec, existing[spec.name]) for spec in specs if spec.name in existing]
        few = [spec for spec in present if existing[spec.name].partitions < spec.partitions]
        _refuse_to_move_keys(client, few, existing)
        done = _make_missing(client, [spec for spec in specs if spec.name not in existing])
        done += _add_partitions(client, few, existing)
        done += _mend_configs(client, present)
        _wait_until_told(lambda: _groups_can_be_kept(client))
        return done


def check(bootstrap: str) -> list[Problem]:
    """Return what is wrong with the topics, nothing if all is well. Raises Unavailable while Kafka is away."""
    with unavailable_when_away(bootstrap), admin(bootstrap) as client:
        existing = _existing(client)
        brokers = len(client.describe_cluster()["brokers"])
        specs = _followed(wanted(None), existing)
        present = [_as_replicated(spec, existing[spec.name]) for spec in specs if spec.name in existing]
        problems = [
            Problem(spec.name, "missing", f"{spec.partitions} partitions", "run `dateline topics create`")
            for spec in specs
            if spec.name not in existing
        ]
        for spec in present:
            problems += _partition_problems(spec, existing[spec.name], brokers)
        for spec, found in _differences(client, present):
            for name, value in found.items():
                told = f"{name}={spec.configs[name]}"
                problems.append(Problem(spec.name, f"{name}={value}", told, "run `dateline topics create`"))
        return problems


def _partition_problems(spec: Spec, there: _There, brokers: int) -> Iterator[Problem]:
    if there.partitions < spec.partitions or (spec.follows and there.partitions != spec.partitions):
        advice = _move_keys_advice(spec) if spec.keeps_keys else "run `dateline topics create`"
        yield Problem(spec.name, f"{there.partitions} partitions", f"{spec.partitions} partitions", advice)
    least = min(brokers, MIN_INSYNC + 1)
    if there.replication < least:
        advice = "add replicas with kafka-reassign-partitions.sh: until then the loss of one broker may lose messages"
        yield Problem(spec.name, f"{there.replication} replicas", f"{least} replicas on {brokers} brokers", advice)
    if there.leaderless:
        advice = "start the brokers that are away (kafka-topics.sh --describe --unavailable-partitions names them)"
        yield Problem(spec.name, f"{there.leaderless} partitions without a leader", "a leader for each", advice)


def _move_keys_advice(spec: Spec) -> str:
    return (
        "keys would move between partitions and part from their state: stop every Dateline service, delete "
        f"{spec.name}{f' and {spec.follows}' if spec.follows else ' and what is made from it'}, "
        "run `dateline topics create`, and start again; or keep the partitions there are"
    )


@dataclass(frozen=True, slots=True)
class _There:
    """A topic as it is."""

    partitions: int
    replication: int
    leaderless: int


def _existing(client: Any) -> dict[str, _There]:
    """Return the topics of Dateline that there are."""
    names = {spec.name for spec in wanted(None)}
    return {
        topic["name"]: _There(
            len(topic["partitions"]),
            min((len(partition["replica_nodes"]) for partition in topic["partitions"]), default=0),
            sum(partition["leader_id"] < 0 for partition in topic["partitions"]),
        )
        for topic in client.describe_topics()
        if topic["name"] in names
    }


def _followed(specs: Sequence[Spec], existing: Mapping[str, _There]) -> list[Spec]:
    """Give each changelog the partitions that its input really has: it may have been made with more."""
    return [
        Spec(
            spec.name, existing[spec.follows].partitions, spec.replication, spec.configs, spec.keeps_keys, spec.follows
        )
        if spec.follows in existing
        else spec
        for spec in specs
    ]


def _as_replicated(spec: Spec, there: _There) -> Spec:
    """Return what a topic that exists should be, given the replicas it has."""
    insync = {"min.insync.replicas": str(MIN_INSYNC if there.replication > MIN_INSYNC else 1)}
    return Spec(
        spec.name, spec.partitions, there.replication, {**spec.configs, **insync}, spec.keeps_keys, spec.follows
    )


def _make_missing(client: Any, specs: Sequence[Spec]) -> list[str]:
    if not specs:
        return []
    request = {
        spec.name: {
            "num_partitions": spec.partitions,
            "replication_factor": spec.replication or -1,
            "configs": dict(spec.configs),
        }
        for spec in specs
    }
    try:
        client.create_topics(request)
    except TopicAlreadyExistsError:  # somebody else makes them at the same time
        pass
    except InvalidReplicationFactorError as error:
        brokers = len(client.describe_cluster()["brokers"])
        raise TopicsError(
            f"topics with {specs[0].replication or 'the default number of'} replicas cannot be made on {brokers} "
            f"broker(s): give --replication {min(brokers, 3)}, or start more brokers"
        ) from error
    except (TopicAuthorizationFailedError, PolicyViolationError) as error:
        raise TopicsError(
            f"the cluster refuses to make the topics ({error}): have its administrator make them, or allow this client"
        ) from error
    client.wait_for_topics([spec.name for spec in specs])
    return [f"{spec.name}: made with {spec.partitions} partitions" for spec in specs]


def _refuse_to_move_keys(client: Any, few: Sequence[Spec], existing: Mapping[str, _There]) -> None:
    """Raise TopicsError where one of the topics, which have too few partitions, has messages that hang on theirs."""
    keeping = [spec for spec in few if spec.keeps_keys]
    written = _written_to(client, {spec.name: existing[spec.name].partitions for spec in keeping})
    for spec in keeping:
        if spec.name in written:
            raise TopicsError(
                f"{spec.name} has {existing[spec.name].partitions} partitions, not {spec.partitions}, "
                f"and messages: {_move_keys_advice(spec)}"
            )


def _add_partitions(client: Any, few: Sequence[Spec], existing: Mapping[str, _There]) -> list[str]:
    if not few:
        return []
    client.create_partitions({spec.name: spec.partitions for spec in few})
    _wait_until_told(lambda: all(_existing(client)[spec.name].partitions == spec.partitions for spec in few))
    client.wait_for_topics([spec.name for spec in few])
    return [f"{spec.name}: {existing[spec.name].partitions} partitions raised to {spec.partitions}" for spec in few]


def _wait_until_told(told: Callable[[], bool]) -> None:
    """Wait until the brokers tell what the controller has done. Raises KafkaTimeoutError."""
    deadline = time.monotonic() + TOLD_S
    while not told():
        if time.monotonic() > deadline:
            raise KafkaTimeoutError("the brokers do not take up what was changed")
        time.sleep(0.05)


def _written_to(client: Any, partitions: Mapping[str, int]) -> set[str]:
    """Return those of the topics that ever got a message."""
    if not partitions:
        return set()
    asked = {TopicPartition(name, n): OffsetSpec.LATEST for name, count in partitions.items() for n in range(count)}
    return {partition.topic for partition, end in client.list_partition_offsets(asked).items() if end.offset > 0}


def _differences(client: Any, specs: Sequence[Spec]) -> list[tuple[Spec, dict[str, str]]]:
    """Return for each topic whose settings differ those that do, as they are."""
    if not specs:
        return []
    asked = [ConfigResource("TOPIC", spec.name, dict(spec.configs)) for spec in specs]
    answered = client.describe_configs(asked, config_filter="all")["topic"]
    found = []
    for spec in specs:
        have = {name: str(answered[spec.name][name]["value"]) for name in spec.configs}
        differing = {name: value for name, value in have.items() if value != spec.configs[name]}
        if differing:
            found.append((spec, differing))
    return found


def _groups_can_be_kept(client: Any) -> bool:
    """False for the moment that a new cluster needs, at the first question, to make its own topic for groups."""
    try:
        client.describe_groups([group_of(stage) for stage in STATEFUL])
    except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError):
        return False
    return True


def _mend_configs(client: Any, specs: Sequence[Spec]) -> list[str]:
    differing = _differences(client, specs)
    if not differing:
        return []
    changes = [
        ConfigResource("TOPIC", spec.name, {name: spec.configs[name] for name in found}) for spec, found in differing
    ]
    answered = client.alter_configs(changes)["topic"]
    for name, answer in answered.items():
        if answer != "OK":
            raise TopicsError(f"the settings of {name} cannot be changed ({answer}): have its administrator do it")
    _wait_until_told(lambda: not _differences(client, specs))
    return [
        f"{spec.name}: {name}={value} changed to {spec.configs[name]}"
        for spec, found in differing
        for name, value in found.items()
    ]
