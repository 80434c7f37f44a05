"""The endpoints around events: articles, stories, the ontology and what there is of it."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.api import parameters, phrases
from services.api.access import Access
from services.api.answering import conditional, page_json, with_next
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
        "with very many articles only the best are named.",
        tags=["articles"],
        responses=answers("ArticleEvents", etag=True, missing="unknown-article"),
    )
    async def get_article(request: Request, article_id: str) -> Response:
        events = [orjson.loads(state.whole()) for state in await store.told_by(article_id)] if is_id(article_id) else []
        if not events:
            raise Problem(
                "unknown-article",
                f"No event was told by an article {article_id!r}: ids of articles stand in the evidence of events.",
            )
        return conditional(request, orjson.dumps(article_document(article_id, events)))

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
        return with_next(conditional(request, page_json(page)), request, page)

    @router.get("/types", summary="The ontology", tags=["ontology"], responses=answers("Ontology", etag=True))
    async def get_types(request: Request) -> Response:
        return conditional(request, types)

    @router.get(
        "/topics",
        summary="The topics, with how many live events each has",
        tags=["ontology"],
        responses=answers("TopicList", etag=True),
    )
    async def get_topics(request: Request) -> Response:
        counted = (await statistics.counts())["by"]["topic"]
        topics = [
            {"name": name, "title": phrases.topic(name), "events": counted.get(name, 0)} for name in TOPIC_FAMILIES
        ]
        return conditional(request, orjson.dumps({"topics": topics}))

    @router.get(
        "/stats",
        summary="How many events there are, of what, and how many come",
        description="Counts are some seconds old at most. `by` counts live events; an event counts for every country "
        "that takes part.",
        tags=["ontology"],
        responses=answers("Statistics", etag=True),
    )
    async def get_stats(request: Request) -> Response:
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


def article_document(article_id: str, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is known of an article from the events it tells, given as JSON."""
    told = []
    about: dict[str, Any] = {}
    counted = ("", 0)  # the state that was made last knows of most copies
    for event in sorted(events, key=lambda each: (each["first_seen"], each["id"])):
        evidence = [each for each in event["evidence"] if each["article_id"] == article_id]
        changes = [each for each in event["changes"] if each["article_id"] == article_id]
        for each in evidence:
            about = about or {
                "url": each["article_url"],
                "title": each["article_title"],
                "source": each.get("source"),
                "published_at": each.get("published_at"),
                "first_seen_at": each.get("first_seen_at"),
            }
            counted = max(counted, (event["last_changed"], each.get("copies", 0)))
        for change in changes:
            about = about or {"url": change["article_url"]}
        told.append(
            {
                "event_id": event["id"],
                "title": event["title"],
                "type": event["type"],
                "topic": event["topic"],
                "status": event["status"],
                "state": "merged" if event["merged_into"] else "retracted" if event["retracted"] else "live",
                "evidence": evidence,
            }
        )
    if counted[0]:
        about["copies"] = counted[1]
    return {"id": article_id, **about, "events": told}


def _ontology() -> dict[str, object]:
    return {
        "types": [
            {"name": row.name, "topic": row.topic, "plover": row.plover, "meaning": row.meaning}
            for row in event_types().values()
        ],
        "topics": TOPIC_FAMILIES,
        "statuses": STATUSES,
    }
