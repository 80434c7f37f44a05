"""What the doctor says of Kafka where it needs none to say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli import doctor_kafka as module
from services.cli.doctor_kafka import kafka_findings, local_broker_finding
from services.cli.findings import Finding
from services.runtime import kafka_broker
from services.runtime.kafka_broker import BrokerMissingError
from services.runtime.kafka_topics import Problem

CREATE = "run `dateline topics create`"


@pytest.fixture
def no_java(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_java() -> str:
        raise BrokerMissingError("No Java was found: install Java 17+.")

    monkeypatch.setattr(kafka_broker, "find_java", find_java)


@pytest.fixture
def java_and_jars(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(kafka_broker, "find_java", lambda: "/usr/bin/java")
    monkeypatch.setattr(kafka_broker, "find_libs", lambda: tmp_path)
    return tmp_path


@pytest.mark.usefixtures("no_java")
def test_a_broker_that_is_wanted_but_cannot_be_started_is_a_problem() -> None:
    *_, finding = kafka_findings("local")
    assert finding == Finding("Kafka of its own", False, "cannot be started", "No Java was found: install Java 17+.")


@pytest.mark.usefixtures("no_java")
def test_a_broker_that_nobody_wants_is_none() -> None:
    finding = local_broker_finding(needed=False)
    assert finding.well
    assert finding.found == "not used (it could not be started: No Java was found: install Java 17+.)"


def test_a_broker_that_can_be_started_is_told_with_what(java_and_jars: Path) -> None:
    assert local_broker_finding(needed=True).found == f"Java /usr/bin/java, jars in {java_and_jars}"


def test_an_address_that_is_none_is_a_problem() -> None:
    *_, finding = kafka_findings("kafka")
    assert (finding.well, finding.advice) == (False, "Correct or unset DATELINE_KAFKA.")
    assert "'kafka' is no address of Kafka" in finding.found


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "missing_packages", lambda: ["faust"])
    assert list(kafka_findings("k:1")) == [Finding("packages of Kafka", False, "missing: faust", "Run `make setup`.")]


def test_missing_topics_are_one_problem_and_others_one_each() -> None:
    problems = [
        Problem("events", "missing", "12 partitions", CREATE),
        Problem("mentions", "missing", "17 partitions", CREATE),
        Problem("articles.raw", "1 replicas", "3 replicas on 3 brokers", "add replicas"),
    ]
    assert list(module._topic_findings(problems)) == [
        Finding("topics", False, "2 are missing, such as events", "Run `dateline topics create`."),
        Finding("topic articles.raw", False, "1 replicas instead of 3 replicas on 3 brokers", "Add replicas."),
    ]
