"""Dateline's topics on a real Kafka: made once, mended where they differ, never so that a key parts from its state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.admin import ConfigResource

from services.runtime.kafka_client import admin, common
from services.runtime.kafka_topics import TopicsError, changelog_of, check, create, wanted
from tests.conftest import Kafka
from tests.kafka_server import fresh


@pytest.fixture
def bootstrap(kafka: Kafka) -> Iterator[str]:
    """An empty log; whatever a test does to the topics is undone."""
    fresh(kafka.bootstrap)
    yield kafka.bootstrap
    remade(kafka.bootstrap)
    create(kafka.bootstrap)


def remade(bootstrap: str, **partitions: int) -> None:
    """Delete every topic of Dateline and make some of them, with other partitions than they should have."""
    with admin(bootstrap) as client:
        ours = {spec.name for spec in wanted(None)}
        client.delete_topics(sorted(ours & set(client.list_topics())))
        while ours & set(client.list_topics()):
            pass
        if partitions:
            made = {name.replace("_", "."): {"num_partitions": count} for name, count in partitions.items()}
            client.create_topics(made, wait_for_metadata=True)


def send(bootstrap: str, topic: str) -> None:
    """Put one record into a topic."""
    producer: Any = KafkaProducer(**common(bootstrap))
    producer.send(topic, b"value", b"key").get(10)
    producer.close()


def partitions(bootstrap: str, topic: str) -> int:
    """How many partitions a topic has."""
    with admin(bootstrap) as client:
        return len(client.describe_topics([topic])[0]["partitions"])


def config(bootstrap: str, topic: str, name: str) -> str:
    """One setting of a topic, as the broker has it."""
    with admin(bootstrap) as client:
        asked = [ConfigResource("TOPIC", topic, {name: None})]
        return str(client.describe_configs(asked, config_filter="all")["topic"][topic][name]["value"])


def test_all_topics_are_made_and_nothing_is_wrong_with_them(bootstrap: str) -> None:
    remade(bootstrap)
    done = create(bootstrap)
    assert len(done) == len(wanted(None))
    assert "mentions: made with 17 partitions" in done
    assert check(bootstrap) == []


def test_making_them_again_does_nothing(bootstrap: str) -> None:
    assert create(bootstrap) == []


def test_a_missing_topic_is_named_with_what_to_do(bootstrap: str) -> None:
    remade(bootstrap)
    problem = check(bootstrap)[0]
    assert (problem.topic, problem.found, problem.advice) == ("articles.raw", "missing", "run `dateline topics create`")


def test_settings_that_somebody_changed_are_told_and_put_right(bootstrap: str) -> None:
    with admin(bootstrap) as client:
        client.alter_configs([ConfigResource("TOPIC", "events", {"cleanup.policy": "delete"})])
    assert [(problem.topic, problem.found, problem.wanted) for problem in check(bootstrap)] == [
        ("events", "cleanup.policy=delete", "cleanup.policy=compact")
    ]
    assert create(bootstrap) == ["events: cleanup.policy=delete changed to compact"]
    assert check(bootstrap) == []


def test_a_topic_without_state_gets_more_partitions(bootstrap: str) -> None:
    remade(bootstrap, articles_unique=3)
    send(bootstrap, "articles.unique")
    assert "articles.unique: 3 partitions raised to 24" in create(bootstrap)
    assert partitions(bootstrap, "articles.unique") == 24


def test_partitions_of_a_stages_input_are_not_raised_once_it_has_messages(bootstrap: str) -> None:
    remade(bootstrap, articles_raw=3)
    send(bootstrap, "articles.raw")
    with pytest.raises(TopicsError, match=r"articles\.raw has 3 partitions, not 12.*stop every Dateline service"):
        create(bootstrap)
    assert partitions(bootstrap, "articles.raw") == 3
    assert "keys would move" in next(problem.advice for problem in check(bootstrap) if problem.topic == "articles.raw")


def test_partitions_of_an_empty_input_are_raised(bootstrap: str) -> None:
    remade(bootstrap, articles_raw=3)
    assert "articles.raw: 3 partitions raised to 12" in create(bootstrap)


def test_a_changelog_gets_the_partitions_that_its_input_has(bootstrap: str) -> None:
    remade(bootstrap, articles_raw=20)
    create(bootstrap)
    assert partitions(bootstrap, changelog_of("dedup")) == 20
    assert check(bootstrap) == []


def test_a_refusal_changes_nothing(bootstrap: str) -> None:
    remade(bootstrap, articles_raw=3, articles_unique=3)
    send(bootstrap, "articles.raw")
    with pytest.raises(TopicsError):
        create(bootstrap)
    assert partitions(bootstrap, "articles.unique") == 3
    assert "mentions" in {problem.topic for problem in check(bootstrap) if problem.found == "missing"}


def test_more_replicas_than_brokers_are_refused_with_what_can_be_had(bootstrap: str) -> None:
    remade(bootstrap)
    with admin(bootstrap) as client:
        brokers = len(client.describe_cluster()["brokers"])
    with pytest.raises(TopicsError, match="give --replication"):
        create(bootstrap, brokers + 1)


def test_changelogs_are_compacted_and_keep_removals_for_a_week(bootstrap: str) -> None:
    assert config(bootstrap, changelog_of("fetcher"), "cleanup.policy") == "compact"
    assert config(bootstrap, changelog_of("fetcher"), "delete.retention.ms") == str(7 * 24 * 3600 * 1000)
