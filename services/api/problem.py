"""Errors as RFC 9457 problem details: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import orjson

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem, named by the last part of its type URI."""

    status: int
    title: str
    meaning: str


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "invalid-parameter": Kind(
            400,
            "A parameter is wrong",
            "The member errors names each parameter or header that was wrong and says what it may be. "
            "/openapi.json describes all of them.",
        ),
        "unknown-event": Kind(
            404,
            "No such event",
            "No event has this id. Ids come from GET /v1/events and from the stream of changes and never change.",
        ),
        "unknown-article": Kind(
            404,
            "No such article",
            "No event that is kept was told by an article of this id. Ids stand in the evidence of events.",
        ),
        "unknown-story": Kind(
            404, "No such story", "No live event belongs to a story of this id. Ids stand in story_ids of events."
        ),
        "state-not-kept": Kind(
            410,
            "That state is not kept",
            "It is not known what was at the moment in as_of: of each event a limited number of earlier states is "
            "kept, events that have not changed for long leave the store, and a store written anew knows only what the "
            "log still held. The member detail says what is kept.",
        ),
        "not-found": Kind(404, "No such page", "Nothing lives at this address. /openapi.json lists all addresses."),
        "wrong-method": Kind(405, "Method not allowed", "The header Allow says what this address takes."),
        "key-needed": Kind(
            401,
            "A key is needed",
            "Send a key of this API as `Authorization: Bearer KEY`, or as the password of Basic authentication. An "
            "operator makes one with `dateline keys add`.",
        ),
        "scope-missing": Kind(
            403, "The key is not good for this", "The member detail names the scope that is needed and those there are."
        ),
        "too-many-requests": Kind(
            429,
            "Too many requests",
            "The key has used up its requests of this minute. Try again after the seconds in Retry-After; the headers "
            "RateLimit and RateLimit-Policy of every answer say how many are left.",
        ),
        "invalid-body": Kind(
            400,
            "The body is wrong",
            "The member errors names each wrong member of the JSON body and says what it may be. /openapi.json "
            "describes all of them.",
        ),
        "wrong-content": Kind(
            415, "The body is no JSON", "Send an object as JSON, with the header Content-Type: application/json."
        ),
        "body-too-large": Kind(413, "The body is too large", "The member detail says how large a body may be."),
        "other-site": Kind(
            403,
            "A page of another site may not do this",
            "Browsers send along which site a request comes from. Only this API's own pages, and programs, may make, "
            "change or remove something.",
        ),
        "unknown-webhook": Kind(
            404, "No such webhook", "No webhook of yours has this id. GET /v1/webhooks lists them."
        ),
        "unknown-alert": Kind(
            404, "No such alert rule", "No alert rule of yours has this id. GET /v1/alerts lists them."
        ),
        "no-longer-kept": Kind(
            409,
            "What is asked for is no longer kept",
            "Streams keep the latest changes only. The state of all events is at GET /v1/events.",
        ),
        "too-many": Kind(
            409,
            "There are as many as there may be",
            "Remove one that is no longer needed, or ask the operator for more.",
        ),
        "too-many-subscribers": Kind(
            503,
            "Too many subscribers",
            "This process serves as many streams as it may. Try again after the seconds in Retry-After.",
        ),
        "store-unavailable": Kind(
            503,
            "The event store cannot be reached",
            "The server cannot reach its Redis. Try again after the seconds in Retry-After; an operator sees the "
            "cause at /readyz.",
        ),
        "failure": Kind(
            500,
            "The server failed",
            "Something went wrong that is not the client's fault. The server's log tells more.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one parameter or header."""

    parameter: str
    place: str
    """query, path or header."""
    detail: str


@dataclass(eq=False)  # an exception is itself, and Python writes its traceback into it
class Problem(Exception):
    """A problem to answer a request with."""

    kind: str
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.kind].status

    def body(self, instance: str) -> bytes:
        """Return the problem as JSON. ``instance`` is the path that was asked for."""
        document: dict[str, object] = {
            "type": f"/problems/{self.kind}",
            "title": KINDS[self.kind].title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
        }
        if self.errors:
            document["errors"] = [
                {"parameter": error.parameter, "in": error.place, "detail": error.detail} for error in self.errors
            ]
        return orjson.dumps(document)


def invalid(parameter: str, detail: str, place: str = "query") -> Problem:
    """Return the problem of one wrong parameter."""
    return invalid_parameters([FieldError(parameter, place, detail)])


def invalid_parameters(errors: Sequence[FieldError]) -> Problem:
    """Return the problem of several wrong parameters."""
    detail = "; ".join(f"{error.parameter}: {error.detail}" for error in errors)
    return Problem("invalid-parameter", detail, errors)


def store_unavailable() -> Problem:
    """Return the problem of an unreachable Redis."""
    return Problem(
        "store-unavailable", "Events cannot be read now: try again in a few seconds.", headers={"Retry-After": "5"}
    )


def unknown_event(event_id: str) -> Problem:
    """Return the problem of an id that no event has."""
    return Problem("unknown-event", f"No event has the id {event_id!r}: ids come from GET /v1/events.")
