"""Instants and days as the linker reads and writes them."""

from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from services.contracts.dateline.v1 import event_pb2
from services.linker.days import set_instant


@pytest.mark.parametrize("us", [0, 1, 1_747_731_600_123_456, -1, -1_500_000])
def test_an_instant_is_set_as_protobuf_sets_it(us: int) -> None:
    expected = Timestamp()
    expected.FromMicroseconds(us)
    event = event_pb2.Event()
    set_instant(event.first_seen, us)
    assert event.first_seen == expected
    assert event.HasField("first_seen")
