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
            "Streams interrupted. reason: too-slow (sent away, may resume), trimmed (told to load the state anew).",
            ["reason"],
            registry=self._registry,
        )
        self.alert_subscribers = Gauge(
            "dateline_api_alert_subscribers", "Streams of fired alerts open now.", registry=self._registry
        )
        self.alerts_offered = Counter(
            "dateline_api_alerts_offered_total",
            "Fired alerts read from their stream and offered.",
            registry=self._registry,
        )
        self.delivering = Gauge(
            "dateline_api_delivering",
            "1 in the process that evaluates alert rules and delivers webhooks, 0 in every other.",
            registry=self._registry,
        )
        self.webhooks = Gauge(
            "dateline_api_webhooks", "Webhooks there are. state: enabled, disabled.", ["state"], registry=self._registry
        )
        self.webhook_waiting = Gauge(
            "dateline_api_webhook_messages_waiting", "Messages that wait for delivery.", registry=self._registry
        )
        self.webhook_attempts = Counter(
            "dateline_api_webhook_attempts_total",
            "Attempts to deliver a message. outcome: delivered, retrying, given-up.",
            ["outcome"],
            registry=self._registry,
        )
        self.webhook_seconds = Histogram(
            "dateline_api_webhook_attempt_seconds",
            "How long receivers take to answer.",
            buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
            registry=self._registry,
        )
        self.webhook_lag = Histogram(
            "dateline_api_webhook_lag_seconds",
            "From the change in the stream to its delivery at the first attempt.",
            buckets=(0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300),
            registry=self._registry,
        )
        self.webhook_disabled = Counter(
            "dateline_api_webhooks_disabled_total", "Webhooks disabled for failing.", registry=self._registry
        )
        self.webhook_missed = Counter(
            "dateline_api_webhook_missed_total",
            "Times that a webhook, or the alert rules, missed changes because they were no longer kept.",
            registry=self._registry,
        )
        self.alerts = Counter("dateline_api_alerts_total", "Alerts that fired.", registry=self._registry)

    def exposition(self) -> bytes:
        """Return these metrics and those of the process in the Prometheus text format."""
        return generate_latest(self._registry) + generate_latest(REGISTRY)
