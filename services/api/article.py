"""An article as events tell of it: what it tells, and what its revisions changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from services.api.revisions import AHEAD, lineage_of, revision_documents, revisions_of
from services.api.store import EventStore

Json = dict[str, Any]


async def read_article(store: EventStore, article_id: str) -> Json | None:
    """Return what GET /v1/articles/{id} answers; None where no event names the article (32 hex digits)."""
    (named,) = await store.naming([article_id])
    events = await _states(store, named)
    if not events:
        return None
    document = article_document(article_id, [states[-1] for states in events.values()])
    lineage, latest = lineage_of(article_id, events.values())
    return {**document, "revisions": await _revisions(store, lineage, latest, events) if lineage else []}


async def _revisions(store: EventStore, lineage: str, upto: int, events: Mapping[str, list[Json]]) -> list[Json]:
    held = dict(events)
    while True:  # each look may find a later revision, which others may follow
        found = await store.naming(revisions_of(lineage, upto + AHEAD))
        named = {number: event_ids for number, event_ids in enumerate(found, start=1) if event_ids}
        if max(named, default=0) <= upto:
            break
        upto = max(named)
    held |= await _states(store, sorted({each for event_ids in named.values() for each in event_ids} - held.keys()))
    there = {number: [each for each in event_ids if each in held] for number, event_ids in named.items()}
    return revision_documents(lineage, there, held)


async def _states(store: EventStore, event_ids: list[str]) -> dict[str, list[Json]]:
    """Return the states of events, the oldest first, by their ids."""
    found = {}
    for event_id in event_ids:
        states = await store.states(event_id)
        if states:
            found[event_id] = [orjson.loads(state.whole()) for state in reversed(states)]
    return found


def article_document(article_id: str, events: list[Json]) -> Json:
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
