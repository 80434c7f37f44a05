"""Services on Kafka: stages and the cache in a Faust worker, the fetcher as a transactional producer."""

from __future__ import annotations

import threading
from functools import partial

from services.cli.kafka_ready import TopicsNotReadyError, wait_for_kafka
from services.cli.run_fetcher import run_fetcher
from services.cli.run_stages import cache_sink, stage_builder
from services.contracts.topics import ARTICLES_RAW
from services.runtime.health import Pulse
from services.runtime.settings import RuntimeSettings


def run_on_kafka(service: str, settings: RuntimeSettings, pulse: Pulse, stop: threading.Event) -> None:
    """Run a service until ``stop`` is set. Raises TopicsNotReadyError, SettingsError."""
    if not wait_for_kafka(settings.kafka, pulse, stop):
        return
    if service == "fetcher":
        from services.runtime.kafka_outbox import KafkaOutbox

        outbox = partial(KafkaOutbox, "fetcher", (ARTICLES_RAW,), settings)
        run_fetcher(outbox, settings.data, pulse, stop, settings.redis_url)
        return
    from services.runtime.kafka import KafkaWorker, TopicsMissingError

    part = cache_sink(settings) if service == "cache" else stage_builder(service, settings)
    try:
        KafkaWorker(part, settings, pulse).run(stop)
    except TopicsMissingError as error:  # removed while the service was at work
        raise TopicsNotReadyError(str(error)) from error
