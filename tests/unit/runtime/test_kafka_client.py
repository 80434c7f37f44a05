"""What every client of Kafka shares."""

from __future__ import annotations

import pytest
from kafka.errors import KafkaTimeoutError, TopicAuthorizationFailedError

from services.contracts.ontology import TOPIC_FAMILIES
from services.contracts.topics import ARTICLES_RAW, MENTIONS
from services.runtime.kafka_client import servers, unavailable_when_away
from services.runtime.kafka_producer import partition_of
from services.runtime.stage import Unavailable


def test_several_brokers_are_read_from_one_setting() -> None:
    assert servers("a:9092, b:9093,[::1]:9094") == ["a:9092", "b:9093", "[::1]:9094"]


@pytest.mark.parametrize("wrong", ["a", "a:", ":9092", "a:port", "a:70000", "a:0"])
def test_what_is_no_address_is_named(wrong: str) -> None:
    with pytest.raises(ValueError, match=f"'{wrong}' is no address of a Kafka broker"):
        servers(f"a:9092,{wrong}")


def test_no_address_at_all_is_told_with_what_to_set() -> None:
    with pytest.raises(ValueError, match="set DATELINE_KAFKA"):
        servers(" , ")


@pytest.mark.parametrize("error", [KafkaTimeoutError("slow"), ConnectionRefusedError("nobody there")])
def test_brokers_that_are_away_are_waited_for(error: Exception) -> None:
    with (
        pytest.raises(Unavailable, match=r"Kafka at a:9092 does not answer: .*(slow|nobody there)"),
        unavailable_when_away("a:9092"),
    ):
        raise error


def test_what_no_waiting_mends_is_not_called_away() -> None:
    with pytest.raises(TopicAuthorizationFailedError), unavailable_when_away("a:9092"):
        raise TopicAuthorizationFailedError


def test_a_key_of_few_has_its_own_partition_and_others_are_hashed() -> None:
    assert [partition_of(MENTIONS, family) for family in TOPIC_FAMILIES] == list(range(len(TOPIC_FAMILIES)))
    assert partition_of(MENTIONS, "no-such-family") is None
    assert partition_of(ARTICLES_RAW, "en") is None
