"""Why no Kafka answers, told from what its addresses do."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from services.cli.kafka_why_away import why_away


def test_an_address_at_which_nothing_listens() -> None:
    assert why_away("127.0.0.1:1, [::1]:1") == "nothing listens at 127.0.0.1:1; nothing listens at [::1]:1"


def test_an_address_of_something_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert why_away(f"127.0.0.1:{port}").startswith(
            f"something takes connections at 127.0.0.1:{port}, but does not"
        )


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (socket.gaierror(-2, "Name or service not known"), "the name kafka.example is not known"),
        (TimeoutError(), "kafka.example:9092 takes no connection"),
        (OSError(101, "Network is unreachable"), "kafka.example:9092 cannot be reached (Network is unreachable)"),
    ],
)
def test_an_address_that_is_not_reached(error: OSError, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(socket, "create_connection", fail)
    assert why_away("kafka.example:9092") == told
