"""JSON schemas of what the API answers, derived from the Protobuf descriptors, so that they cannot drift from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from services.api import problem
from services.api.statistics import SPANS
from services.contracts.dateline.v1.event_pb2 import Change, Event
from services.contracts.event_forms import LEFT_OUT_OF_QUANTITIES, LEFT_OUT_OF_SUMMARY, SUMMARY_OF_CHANGE
from services.contracts.ontology import STATUSES, TOPIC_FAMILIES
from services.contracts.redis_model import STATES

Json = dict[str, Any]

FEED_INSTANTS: Final = (
    "next_at", "failing_since", "last_success_at", "newest_at", "last_gap_at", "retired_at", "pushed_until",
)  # fmt: skip

TIMESTAMP: Final = "google.protobuf.Timestamp"

_SCALARS: Final[dict[int, Json]] = {
    FieldDescriptor.TYPE_DOUBLE: {"type": "number"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_INT32: {"type": "integer"},
    FieldDescriptor.TYPE_UINT32: {"type": "integer"},
    FieldDescriptor.TYPE_UINT64: {"type": "integer"},
}


def components() -> dict[str, Json]:
    """Return all named schemas."""
    schemas = {message.name: _message(message) for message in _reachable(Event.DESCRIPTOR, Change.DESCRIPTOR)}
    schemas |= _summaries(schemas)
    schemas["EventPage"] = _page({"anyOf": [ref("Event"), ref("EventSummary")]})
    schemas["EventSummaryPage"] = _page(ref("EventSummary"))
    schemas |= _around_events()
    schemas["History"] = object_of({"changes": {"type": "array", "items": ref("Change")}})
    schemas["ChangeMessage"] = {
        "description": "Data of an event named change: the change with the event as it stands after it, without the "
        "long parts (evidence, reports by source, codes, stories, related events).",
        "allOf": [ref("Change"), object_of({"event": ref("EventSummary")})],
    }
    schemas["Feeds"] = object_of({"feeds": {"type": "array", "items": object_of(_feed())}})
    schemas["Ontology"] = object_of(
        {
            "types": {
                "type": "array",
                "items": object_of({name: {"type": "string"} for name in ("name", "topic", "plover", "meaning")}),
            },
            "topics": {"type": "array", "items": {"enum": list(TOPIC_FAMILIES)}},
            "statuses": {"type": "array", "items": {"enum": list(STATUSES)}},
        }
    )
    field_error = object_of({name: {"type": "string"} for name in ("parameter", "in", "detail")})
    schemas["Problem"] = {
        "type": "object",
        "description": "RFC 9457 problem details.",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
            "errors": {"type": "array", "items": field_error},
        },
        "required": ["type", "title", "status", "detail", "instance"],
    }
    return schemas


def _feed() -> Json:
    instant = {"type": ["string", "null"], "format": "date-time"}
    decision = {
        "description": "What happened at the last poll and what followed from it; null before the first.",
        "type": ["object", "null"],
        "properties": {
            **{name: {"type": "string"} for name in ("decision", "reason", "validators", "next_because")},
            **{name: {"type": "integer"} for name in ("status", "bytes", "published")},
            **{name: {"type": "string", "format": "date-time"} for name in ("at", "next_at")},
            "gap": {"type": "boolean"},
        },
    }
    return {
        **{name: {"type": "string"} for name in ("url", "title", "category", "address", "next_because", "last_error")},
        "condition": {"enum": ["waiting", "fine", "failing", "quarantined", "paused", "retired"]},
        "sample": {"type": "boolean"},
        **dict.fromkeys(FEED_INSTANTS, instant),
        **{name: {"type": "integer"} for name in ("polls", "errors", "gaps")},
        "items_a_day": {"type": ["number", "null"]},
        "last": decision,
    }


def _page(item: Json) -> Json:
    page = object_of(
        {
            "events": {"type": "array", "items": item, "description": "In the order asked for."},
            "next_cursor": {
                "type": ["string", "null"],
                "description": "Pass it as cursor for the next page; null on the last one. "
                "A page may be short and still have a next one.",
            },
            "position": {
                "type": "string",
                "description": "Where the changes stream stood: GET /v1/changes?last_event_id=<position> goes on "
                "from this page without a gap.",
            },
        }
    )
    page["properties"]["not_kept"] = {
        "type": "integer",
        "minimum": 0,
        "description": "Only with as_of: of so many events at most, whatever the filters, it is not known what they "
        "were at that moment, so that they are missing here. 0: the list has every event that changed since the moment "
        "from which lists are kept.",
    }
    return page


def _summaries(schemas: dict[str, Json]) -> dict[str, Json]:
    """Return the schemas of an event's short form, after those of the long one."""
    change = _some(schemas["Change"], lambda name: name in SUMMARY_OF_CHANGE)
    quantity = _some(schemas["QuantityState"], lambda name: name not in LEFT_OUT_OF_QUANTITIES)
    event = _some(schemas["Event"], lambda name: name not in LEFT_OUT_OF_SUMMARY)
    event["properties"] |= {
        "quantities": {"type": "array", "items": ref("QuantitySummary")},
        "changes": {"type": "array", "items": ref("ChangeSummary")},
    }
    return {"ChangeSummary": change, "QuantitySummary": quantity, "EventSummary": event}


def _some(schema: Json, wanted: Callable[[str], bool]) -> Json:
    return {
        "type": "object",
        "properties": {name: each for name, each in schema["properties"].items() if wanted(name)},
        "required": [name for name in schema["required"] if wanted(name)],
    }


