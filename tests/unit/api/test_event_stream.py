from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from starlette.requests import Request

from services.api.broadcast import Broadcast
from services.api.change_filters import Facets
from services.api.changes import Entry
from services.api.event_stream import Streams, resume_position
from services.api.metrics import Metrics
from services.api.problem import Problem
from services.api.sse import Position
from services.api.stream_reader import StreamReader, StreamState

FACETS = Facets("e", "visit", "politics-government", "planned", "created", False, frozenset(), frozenset())


class Store:
    """A store whose stream ends at one position."""

    def __init__(self, last: Position) -> None:
        self._last = last

    async def state(self) -> StreamState:
        return StreamState((1, 0), self._last, trimmed=False)


def streams_at(position: Position | None, last: Position) -> Streams[Entry]:
    store, metrics = cast("StreamReader[Entry]", Store(last)), Metrics()
    broadcast = Broadcast(store, metrics.subscribers, metrics.changes, queue=128)
    broadcast.position = position
    return Streams(store, broadcast, metrics, heartbeat_s=5, send_timeout_s=5, max_subscribers=10)


def request(last_event_id: str = "") -> Request:
    headers = [(b"last-event-id", last_event_id.encode())] if last_event_id else []
    return Request({"type": "http", "path": "/v1/changes", "query_string": b"", "headers": headers})


async def test_a_client_ahead_of_this_process_does_not_get_again_what_it_has() -> None:
    streams = streams_at((5, 0), last=(7, 0))
    response = streams.open(lambda entry: b"%d " % entry.position[0], resume=(7, 0))
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) == 2:  # the head and the greeting: the subscription stands
            for number in (6, 7, 8):
                streams.broadcast._publish((Entry((number, 0), b"", {}, FACETS),))
            streams.broadcast.close()

    async def receive() -> Any:
        await asyncio.Event().wait()

    await response({"type": "http"}, receive, send)
    assert [message["body"] for message in sent[2:]] == [b"8 ", b""]


def test_without_redis_no_stream_opens() -> None:
    with pytest.raises(Problem, match="cannot be read now"):
        streams_at(None, last=(0, 0)).open(lambda entry: None, resume=None)


def test_the_header_goes_before_the_parameter() -> None:
    assert resume_position(request("7-1"), "3-0") == (7, 1)
    assert resume_position(request(), "3-0") == (3, 0)
    assert resume_position(request(), "") is None


def test_a_wrong_header_is_named_as_one() -> None:
    with pytest.raises(Problem) as caught:
        resume_position(request("x"), "")
    assert (caught.value.errors[0].parameter, caught.value.errors[0].place) == ("Last-Event-ID", "header")
