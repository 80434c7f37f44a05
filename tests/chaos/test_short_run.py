"""Every kind of fault once, under a steady load, on a real Kafka and Valkey; `make chaos` is the long version."""

from __future__ import annotations

import pytest

from tests.chaos.run import Plan, chaos
from tests.chaos.schedule import WEIGHTS
from tests.kafka_server import KafkaServer

SHORT = Plan(seed=1, faults=len(WEIGHTS), articles=400, session_s=4.0)


@pytest.mark.timeout(1_200)
def test_no_fault_loses_or_doubles_anything(own_kafka: KafkaServer) -> None:
    result = chaos(SHORT, own_kafka)
    for figures in result.figures:
        print(figures)
    assert result.problems == (), result.last_words
    assert result.unexpected == ()
    sets = next(figures for figures in result.figures if figures["what"] == "sets")
    assert sets["distinct"] == SHORT.articles
    assert sets["live_events"] > SHORT.articles / 5
    assert sets["with_several_sources"] > 0
    assert sets["copies"] > 0
    assert sets["dead_letters"] == sets["poisoned"] == 5
