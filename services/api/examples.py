"""Examples of what the API answers: one event, and what follows from it. All else is filled in from its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from services.contracts.dateline.v1.article_pb2 import Source
from services.contracts.dateline.v1.event_pb2 import (
    Change,
    Codes,
    Entity,
    Event,
    EventTime,
    Evidence,
    FieldChange,
    Origin,
    Participant,
    Place,
    Quantity,
    QuantityState,
    SourcedQuantity,
    Span,
    StatusMove,
)
from services.contracts.event_forms import LEFT_OUT_OF_QUANTITIES, LEFT_OUT_OF_SUMMARY, SUMMARY_OF_CHANGE
from services.contracts.ids import derive
from services.contracts.instants import from_rfc3339, to_timestamp
from services.contracts.proto_json import to_json

Json = dict[str, Any]

INSTANT: Final = "2031-11-19T09:00:00Z"
EVENT_ID: Final = derive("event", "example")
ARTICLE_ID: Final = derive("article", "example")
STORY_ID: Final = derive("story", "example")
CHANGE_POSITION: Final = "1952845200000-0"
SENTENCE: Final = "A ferry sank off Kisumu on Wednesday, and at least 12 people drowned, the coast guard said."

WEBHOOK_ID: Final = "wh_5f3a1c0e9b7d2846a1c0e9b7"
RULE_ID: Final = "al_0b6d94e2c7f1385ad0e2c7f1"

PATH_PARAMETERS: Final[Mapping[str, str]] = {"event_id": EVENT_ID, "article_id": ARTICLE_ID, "story_id": STORY_ID}
OWN_PARAMETERS: Final[Mapping[str, str]] = {"webhook_id": WEBHOOK_ID, "rule_id": RULE_ID}
"""Ids of what a caller has made itself."""


def event() -> Json:
    """Return an event."""
    at = to_timestamp(from_rfc3339(INSTANT))
    mention, source = derive("mention", "example"), Source(domain="example.org", name="The Example", country="KEN")
    toll = Quantity(value=12, unit="people", qualifier="at_least", measure="killed", text="at least 12 people")
    url = "https://example.org/ferry"
    change = Change(
        id=derive("change", "example"),
        event_id=EVENT_ID,
        revision=1,
        kind="created",
        fields=[FieldChange(field="status", before="", after='"occurred"')],
        mention_id=mention,
        article_id=ARTICLE_ID,
        article_url=url,
        at=at,
        topic="disaster-accident",
        type="transport-accident",
        title="Ferry sinks off Kisumu, at least 12 dead",
        status="occurred",
    )
    return to_json(
        Event(
            id=EVENT_ID,
            type=change.type,
            topic=change.topic,
            title=change.title,
            status=change.status,
            status_history=[StatusMove(status=change.status, at=at, mention_id=mention, article_url=url)],
            participants=[
                Participant(role="subject", text="A ferry", entity=Entity(id="group:ferry", name="ferry", kind="group"))
            ],
            place=Place(
                text="Kisumu", name="Kisumu", country="KEN", lat=-0.1, lon=34.75, geonames_id=191245, precision="city"
            ),
            time=EventTime(start="2031-11-19", end="2031-11-19", granularity="day", text="Wednesday", origin="text"),
            quantities=[
                QuantityState(
                    measure="killed",
                    unit="people",
                    latest=toll,
                    low=12,
                    high=12,
                    reports=[SourcedQuantity(source_domain="example.org", quantity=toll, mention_id=mention, at=at)],
                )
            ],
            first_seen=at,
            last_changed=at,
            revision=1,
            independent_sources=["example.org"],
            evidence=[
                Evidence(
                    mention_id=mention,
                    article_id=ARTICLE_ID,
                    article_url=url,
                    article_title="Ferry sinks off Kisumu",
                    source=source,
                    text=SENTENCE,
                    span=Span(start=0, end=len(SENTENCE)),
                    trigger_span=Span(start=8, end=12),
                    status="occurred",
                    published_at=at,
                    first_seen_at=at,
                    confidence=0.97,
                )
            ],
            evidence_total=1,
            story_ids=[STORY_ID],
            confidence=0.97,
            codes=Codes(iptc="disaster-accident"),
            changes=[change],
            origins=[Origin(name="example.org", kind="outlet", domains=["example.org"], first_told_at=at)],
        )
    )


def example_of(name: str, schemas: Mapping[str, Json], inside: frozenset[str] = frozenset()) -> Any:
    """Return an example of a named schema. ``inside`` are the names around it: what holds itself must end."""
    whole = event()
    summary = {key: value for key, value in whole.items() if key not in LEFT_OUT_OF_SUMMARY}
    summary["quantities"] = [_without(each, LEFT_OUT_OF_QUANTITIES) for each in whole["quantities"]]
    summary["changes"] = [{key: each[key] for key in SUMMARY_OF_CHANGE} for each in whole["changes"]]
    page = {"next_cursor": None, "position": CHANGE_POSITION}
    known: dict[str, Any] = {
        "Event": whole,
        "EventSummary": summary,
        "EventPage": {"events": [whole], **page},
        "EventSummaryPage": {"events": [summary], **page},
        "History": {"changes": whole["changes"]},
        "Evidence": whole["evidence"][0],
        "Change": whole["changes"][0],
        "ChangeMessage": {**whole["changes"][0], "event": summary},
    }
    return known[name] if name in known else filled(schemas[name], schemas, inside | {name})


def filled(schema: Json, schemas: Mapping[str, Json], inside: frozenset[str] = frozenset()) -> Any:
    """Return something that fits a schema."""
    if "$ref" in schema:
        return example_of(_name(schema), schemas, inside)
    for known in ("example", "const", "default"):
        if known in schema:
            return schema[known]
    for many in ("examples", "enum"):
        if many in schema:
            return schema[many][0]
    for combined in ("anyOf", "oneOf"):
        if combined in schema:
            ending = [each for each in schema[combined] if _name(each) not in inside and not _holds(each, inside)]
            return filled((ending or schema[combined])[0], schemas, inside)
    if "allOf" in schema:
        return {key: value for part in schema["allOf"] for key, value in filled(part, schemas, inside).items()}
    kind = schema.get("type", "object")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            return {key: filled(each, schemas, inside) for key, each in schema.get("properties", {}).items()}
        case "array":
            items = schema.get("items", {})
            return (
                [] if _name(items) in inside else [filled(items, schemas, inside)] * max(1, schema.get("minItems", 1))
            )
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case "null":
            return None
    return INSTANT if schema.get("format") == "date-time" else "text"


def _name(schema: Json) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _holds(schema: Json, names: frozenset[str]) -> bool:
    """True where a schema speaks of one of some names."""
    return any(f'"#/components/schemas/{name}"' in orjson.dumps(schema).decode() for name in names)


def _without(document: Json, names: tuple[str, ...]) -> Json:
    return {key: value for key, value in document.items() if key not in names}
