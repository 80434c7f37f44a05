"""Services on the embedded runtime: the log is one Valkey or Redis."""

from __future__ import annotations

import threading
from collections.abc import Callable

from services.cli.embedded_states import write_missing
from services.cli.run_fetcher import run_fetcher
from services.cli.run_stages import cache_sink, stage_builder
from services.contracts.redis_model import Keys
from services.contracts.topics import ARTICLES_RAW
from services.runtime.embedded import EmbeddedOutbox, SinkWorker, StageWorker
from services.runtime.entry import utc_now
from services.runtime.health import Pulse
from services.runtime.settings import RuntimeSettings
from services.runtime.stream_log import StreamLog, connect


def run_on_embedded(service: str, settings: RuntimeSettings, pulse: Pulse, stop: threading.Event) -> None:
    """Run a service until ``stop`` is set. Raises NewerDataError, SettingsError."""
    stream_log = StreamLog(connect(settings.redis_url), source=service)
    if service == "fetcher":
        run_fetcher(
            lambda: EmbeddedOutbox("fetcher", (ARTICLES_RAW,), stream_log, settings),
            settings.data,
            pulse,
            stop,
            settings.redis_url,
        )
    elif service == "cache":

        def fill(tick: Callable[[], None]) -> None:
            write_missing(stream_log, Keys(), utc_now(), tick)

        SinkWorker(cache_sink(settings), stream_log, settings, pulse, prepare=fill).run(stop)
    else:
        StageWorker(stage_builder(service, settings), stream_log, settings, pulse).run(stop)
