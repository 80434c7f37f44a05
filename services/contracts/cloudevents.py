"""CloudEvents attributes of a message, in binary content mode: the value stays Protobuf, the attributes are headers.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md (section 3.2). The same
names serve as Kafka headers and as fields of a stream entry in the embedded runtime. ``traceparent`` follows
https://www.w3.org/TR/trace-context/; the trace of an article starts from its own id, so a replay traces alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.contracts.ids import derive
from services.contracts.instants import from_rfc3339, to_rfc3339

SPEC_VERSION: Final = "1.0"
CONTENT_TYPE: Final = "application/protobuf"


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of one message."""

    id: str
    type: str
    source: str
    """URI reference of the service that sent it: "/dateline/dedup"."""
    time: datetime
    traceparent: str = ""


def to_headers(attributes: Attributes) -> dict[str, bytes]:
    """Return the headers of a message, values in UTF-8."""
    headers = {
        "ce_specversion": SPEC_VERSION.encode(),
        "ce_id": attributes.id.encode(),
        "ce_type": attributes.type.encode(),
        "ce_source": attributes.source.encode(),
        "ce_time": to_rfc3339(attributes.time).encode(),
        "content-type": CONTENT_TYPE.encode(),
    }
    if attributes.traceparent:
        headers["traceparent"] = attributes.traceparent.encode()
    return headers


def from_headers(headers: Mapping[str, bytes]) -> Attributes:
    """Return the attributes of a message. Raises ValueError naming the header that is missing or unreadable."""
    for name in ("ce_id", "ce_type", "ce_source", "ce_time"):
        if name not in headers:
            raise ValueError(f"header {name} is missing: the message is no CloudEvent in binary mode")
    try:
        time = from_rfc3339(headers["ce_time"].decode())
    except ValueError as error:
        raise ValueError(f"header ce_time is no RFC 3339 instant: {error}") from error
    return Attributes(
        id=headers["ce_id"].decode(),
        type=headers["ce_type"].decode(),
        source=headers["ce_source"].decode(),
        time=time,
        traceparent=headers.get("traceparent", b"").decode(),
    )


def child_traceparent(parent: str, message_id: str) -> str:
    """Return the traceparent of a message caused by one with ``parent``; a new trace where that is empty."""
    trace = parent.split("-")[1] if parent.count("-") == 3 else derive("trace", message_id)
    return f"00-{trace}-{derive('span', message_id)[:16]}-01"
