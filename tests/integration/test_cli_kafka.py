"""The command line on a real Kafka: topics, subscribers, dead letters, the doctor, and waiting for a broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from services.cache.projection import project
from services.cli import main
from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.dateline.v1.event_pb2 import Change
from services.contracts.topics import ARTICLES_RAW, CHANGES, EVENTS
from services.runtime.dead_letters import dead_letter
from services.runtime.stage import Emit
from tests.chaos.redis_dump import dump, of_projections
from tests.conftest import Kafka
from tests.e2e.running import REPO, free_port, get, wait_for
from tests.integration.valkey_fixture import valkey
from tests.kafka_server import KafkaServer, fresh
from tests.unit.cache.events import make_event

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
FAMILIES = ("sport", "health", "weather")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder in which nothing is or runs, and no settings of the surroundings."""
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path / "data"))
    for name in ("DATELINE_REDIS_URL", "DATELINE_KAFKA", "DATELINE_API_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


@pytest.fixture
def bootstrap(kafka: Kafka) -> str:
    """A Kafka with Dateline's topics, which are empty."""
    fresh(kafka.bootstrap)
    return kafka.bootstrap


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for a Kafka that is away gives up after a second."""
    monkeypatch.setattr("services.runtime.kafka_client.PATIENCE_S", 1.0)


def dateline(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def changes(first: int, count: int, **more: str) -> list[Emit]:
    """Changes that are spread over families and partitions."""
    made = []
    for number in range(first, first + count):
        family = FAMILIES[number % len(FAMILIES)]
        fields = {"kind": "created", "status": "agreed", "type": "agreement", **more}
        change = Change(id=f"c{number}", event_id=f"e{number}", revision=1, topic=family, **fields)
        made.append(Emit(CHANGES[family], change.event_id, change, change.id, NOON))
    return made


def publish(bootstrap: str, emits: Sequence[Emit]) -> None:
    """Publish as a stage does: in a transaction."""
    from services.runtime.kafka_producer import TransactionalProducer, record_of

    producer = TransactionalProducer(bootstrap, "dateline-test-of-the-command-line")
    producer.publish([record_of(emit, "/dateline/test") for emit in emits])
    producer.close()


def subscribed(bootstrap: str, count: int, *options: str) -> list[dict[str, Any]]:
    """So many changes as a subscriber prints them."""
    result = dateline("subscribe", "--json", "--kafka", bootstrap, "--max", str(count), *options)
    assert result.exit_code == 0, result.stderr
    return [orjson.loads(line) for line in result.stdout.splitlines()]


def ids(lines: Sequence[dict[str, Any]]) -> list[str]:
    return sorted(line["id"] for line in lines)


def test_topics_are_made_once_and_checked(bootstrap: str) -> None:
    assert dateline("topics", "create", "--kafka", bootstrap).stderr == (
        f"Every topic on {bootstrap} is as it should be.\n"
    )
    assert dateline("topics", "check", "--kafka", bootstrap).exit_code == 0


def test_a_missing_topic_is_a_line_that_says_what_to_do(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.runtime.kafka_client import admin

    with admin(bootstrap) as client:
        client.delete_topics(["changes.sport"])
        wait_for(lambda: "changes.sport" not in client.list_topics(), "the topic to be gone")
    monkeypatch.setenv("DATELINE_KAFKA", bootstrap)
    told = dateline("topics", "check")
    assert told.exit_code == 1
    assert told.stdout == "changes.sport: missing instead of 6 partitions: run `dateline topics create`\n"
    told = dateline("subscribe", "--json", "--kafka", bootstrap, "--topic", "sport")
    assert told.exit_code == 1
    assert f"Kafka at {bootstrap} has no topic changes.sport: run `dateline topics create`" in told.stderr
    assert dateline("doctor", "--port", str(free_port())).exit_code == 1
    assert dateline("topics", "create").stdout == "changes.sport: made with 6 partitions\n"
    assert dateline("topics", "check").exit_code == 0


@pytest.mark.usefixtures("impatient")
def test_where_no_kafka_is_topics_says_how_to_start_one() -> None:
    told = dateline("topics", "check", "--kafka", "127.0.0.1:1")
    assert told.exit_code == 1
    assert told.stderr.startswith("Error: Kafka at 127.0.0.1:1 does not answer: ")
    assert "Start it (`make kafka` runs one on this machine), or say --kafka HOST:PORT." in told.stderr


def test_a_subscriber_gets_every_change_and_goes_on_after_any_of_its_lines(bootstrap: str) -> None:
    publish(bootstrap, changes(0, 40))
    lines = subscribed(bootstrap, 40, "--since", "beginning")
    assert ids(lines) == sorted(f"c{number}" for number in range(40))
    publish(bootstrap, changes(40, 5))
    for number in (0, 17, 39):
        rest = subscribed(bootstrap, 44 - number, "--since", lines[number]["position"])
        assert ids(lines[: number + 1] + rest) == sorted(f"c{number}" for number in range(45))


def test_a_subscriber_of_some_gets_those(bootstrap: str) -> None:
    publish(bootstrap, [*changes(0, 6), *changes(6, 3, status="occurred"), *changes(9, 3, kind="merged")])
    assert ids(subscribed(bootstrap, 1, "--since", "beginning", "--topic", "sport", "--status", "occurred")) == ["c6"]
    assert ids(subscribed(bootstrap, 3, "--since", "beginning", "--kind", "merged")) == ["c10", "c11", "c9"]


def test_a_position_in_topics_that_were_made_anew_is_told(bootstrap: str) -> None:
    publish(bootstrap, changes(0, 3))
    result = dateline("subscribe", "--json", "--kafka", bootstrap, "--since", "15:99.99.99.99.99.99", "--max", "3")
    assert (
        result.stderr == "the topics were made anew since that position: their changes are read from the beginning.\n"
    )
    assert len(result.stdout.splitlines()) == 3


def test_what_is_no_longer_kept_is_told(bootstrap: str) -> None:
    from kafka import TopicPartition

    from services.runtime.kafka_client import admin

    publish(bootstrap, changes(0, 30))
    lines = subscribed(bootstrap, 30, "--since", "beginning")
    with admin(bootstrap) as client:
        client.delete_records({TopicPartition(CHANGES["sport"].name, number): -1 for number in range(6)})
    publish(bootstrap, changes(30, 1))
    result = dateline(
        "subscribe", "--json", "--kafka", bootstrap, "--topic", "sport", "--max", "1", "--since", lines[0]["position"]
    )
    assert result.stderr == "changes were missed: they are older than what is kept. Read /v1/events.\n"
    assert orjson.loads(result.stdout)["id"] == "c30"
    assert dateline("subscribe", "--json", "--kafka", bootstrap, "--max", "1", "--since", "beginning").stderr == ""


def command(*arguments: str, data: Path, **env: str) -> subprocess.Popen[str]:
    """A `dateline` command as a process."""
    return subprocess.Popen(
        [sys.executable, "-m", "services.cli", *arguments],
        cwd=REPO,
        env={**os.environ, "DATELINE_DATA": str(data), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_subscriber_outlives_its_broker(own_kafka: KafkaServer, data: Path) -> None:
    publish(own_kafka.bootstrap, changes(0, 3))
    subscriber = command(
        "subscribe", "--json", "--kafka", own_kafka.bootstrap, "--since", "beginning", "--max", "6", data=data
    )
    assert subscriber.stdout is not None
    assert subscriber.stderr is not None
    got = [orjson.loads(subscriber.stdout.readline()) for _ in range(3)]
    own_kafka.kill()
    told = subscriber.stderr.readline().rstrip()  # a broker that is back before it is missed is not spoken of
    own_kafka.start()
    publish(own_kafka.bootstrap, changes(3, 3))
    rest, again = subscriber.communicate(timeout=60)
    assert told.startswith(f"Kafka at {own_kafka.bootstrap} does not answer (")
    assert told.endswith(": trying again until it does, from where the last line stopped")
    assert again == f"Kafka at {own_kafka.bootstrap} answers again.\n"
    assert ids(got + [orjson.loads(line) for line in rest.splitlines()]) == [f"c{number}" for number in range(6)]
    assert subscriber.returncode == 0


def letter(message_id: str) -> Emit:
    return dead_letter(
        stage="dedup",
        topic=ARTICLES_RAW.name,
        key="en",
        message_id=message_id,
        value=Article(id="a" * 32, title="A title").SerializeToString(),
        headers={"ce_id": message_id.encode()},
        error=ValueError("first line\nsecond line"),
        now=NOON,
    )


def test_an_emptied_redis_is_rebuilt_from_the_topic_events(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    states = [make_event(f"event {number}", revision=revision) for number in range(20) for revision in (1, 2)]
    publish(bootstrap, [Emit(EVENTS, state.id, state, f"{state.id}:{state.revision}", NOON) for state in states])
    monkeypatch.setenv("DATELINE_KAFKA", bootstrap)
    with valkey() as url:
        monkeypatch.setenv("DATELINE_REDIS_URL", url)
        result = dateline("cache", "rebuild")
        held = dump(url)
    assert result.stdout.startswith("20 events stand, 40 states were read, 0 entries of indexes were mended")
    wanted = of_projections({state.id: project(state) for state in states})
    assert (held.events, held.indexes, held.orders) == (wanted.events, wanted.indexes, wanted.orders)


@pytest.fixture
def letters(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ids of three dead letters on the Kafka that the settings name."""
    monkeypatch.setenv("DATELINE_KAFKA", bootstrap)
    emits = [letter(name) for name in ("m1", "m2", "m3")]
    publish(bootstrap, emits)
    yield [emit.id for emit in emits]
    fresh(bootstrap)


def test_dead_letters_are_listed_shown_and_replayed_once(letters: list[str], bootstrap: str) -> None:
    from services.runtime.kafka_log import read_all

    listed = dateline("dead-letters", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == letters
    assert listed[0].endswith("dedup      articles.raw         ValueError: first line")
    shown = orjson.loads(dateline("dead-letters", "show", letters[0]).stdout)
    assert shown["value_decoded"] == {"id": "a" * 32, "title": "A title"}
    assert dateline("dead-letters", "replay", letters[1]).stdout == f"{letters[1]} sent to articles.raw\n"
    assert [line.split()[0] for line in dateline("dead-letters", "list").stdout.splitlines()] == [
        letters[0],
        letters[2],
    ]
    assert len(dateline("dead-letters", "replay", "--all").stdout.splitlines()) == 2
    assert dateline("dead-letters", "list").stderr == "No dead letters.\n"
    assert sorted(entry.headers["ce_id"] for entry in read_all(bootstrap, ARTICLES_RAW)) == [b"m1", b"m2", b"m3"]


@pytest.mark.usefixtures("letters")
def test_the_doctor_counts_dead_letters_on_kafka() -> None:
    told = dateline("doctor", "--port", str(free_port()))
    assert told.exit_code == 1
    assert "ok       topics: all there and as they should be" in told.stdout
    assert "PROBLEM  dead letters: 3\n         Look at them with `dateline dead-letters list`" in told.stdout


@pytest.mark.usefixtures("impatient")
def test_the_doctor_says_what_to_do_about_a_broker_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_KAFKA", "127.0.0.1:1")
    told = dateline("doctor", "--port", str(free_port()))
    assert told.exit_code == 1
    assert (
        "PROBLEM  Kafka: 127.0.0.1:1 does not answer\n"
        "         Start it (`make kafka` runs one on this machine), or correct DATELINE_KAFKA.\n" in told.stdout
    )


@pytest.mark.usefixtures("impatient")
def test_dead_letters_say_what_to_do_about_a_broker_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_KAFKA", "127.0.0.1:1")
    told = dateline("dead-letters", "list")
    assert told.exit_code == 1
    assert told.stderr.startswith("Error: Kafka at 127.0.0.1:1 does not answer: ")
    assert told.stderr.endswith("Start Kafka, or correct DATELINE_KAFKA.\n")


def test_a_service_waits_for_its_broker_without_being_ready_and_then_works(own_kafka: KafkaServer, data: Path) -> None:
    own_kafka.stop()
    port = free_port()
    service = command("run", "dedup", data=data, DATELINE_KAFKA=own_kafka.bootstrap, DATELINE_HEALTH_PORT=str(port))
    try:

        def problem() -> str:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10):
                    return ""
            except urllib.error.HTTPError as error:
                return str(orjson.loads(error.read())["problem"])

        wait_for(lambda: "does not answer: waiting for it" in problem(), "the service to say that it waits")
        assert get(f"http://127.0.0.1:{port}/healthz") == {"status": "ok"}
        own_kafka.start()
        wait_for(lambda: get(f"http://127.0.0.1:{port}/readyz") == {"status": "ok"}, "the service to be ready")
    finally:
        service.send_signal(signal.SIGTERM)
        _, said = service.communicate(timeout=60)
    assert service.returncode == 0, said
    assert said.count('"event": "waiting for Kafka"') == 1, "it does not fill its log"


@pytest.mark.usefixtures("kafka")
def test_a_broker_for_development_is_started_and_stopped_by_ctrl_c(data: Path) -> None:
    port = free_port()
    broker = command("kafka", "--port", str(port), data=data)
    assert broker.stdout is not None
    said = [broker.stdout.readline() for _ in range(5)]
    assert f"export DATELINE_KAFKA=127.0.0.1:{port}" in "".join(said)
    assert dateline("topics", "check", "--kafka", f"127.0.0.1:{port}").exit_code == 0
    second = command("kafka", "--port", str(free_port()), data=data)
    _, complaint = second.communicate(timeout=60)
    assert second.returncode == 2
    assert complaint.startswith(f"dateline: a Kafka runs on {data}/kafka already")
    broker.send_signal(signal.SIGINT)
    rest, _ = broker.communicate(timeout=60)
    assert broker.returncode == 0
    assert rest.endswith("Stopped.\n")
    assert dateline("topics", "check", "--kafka", f"127.0.0.1:{port}").exit_code == 1
