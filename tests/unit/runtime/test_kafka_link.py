"""What a worker asks of Kafka, where the answer may be misread."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from services.runtime.kafka_link import Committed, KafkaLink

PARTITION = TopicPartition("articles.raw", 3)


def link(answer: dict[TopicPartition, Any]) -> KafkaLink:
    """A link whose Kafka gives ``answer`` to the question of places."""

    class Admin:
        async def list_consumer_group_offsets(self, group: str, partitions: Any) -> dict[TopicPartition, Any]:
            return answer

    made = KafkaLink("127.0.0.1:1", "dedup", "dedup-0")
    made._admin = Admin()
    return made


async def test_the_place_that_a_group_committed_is_known_with_its_note() -> None:
    place = SimpleNamespace(offset=17, metadata="tries=1 by=dedup-0:1-1")
    assert await link({PARTITION: place}).committed(PARTITION) == Committed(17, "tries=1 by=dedup-0:1-1")


async def test_a_group_that_never_committed_has_no_place() -> None:
    place = SimpleNamespace(offset=-1, metadata="")
    assert await link({PARTITION: place}).committed(PARTITION) == Committed(None, "")


async def test_a_coordinator_that_still_loads_is_asked_again_instead_of_starting_from_the_beginning() -> None:
    with pytest.raises(KafkaError):
        await link({}).committed(PARTITION)
