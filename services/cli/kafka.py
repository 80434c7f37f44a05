"""`dateline kafka`: one broker for development, in the foreground."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

import click

from services.cli.environment import command_settings
from services.cli.kafka_address import DEFAULT_PORT, VARIABLE, missing_packages_advice
from services.cli.ports import require_port
from services.cli.terminal import StopAskedError, Stopping, say, say_now
from services.runtime.stage import Unavailable
from services.runtime.supervisor import StartError, Supervisor
from services.runtime.telemetry import configure_logging

EXIT_CANNOT_START: Final = 2
TEND_S: Final = 0.2


@click.command("kafka")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True, help="Port it listens on."
)
def command(port: int) -> None:
    """Run one Kafka broker on 127.0.0.1 until Ctrl-C, with Dateline's topics on it.

    For development: one node, which nobody else on the network reaches. Its storage is kept in the data folder
    (DATELINE_DATA, default ./data) under kafka/, its log in logs/kafka.log. It needs Java 17 or newer and Kafka's jars
    (`make kafka-jars`; DATELINE_KAFKA_LIBS names another folder with them).
    """
    try:
        data = command_settings().data.resolve()
        configure_logging("kafka", "WARNING", human=sys.stderr.isatty())
        if advice := missing_packages_advice():
            raise StartError(f"{advice}.")
        from services.cli.local_broker import alone_with_broker

        with alone_with_broker(data):
            require_port("127.0.0.1", port, "broker", "Stop what uses it, or choose another: `dateline kafka --port`.")
            _run(data, port)
    except (StartError, Unavailable, OSError) as error:
        click.echo(f"dateline: {error}", err=True)
        raise SystemExit(EXIT_CANNOT_START) from error


def _run(data: Path, port: int) -> None:
    """Start, tend and stop. Raises StartError, Unavailable."""
    from services.cli.kafka_ready import make_topics
    from services.cli.local_broker import start_broker

    supervisor, stopping = Supervisor(data / "logs"), Stopping()
    stopping.listen()
    try:
        say(f"Kafka is starting. Data: {data / 'kafka'}")
        bootstrap = start_broker(data, supervisor, port)
        make_topics(bootstrap)
        say(f"\n  Kafka:  {bootstrap}  (with Dateline's topics)\n")
        say(f"  export {VARIABLE}={bootstrap}\n")
        while True:
            for name in supervisor.tend():
                say_now(f"{name} died and is started again")
            time.sleep(TEND_S)
    except StopAskedError:
        pass
    finally:
        stopping.begin()  # a second Ctrl-C must not interrupt the stop
        say("\nStopping ...")
        if supervisor.stop():
            say("kafka did not stop by itself and was killed; it looks its storage through at its next start.")
    say("Stopped.")
