"""Every metric of the API, declared and explained in one place."""

from __future__ import annotations

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """The metrics of one app; several apps may live in one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "dateline_api_requests_total",
            "Requests answered, by route and status.",
            ["route", "status"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "dateline_api_request_seconds",
            "Time from request to the last byte of the answer, by route; streams do not count.",
            ["route"],
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1, 3),
            registry=self._registry,
        )
        self.subscribers = Gauge("dateline_api_subscribers", "Streams of changes open now.", registry=self._registry)
        self.changes = Counter(
            "dateline_api_changes_total", "Changes read from the stream and offered.", registry=self._registry
        )
        self.resets = Counter(
            "dateline_api_resets_total",
            "Subscribers told to load the state anew. reason: too-slow, trimmed.",
            ["reason"],
            registry=self._registry,
        )

    def exposition(self) -> bytes:
        """Return these metrics and those of the process in the Prometheus text format."""
        return generate_latest(self._registry) + generate_latest(REGISTRY)
