"""Health, readiness and metrics of one process over HTTP: /healthz, /readyz, /metrics.

Live means that the process answers and its loop has turned lately; ready means that it can do its work now.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import orjson
from prometheus_client import make_wsgi_app

from services.runtime import telemetry
from services.runtime.content_coding import takes_gzip

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

STUCK_AFTER_S = 120.0
"""A loop that has not turned for this long is taken for hung; a batch of long articles takes a few seconds."""


class Pulse:
    """What a process knows of its own health. Safe to share between threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._last_turn = monotonic()
        self._not_ready: str | None = "starting"

    def turn(self) -> None:
        """Say that the loop has turned."""
        self._last_turn = self._monotonic()

    def ready(self) -> None:
        """Say that the process can do its work."""
        self._not_ready = None

    def not_ready(self, why: str) -> None:
        """Say why the process cannot do its work now, in words for an operator."""
        self._not_ready = why

    def live_problem(self) -> str | None:
        """Return why the process should be restarted, or None."""
        idle = self._monotonic() - self._last_turn
        return f"the loop has not turned for {idle:.0f} s" if idle > STUCK_AFTER_S else None

    def ready_problem(self) -> str | None:
        """Return why the process should get no work now, or None."""
        return self._not_ready


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Probes come every few seconds: say nothing."""


class _ThreadedServer(ThreadingMixIn, WSGIServer):
    """One slow probe must not block the next."""

    daemon_threads = True


def serve_health(pulse: Pulse, port: int, host: str = "127.0.0.1") -> WSGIServer:
    """Serve health and metrics on ``port`` (0: any free one) from a background thread; return the server.

    Raises OSError where the port is taken.
    """
    metrics = make_wsgi_app()
    telemetry.READY.set_function(lambda: float(not (pulse.live_problem() or pulse.ready_problem())))

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/metrics":
            if not takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):  # the library asks for the name, not its weight
                environ["HTTP_ACCEPT_ENCODING"] = ""
            return cast("Iterable[bytes]", metrics(environ, start_response))
        if path not in ("/healthz", "/readyz"):
            start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Not here. There is /healthz, /readyz and /metrics.\n"]
        problem = pulse.live_problem() or (pulse.ready_problem() if path == "/readyz" else None)
        start_response("503 Service Unavailable" if problem else "200 OK", [("Content-Type", "application/json")])
        return [orjson.dumps({"status": "failing", "problem": problem} if problem else {"status": "ok"})]

    server = make_server(host, port, app, server_class=_ThreadedServer, handler_class=_QuietHandler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
