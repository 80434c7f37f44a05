"""Counters of services, added up over their restarts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from services.cli.service_counts import ServiceCounts
from tests.integration.cli_api_server import Answer, FakeApi, fake_api


@pytest.fixture
def service(tmp_path: Path) -> Iterator[FakeApi]:
    """A service that has noted its port."""
    with fake_api(lambda asked: Answer(b"", 503, "text/plain")) as service:
        (tmp_path / "dedup").write_text(service.address.rpartition(":")[2])
        yield service


def tell(service: FakeApi, started: float, **processed: int) -> None:
    registry = CollectorRegistry()
    Gauge("process_start_time_seconds", "When", registry=registry).set(started)
    counter = Counter("dateline_messages_total", "Messages", ["stage", "outcome"], registry=registry)
    for stage, count in processed.items():
        counter.labels(stage, "processed").inc(count)
        counter.labels(stage, "repeated").inc(1000)
    text = generate_latest(registry)
    service.answer = lambda asked: Answer(text, 200, "text/plain")


def test_counters_are_added_up_by_their_labels(tmp_path: Path, service: FakeApi) -> None:
    counts = ServiceCounts(tmp_path)
    tell(service, 1.0, dedup=3, linker=4)
    counts.look()
    assert counts.total("dateline_messages_total", stage="dedup", outcome="processed") == 3
    assert counts.total("dateline_messages_total", outcome="processed") == 7
    assert counts.total("dateline_emitted_total") == 0


def test_a_service_that_died_and_counts_anew_is_not_forgotten(tmp_path: Path, service: FakeApi) -> None:
    counts = ServiceCounts(tmp_path)
    for started, count in ((1.0, 3), (1.0, 5), (2.0, 4)):
        tell(service, started, dedup=count)
        counts.look()
    assert counts.total("dateline_messages_total", stage="dedup", outcome="processed") == 9


def test_a_service_that_does_not_answer_keeps_what_it_told(tmp_path: Path, service: FakeApi) -> None:
    counts = ServiceCounts(tmp_path)
    tell(service, 1.0, dedup=3)
    counts.look()
    service.answer = lambda asked: Answer(b"gone", 503, "text/plain")
    (tmp_path / "linker").write_text("")
    counts.look()
    assert counts.total("dateline_messages_total", stage="dedup", outcome="processed") == 3
