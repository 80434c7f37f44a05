"""A Kafka broker of a data folder as a supervised child: where it listens, and that only one runs on its storage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from services.cli.folder import only_one
from services.cli.kafka_address import DEFAULT_PORT
from services.cli.ports import free_port, port_problem
from services.runtime.kafka_broker import BrokerMissingError, answers, server_command
from services.runtime.supervisor import Child, StartError, Supervisor

CHILD: Final = "kafka"
READY_WITHIN_S: Final = 120.0
"""A broker is up in some 5 s; after a kill it reads its logs through first."""

ATTEMPTS: Final = 3


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


def start_broker(data: Path, supervisor: Supervisor, port: int | None = None) -> str:
    """Start the broker of a data folder and return its bootstrap server.

    ``port`` None: the usual one or the next that is free. Raises StartError where Java or Kafka's jars are missing or
    the broker does not start.
    """
    for attempts_left in reversed(range(ATTEMPTS)):
        listens = port or free_port(DEFAULT_PORT)
        controller = free_port(listens + 1)
        bootstrap = f"127.0.0.1:{listens}"
        try:
            command = server_command(storage(data), listens, controller)
        except BrokerMissingError as error:
            raise StartError(str(error)) from error
        log = data / "logs" / f"{CHILD}.log"
        said_before = log.stat().st_size if log.exists() else 0
        child = Child(CHILD, command, ready=partial(answers, bootstrap), ready_within_s=READY_WITHIN_S)
        try:
            supervisor.start(child)
        except StartError as error:
            # Java takes seconds until it listens: another process may have taken a port that was free
            taken = [each for each in (listens, controller) if port_problem("127.0.0.1", each)]
            if attempts_left and taken and port not in taken:
                continue
            raise StartError(_why(log, said_before, error)) from error
        return bootstrap
    raise AssertionError("the last attempt returns or raises")


def _why(log: Path, said_before: int, error: StartError) -> str:
    """Return what Java gave as the last cause of its end, which is not the last line of a stack trace."""
    said = log.read_bytes()[said_before:].decode(errors="replace") if log.exists() else ""
    causes = [line.removeprefix("Caused by: ") for line in said.splitlines() if line.startswith("Caused by: ")]
    return f"kafka could not start: {causes[-1]} (its log: {log})" if causes else str(error)
