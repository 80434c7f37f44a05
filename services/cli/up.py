"""`dateline up`: everything on this machine, one process a service, kept alive until Ctrl-C."""

from __future__ import annotations

import fcntl
import http.client
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Final

import click
import orjson

from services.api.settings import Settings as ApiSettings
from services.cli.loopback import open_address
from services.cli.subscriptions import FEED_FILES, own_list, read_list
from services.contracts.redis_model import ALL_EVENTS, Keys
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, DEAD_LETTERS, EVENTS, MENTIONS
from services.fetcher.settings import FetcherSettings
from services.runtime.settings import SettingsError, load_settings, read_settings
from services.runtime.stage import Unavailable
from services.runtime.stream_log import NewerDataError, StreamLog, connect, unavailable_when_away
from services.runtime.supervisor import Child, StartError, Supervisor
from services.runtime.telemetry import configure_logging
from services.runtime.valkey import ValkeyMissingError, answers, redis_url, server_command

EXIT_CANNOT_START: Final = 2
NEWSROOM: Final = Path(__file__).resolve().parents[2] / "deploy" / "sample" / "newsroom.py"
NEWSROOM_PORT: Final = 8090
PORTS_TRIED: Final = 100
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
def command(port: int, host: str, feed_files: tuple[Path, ...], sample: bool | None, extractors: int) -> None:
    """Run everything on this machine until Ctrl-C.

    Without --feeds it runs the sample newsroom: six fictional outlets whose stories show what an event is. Feeds added
    by `dateline feeds add` are polled in either case. Everything is kept in the data folder (DATELINE_DATA, default
    ./data); the next `dateline up` goes on where this one was.
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
        with _only_one(data):
            read_list(own_list(data))
            _require_port(host, port, "board", "Stop what uses it, or choose another: `make up PORT=8081`.")
            Up(data, host, port, [path.resolve() for path in feed_files], sample, extractors).run()
    except (StartError, SettingsError, ValkeyMissingError, NewerDataError, Unavailable, ValueError, OSError) as error:
        click.echo(f"dateline: {error}", err=True)
        raise SystemExit(EXIT_CANNOT_START) from error


class Up:
    """One run of `dateline up`."""

    def __init__(
        self, data: Path, host: str, port: int, feed_files: list[Path], sample: bool | None, extractors: int
    ) -> None:
        self._data = data
        self._host = host
        self._port = port
        self._feed_files = feed_files
        self._sample = not feed_files if sample is None else sample
        self._extractors = extractors
        self._url = redis_url(data)
        reached = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
        self._board = f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"
        self._supervisor = Supervisor(data / "logs")
        self._stopping = False

    def run(self) -> None:
        """Start, tend and stop. Raises StartError and what the parts raise when they cannot start."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            self._start()
            self._tend()
        except _StopAskedError:
            pass
        finally:
            self._stopping = True  # a second Ctrl-C must not interrupt the stop
            _say("\nStopping ...")
            killed = self._supervisor.stop()
            (self._data / "run" / "up.json").unlink(missing_ok=True)
            for name in killed:
                _say(f"{name} did not stop by itself and was killed; nothing is lost by that.")
        _say("Stopped. The next `make up` goes on from here.")

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if not self._stopping:
            self._stopping = True
            raise _StopAskedError

    def _start(self) -> None:
        _say(f"Dateline is starting. Data: {self._data}")
        shutil.rmtree(self._data / "run" / "health", ignore_errors=True)
        (self._data / "run" / "health").mkdir(parents=True)
        self._supervisor.start(Child("valkey", server_command(self._data), ready=lambda: answers(self._url)))
        log = StreamLog(connect(self._url), source="up")
        log.prepare()
        allowed: list[str] = []
        if self._sample:
            allowed = self._start_newsroom()
        for name in ("dedup", *(f"extractor-{n}" for n in range(self._extractors)), "linker", "cache"):
            self._supervisor.start(self._service(name, name.partition("-")[0], {}))
        api = {
            "DATELINE_API_HOST": self._host,
            "DATELINE_API_PORT": str(self._port),
            "DATELINE_API_REDIS_URL": self._url,
        }
        self._supervisor.start(self._service("api", "api", api, f"{self._board}/healthz"))
        fetching = {
            FEED_FILES: os.pathsep.join(str(path) for path in self._feed_files),
            "DATELINE_FETCH_ALLOW_HOSTS": ",".join([*read_settings(FetcherSettings).allow_hosts, *allowed]),
        }
        self._supervisor.start(self._service("fetcher", "fetcher", fetching))
        note = {
            "board": self._board,
            "pid": os.getpid(),
            "pids": self._supervisor.pids,
        }
        _write(self._data / "run" / "up.json", orjson.dumps(note, option=orjson.OPT_INDENT_2))
        _say(f"\n  Board:  {self._board}\n")
        if self._sample:
            _say("  It shows the SAMPLE newsroom: fictional outlets and events, to try Dateline out.")
            _say("  Real feeds: make up FEEDS=deploy/feeds/world.opml\n")
        else:
            _say(f"  Feeds: {', '.join(str(path) for path in self._feed_files) or own_list(self._data)}\n")

    def _start_newsroom(self) -> list[str]:
        """Start the sample newsroom; return the "host:port" that the fetcher may reach on this machine."""
        if not NEWSROOM.exists():
            raise StartError(f"the sample newsroom is not at {NEWSROOM}: run from a clone, or give --feeds FILE.opml")
        port = self._newsroom_port()
        state = self._data / "newsroom"
        state.mkdir(parents=True, exist_ok=True)
        address = f"http://127.0.0.1:{port}"
        command = [sys.executable, str(NEWSROOM), "--port", str(port), "--state", str(state)]
        self._supervisor.start(Child("newsroom", command, ready=lambda: _answers(f"{address}/status")))
        with open_address(f"{address}/opml", 10) as response:
            path = self._data / "run" / "sample.opml"
            _write(path, response.read())
        self._feed_files = [path, *self._feed_files]
        hosts = [feed.url.split("/")[2] for feed in read_list(path)]
        return sorted(set(hosts))

    def _newsroom_port(self) -> int:
        """The newsroom keeps its port, because the addresses of its articles hold it."""
        note = self._data / "newsroom" / "port"
        if note.exists():
            try:
                port = int(note.read_text())
            except ValueError as error:
                raise StartError(f"{note} does not hold a port: remove {note.parent}") from error
            _require_port("127.0.0.1", port, "sample newsroom", f"Stop what uses it, or remove {note.parent}.")
            return port
        port = _free_port(NEWSROOM_PORT)
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(str(port))
        return port

    def _service(self, name: str, service: str, env: dict[str, str], ready: str = "") -> Child:
        shared = {
            "DATELINE_DATA": str(self._data),
            "DATELINE_REDIS_URL": self._url,
            "DATELINE_WORKER": name,
            "DATELINE_HEALTH_PORT": "0",
            "DATELINE_HEALTH_NOTE": str(self._data / "run" / "health" / name),
            "OMP_NUM_THREADS": "1",  # the services share the cores: a matrix library must not take them all
        }
        command = [sys.executable, "-m", "services.cli", "run", service]
        return Child(name, command, {**shared, **env}, (lambda: _answers(ready)) if ready else None)

    def _tend(self) -> None:
        log = StreamLog(connect(self._url), source="up")
        told, told_at = "", 0.0
        while True:
            for name in self._supervisor.tend():
                _say(f"{datetime.now().astimezone():%H:%M:%S}  {name} died and is started again")
            if time.monotonic() - told_at >= PROGRESS_S:
                told_at = time.monotonic()
                progress = self._progress(log)
                if progress and progress != told:
                    told = progress
                    _say(f"{datetime.now().astimezone():%H:%M:%S}  {progress}")
            time.sleep(TEND_S)

    def _progress(self, log: StreamLog) -> str:
        """What has come in and what was made of it; empty while the log is away."""
        try:
            with unavailable_when_away():
                articles, copies = log.sent(ARTICLES_RAW), log.sent(ARTICLES_DUPLICATES)
                waiting = sum(log.backlog(topic) for topic in (ARTICLES_RAW, MENTIONS, EVENTS))
                events, updates = int(log.client.zcard(Keys().index(ALL_EVENTS))), log.sent(EVENTS)
                letters = log.sent(DEAD_LETTERS)
        except Unavailable:
            return ""
        text = f"{articles} articles ({copies} copies) -> {events} events, {updates} updates, {waiting} waiting"
        return text + (f", {letters} DEAD LETTERS (dateline dead-letters list)" if letters else "")


