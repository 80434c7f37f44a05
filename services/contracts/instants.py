"""Instants between Protobuf, Python and text: always aware, always UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def to_timestamp(instant: datetime) -> Timestamp:
    """Return an aware datetime as a Timestamp. Raises ValueError for a naive one: its zone cannot be guessed."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone: pass an aware datetime")
    timestamp = Timestamp()
    timestamp.FromDatetime(instant.astimezone(UTC))
    return timestamp


def from_timestamp(timestamp: Timestamp) -> datetime:
    """Return a Timestamp as an aware datetime in UTC (microseconds kept)."""
    return timestamp.ToDatetime(tzinfo=UTC)


def to_rfc3339(instant: datetime) -> str:
    """Return an aware datetime as RFC 3339 text in UTC: "2025-02-12T23:00:00Z", with a fraction only if it has one."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def from_rfc3339(text: str) -> datetime:
    """Return RFC 3339 text as an aware datetime in UTC. Raises ValueError where it is none or has no offset."""
    instant = datetime.fromisoformat(text.strip())
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no UTC offset: write it as 2025-02-12T23:00:00Z")
    return instant.astimezone(UTC)


def set_instant(field: Timestamp, us: int) -> None:
    """Set a field to an instant in microseconds since 1970: ``FromMicroseconds`` at half its cost."""
    field.seconds, rest = divmod(us, 1_000_000)
    field.nanos = 1_000 * rest
