"""Where Kafka is: options that name it, and the broker of a running `dateline up`."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click
import orjson

VARIABLE: Final = "DATELINE_KAFKA"
LOCAL: Final = "local"
"""What `dateline up --kafka` takes for a broker of its own."""

DEFAULT_PORT: Final = 9092
PACKAGES: Final = ("kafka", "aiokafka", "faust", "rocksdict")


class KafkaAddressError(Exception):
    """A text names no Kafka; the message says what to write."""


def checked_address(text: str) -> str:
    """Return bootstrap servers as "host:port,host:port". Raises KafkaAddressError."""
    servers = [part.strip() for part in text.split(",") if part.strip()]
    for server in servers:
        host, _, port = server.rpartition(":")
        if "/" in host:
            raise KafkaAddressError(f"{server!r} is a URL, and Kafka has none: write host:port, such as 127.0.0.1:9092")
        if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise KafkaAddressError(f"{server!r} is no address of Kafka: write host:port, such as 127.0.0.1:9092")
    if not servers:
        raise KafkaAddressError("no address of Kafka is given: write host:port, such as 127.0.0.1:9092")
    return ",".join(servers)


class KafkaServers(click.ParamType):
    """Bootstrap servers on the command line; the word `local` too where that is said."""

    name = "HOST:PORT"

    def __init__(self, *, or_local: bool = False) -> None:
        self._or_local = or_local

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the checked address."""
        if self._or_local and str(value).strip().lower() == LOCAL:
            return LOCAL
        try:
            return checked_address(str(value))
        except KafkaAddressError as error:
            self.fail(f"{error}{', or local for one of its own' if self._or_local else ''}", param, ctx)


def kafka_option(function: Any) -> Any:
    """Add --kafka to a command that is about one Kafka."""
    return click.option(
        "--kafka",
        envvar=VARIABLE,
        type=KafkaServers(),
        metavar="HOST:PORT[,...]",
        help=f"Kafka's bootstrap servers. Default: {VARIABLE}, else the running `dateline up` of this data folder, "
        f"else 127.0.0.1:{DEFAULT_PORT}.",
    )(function)


def kafka_of_this_folder(data: Path) -> str:
    """Return the Kafka of the `dateline up` that runs on a data folder, or an empty text."""
    return noted(data).get("kafka", "")


def noted(data: Path) -> dict[str, str]:
    """Return the texts that a running `dateline up` has noted in its data folder; none where it is not there."""
    try:
        note = orjson.loads((data / "run" / "up.json").read_bytes())
        return {name: value for name, value in note.items() if isinstance(value, str)}
    except (OSError, orjson.JSONDecodeError, AttributeError):
        return {}


def kafka_or_default(given: str | None) -> str:
    """Return the Kafka that a command is to use: that given, that of `dateline up` here, or the usual one."""
    return given or kafka_of_this_folder(Path(os.environ.get("DATELINE_DATA", "data"))) or f"127.0.0.1:{DEFAULT_PORT}"


def missing_packages() -> list[str]:
    """Return the packages of the extra `kafka` that are not installed."""
    # faust takes its own specification off when it is imported, on which find_spec would stumble
    return [package for package in PACKAGES if package not in sys.modules and find_spec(package) is None]


def missing_packages_advice() -> str:
    """Return what to say where packages are missing, or an empty text."""
    missing = missing_packages()
    if not missing:
        return ""
    return (
        f"Kafka needs packages that are not installed ({', '.join(missing)}): run `make setup`, or install the extra "
        "`kafka` (pip install 'dateline[kafka]')"
    )


def require_packages() -> None:
    """Raise ClickException where packages of the extra `kafka` are missing."""
    if advice := missing_packages_advice():
        raise click.ClickException(advice)
