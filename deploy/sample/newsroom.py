"""Serve the sample newsroom: six fictional outlets that publish their stories over a few minutes.

Run it as ``python deploy/sample/newsroom.py --port 8090 --state DIR``. Standard library only, so that it starts before
anything is installed. This module holds the clock, the sockets and the state file; what is served is decided elsewhere.
"""

import argparse
import errno
import math
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

if __package__ in (None, ""):  # run by path: make the repository's root importable
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from deploy.sample.articles import Article, ContentError, Outlet, load_articles, load_outlets
from deploy.sample.routes import CONDITIONS, LOCAL_NAMES, Newsroom, Response, host_name, json_response, respond
from deploy.sample.schedule import Timetable, compose, released_count
from deploy.sample.state import NewsroomState, StateError, format_moment, load_state, parse_moment, save_state

EXIT_CANNOT_START = 2


class Desk:
    """Decides how many stories are out: by the clock, or with ``hold`` by hand. Safe to share between threads."""

    def __init__(
        self, newsroom: Newsroom, state: NewsroomState, state_dir: Path, hold: bool, now: Callable[[], datetime]
    ) -> None:
        self.newsroom = newsroom
        self.hold = hold
        self._state = state
        self._state_dir = state_dir
        self._now = now
        self._lock = threading.Lock()

    def released(self) -> int:
        if not self.hold:
            return released_count(self.newsroom.stories, self._now())
        with self._lock:
            return min(self._state.held_releases, len(self.newsroom.stories))

    def release(self, count: int) -> Response:
        """Release the next ``count`` stories; the answer names them."""
        if not self.hold:
            return json_response(409, {"error": "stories are released by time; start with --hold to release by hand"})
        with self._lock:
            before = min(self._state.held_releases, len(self.newsroom.stories))
            after = min(before + count, len(self.newsroom.stories))
            state = replace(self._state, held_releases=after)
            try:
                save_state(self._state_dir, state)
            except StateError as error:
                return json_response(500, {"error": str(error)})
            self._state = state
        out = [{"id": story.article_id, "url": story.url} for story in self.newsroom.stories[before:after]]
        return json_response(200, {"released": out, "remaining": len(self.newsroom.stories) - after})


class NewsroomServer(ThreadingHTTPServer):
    """Listens at once; gets its desk as soon as the port, which is part of every URL, is known."""

    daemon_threads = True
    desk: Desk

    def server_bind(self) -> None:
        # HTTPServer would ask DNS for the machine's name here, which can hang for seconds without a network.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "newsroom", self.socket.getsockname()[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Readers that hang up are no news; anything else is told on stderr."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Translates between HTTP and ``respond``."""

    server: NewsroomServer
    protocol_version = "HTTP/1.1"
    server_version = "DatelineSample/1"
    timeout = 30

    def do_GET(self) -> None:
        desk = self.server.desk
        host = self.headers.get("Host", "")
        conditions = {name: value for name in CONDITIONS if (value := self.headers.get(name)) is not None}
        self._send(respond(desk.newsroom, desk.released(), host, self._target().path, conditions))

    do_HEAD = do_GET

    def do_POST(self) -> None:
        self.close_connection = True  # a request body, if any, is left unread
        address = self._target()
        if host_name(self.headers.get("Host", "")) not in LOCAL_NAMES or address.path != "/release":
            self._send(json_response(404, {"error": "only POST /release on 127.0.0.1 exists"}))
            return
        count = parse_qs(address.query).get("count", ["1"])[-1]
        if not (count.isascii() and count.isdigit() and 1 <= len(count) <= 6 and int(count) > 0):
            self._send(json_response(400, {"error": "count must be a whole number of at least 1"}))
            return
        self._send(self.server.desk.release(int(count)))

    def _target(self) -> SplitResult:
        """The request target, which may be a whole URL; an unreadable one is as good as none and gets a 404."""
        try:
            return urlsplit(self.path)
        except ValueError:
            return urlsplit("")

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        if response.status != 304:
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: a poll every few seconds would drown everything else on the terminal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    options = _parser().parse_args(arguments)
    try:
        server = _start(options)
    except (ContentError, StateError) as error:
        return _complain(str(error))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            taken = f"port {options.port} on {options.host} is in use"
            return _complain(f"{taken}; stop what uses it or choose another --port")
        return _complain(f"cannot listen on {options.host} port {options.port}: {error.strerror or error}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="newsroom", daemon=True)
    thread.start()
    print(f"newsroom on http://127.0.0.1:{server.desk.newsroom.port}", flush=True)
    stop.wait()
    server.shutdown()
    server.server_close()
    return 0


def _start(options: argparse.Namespace) -> NewsroomServer:
    outlets = load_outlets()
    articles = load_articles(outlets=outlets)
    stored = load_state(options.state)
    # Bind before the state is written: a start that fails on its port must not set the schedule running.
    server = NewsroomServer((options.host, options.port), Handler)
    try:
        state = _first_state(options) if stored is None else stored
        if stored is None:
            save_state(options.state, state)
        else:
            _tell_ignored(options, stored)
        server.desk = _open_desk(options, outlets, articles, state, server.server_port)
    except BaseException:
        server.server_close()
        raise
    return server


def _open_desk(
    options: argparse.Namespace,
    outlets: tuple[Outlet, ...],
    articles: tuple[Article, ...],
    state: NewsroomState,
    port: int,
) -> Desk:
    # Held stories keep the dates of the plain schedule, whatever the speed, so that two held runs are alike.
    timetable = Timetable(state.started_at, 1.0 if options.hold else state.speed)
    newsroom = Newsroom(outlets, compose(articles, outlets, timetable, port), timetable, port)
    return Desk(newsroom, state, options.state, options.hold, lambda: datetime.now(UTC))


def _first_state(options: argparse.Namespace) -> NewsroomState:
    now = datetime.now(UTC).replace(microsecond=0)
    return NewsroomState(options.start or now, options.speed or 1.0)


def _tell_ignored(options: argparse.Namespace, stored: NewsroomState) -> None:
    """A schedule once begun is kept, because its dates have been published; say so if other wishes were given."""
    if options.start not in (None, stored.started_at) or options.speed not in (None, stored.speed):
        print(
            f"newsroom: goes on with the schedule in {options.state} "
            f"(start {format_moment(stored.started_at)}, speed {stored.speed:g}); use another --state for a new one",
            file=sys.stderr,
        )


def _complain(message: str) -> int:
    print(f"newsroom: {message}", file=sys.stderr)
    return EXIT_CANNOT_START


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="newsroom.py", description="Serve the fictional sample newsroom of Dateline.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8090, help="port to listen on, 0 for any (default: %(default)s)")
    parser.add_argument("--state", type=Path, required=True, help="folder in which the start of the schedule is kept")
    parser.add_argument("--speed", type=_speed, help="schedule seconds a second (default: 1)")
    parser.add_argument("--start", type=_moment, metavar="RFC3339", help="start of a new schedule (default: now)")
    parser.add_argument("--hold", action="store_true", help="release by POST /release?count=N instead of by time")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _speed(text: str) -> float:
    speed = float(text)
    if not (math.isfinite(speed) and 0.01 <= speed <= 1000):
        raise argparse.ArgumentTypeError("speed must be between 0.01 and 1000")
    return speed


def _moment(text: str) -> datetime:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
