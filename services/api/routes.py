"""The REST and SSE endpoints under /v1, and those for operators."""

from __future__ import annotations

from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from redis.exceptions import RedisError
from starlette.responses import Response

from services.api import parameters
from services.api.access import Access
from services.api.answering import (
    JSON,
    conditional,
    etag_of,
    etag_of_page,
    not_modified,
    page_json,
    unchanged,
    with_next,
)
from services.api.change_filters import StreamFilters, change_selection
from services.api.changes import ChangesChosen, Entry
from services.api.cursor import CursorError
from services.api.event_stream import Streams, resume_position
from services.api.filters import EventFilters, OneEvent, OneHistory
from services.api.metrics import Metrics
from services.api.past import as_it_stood, until
from services.api.problem import KINDS, Problem, invalid, unknown_event
from services.api.schema import answers
from services.api.store import EventStore
from services.contracts.api_keys import READ, SUBSCRIBE

METRICS_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def read_routes(store: EventStore, streams: Streams[Entry], access: Access) -> APIRouter:
    """Return the endpoints that read events."""
    router = APIRouter(prefix="/v1")
    reading, subscribing = [access.require(READ)], [access.require(SUBSCRIBE)]

    @router.get(
        "/events",
        summary="Events, newest change first",
        tags=["events"],
        dependencies=reading,
        responses=answers("EventPage", etag=True, gone=True),
        openapi_extra=parameters.describe(EventFilters),
    )
    async def list_events(request: Request) -> Response:
        filters = parameters.read(EventFilters, request)
        try:
            page = await store.page(filters.asked, filters.cursor)
        except CursorError as error:
            raise invalid("cursor", str(error)) from error
        return with_next(conditional(request, page_json(page), etag=etag_of_page(page)), request, page)

    @router.get(
        "/events/{event_id}",
        summary="One event with its evidence",
        tags=["events"],
        dependencies=reading,
        responses=answers("Event", etag=True, moved=True, missing="unknown-event", gone=True),
        openapi_extra=parameters.describe(OneEvent),
    )
    async def get_event(request: Request, event_id: str) -> Response:
        as_of = parameters.read(OneEvent, request).as_of if request.scope["query_string"] else ""
        if as_of:
            return _event_answer(request, as_it_stood(await store.states(event_id), event_id, as_of).whole(), as_of)
        packed = await store.packed(event_id)
        if packed is None:
            raise unknown_event(event_id)
        etag = etag_of(packed)  # what has not changed need not even be unpacked
        if unchanged(request, etag):
            return not_modified(etag)
        return _event_answer(request, store.state(packed).whole(), etag=etag)

    @router.get(
        "/events/{event_id}/history",
        summary="The last changes of one event, oldest first",
        tags=["events"],
        dependencies=reading,
        responses=answers("History", etag=True, missing="unknown-event", gone=True),
        openapi_extra=parameters.describe(OneHistory),
    )
    async def get_history(request: Request, event_id: str) -> Response:
        as_of = parameters.read(OneHistory, request).as_of
        states = await store.states(event_id)
        if as_of:
            states = until(states, event_id, as_of)
        elif not states:
            raise unknown_event(event_id)
        changes = [change for state in reversed(states) for change in orjson.loads(state.whole())["changes"]]
        return conditional(request, orjson.dumps({"changes": changes}))

    @router.get(
        "/feeds",
        summary="How the feeds do",
        description="The condition of each feed, the last decision about it and when it is asked next. Empty where the "
        "fetcher has no Redis to say it in.",
        tags=["feeds"],
        dependencies=reading,
        responses=answers("Feeds", etag=True),
    )
    async def list_feeds(request: Request) -> Response:
        parameters.refuse_all(request)
        return conditional(request, b'{"feeds":[' + b",".join(sorted(await store.feeds())) + b"]}")

    @router.get(
        "/changes",
        summary="Changes as they happen (server-sent events)",
        description="Events named `change` carry one change with the event's summary; `reset` says that changes were "
        "missed: load the state anew, then go on. See asyncapi.yaml.",
        tags=["changes"],
        dependencies=subscribing,
        responses=answers("ChangeMessage", media_type="text/event-stream"),
        openapi_extra=parameters.describe(StreamFilters),
    )
    async def stream_changes(request: Request) -> Response:
        filters = parameters.read(StreamFilters, request)
        chosen = ChangesChosen(change_selection(filters))
        return streams.open(chosen, resume_position(request, filters.last_event_id))

    return router


def operator_routes(store: EventStore, metrics: Metrics) -> APIRouter:
    """Return the endpoints for probes, scrapers and readers of problems."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz(_: Request) -> Response:
        return Response(b'{"status":"ok"}', media_type=JSON)

    @router.get("/readyz")
    async def readyz() -> Response:
        try:
            await store.ping()
        except (RedisError, OSError) as error:
            body = orjson.dumps({"status": "failing", "problem": f"Redis cannot be reached: {error}"})
            return Response(body, 503, media_type=JSON)
        return Response(b'{"status":"ok"}', media_type=JSON)

    @router.get("/metrics")
    async def get_metrics() -> Response:
        return Response(metrics.exposition(), media_type=METRICS_MEDIA_TYPE)

    @router.get("/problems/{kind}")
    async def get_problem(kind: str) -> Response:
        if kind not in KINDS:
            raise Problem("not-found", f"There is no problem {kind!r}: {', '.join(KINDS)} exist.")
        text = f"{KINDS[kind].title} (HTTP {KINDS[kind].status})\n\n{KINDS[kind].meaning}\n"
        return Response(text, media_type="text/plain; charset=utf-8")

    return router


def _event_answer(request: Request, body: bytes, as_of: str = "", etag: str = "") -> Response:
    """Answer with an event, or lead to the one it was merged into."""
    if b'"merged_into":""' in body:  # only a merged event is worth parsing; inside text the quotes are escaped
        return conditional(request, body, etag=etag)
    target = orjson.loads(body)["merged_into"]
    moved = Response(body, 308, media_type=JSON, headers={"Cache-Control": "no-cache"})
    moved.headers["Location"] = f"/v1/events/{target}" + (f"?{urlencode({'as_of': as_of})}" if as_of else "")
    return moved
