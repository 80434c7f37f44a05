"""The endpoints around events: articles, stories, the ontology and what there is of it."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.api import parameters, phrases
from services.api.access import Access
from services.api.answering import conditional, etag_of_page, page_json, with_next
from services.api.article import read_article
from services.api.cursor import CursorError
from services.api.filters import EventFilters, IndexQuery, index_query
from services.api.problem import Problem, invalid
from services.api.schema import answers
from services.api.statistics import Statistics
from services.api.store import EventStore
from services.contracts import redis_model
from services.contracts.api_keys import READ
from services.contracts.event_index import is_id
from services.contracts.ontology import STATUSES, TOPIC_FAMILIES, event_types


class StoryFilters(BaseModel):
    """Parameters of GET /v1/stories/{id}."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=200, description="Events on a page.")
    cursor: str = Field(default="", max_length=300, description="next_cursor of the page before.")


def browse_routes(store: EventStore, statistics: Statistics, access: Access) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix="/v1", dependencies=[access.require(READ)])
    types = orjson.dumps(_ontology())

    @router.get(
        "/articles/{article_id}",
        summary="What one article tells",
        description="The events for which the article is evidence, or caused a change, with its sentences. Of an event "
        "with very many articles only the best are named. `revisions` are those that left a trace in events, the "
        "oldest first, each with what it changed: its title; an event it told that the one before did not, or told "
        "with another status; an event that the one before told and it does not (withdrawn), with when the event went "
        "on without it.",
        tags=["articles"],
        responses=answers("ArticleEvents", etag=True, missing="unknown-article"),
    )
    async def get_article(request: Request, article_id: str) -> Response:
        parameters.refuse_all(request)
        document = await read_article(store, article_id) if is_id(article_id) else None
        if document is None:
            raise Problem(
                "unknown-article",
                f"No event was told by an article {article_id!r}: ids of articles stand in the evidence of events.",
            )
        return conditional(request, orjson.dumps(document))

    @router.get(
        "/stories/{story_id}",
        summary="The events of one story, newest change first",
        description="Events are given as summaries.",
        tags=["stories"],
        responses=answers("EventSummaryPage", etag=True, missing="unknown-story"),
        openapi_extra=parameters.describe(StoryFilters),
    )
    async def get_story(request: Request, story_id: str) -> Response:
        filters = parameters.read(StoryFilters, request)
        try:
            page = await store.page(story_query(story_id, filters.limit), filters.cursor)
        except CursorError as error:
            raise invalid("cursor", str(error)) from error
        if not page.events and not filters.cursor:
            raise Problem(
                "unknown-story", f"No event belongs to a story {story_id!r}: ids stand in story_ids of events."
            )
        return with_next(conditional(request, page_json(page), etag=etag_of_page(page)), request, page)

    @router.get("/types", summary="The ontology", tags=["ontology"], responses=answers("Ontology", etag=True))
    async def get_types(request: Request) -> Response:
        parameters.refuse_all(request)
        return conditional(request, types)

    @router.get(
        "/topics",
        summary="The topics, with how many live events each has",
        tags=["ontology"],
        responses=answers("TopicList", etag=True),
    )
    async def get_topics(request: Request) -> Response:
        parameters.refuse_all(request)
        counted = (await statistics.counts())["by"]["topic"]
        topics = [
            {"name": name, "title": phrases.topic(name), "events": counted.get(name, 0)} for name in TOPIC_FAMILIES
        ]
        return conditional(request, orjson.dumps({"topics": topics}))

    @router.get(
        "/stats",
        summary="How many events there are, of what, and how many come",
        description="Counts are some seconds old at most. `by` counts live events; an event counts for every country "
        "that takes part. `lag` tells how long the latest changes (200 at most) of the last `over_s` seconds took to "
        "be told: since a report was first seen, which is the work of all stages; and, of new events, since the first "
        "report was published, polling included. null: nothing came.",
        tags=["ontology"],
        responses=answers("Statistics", etag=True),
    )
    async def get_stats(request: Request) -> Response:
        parameters.refuse_all(request)
        return conditional(request, orjson.dumps(await statistics.counts()))

    return router


def story_query(story_id: str, limit: int) -> IndexQuery:
    """Return the query for the live events of a story."""
    query = index_query(EventFilters(view="summary", limit=limit))
    return IndexQuery(
        dimensions=(*query.dimensions, (redis_model.story_term(story_id),)),
        ranges=(),
        order=query.order,
        descending=True,
        as_of_us=None,
        summary=True,
        limit=limit,
    )


def _ontology() -> dict[str, object]:
    return {
        "types": [
            {"name": row.name, "topic": row.topic, "plover": row.plover, "meaning": row.meaning}
            for row in event_types().values()
        ],
        "topics": TOPIC_FAMILIES,
        "statuses": STATUSES,
    }
