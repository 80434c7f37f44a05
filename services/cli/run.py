"""`dateline run SERVICE`: one service as one process, until SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Final

import click
import structlog

from services.cli.environment import command_settings
from services.cli.kafka_address import KafkaAddressError, checked_address, missing_packages_advice
from services.runtime.health import Pulse, serve_health
from services.runtime.settings import RuntimeSettings, SettingsError, read_settings
from services.runtime.stream_log import NewerDataError
from services.runtime.telemetry import configure_logging
from services.runtime.valkey import redis_url

EXIT_CANNOT_START: Final = 2

log = structlog.get_logger()


@click.command("run")
@click.argument("service", type=click.Choice(("fetcher", "dedup", "extractor", "linker", "cache", "api")))
def command(service: str) -> None:
    """Run one service until SIGTERM or Ctrl-C.

    On Kafka if DATELINE_KAFKA names one ("host:port,host:port"): its topics must be there (`dateline topics create`);
    a broker that is away is waited for. DATELINE_DATA (default ./data) then keeps only copies of what Kafka has, and
    the fetcher's feeds.opml; only cache and api use Redis (DATELINE_REDIS_URL).

    Else on the embedded log, found by DATELINE_REDIS_URL or in the data folder, where `dateline up` has its server.

    /healthz, /readyz and /metrics are served on DATELINE_HEALTH_PORT, by the api on its own port.
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
    _require_kafka(settings)
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
    if settings.kafka:
        _on_kafka(service, settings, pulse, stop)
    else:
        _on_embedded(service, settings, pulse, stop)
    log.info("stopped")


def _on_embedded(service: str, settings: RuntimeSettings, pulse: Pulse, stop: threading.Event) -> None:
    from services.cli.run_embedded import run_on_embedded

    try:
        run_on_embedded(service, settings, pulse, stop)
    except (NewerDataError, SettingsError) as error:
        _cannot_start(str(error))


def _on_kafka(service: str, settings: RuntimeSettings, pulse: Pulse, stop: threading.Event) -> None:
    from services.cli.kafka_ready import TopicsNotReadyError
    from services.cli.run_kafka import run_on_kafka

    try:
        run_on_kafka(service, settings, pulse, stop)
    except (TopicsNotReadyError, SettingsError) as error:
        _cannot_start(str(error))


def _require_kafka(settings: RuntimeSettings) -> None:
    """End where DATELINE_KAFKA is no address, or what talks to Kafka is not installed."""
    if not settings.kafka:
        return
    try:
        checked_address(settings.kafka)
    except KafkaAddressError as error:
        _cannot_start(f"DATELINE_KAFKA: {error}")
    if advice := missing_packages_advice():
        _cannot_start(advice)


def _api(settings: RuntimeSettings) -> None:
    os.environ.setdefault("DATELINE_API_REDIS_URL", settings.redis_url)
    from services.api.service import serve
    from services.api.settings import Settings

    serve(read_settings(Settings))


def _cannot_start(why: str) -> None:
    click.echo(f"dateline: {why}", err=True)
    raise SystemExit(EXIT_CANNOT_START)
