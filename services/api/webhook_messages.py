"""What webhooks are sent: ``type``, ``timestamp`` and ``data``, as the Standard Webhooks specification has it.

A message's id follows from what it tells, so that a repeat, and a replay by whomever, carries the same id and a
receiver knows it: ``chg_`` and ``alr_`` with the place in the stream of changes or of alerts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import orjson

from services.api.alerts import Fired
from services.api.changes import Entry
from services.api.sse import Position, format_position, parse_position

CHANGE: Final = "chg_"
ALERT: Final = "alr_"
_NUMBERED: Final = re.compile(rf"({CHANGE}|{ALERT})(\d{{1,20}}-\d{{1,20}})")


@dataclass(frozen=True, slots=True)
class Message:
    """One message."""

    id: str
    body: bytes


def instant(ms: int) -> str:
    """Return milliseconds since 1970 as RFC 3339."""
    text = datetime.fromtimestamp(ms / 1_000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _message(message_id: str, type_: str, timestamp_ms: int, data: bytes) -> Message:
    return Message(
        message_id,
        b'{"type":%s,"timestamp":"%s","data":%s}' % (orjson.dumps(type_), instant(timestamp_ms).encode(), data),
    )


def change_message(entry: Entry) -> Message:
    """Return the message of a change; ``type`` is ``change.`` and its kind. Its data is that of GET /v1/changes."""
    kind = f"change.{entry.facets.kind}"
    return _message(CHANGE + format_position(entry.position), kind, entry.position[0], entry.raw)


def alert_message(fired: Fired) -> Message:
    """Return the message of a fired alert. Its data is that of GET /v1/alerts/stream."""
    return _message(ALERT + format_position(fired.position), "alert.fired", fired.position[0], fired.raw)


def missed_message(stream: str, after: Position, upto: Position) -> Message:
    """Return the message that tells of entries that are no longer kept: the receiver has to load the state anew."""
    data = {"reason": "trimmed", "after": format_position(after), "position": format_position(upto)}
    return _message(f"mis_{stream}_{format_position(upto)}", f"{stream}.missed", upto[0], orjson.dumps(data))


def test_message(webhook_id: str, token: str, now_ms: int) -> Message:
    """Return the message of a test delivery."""
    data = {"webhook_id": webhook_id, "text": "A test: this webhook can be reached."}
    return _message(f"tst_{token}", "webhook.test", now_ms, orjson.dumps(data))


def disabled_message(webhook_id: str, url: str, reason: str, now_ms: int) -> Message:
    """Return the message that tells the operators' webhooks that one was disabled."""
    data = {"webhook_id": webhook_id, "url": url, "reason": reason}
    return _message(f"dis_{webhook_id}_{now_ms}", "webhook.disabled", now_ms, orjson.dumps(data))


def place_of(message_id: str) -> tuple[str, Position]:
    """Return ``CHANGE`` or ``ALERT`` and the position that a message was made of. Raises ValueError."""
    match = _NUMBERED.fullmatch(message_id)
    if match is None:
        raise ValueError(f"{message_id!r} is no message of a stream: pass ids such as {CHANGE}1763542800000-0")
    return match[1], parse_position(match[2])