class _StopAskedError(Exception):
    """Ctrl-C or SIGTERM."""


@contextmanager
def _only_one(data: Path) -> Iterator[None]:
    """Hold the data folder's lock. Raises StartError where another `dateline up` has it."""
    folder = data / "run"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "up.lock").open("a")
    except OSError as error:
        raise StartError(f"the data folder {data} cannot be written ({error.strerror}): set DATELINE_DATA") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StartError(
                f"Dateline runs on {data} already. Stop it, or choose another folder: DATELINE_DATA=other make up."
            ) from error
        yield


def _require_port(host: str, port: int, what: str, advice: str) -> None:
    """Raise StartError where a port cannot be had."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(
                f"port {port} on {host} for the {what} cannot be had ({error.strerror}). {advice}"
            ) from error


def _free_port(first: int) -> int:
    """Return the first free loopback port from ``first`` on."""
    for port in range(first, first + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise StartError(f"none of the ports {first} to {first + PORTS_TRIED - 1} is free: stop what uses them")


def _answers(address: str) -> bool:
    try:
        with open_address(address, 2):
            return True
    except (OSError, http.client.HTTPException):
        return False


def _say(text: str) -> None:
    """Print, or be silent where the terminal is gone: a closed window must not keep anything from being stopped."""
    with suppress(OSError):
        click.echo(text)


def _write(path: Path, content: bytes) -> None:
    """Replace a file in one step."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
