"""Event → what Redis holds for it. Pure: equal events give equal bytes, which is what makes a rebuild exact."""

from __future__ import annotations

from dataclasses import dataclass

from services.cache.representation import change_message, dumps, summary_of, text_of_event
from services.contracts import redis_model
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.event_index import Json, articles_of, is_id, ranks_of, terms_of
from services.contracts.instants import from_timestamp
from services.contracts.proto_json import to_json
from services.contracts.state_codec import State


@dataclass(frozen=True, slots=True)
class Entries:
    """Where an event is found."""

    terms: frozenset[str]
    ranks: dict[str, float]
    articles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Projection:
    """One event state, ready to write."""

    event_id: str
    state: State
    entries: Entries
    changes: tuple[bytes, ...]
    """For the stream, in order: each change with the event's summary, as JSON."""


def project(event: Event) -> Projection:
    """Return what to write for an event.

    Raises ValueError where the event has no id, no revision or no time of last change: it could not be found again.
    """
    if not event.id:
        raise ValueError("event without id: nothing can refer to it")
    if not is_id(event.id):
        raise ValueError(f"{event.id!r} is no id of an event: ids are 32 hex digits, see services/contracts/ids.py")
    if not event.revision:
        raise ValueError(f"event {event.id} without revision: revisions count from 1")
    if not event.HasField("last_changed"):
        raise ValueError(f"event {event.id} without last_changed: lists are ordered by it")
    document = to_json(event)
    summary = summary_of(document)
    return Projection(
        event_id=event.id,
        state=State(
            event.revision,
            max(redis_model.microseconds(from_timestamp(event.last_changed)), 0),
            text_of_event(document, summary),
        ),
        entries=entries_of(document),
        changes=tuple(dumps(change_message(change, summary)) for change in document["changes"]),
    )


def entries_of(document: Json) -> Entries:
    """Return where an event with this JSON is found."""
    return Entries(terms_of(document), ranks_of(document), articles_of(document))
