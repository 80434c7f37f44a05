"""Any query of events as a feed: the parameters of GET /v1/events, for feed readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from services.api import parameters
from services.api.access import Access
from services.api.answering import conditional
from services.api.cursor import CursorError
from services.api.feeds import ATOM, JSON_FEED, Json, Links, atom, json_feed
from services.api.filters import EventFilters
from services.api.problem import invalid
from services.api.schema import problem_answer
from services.api.store import EventStore
from services.contracts.api_keys import READ

Render = Callable[[Sequence[Json], str, Links], bytes]


def feed_routes(store: EventStore, access: Access) -> APIRouter:
    """Return the endpoints of feeds."""
    router = APIRouter(prefix="/v1", tags=["events"], dependencies=[access.require(READ)])

    async def page(request: Request, render: Render, media_type: str) -> Response:
        filters = parameters.read(EventFilters, request)
        try:
            found = await store.page(filters.asked, filters.cursor)
        except CursorError as error:
            raise invalid("cursor", str(error)) from error
        following = str(request.url.include_query_params(cursor=found.next_cursor)) if found.next_cursor else ""
        first = str(request.url.remove_query_params("cursor") if filters.cursor else request.url)
        links = Links(str(request.url), first, following, str(request.base_url))
        body = render(orjson.loads(b"[" + found.events + b"]"), _title(filters), links)
        return conditional(request, body, f"{media_type}; charset=utf-8")

    @router.get(
        "/events.atom",
        summary="Events as an Atom feed",
        description="Takes what GET /v1/events takes. Entries keep their id and are updated by each revision.",
        responses=_answers(ATOM, {"type": "string"}),
        openapi_extra=parameters.describe(EventFilters),
    )
    async def events_atom(request: Request) -> Response:
        return await page(request, atom, ATOM)

    @router.get(
        "/events.json",
        summary="Events as a JSON Feed",
        description="Takes what GET /v1/events takes. Items keep their id and are updated by each revision.",
        responses=_answers(JSON_FEED, {"type": "object"}),
        openapi_extra=parameters.describe(EventFilters),
    )
    async def events_json(request: Request) -> Response:
        return await page(request, json_feed, JSON_FEED)

    return router


def _title(filters: EventFilters) -> str:
    chosen = [
        *filters.topic,
        *filters.type,
        *filters.status,
        *filters.country,
        filters.entity,
        filters.place,
        filters.q,
    ]
    wanted = ", ".join(part for part in chosen if part)
    return f"Dateline: {wanted}" if wanted else "Dateline: world events"


def _answers(media_type: str, schema: Json) -> dict[int | str, Json]:
    return {
        200: {"description": "OK", "content": {media_type: {"schema": schema}}},
        304: {"description": "Unchanged since the ETag in If-None-Match."},
        400: problem_answer("invalid-parameter"),
        410: problem_answer("state-not-kept"),
        503: problem_answer("store-unavailable"),
    }
