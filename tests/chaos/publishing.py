"""Publishing at a steady rate whatever happens to the broker, and knowing exactly what it has acknowledged."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kafka import KafkaProducer

from services.contracts.topics import ARTICLES_RAW, Topic
from services.runtime.entry import headers_of
from services.runtime.kafka_client import common
from services.runtime.stage import Emit
from tests.chaos.articles import Publication

GIVE_UP_MS: Final = 900_000
"""Longer than any broker stays away: what is sent is neither given up nor, by an idempotent producer, sent twice."""


class Publisher:
    """Sends the articles of a generator in order from a thread; other messages at any time."""

    def __init__(self, bootstrap: str, publications: Iterator[Publication], per_s: float) -> None:
        self.per_s = per_s
        """Articles a second; may be changed any time."""
        self.sent = 0
        self.failed: list[str] = []
        """Ids that Kafka did not acknowledge."""
        self._publications = publications
        self._acknowledged: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._producer: Any = KafkaProducer(
            **common(bootstrap),
            acks="all",
            delivery_timeout_ms=GIVE_UP_MS,
            max_block_ms=GIVE_UP_MS,
            linger_ms=5,
            compression_type="zstd",
        )
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def done(self) -> bool:
        """True once every article was handed to the producer."""
        return not self._thread.is_alive()

    def article(self, publication: Publication) -> None:
        """Send one article."""
        article = publication.article
        emit = Emit(ARTICLES_RAW, article.language, article, article.id, publication.at)
        headers = headers_of(emit, "/dateline/fetcher", "")
        self.put(ARTICLES_RAW, article.language, article.SerializeToString(deterministic=True), headers, article.id)
        self.sent += 1

    def put(self, topic: Topic, key: str, value: bytes, headers: Mapping[str, bytes], counted_as: str = "") -> None:
        """Send any bytes; ``counted_as`` is the id under which their acknowledgement is counted."""
        partition = topic.spread.index(key) if key in topic.spread else None
        future = self._producer.send(topic.name, value, key.encode(), list(headers.items()), partition)
        if counted_as:
            future.add_callback(lambda _: self._count(counted_as))
            future.add_errback(lambda _: self.failed.append(counted_as))

    def acknowledged(self) -> Mapping[str, int]:
        """Wait for every acknowledgement; return how often each id was acknowledged."""
        self._thread.join()
        self._producer.flush(GIVE_UP_MS / 1000)
        with self._lock:
            return dict(self._acknowledged)

    def flush(self) -> None:
        """Wait for the acknowledgement of everything sent so far."""
        self._producer.flush(GIVE_UP_MS / 1000)

    def close(self) -> None:
        """End, sending nothing more."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._producer.close(timeout=5)

    def _run(self) -> None:
        due = time.monotonic()
        for publication in self._publications:
            due = max(due + 1 / self.per_s, time.monotonic() - 1.0)  # after a stop no more than a second is made up for
            if self._stop.wait(max(0.0, due - time.monotonic())):
                return
            self.article(publication)

    def _count(self, counted_as: str) -> None:
        with self._lock:
            self._acknowledged[counted_as] += 1
