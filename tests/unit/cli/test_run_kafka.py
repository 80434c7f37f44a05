"""`dateline run` on Kafka: what it refuses, what it waits for, and whose worker it starts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.cli import kafka_ready, main, run_kafka
from services.cli import run as module
from services.cli.kafka_ready import TopicsNotReadyError, problem_text, wait_for_kafka
from services.runtime.health import Pulse
from services.runtime.kafka import TopicsMissingError
from services.runtime.kafka_topics import Problem
from services.runtime.settings import RuntimeSettings
from services.runtime.stage import Sink, Stage, Unavailable

MISSING = [Problem(f"topic-{number}", "missing", "3 partitions", "run `dateline topics create`") for number in range(5)]
FEW = Problem("mentions", "1 replicas", "3 replicas on 3 brokers", "add replicas")


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path))
    monkeypatch.delenv("DATELINE_KAFKA", raising=False)
    monkeypatch.setattr(kafka_ready, "LOOK_S", 0.0)


def answering(monkeypatch: pytest.MonkeyPatch, *answers: bool) -> None:
    """Kafka answers the questions so."""
    given: Iterator[bool] = iter(answers)
    monkeypatch.setattr("services.runtime.kafka_broker.answers", lambda bootstrap: next(given))


def topics(monkeypatch: pytest.MonkeyPatch, *found: list[Problem] | Exception) -> None:
    """The check of the topics finds so, one time after the other."""
    given = iter(found)

    def check(bootstrap: str) -> list[Problem]:
        answer = next(given)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("services.runtime.kafka_topics.check", check)


@pytest.mark.parametrize("service", ["dedup", "cache", "fetcher"])
def test_an_address_that_is_none_is_refused(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_KAFKA", "kafka")
    result = CliRunner().invoke(main, ["run", service])
    assert result.exit_code == 2
    assert result.stderr == (
        "dateline: DATELINE_KAFKA: 'kafka' is no address of Kafka: write host:port, such as 127.0.0.1:9092\n"
    )


def test_missing_packages_are_refused_with_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_KAFKA", "kafka:9092")
    monkeypatch.setattr("services.cli.kafka_address.PACKAGES", ("kafka", "no_such_package"))
    result = CliRunner().invoke(main, ["run", "dedup"])
    assert result.exit_code == 2
    assert "Kafka needs packages that are not installed (no_such_package): run `make setup`" in result.stderr


def test_missing_topics_end_the_process_with_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_KAFKA", "kafka:9092")
    answering(monkeypatch, True)
    topics(monkeypatch, MISSING)
    before = {number: module.signal.getsignal(number) for number in (module.signal.SIGINT, module.signal.SIGTERM)}
    try:
        result = CliRunner().invoke(main, ["run", "dedup"])
    finally:
        for number, handler in before.items():
            module.signal.signal(number, handler)
    assert result.exit_code == 2
    assert (
        "Kafka at kafka:9092 has no topic topic-0, topic-1, topic-2 and 2 more: "
        "run `dateline topics create --kafka kafka:9092`" in result.stderr
    )


def test_a_broker_that_is_away_is_waited_for_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pulse, said = Pulse(), []
    answering(monkeypatch, False, True, True)
    monkeypatch.setattr(pulse, "not_ready", said.append)
    topics(monkeypatch, Unavailable("Kafka at k:1 has no leader"), [])
    assert wait_for_kafka("k:1", pulse, threading.Event()) is True
    assert said == [
        "Kafka at k:1 does not answer: waiting for it",
        "Kafka at k:1 has no leader: waiting for it",
    ]


def test_the_wait_ends_when_the_process_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()

    def answers(bootstrap: str) -> bool:
        stop.set()
        return False

    monkeypatch.setattr("services.runtime.kafka_broker.answers", answers)
    assert wait_for_kafka("k:1", Pulse(), stop) is False


def test_topics_that_are_there_but_not_as_wished_do_not_keep_a_service_from_working(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answering(monkeypatch, True)
    topics(monkeypatch, [FEW])
    assert wait_for_kafka("k:1", Pulse(), threading.Event()) is True


def test_some_missing_topics_are_named_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, True)
    topics(monkeypatch, [FEW, MISSING[0]])
    with pytest.raises(TopicsNotReadyError, match="has no topic topic-0: run"):
        wait_for_kafka("k:1", Pulse(), threading.Event())


def test_a_problem_of_a_topic_is_one_line_that_says_what_to_do() -> None:
    assert problem_text(FEW) == "mentions: 1 replicas instead of 3 replicas on 3 brokers: add replicas"


@pytest.mark.parametrize("service", ["dedup", "linker", "cache"])
def test_stages_and_the_cache_run_in_a_worker(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Any] = []

    class Worker:
        def __init__(self, part: Any, settings: RuntimeSettings, pulse: Pulse) -> None:
            ran.append(part)

        def run(self, stop: threading.Event) -> None:
            """Has nothing to do."""

    monkeypatch.setattr(run_kafka, "wait_for_kafka", lambda *_: True)
    monkeypatch.setattr("services.runtime.kafka.KafkaWorker", Worker)
    settings = RuntimeSettings(kafka="k:1", redis_url="unix:///nowhere")
    run_kafka.run_on_kafka(service, settings, Pulse(), threading.Event())
    part = ran[0] if isinstance(ran[0], Sink) else ran[0]()
    assert isinstance(part, Sink if service == "cache" else Stage)
    assert part.name == service


def test_a_service_that_is_stopped_before_kafka_is_there_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_kafka, "wait_for_kafka", lambda *_: False)
    monkeypatch.setattr("services.runtime.kafka.KafkaWorker", lambda *_: pytest.fail("it started"))
    run_kafka.run_on_kafka("dedup", RuntimeSettings(kafka="k:1"), Pulse(), threading.Event())


def test_topics_that_are_removed_while_a_service_works_end_it_as_missing_ones_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Worker:
        def __init__(self, *_: Any) -> None:
            """Takes what it is given."""

        def run(self, stop: threading.Event) -> None:
            raise TopicsMissingError("Kafka lacks mentions: run `dateline topics create`")

    monkeypatch.setattr(run_kafka, "wait_for_kafka", lambda *_: True)
    monkeypatch.setattr("services.runtime.kafka.KafkaWorker", Worker)
    with pytest.raises(TopicsNotReadyError, match="lacks mentions: run `dateline topics create`"):
        run_kafka.run_on_kafka("dedup", RuntimeSettings(kafka="k:1"), Pulse(), threading.Event())
