"""Run a toy stage on either runtime: `python -m tests.contract.toy_worker dedup`, settings in DATELINE_*."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable

from services.runtime.embedded import SinkWorker, StageWorker, Worker
from services.runtime.settings import load_settings
from services.runtime.stage import Sink, Stage
from services.runtime.stream_log import StreamLog, connect
from services.runtime.telemetry import configure_logging
from tests.contract.toy_stages import Notebook, Numbering, Tagging


def main(name: str) -> None:
    """Work until SIGTERM."""
    settings = load_settings()
    configure_logging(name)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    part: Callable[[], Stage] | Sink
    if name == "cache":
        part = Notebook(os.environ["NOTEBOOK"], int(os.environ.get("AWAY_FOR", "0")))
    else:
        part = {"dedup": Numbering, "extractor": Tagging}[name]
    if settings.kafka:
        from services.runtime.kafka import KafkaWorker

        KafkaWorker(part, settings).run(stop)
        return
    stream_log = StreamLog(connect(settings.redis_url), source=name)
    worker: Worker
    if isinstance(part, Sink):
        worker = SinkWorker(part, stream_log, settings)
    else:
        worker = StageWorker(part, stream_log, settings)
    worker.run(stop)


if __name__ == "__main__":
    main(sys.argv[1])
