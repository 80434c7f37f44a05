"""A Kafka broker of a data folder as a supervised child: where it listens, and that only one runs on its storage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.cli.folder import only_one
from services.runtime.kafka_broker import BrokerMissingError, answers, server_command
from services.runtime.supervisor import Child, StartError

CHILD: Final = "kafka"
READY_WITHIN_S: Final = 120.0
"""A broker is up in some 5 s; after a kill it reads its logs through first."""


@dataclass(frozen=True, slots=True)
class LocalBroker:
    """A broker that can be started and where clients find it."""

    bootstrap: str
    child: Child


@contextmanager
def alone_with_broker(data: Path) -> Iterator[None]:
    """Hold the broker's storage of a data folder. Raises StartError where another process has it."""
    taken = (
        f"a Kafka runs on {storage(data)} already (`dateline kafka`, or `dateline up --kafka local`): use it with "
        "`dateline up --kafka HOST:PORT`, stop it, or choose another folder with DATELINE_DATA."
    )
    with only_one(data, CHILD, taken):
        yield


def storage(data: Path) -> Path:
    """Return the folder where the broker of a data folder keeps everything."""
    return data / "kafka"


def broker(data: Path, port: int, controller_port: int) -> LocalBroker:
    """Return the broker of a data folder, its storage made. Raises StartError where Java or jars are missing."""
    bootstrap = f"127.0.0.1:{port}"
    try:
        command = server_command(storage(data), port, controller_port)
    except BrokerMissingError as error:
        raise StartError(str(error)) from error
    ready = Child(CHILD, command, ready=lambda: answers(bootstrap), ready_within_s=READY_WITHIN_S)
    return LocalBroker(bootstrap, ready)
