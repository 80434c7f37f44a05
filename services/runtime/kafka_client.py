"""What every client of Kafka in Dateline shares: quiet loggers, short patience, and one meaning of "Kafka is away"."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from kafka import KafkaAdminClient
from kafka.errors import BrokerNotAvailableError, RetriableError
from kafka.net.compat import KafkaNetClient

from services.runtime.stage import Unavailable

AWAY: Final = (RetriableError, BrokerNotAvailableError, OSError)
"""What kafka-python raises while brokers are gone, restarting, electing a leader or loading."""

LARGEST_BYTES: Final = 16 << 20
"""Largest message, or batch of messages, that topics take. What stages send is kept to half of it, so that a dead
letter, which holds a message and why it failed, fits too."""

PATIENCE_S: Final = 10.0
"""How long a question to Kafka may take before it counts as away."""

RECONNECT_MOST_MS: Final = 500
"""Longest pause between two attempts to connect; kafka-python's 30 s would make a restart of Kafka half a minute."""


def servers(bootstrap: str) -> list[str]:
    """Return the addresses of "host:port,host:port". Raises ValueError naming what is no address."""
    found = [part.strip() for part in bootstrap.split(",") if part.strip()]
    for part in found:
        host, colon, port = part.rpartition(":")
        if not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
            raise ValueError(f'{part!r} is no address of a Kafka broker: it must be "host:port"')
    if not found:
        raise ValueError('no address of a Kafka broker is given: set DATELINE_KAFKA to "host:port"')
    return found


def patience(given_s: float | None) -> float:
    """Return how many seconds a question may take: those given, else the usual."""
    return PATIENCE_S if given_s is None else given_s


def common(bootstrap: str, patience_s: float | None = None) -> dict[str, Any]:
    """Return the settings that every kafka-python client gets. Silences what they log about reconnecting.

    What matters of it comes as exceptions; the rest would fill the terminal of whoever restarts a broker.
    """
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    patience_ms = int(patience(patience_s) * 1000)
    return {
        "bootstrap_servers": servers(bootstrap),
        "bootstrap_timeout_ms": patience_ms,
        "request_timeout_ms": patience_ms,
        "reconnect_backoff_max_ms": RECONNECT_MOST_MS,
        "client_id": "dateline",
    }


def made(kind: Callable[..., Any], **settings: Any) -> Any:
    """Return a client of a kind, such as KafkaAdminClient. Raises what is in AWAY where no broker answers.

    A client of kafka-python whose making fails leaves its thread running: whoever asks every second whether Kafka is
    back would have thousands of them.
    """
    nets: list[Any] = []

    def net(*args: Any, **config: Any) -> Any:
        nets.append(KafkaNetClient(*args, **config))
        return nets[-1]

    try:
        return kind(**settings, kafka_client=net)
    except BaseException:
        for client in nets:
            client.close()
        raise


@contextmanager
def admin(bootstrap: str, patience_s: float | None = None) -> Iterator[Any]:
    """Yield an admin client. Raises what is in AWAY where no broker answers."""
    client = made(KafkaAdminClient, **common(bootstrap, patience_s))
    try:
        yield client
    finally:
        client.close()


@contextmanager
def unavailable_when_away(bootstrap: str) -> Iterator[None]:
    """Turn what kafka-python raises while Kafka is away into Unavailable, naming the brokers."""
    try:
        yield
    except AWAY as error:
        raise Unavailable(f"Kafka at {bootstrap} does not answer: {error or type(error).__name__}") from error
