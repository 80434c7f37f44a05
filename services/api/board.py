"""The board: pages for people, and the stream that keeps them fresh."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from services.api import parameters, sse
from services.api.access import Access
from services.api.answering import conditional
from services.api.change_filters import ChangeFilters, ChangeSelection, StreamFilters, change_selection
from services.api.changes import Entry
from services.api.cursor import CursorError
from services.api.event_stream import Streams, resume_position
from services.api.feed_rows import feed_rows
from services.api.filters import EventFilters, Name, index_query
from services.api.pages import Pages
from services.api.past import as_it_stood
from services.api.problem import invalid, unknown_event
from services.api.store import EventStore
from services.api.values import Box, Countries, Statuses, Topics, instant, split_commas
from services.api.view import card, detail, tick
from services.contracts.api_keys import READ

HTML = "text/html; charset=utf-8"
CARDS = 40
TICKS = 12


def _no_choice(value: object) -> object:
    """A form sends an empty value where nothing was chosen."""
    return split_commas(value) if value else []


class BoardFilters(BaseModel):
    """Parameters of the board's first page: those of the API that a person has use for."""

    model_config = ConfigDict(extra="ignore")  # people come here by links that carry anything

    topic: Annotated[Topics, BeforeValidator(_no_choice)] = Field(default_factory=list)
    status: Annotated[Statuses, BeforeValidator(_no_choice)] = Field(default_factory=list)
    country: Annotated[Countries, BeforeValidator(_no_choice)] = Field(default_factory=list)
    entity: Name = ""
    place: Name = ""
    box: Box = ""
    min_sources: Annotated[int, BeforeValidator(lambda value: value or 0)] = Field(default=0, ge=0, le=1_000)
    q: str = Field(default="", max_length=200)
    sort: Literal["last_changed", "first_seen", "time", "sources"] = "last_changed"
    as_of: Annotated[str, AfterValidator(lambda value: instant(value) if value else "")] = ""
    cursor: str = Field(default="", max_length=300)

    @property
    def followed(self) -> dict[str, Any]:
        """What the stream of changes can be filtered by too."""
        return self.model_dump(exclude_defaults=True, exclude={"sort", "as_of", "cursor"})

    @property
    def live(self) -> bool:
        """True where new changes belong at the top of what is shown."""
        return not self.cursor and not self.as_of and self.sort == "last_changed"


class BoardMoment(BaseModel):
    """Parameters of an event's page."""

    model_config = ConfigDict(extra="ignore")

    as_of: Annotated[str, AfterValidator(lambda value: instant(value) if value else "")] = ""


def board_routes(store: EventStore, streams: Streams[Entry], pages: Pages, access: Access) -> APIRouter:
    """Return the board's pages and their stream."""
    router = APIRouter(include_in_schema=False, dependencies=[access.require(READ)])

    @router.get("/")
    async def index(request: Request) -> Response:
        filters = parameters.read(BoardFilters, request)
        if filters.as_of and filters.sort != "last_changed":
            raise invalid("sort", "what was at a past moment comes by its last change: leave sort out")
        chosen = filters.model_dump(exclude_defaults=True, exclude={"cursor"})
        wanted = EventFilters.model_validate({**chosen, "view": "summary", "limit": CARDS})
        try:
            page = await store.page(index_query(wanted), filters.cursor)
        except CursorError as error:
            raise invalid("cursor", str(error)) from error
        selection = change_selection(ChangeFilters.model_validate(filters.followed))
        recent = (await store.changes.latest(TICKS * 4)).entries
        choices = urlencode(chosen, doseq=True)
        followed = urlencode(filters.followed, doseq=True)
        html = pages.index(
            cards=[card(event) for event in orjson.loads(b"[" + page.events + b"]")],
            ticks=[tick(entry.change) for entry in recent if selection.takes(entry.facets)][:TICKS],
            filters=filters,
            followed=followed,
            choices=choices,
            position=page.position,
            older=f"/?{choices}&{urlencode({'cursor': page.next_cursor})}" if page.next_cursor else "",
            newest=filters.live,
            not_kept=page.not_kept or 0,
            feed_query=f"?{followed}" if followed else "",
        )
        return conditional(request, html.encode(), HTML)

    @router.get("/events/{event_id}")
    async def event_page(request: Request, event_id: str) -> Response:
        position = (await store.changes.state()).last
        as_of = parameters.read(BoardMoment, request).as_of
        states = await store.states(event_id)
        if not states:
            raise unknown_event(event_id)
        shown = as_it_stood(states, event_id, as_of) if as_of else states[0]
        history = [
            change
            for state in reversed(states)
            if state.revision <= shown.revision
            for change in orjson.loads(state.whole())["changes"]
        ]
        event = detail(orjson.loads(shown.whole()), history)
        html = pages.detail(event, sse.format_position(position), as_of)
        return conditional(request, html.encode(), HTML)

    @router.get("/feeds")
    async def feeds_page(request: Request) -> Response:
        feeds = [orjson.loads(feed) for feed in await store.feeds()]
        return conditional(request, pages.feeds(feed_rows(feeds)).encode(), HTML)

    @router.get("/board/changes")
    async def live(request: Request) -> Response:
        filters = parameters.read(StreamFilters, request)
        chosen = UpdatesChosen(change_selection(filters), pages)
        return streams.open(chosen, resume_position(request, filters.last_event_id))

    @router.get("/favicon.ico")
    async def favicon() -> Response:
        return RedirectResponse("/static/icon.svg", 308)

    return router


@dataclass(frozen=True, slots=True)
class UpdatesChosen:
    """What boards with the same filters get of a change."""

    selection: ChangeSelection
    pages: Pages = field(compare=False)

    def __call__(self, entry: Entry) -> bytes | None:
        """Return what ``update`` says."""
        return update(entry, self.selection, self.pages)


def update(entry: Entry, selection: ChangeSelection, pages: Pages) -> bytes | None:
    """Return what a board gets of a change: the event's new card, or that the event no longer belongs on the board.

    None for a kind of change that it does not ask for: that says nothing about where the event belongs.
    """
    if not selection.takes_kind(entry.facets.kind):
        return None
    if selection.takes(entry.facets):
        return entry.rendered("card", lambda entry: _card_frame(entry, pages))
    return entry.rendered("gone", lambda entry: _frame(entry, {"event_id": entry.facets.event_id}))


def _card_frame(entry: Entry, pages: Pages) -> bytes:
    shown = card(entry.change["event"])
    return _frame(
        entry,
        {
            "event_id": entry.facets.event_id,
            "card": pages.card(shown) if shown.state == "live" else None,
            "tick": pages.tick(tick(entry.change)),
            "sample": shown.sample,
        },
    )


def _frame(entry: Entry, data: dict[str, object]) -> bytes:
    return sse.frame("update", entry.position, orjson.dumps(data))
