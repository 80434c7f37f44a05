"""Runs the API under uvicorn until it is told to stop."""

from __future__ import annotations

import gc
import signal
import socket
import sys
from types import FrameType
from typing import NoReturn

import uvicorn

from services.api.app import Api, create_app
from services.api.one_packet import Protocol
from services.api.settings import Settings

EXIT_CANNOT_START = 2

BACKLOG = 2_048
"""Connections that may wait to be taken up: a thousand subscribers that come back at once after a restart."""


class Server(uvicorn.Server):
    """Lets the subscribers go first when it stops: their streams never end by themselves."""

    def __init__(self, config: uvicorn.Config, app: Api) -> None:
        super().__init__(config)
        self._api = app

    def stop_soon(self, number: int, frame: FrameType | None) -> None:
        """Stop as soon as the start is done: a handler of signals."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.set_threshold(10_000, 20, 20)  # reads leave hardly a cycle: to look every 700 objects is in vain
        gc.freeze()  # what a start leaves is for good: to look through 100,000 objects again holds up reads for 70 ms

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._api.close_streams()
        await super().shutdown(sockets)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then close streams and return.

    Raises SystemExit(2), after one line on standard error, where the port cannot be had or a setting is wrong.
    """
    try:
        app = create_app(settings)
    except ValueError as error:
        _cannot_start(f"DATELINE_API_REDIS_URL={settings.redis_url!r} cannot be used: {error}")
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=65,  # longer than the 60 s after which common proxies drop an idle connection
        timeout_graceful_shutdown=settings.shutdown_grace_s,
    )
    server = Server(config, app)
    # uvicorn raises the signal again once it has stopped: without handlers of ours, that would kill the process.
    # Before uvicorn has handlers of its own, ours keep the wish to stop: from before anybody can connect.
    before = {number: signal.signal(number, server.stop_soon) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run(sockets=[_listen(settings.host, settings.port)])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        _cannot_start(
            f"cannot listen on {host}:{port}: {error.strerror or error}. "
            "Stop what uses the port, or choose another with DATELINE_API_PORT."
        )
    return listening


def _cannot_start(why: str) -> NoReturn:
    print(f"dateline api: {why}", file=sys.stderr)
    raise SystemExit(EXIT_CANNOT_START)
