"""Kafka as the ground of `dateline up`, as far as it needs none: addresses, and whose a data folder is."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from services.cli import ground_kafka as module
from services.cli import local_broker
from services.cli.ground_embedded import EmbeddedGround
from services.cli.ground_kafka import ExistingKafkaGround, LocalKafkaGround, stay_with_cluster
from services.runtime.kafka_broker import BrokerMissingError
from services.runtime.stage import Unavailable
from services.runtime.supervisor import StartError, Supervisor


def test_the_states_are_not_those_of_the_embedded_log(tmp_path: Path) -> None:
    assert LocalKafkaGround(tmp_path).redis_url != EmbeddedGround(tmp_path).redis_url


def test_a_data_folder_stays_with_its_kafka(tmp_path: Path) -> None:
    stay_with_cluster(tmp_path, "one")
    stay_with_cluster(tmp_path, "one")
    with pytest.raises(StartError) as refused:
        stay_with_cluster(tmp_path, "other")
    assert str(refused.value) == (
        f"the data folder {tmp_path} was used with another Kafka (cluster one; this one is other). Choose another "
        "folder with DATELINE_DATA, or remove what is only a copy of that Kafka's data and built anew from this one's: "
        f"rm -r {tmp_path}/kafka-states {tmp_path}/tables {tmp_path}/kafka-cluster"
    )


def test_a_kafka_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.runtime.kafka_broker.wait_until_it_answers", lambda bootstrap, seconds: False)
    with pytest.raises(StartError, match=r"Kafka at k:1 does not answer\. Start it \(`make kafka` runs one .* local"):
        ExistingKafkaGround(tmp_path, "k:1").start(Supervisor(tmp_path / "logs"))


def test_a_broker_without_java_or_jars_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any) -> list[str]:
        raise BrokerMissingError("No Java was found: install Java 17+.")

    monkeypatch.setattr(local_broker, "server_command", missing)
    with pytest.raises(StartError, match="No Java was found: install Java 17"):
        LocalKafkaGround(tmp_path).start(Supervisor(tmp_path / "logs"))


def test_services_are_told_both_addresses_and_other_commands_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr("services.runtime.kafka_broker.wait_until_it_answers", lambda bootstrap, seconds: True)
    monkeypatch.setattr(module, "cluster_id", lambda bootstrap: "one")
    monkeypatch.setattr(module, "make_topics", started.append)
    supervisor = Supervisor(tmp_path / "logs")
    monkeypatch.setattr(supervisor, "start", lambda child: started.append(child.name))
    ground = ExistingKafkaGround(tmp_path, "k:1,l:2")
    ground.start(supervisor)
    assert started == ["k:1,l:2", "valkey"]
    assert ground.environment() == {"DATELINE_REDIS_URL": ground.redis_url, "DATELINE_KAFKA": "k:1,l:2"}
    assert ground.note() == {"kafka": "k:1,l:2", "redis": ground.redis_url}
    assert ground.again == "make up RUNTIME=kafka KAFKA=k:1,l:2"


def test_progress_does_not_wait_for_a_kafka_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answer = threading.Event(), threading.Event()

    def admin(bootstrap: str) -> Any:
        asked.set()
        answer.wait(30)
        raise Unavailable("away")

    monkeypatch.setattr(module, "admin", admin)
    ground = LocalKafkaGround(tmp_path)
    assert ground.progress() is None
    assert asked.wait(30)
    assert ground.progress() is None, "the look that is under way is not repeated"
    answer.set()