def _around_events() -> dict[str, Json]:
    """Return the schemas of articles, topics and statistics."""
    count = {"type": "integer", "minimum": 0}
    text = {"type": "string"}
    counts = {"type": "object", "additionalProperties": count}
    instant = {"type": ["string", "null"], "format": "date-time"}
    told = object_of(
        {
            **dict.fromkeys(("event_id", "title", "type", "topic", "status"), text),
            "state": {"enum": list(STATES)},
            "evidence": {"type": "array", "items": ref("Evidence")},
        }
    )
    maybe = {"type": ["string", "null"]}
    change = object_of(
        {
            "what": {"enum": ["title", "told", "status", "withdrawn"]},
            **dict.fromkeys(("event_id", "event_title", "before", "after"), maybe),
            "at": instant,
        }
    )
    revision = object_of(
        {
            "id": text,
            "revision": {"type": "integer", "minimum": 1},
            "title": maybe,
            "published_at": instant,
            "first_seen_at": instant,
            "events": {"type": "array", "items": text, "description": "Ids of the events that it tells."},
            "changes": {
                "type": "array",
                "items": change,
                "description": "What differs from the revision before. `before` and `after` are titles, else statuses.",
            },
        }
    )
    article = object_of(
        {
            "id": text,
            "events": {"type": "array", "items": told, "minItems": 1},
            "revisions": {"type": "array", "items": revision},
        }
    )
    article["properties"] |= {
        "url": text,
        "title": text,
        "source": {"anyOf": [ref("Source"), {"type": "null"}]},
        "published_at": instant,
        "first_seen_at": instant,
        "copies": {**count, "description": "Articles seen so far that repeat its text; missing where it is not named."},
    }
    spans = object_of({f"last_{name}": count for name in SPANS})
    seconds = {"type": "number", "minimum": 0}
    spread = object_of({"count": count, "p50_s": seconds, "p95_s": seconds, "max_s": seconds})
    delays = {"anyOf": [spread, {"type": "null"}]}
    return {
        "ArticleEvents": article,
        "TopicList": object_of(
            {"topics": {"type": "array", "items": object_of({"name": text, "title": text, "events": count})}}
        ),
        "Statistics": object_of(
            {
                "events": count,
                "states": object_of(dict.fromkeys(STATES, count)),
                "by": object_of(dict.fromkeys(("status", "topic", "type", "country", "activity"), counts)),
                "first_seen": spans,
                "changed": spans,
                "last_changed": instant,
                "seconds_since_last_change": {"type": ["number", "null"], "minimum": 0},
                "lag": object_of({"over_s": count, "since_seen": delays, "since_published": delays}),
                "counted_at": {"type": "string", "format": "date-time"},
            }
        ),
    }


def answers(
    schema: str,
    *,
    media_type: str = "application/json",
    etag: bool = False,
    moved: bool = False,
    missing: str = "",
    gone: bool = False,
) -> dict[int | str, Json]:
    """Return the OpenAPI responses of an endpoint."""
    found: dict[int | str, Json] = {200: {"description": "OK", "content": {media_type: {"schema": ref(schema)}}}}
    if etag:
        found[304] = {"description": "Unchanged since the ETag in If-None-Match."}
    if moved:
        found[308] = {
            "description": "Merged into another event: Location names it, the body is the merged event.",
            "headers": {"Location": {"schema": {"type": "string"}}},
            "content": {media_type: {"schema": ref(schema)}},
        }
    found[400] = problem_answer("invalid-parameter")
    if missing:
        found[404] = problem_answer(missing)
    if gone:
        found[410] = problem_answer("state-not-kept")
    found[503] = problem_answer("store-unavailable")
    return found


def refusal(status: str) -> Json:
    """Return the response of an endpoint that was asked with a wrong key (401), without the scope (403), too often."""
    return problem_answer(next(name for name, kind in problem.KINDS.items() if str(kind.status) == status))


def problem_answer(kind: str) -> Json:
    """Return the response of a kind of problem."""
    return {
        "description": problem.KINDS[kind].title,
        "content": {
            problem.MEDIA_TYPE: {
                "schema": ref("Problem"),
                "example": {
                    "type": f"/problems/{kind}",
                    "title": problem.KINDS[kind].title,
                    "status": problem.KINDS[kind].status,
                    "detail": problem.KINDS[kind].meaning,
                    "instance": "/v1/events",
                },
            }
        },
    }


def _reachable(*roots: Descriptor) -> Iterator[Descriptor]:
    waiting, seen = list(roots), set()
    while waiting:
        message = waiting.pop()
        if message.full_name in seen or message.full_name == TIMESTAMP:
            continue
        seen.add(message.full_name)
        yield message
        waiting += [field.message_type for field in message.fields if field.message_type is not None]


def _message(message: Descriptor) -> Json:
    properties = {field.name: _field(field) for field in message.fields}
    always = [field.name for field in message.fields if field.is_repeated or not field.has_presence]
    return {"type": "object", "properties": properties, "required": always}


def _field(field: FieldDescriptor) -> Json:
    if field.message_type is None:
        schema = _SCALARS[field.type]
    elif field.message_type.full_name == TIMESTAMP:
        schema = {"type": "string", "format": "date-time"}
    else:
        schema = ref(field.message_type.name)
    return {"type": "array", "items": schema} if field.is_repeated else schema


def object_of(properties: Json) -> Json:
    """Return the schema of an object that always has all of some properties."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def ref(name: str) -> Json:
    """Return a reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}
