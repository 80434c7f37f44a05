"""`dateline run SERVICE`: one service as one process, until SIGTERM."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click
import structlog

from services.cli.environment import command_settings
from services.cli.subscriptions import subscribed_feeds
from services.contracts.topics import ARTICLES_RAW
from services.runtime.embedded import EmbeddedOutbox, SinkWorker, StageWorker
from services.runtime.health import Pulse, serve_health
from services.runtime.settings import RuntimeSettings, SettingsError, read_settings
from services.runtime.stage import Stage, Unavailable
from services.runtime.stream_log import LeaseLostError, NewerDataError, StreamLog, connect
from services.runtime.telemetry import configure_logging
from services.runtime.valkey import redis_url

EXIT_CANNOT_START: Final = 2

log = structlog.get_logger()


@click.command("run")
@click.argument("service", type=click.Choice(("fetcher", "dedup", "extractor", "linker", "cache", "api")))
def command(service: str) -> None:
    """Run one service until SIGTERM or Ctrl-C.

    It finds the log by DATELINE_REDIS_URL, or else in the data folder (DATELINE_DATA, default ./data), where
    `dateline up` has its server. /healthz, /readyz and /metrics are served on DATELINE_HEALTH_PORT.
    """
    settings = command_settings()
    if not settings.redis_url:
        settings = settings.model_copy(update={"redis_url": redis_url(settings.data)})
    configure_logging(service, settings.log_level, human=sys.stderr.isatty())
    if service == "api":
        try:
            _api(settings)
        except SettingsError as error:
            _cannot_start(str(error))
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pulse = Pulse()
    try:
        server = serve_health(pulse, settings.health_port, settings.health_host)
    except OSError as error:
        _cannot_start(
            f"port {settings.health_port} for /healthz and /metrics cannot be had ({error.strerror}): "
            "set DATELINE_HEALTH_PORT to a free one, or 0 for any"
        )
    if settings.health_note:
        settings.health_note.write_text(str(server.server_port))
    try:
        if service == "fetcher":
            _fetcher(settings, pulse, stop)
        else:
            _worker(service, settings, pulse, stop)
    except (NewerDataError, SettingsError) as error:
        _cannot_start(str(error))
    log.info("stopped")


def _worker(service: str, settings: RuntimeSettings, pulse: Pulse, stop: threading.Event) -> None:
    stream_log = StreamLog(connect(settings.redis_url), source=service)
    if service == "cache":
        from services.cache.service import build as build_cache

        SinkWorker(build_cache(settings.redis_url), stream_log, settings, pulse).run(stop)
        return
    StageWorker(_stage(service, settings), stream_log, settings, pulse).run(stop)


def _stage(service: str, settings: RuntimeSettings) -> Callable[[], Stage]:
    """Return what makes the stage of a service. Only that service's packages need to be installed."""
    if service == "dedup":
        from services.dedup.service import build as build_dedup

        return build_dedup
    if service == "linker":
        from services.linker.service import build as build_linker

        return build_linker
    from services.extractor.service import build as build_extractor

    return lambda: build_extractor(settings.depth)


def _fetcher(settings: RuntimeSettings, pulse: Pulse, stop: threading.Event) -> None:
    stream_log = StreamLog(connect(settings.redis_url), source="fetcher")
    while not stop.is_set():
        outbox = EmbeddedOutbox("fetcher", (ARTICLES_RAW,), stream_log, settings)
        pulse.turn()
        try:
            if outbox.open():
                asyncio.run(_fetch(settings.data, outbox, pulse, stop))
                outbox.close()
                continue
            pulse.not_ready("standing by: another fetcher works")
        except Unavailable as error:
            pulse.not_ready(str(error))
        stop.wait(0.5)


async def _fetch(data: Path, outbox: EmbeddedOutbox, pulse: Pulse, stop: threading.Event) -> None:
    """Fetch until told to stop or until another fetcher has taken over."""
    from services.fetcher.service import Fetcher
    from services.fetcher.settings import FetcherSettings

    stopping = asyncio.Event()

    async def watch() -> None:
        while not stop.is_set():
            pulse.turn()
            try:
                await asyncio.to_thread(outbox.keep)
                pulse.ready()
            except Unavailable as error:
                pulse.not_ready(str(error))
            except LeaseLostError as error:
                log.warning("lease lost, standing by", reason=str(error))
                break
            await asyncio.sleep(0.5)
        stopping.set()

    watching = asyncio.create_task(watch())
    fetcher = Fetcher(read_settings(FetcherSettings), outbox, lambda: subscribed_feeds(data))
    await fetcher.run(stopping)
    watching.cancel()


def _api(settings: RuntimeSettings) -> None:
    os.environ.setdefault("DATELINE_API_REDIS_URL", settings.redis_url)
    from services.api.service import serve
    from services.api.settings import Settings

    serve(read_settings(Settings))


def _cannot_start(why: str) -> None:
    click.echo(f"dateline: {why}", err=True)
    raise SystemExit(EXIT_CANNOT_START)
