"""Event → JSON as the API serves it: rendered once here, so that no reader has to parse or render it again.

The JSON is that of ``proto_json``: the proto's own field names, present even when empty.
"""

from __future__ import annotations

from typing import Any

import orjson

from services.contracts.event_forms import APART, LEFT_OUT_OF_QUANTITIES, LEFT_OUT_OF_SUMMARY, SUMMARY_OF_CHANGE
from services.contracts.state_codec import text_of

Json = dict[str, Any]


def summary_of(document: Json) -> Json:
    """Return the short form of an event's JSON: the same names and shapes, without the long parts."""
    short = {name: value for name, value in document.items() if name not in LEFT_OUT_OF_SUMMARY}
    short["quantities"] = [
        {name: value for name, value in quantity.items() if name not in LEFT_OUT_OF_QUANTITIES}
        for quantity in document["quantities"]
    ]
    short["changes"] = [
        {name: value for name, value in change.items() if name in SUMMARY_OF_CHANGE} for change in document["changes"]
    ]
    return short


def change_message(change: Json, summary: Json) -> Json:
    """Return what subscribers get: the change with the event as it stands after it."""
    return {**change, "event": summary}


def text_of_event(document: Json, summary: Json) -> bytes:
    """Return the text of a state (``state_codec``): what both forms hold alike, then what each has for itself."""
    return text_of(
        dumps({name: value for name, value in document.items() if name not in APART}),
        dumps({name: value for name, value in summary.items() if name in APART}),
        dumps({name: value for name, value in document.items() if name in APART}),
    )


def dumps(document: Json) -> bytes:
    """Return JSON bytes, equal for equal documents."""
    return orjson.dumps(document)
