"""Run a toy stage on the embedded runtime: `python -m tests.contract.toy_worker dedup`, settings in DATELINE_*."""

from __future__ import annotations

import os
import signal
import sys
import threading

from services.runtime.embedded import SinkWorker, StageWorker, Worker
from services.runtime.settings import load_settings
from services.runtime.stream_log import StreamLog, connect
from services.runtime.telemetry import configure_logging
from tests.contract.toy_stages import Notebook, Numbering, Tagging


def main(name: str) -> None:
    """Work until SIGTERM."""
    settings = load_settings()
    configure_logging(name)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    stream_log = StreamLog(connect(settings.redis_url), source=name)
    worker: Worker
    if name == "cache":
        sink = Notebook(os.environ["NOTEBOOK"], int(os.environ.get("AWAY_FOR", "0")))
        worker = SinkWorker(sink, stream_log, settings)
    else:
        worker = StageWorker({"dedup": Numbering, "extractor": Tagging}[name], stream_log, settings)
    worker.run(stop)


if __name__ == "__main__":
    main(sys.argv[1])
