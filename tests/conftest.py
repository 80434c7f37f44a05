"""Fixtures that every kind of test shares."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from tests.kafka_server import KafkaServer

REPO = Path(__file__).resolve().parent.parent
EXTERNAL_KAFKA = "KAFKA_BOOTSTRAP_SERVERS"
"""Environment variable that names a Kafka to test on instead of one of the tests' own."""


def pytest_configure() -> None:
    """Let Java compile quickly rather than well: brokers of tests live for minutes.

    To start one, format its storage and make its topics took 6.4 to 7.7 s of processor time instead of 11.3 to 13.1.
    """
    os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The development data beside the project; skips the test where it is absent."""
    folder = Path(os.environ.get("DATELINE_SHARED", REPO.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"development data not found at {folder}; set DATELINE_SHARED to its folder")
    return folder


@dataclass(frozen=True, slots=True)
class Kafka:
    """A Kafka that tests share. ``tests.kafka_server.fresh(bootstrap)`` empties it for a test that needs that."""

    bootstrap: str


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """The Kafka of all tests: the one that the environment names, or a broker that is started for them."""
    external = os.environ.get(EXTERNAL_KAFKA)
    if external:
        yield Kafka(external)
        return
    server = _started()
    yield Kafka(server.bootstrap)
    server.close()


@pytest.fixture
def own_kafka() -> Iterator[KafkaServer]:
    """A broker that the test alone has and may kill, with Dateline's topics on it."""
    from services.runtime.kafka_topics import create

    if os.environ.get(EXTERNAL_KAFKA):
        pytest.skip(f"kills its Kafka, so it cannot use the one of {EXTERNAL_KAFKA}")
    server = _started()
    create(server.bootstrap)
    yield server
    server.close()


def _started() -> KafkaServer:
    try:
        from services.runtime.kafka_broker import BrokerMissingError, find_java, find_libs
        from tests.kafka_server import KafkaServer
    except ModuleNotFoundError as error:
        _no_kafka(f"the Python package {error.name} is missing: run `make setup`")
    try:
        find_java()
        find_libs()
    except BrokerMissingError:
        _no_kafka("install Java 17+ and run `make kafka-jars`")
    server = KafkaServer()
    try:
        server.start()
    except BaseException:
        server.close()
        raise
    return server


def _no_kafka(advice: str) -> NoReturn:
    """Skip the test; fail it where CI is meant to have everything."""
    text = f"no Kafka: {advice}, or set {EXTERNAL_KAFKA}"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(text, pytrace=False)
    pytest.skip(text)
