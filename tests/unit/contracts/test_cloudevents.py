"""CloudEvents attributes as headers: there and back, and a clear word about what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.contracts.cloudevents import Attributes, child_traceparent, from_headers, to_headers

ATTRIBUTES = Attributes(
    id="4bf92f3577b34da6a3ce929d0e0e4736",
    type="dateline.v1.Article",
    source="/dateline/fetcher",
    time=datetime(2026, 3, 11, 6, 0, 0, 123456, tzinfo=UTC),
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
)


def test_attributes_survive_as_headers() -> None:
    assert from_headers(to_headers(ATTRIBUTES)) == ATTRIBUTES


def test_headers_have_the_names_of_the_kafka_binding() -> None:
    headers = to_headers(ATTRIBUTES)
    assert headers["ce_specversion"] == b"1.0"
    assert headers["content-type"] == b"application/protobuf"
    assert headers["ce_time"] == b"2026-03-11T06:00:00.123456Z"


def test_without_tracing_there_is_no_header_for_it() -> None:
    headers = to_headers(replace(ATTRIBUTES, traceparent=""))
    assert "traceparent" not in headers
    assert from_headers(headers).traceparent == ""


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_source", "ce_time"])
def test_a_missing_header_is_named(name: str) -> None:
    headers = to_headers(ATTRIBUTES)
    del headers[name]
    with pytest.raises(ValueError, match=f"header {name} is missing"):
        from_headers(headers)


@pytest.mark.parametrize("time", [b"noon", b"2026-03-11T06:00:00", b"\xff"])
def test_a_time_that_cannot_be_read_is_named(time: bytes) -> None:
    with pytest.raises(ValueError, match="header ce_time is no RFC 3339 instant"):
        from_headers({**to_headers(ATTRIBUTES), "ce_time": time})


def test_a_child_stays_in_the_trace_under_a_span_of_its_own() -> None:
    version, trace, span, flags = child_traceparent(ATTRIBUTES.traceparent, "child").split("-")
    assert (version, trace, flags) == ("00", "4bf92f3577b34da6a3ce929d0e0e4736", "01")
    assert len(span) == 16
    assert span != "00f067aa0ba902b7"


def test_a_replay_traces_alike() -> None:
    assert child_traceparent("", "a") == child_traceparent("", "a")
    assert child_traceparent("", "a") != child_traceparent("", "b")


@pytest.mark.parametrize("parent", ["", "nonsense", "00-abc"])
def test_without_a_parent_a_trace_begins(parent: str) -> None:
    version, trace, span, flags = child_traceparent(parent, "first").split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")
