"""`dateline up`: everything on this machine, one process a service, kept alive until Ctrl-C."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
import orjson

from services.api.settings import Settings as ApiSettings
from services.cli.folder import only_one, replace_file
from services.cli.ground import Ground
from services.cli.ground_embedded import EmbeddedGround
from services.cli.kafka_address import LOCAL, VARIABLE, KafkaServers, missing_packages_advice
from services.cli.loopback import LOOPBACK, answers_at
from services.cli.newsroom import start_newsroom
from services.cli.ports import require_port
from services.cli.subscriptions import FEED_FILES, own_list, read_list
from services.cli.terminal import StopAskedError, Stopping, say, say_now
from services.fetcher.settings import FetcherSettings
from services.runtime.settings import SettingsError, load_settings, read_settings
from services.runtime.stage import Unavailable
from services.runtime.stream_log import NewerDataError
from services.runtime.supervisor import Child, StartError, Supervisor
from services.runtime.telemetry import configure_logging
from services.runtime.valkey import ValkeyMissingError

EXIT_CANNOT_START: Final = 2
TEND_S: Final = 0.2
PROGRESS_S: Final = 5.0


@click.command("up")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port of the board and API."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address the board and API listen on.")
@click.option(
    "--feeds",
    "feed_files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE.opml",
    help="Poll the feeds of this OPML file instead of the sample newsroom. May be repeated.",
)
@click.option("--sample/--no-sample", default=None, help="Run the sample newsroom. Default: unless --feeds is given.")
@click.option("--extractors", type=click.IntRange(1, 64), default=1, show_default=True, help="Extractor processes.")
@click.option(
    "--kafka",
    envvar=VARIABLE,
    type=KafkaServers(or_local=True),
    metavar="HOST:PORT|local",
    help=f"Run on Kafka: on one that is there (bootstrap servers), or `local`: on one of its own, whose jars "
    f"`make kafka-jars` fetches. Default: {VARIABLE}; where that is empty, the embedded log.",
)
def command(
    port: int, host: str, feed_files: tuple[Path, ...], sample: bool | None, extractors: int, kafka: str | None
) -> None:
    """Run everything on this machine until Ctrl-C.

    Without --feeds it runs the sample newsroom: six fictional outlets whose stories show what an event is. Feeds added
    by `dateline feeds add` are polled in either case. Everything is kept in the data folder (DATELINE_DATA, default
    ./data); the next `dateline up` goes on where this one was. The embedded log and Kafka each keep their own states.
    """
    try:
        settings = load_settings()
        data = settings.data.resolve()
        configure_logging("up", "WARNING", human=sys.stderr.isatty())
        for path in feed_files:
            if not path.is_file():
                raise StartError(f"--feeds {path}: there is no such file. deploy/feeds/world.opml is a good one.")
            read_list(path)
        read_settings(FetcherSettings)  # a service that is told nonsense would die again and again
        read_settings(ApiSettings)
        taken = f"Dateline runs on {data} already. Stop it, or choose another folder: DATELINE_DATA=other make up."
        with only_one(data, "up", taken), _ground(data, kafka or "") as ground:
            read_list(own_list(data))
            require_port(host, port, "board", "Stop what uses it, or choose another: `make up PORT=8081`.")
            Up(data, ground, host, port, [path.resolve() for path in feed_files], sample, extractors).run()
    except (StartError, SettingsError, ValkeyMissingError, NewerDataError, Unavailable, ValueError, OSError) as error:
        click.echo(f"dateline: {error}", err=True)
        raise SystemExit(EXIT_CANNOT_START) from error


@contextmanager
def _ground(data: Path, kafka: str) -> Iterator[Ground]:
    """Choose what to stand on. Raises StartError where it cannot be had."""
    if not kafka:
        yield EmbeddedGround(data)
        return
    if advice := missing_packages_advice():
        raise StartError(f"{advice}.")
    from services.cli.ground_kafka import ExistingKafkaGround, LocalKafkaGround
    from services.cli.local_broker import alone_with_broker

    if kafka != LOCAL:
        yield ExistingKafkaGround(data, kafka)
        return
    with alone_with_broker(data):
        yield LocalKafkaGround(data)


class Up:
    """One run of `dateline up`."""

    def __init__(
        self,
        data: Path,
        ground: Ground,
        host: str,
        port: int,
        feed_files: list[Path],
        sample: bool | None,
        extractors: int,
    ) -> None:
        self._data = data
        self._ground = ground
        self._host = host
        self._port = port
        self._feed_files = feed_files
        self._sample = not feed_files if sample is None else sample
        self._extractors = extractors
        reached = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
        self._board = f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"
        self._supervisor = Supervisor(data / "logs")
        self._stopping = Stopping()

    def run(self) -> None:
        """Start, tend and stop. Raises StartError and what the parts raise when they cannot start."""
        self._stopping.listen()
        try:
            self._start()
            self._tend()
        except StopAskedError:
            pass
        finally:
            self._stopping.begin()  # a second Ctrl-C must not interrupt the stop
            say("\nStopping ...")
            killed = self._supervisor.stop()
            (self._data / "run" / "up.json").unlink(missing_ok=True)
            for name in killed:
                say(f"{name} did not stop by itself and was killed; nothing is lost by that.")
        say(f"Stopped. The next `{self._ground.again}` goes on from here.")

    def _start(self) -> None:
        say(f"Dateline is starting. Data: {self._data}")
        shutil.rmtree(self._data / "run" / "health", ignore_errors=True)
        (self._data / "run" / "health").mkdir(parents=True)
        self._ground.start(self._supervisor)
        allowed: list[str] = []
        if self._sample:
            outlets = start_newsroom(self._data, self._supervisor)
            self._feed_files = [outlets.opml, *self._feed_files]
            allowed = outlets.hosts
        for name in ("dedup", *(f"extractor-{n}" for n in range(self._extractors)), "linker", "cache"):
            self._supervisor.start(self._service(name, name.partition("-")[0], {}))
        api = {
            "DATELINE_API_HOST": self._host,
            "DATELINE_API_PORT": str(self._port),
            "DATELINE_API_REDIS_URL": self._ground.redis_url,
        }
        self._supervisor.start(self._service("api", "api", api, f"{self._board}/healthz"))
        fetching = {
            FEED_FILES: os.pathsep.join(str(path) for path in self._feed_files),
            "DATELINE_FETCH_ALLOW_HOSTS": ",".join([*read_settings(FetcherSettings).allow_hosts, *allowed]),
        }
        self._supervisor.start(self._service("fetcher", "fetcher", fetching))
        where = self._ground.note()
        note = {"board": self._board, "pid": os.getpid(), "pids": self._supervisor.pids, **where}
        replace_file(self._data / "run" / "up.json", orjson.dumps(note, option=orjson.OPT_INDENT_2))
        say(f"\n  Board:  {self._board}")
        say(f"  Kafka:  {where['kafka']}\n" if "kafka" in where else "")
        if os.environ.get("DATELINE_API_KEYS", "auto") == "auto" and self._host not in LOOPBACK:
            say("  Others can reach it, so it asks for a key: `dateline keys add NAME` makes one (a browser wants it")
            say("  as password, with any name). DATELINE_API_KEYS=off lets everybody in.\n")
        if self._sample:
            say("  It shows the SAMPLE newsroom: fictional outlets and events, to try Dateline out.")
            say("  Real feeds: make up FEEDS=deploy/feeds/world.opml\n")
        else:
            say(f"  Feeds: {', '.join(str(path) for path in self._feed_files) or own_list(self._data)}\n")

    def _service(self, name: str, service: str, env: dict[str, str], ready: str = "") -> Child:
        shared = {
            "DATELINE_DATA": str(self._data),
            **self._ground.environment(),
            "DATELINE_WORKER": name,
            "DATELINE_HEALTH_PORT": "0",
            "DATELINE_HEALTH_NOTE": str(self._data / "run" / "health" / name),
            "OMP_NUM_THREADS": "1",  # the services share the cores: a matrix library must not take them all
        }
        command = [sys.executable, "-m", "services.cli", "run", service]
        return Child(name, command, {**shared, **env}, (lambda: answers_at(ready)) if ready else None)

    def _tend(self) -> None:
        told, told_at = "", 0.0
        while True:
            for name in self._supervisor.tend():
                say_now(f"{name} died and is started again")
            if time.monotonic() - told_at >= PROGRESS_S:
                told_at = time.monotonic()
                progress = self._ground.progress()
                if progress is not None and str(progress) != told:
                    told = str(progress)
                    say_now(told)
            time.sleep(TEND_S)
