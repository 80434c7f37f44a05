"""Every metric of the runtime, declared and explained in one place, and the set-up of structured logs."""

from __future__ import annotations

import logging
import sys
from typing import Final

import structlog
from prometheus_client import Counter, Gauge, Histogram

MESSAGES: Final = Counter(
    "dateline_messages_total",
    "Messages a stage has answered. outcome: processed, dead-lettered, or repeated (another worker had answered it).",
    ["stage", "outcome"],
)
EMITTED: Final = Counter("dateline_emitted_total", "Messages a stage has sent, by topic.", ["stage", "topic"])
DUE_STEPS: Final = Counter(
    "dateline_due_steps_total",
    "Steps a stage took because time had passed, without a message. outcome: taken, or failed (see the log).",
    ["stage", "outcome"],
)
REDELIVERED: Final = Counter(
    "dateline_redelivered_total",
    "Messages that came again because a worker left before it answered them.",
    ["stage"],
)
BATCH_SECONDS: Final = Histogram(
    "dateline_batch_seconds",
    "Time a stage takes for one batch, without waiting for messages. step: handle, commit.",
    ["stage", "step"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
LAG_SECONDS: Final = Histogram(
    "dateline_lag_seconds",
    "Age of a message when a stage had answered it: since the article was first seen.",
    ["stage"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 3600),
)
BACKLOG: Final = Gauge("dateline_backlog", "Messages in a topic that not every reader has answered.", ["topic"])
HELD_BACK: Final = Counter(
    "dateline_held_back_total",
    "Times a stage or the fetcher waited because the readers of its outputs were too far behind.",
    ["stage"],
)
RECONNECTS: Final = Counter("dateline_reconnects_total", "Times the log was away and the worker began anew.", ["stage"])
LEASES_LOST: Final = Counter(
    "dateline_leases_lost_total", "Times a stateful stage's work was refused because another worker owns it.", ["stage"]
)
OWNER: Final = Gauge("dateline_owner", "1 while this process owns the stateful stage, 0 while it stands by.", ["stage"])
PARTITIONS: Final = Gauge(
    "dateline_partitions",
    "On Kafka: partitions this process works on (role active), or follows to take them over sooner (role standby).",
    ["stage", "role"],
)
TRANSACTIONS: Final = Counter(
    "dateline_transactions_total",
    "On Kafka: transactions by outcome: committed, given-up (the log was away), fenced (a newer owner had taken over).",
    ["stage", "outcome"],
)
REBUILT: Final = Counter(
    "dateline_rebuilt_total",
    "On Kafka: times a partition's state was built anew, by what it was built from: checkpoint or changelog.",
    ["stage", "source"],
)
FETCHED_AGAIN: Final = Counter(
    "dateline_fetched_again_total",
    "On Kafka: times messages had been passed over or came out of order, were noticed, and fetched again.",
    ["stage"],
)
REFILLED: Final = Counter(
    "dateline_refilled_total",
    "On Kafka: times a sink found that what it writes to had been emptied or set back, and wrote a partition anew.",
    ["stage"],
)
UNREAD: Final = Counter(
    "dateline_unread_articles_total",
    "Articles that passed the extractor unread because no pipeline reads their language (ISO 639-1, or other).",
    ["language"],
)
CUT: Final = Counter(
    "dateline_cut_articles_total",
    "Articles the extractor did not read to the end. note: text-cut (longer than any news), triggers-cut (too many "
    "events), out-of-time (its time was up), sentence-stuck (a step inside a sentence did not end and was given up).",
    ["note"],
)
READY: Final = Gauge("dateline_ready", "1 while the process can do its work, as /readyz says; else 0.")
STAGE_GAUGE: Final = Gauge("dateline_stage", "Figures a stage tells of itself, by name.", ["stage", "name"])


def configure_logging(service: str, level: str = "INFO", *, human: bool = False) -> None:
    """Send all logs of this process to standard error: JSON lines, or coloured text where ``human``.

    Raises ValueError for a level that logging does not know.
    """
    if level.upper() not in logging.getLevelNamesMapping():
        raise ValueError(f"log level {level!r} is unknown: use DEBUG, INFO, WARNING or ERROR")
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    structlog.contextvars.bind_contextvars(service=service)
