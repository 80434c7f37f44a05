"""Event → JSON as the API serves it: rendered once here, so that no reader has to parse or render it again.

JSON follows the ProtoJSON mapping with the proto's own field names, with two differences that spare every client
work: fields stand there even when empty, and 64-bit integers (revision, geonames_id: far below 2**53) are numbers.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from google.protobuf.json_format import MessageToDict

from services.contracts.dateline.v1.event_pb2 import Change, Event

LEFT_OUT_OF_SUMMARY: Final = ("evidence", "story_ids", "related", "codes")
"""What lists and change messages do without; the event itself has it."""

SUMMARY_OF_CHANGE: Final = ("id", "kind", "at", "fields")

Json = dict[str, Any]


def event_json(event: Event) -> Json:
    """Return the whole event."""
    document = _to_dict(event)
    document["revision"] = event.revision
    if event.HasField("place"):
        document["place"]["geonames_id"] = event.place.geonames_id
    for change, proto in zip(document["changes"], event.changes, strict=True):
        change["revision"] = proto.revision
    return document


def change_json(change: Change) -> Json:
    """Return one change."""
    document = _to_dict(change)
    document["revision"] = change.revision
    return document


def summary_of(document: Json) -> Json:
    """Return the short form of an event's JSON: the same names and shapes, without the long parts."""
    short = {name: value for name, value in document.items() if name not in LEFT_OUT_OF_SUMMARY}
    short["quantities"] = [
        {name: value for name, value in quantity.items() if name != "reports"} for quantity in document["quantities"]
    ]
    short["changes"] = [
        {name: value for name, value in change.items() if name in SUMMARY_OF_CHANGE} for change in document["changes"]
    ]
    return short


def change_message(change: Json, summary: Json) -> Json:
    """Return what subscribers get: the change with the event as it stands after it."""
    return {**change, "event": summary}


def dumps(document: Json) -> bytes:
    """Return JSON bytes, equal for equal documents."""
    return orjson.dumps(document)


def _to_dict(message: Event | Change) -> Json:
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
