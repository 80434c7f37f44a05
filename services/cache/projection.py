"""Event → what Redis holds for it. Pure: equal events give equal bytes, which is what makes a rebuild exact."""

from __future__ import annotations

from dataclasses import dataclass

from services.cache.proto_json import to_json
from services.cache.representation import change_message, dumps, summary_of
from services.contracts import redis_model
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.instants import from_timestamp

TITLE_WORDS = 40
"""Words of a title that are indexed; a longer one is not a title."""

PARTICIPANTS = 50
"""Participants that are indexed, so that a list of hundreds of names cannot flood the indexes."""


@dataclass(frozen=True, slots=True)
class Projection:
    """One event state, ready to write."""

    event_id: str
    revision: int
    json: bytes
    summary: bytes
    member: str
    terms: tuple[str, ...]
    """Sorted, distinct."""
    changes: tuple[bytes, ...]
    """For the stream, in order: each change with the event's summary."""
    history: tuple[bytes, ...]
    """For the event's history: the same changes alone."""


def project(event: Event) -> Projection:
    """Return what to write for an event.

    Raises ValueError where the event has no id, no revision or no time of last change: it could not be found again.
    """
    if not event.id:
        raise ValueError("event without id: nothing can refer to it")
    if not event.revision:
        raise ValueError(f"event {event.id} without revision: revisions count from 1")
    if not event.HasField("last_changed"):
        raise ValueError(f"event {event.id} without last_changed: lists are ordered by it")
    document = to_json(event)
    summary = summary_of(document)
    changes = document["changes"]
    last_changed_us = redis_model.microseconds(from_timestamp(event.last_changed))
    return Projection(
        event_id=event.id,
        revision=event.revision,
        json=dumps(document),
        summary=dumps(summary),
        member=redis_model.member(last_changed_us, event.id),
        terms=index_terms(event),
        changes=tuple(dumps(change_message(change, summary)) for change in changes),
        history=tuple(dumps(change) for change in changes),
    )


def state_of(event: Event) -> str:
    """Return which of redis_model.STATES an event is in."""
    if event.merged_into:
        return "merged"
    return "retracted" if event.retracted else "live"


def index_terms(event: Event) -> tuple[str, ...]:
    """Return the terms under which an event is found."""
    terms = {
        redis_model.ALL_EVENTS,
        redis_model.state_term(state_of(event)),
        redis_model.sample_term(event.sample),
        redis_model.type_term(event.type),
        redis_model.topic_term(event.topic),
        redis_model.status_term(event.status),
    }
    terms.update(redis_model.source_term(domain) for origin in event.origins for domain in origin.domains)
    terms.update(redis_model.word_term(word) for word in redis_model.words(event.title)[:TITLE_WORDS])
    if event.place.country:
        terms.add(redis_model.country_term(event.place.country))
    for participant in event.participants[:PARTICIPANTS]:
        entity = participant.entity
        if entity.country:
            terms.add(redis_model.country_term(entity.country))
        name = entity.name or participant.text
        for value in (entity.id, name, *redis_model.words(name)):
            if value.strip():
                terms.add(redis_model.participant_term(value))
    return tuple(sorted(terms))
