"""What the services of this run have counted since they began, from their own /metrics.

Kafka cannot tell how many messages a topic has had: its offsets count the marks of transactions too.
"""

from __future__ import annotations

import http.client
from pathlib import Path
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from services.cli.loopback import open_address

TIMEOUT_S: Final = 2.0
STARTED: Final = "process_start_time_seconds"

Sample = tuple[str, frozenset[tuple[str, str]]]
"""A counter's name and labels."""


class ServiceCounts:
    """Adds up counters over services, and over the restarts of each. Safe to use from one thread."""

    def __init__(self, notes: Path) -> None:
        """``notes``: folder in which each service notes the port of its health and metrics."""
        self._notes = notes
        self._seen: dict[tuple[str, float], dict[Sample, float]] = {}

    def look(self) -> None:
        """Ask every service once; one that does not answer keeps what it has told before."""
        for note in sorted(self._notes.glob("*")):
            try:
                with open_address(f"http://127.0.0.1:{int(note.read_text())}/metrics", TIMEOUT_S) as response:
                    samples = counters(response.read().decode())
            except (OSError, http.client.HTTPException, ValueError):
                continue
            self._seen[note.name, samples.pop((STARTED, frozenset()), 0.0)] = samples

    def total(self, name: str, **labels: str) -> int:
        """Return the sum of a counter over all samples that have these labels."""
        wanted = labels.items()
        return int(
            sum(
                value
                for samples in self._seen.values()
                for (each, found), value in samples.items()
                if each == name and wanted <= found
            )
        )


def counters(text: str) -> dict[Sample, float]:
    """Return Dateline's counters and the time of the start from a text in Prometheus's format. Raises ValueError."""
    return {
        (sample.name, frozenset(sample.labels.items())): float(sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == STARTED or (sample.name.startswith("dateline_") and sample.name.endswith("_total"))
    }
