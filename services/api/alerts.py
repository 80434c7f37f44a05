"""A fired alert, as it stands in the stream of fired alerts."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from services.api.sse import Position, frame, parse_position


@dataclass(frozen=True, slots=True)
class Fired:
    """One alert that fired."""

    position: Position
    raw: bytes
    """Its JSON, as subscribers get it."""
    rule_id: str
    owner: str
    """Id of the API key that made the rule; empty where keys were off."""

    def frame(self) -> bytes:
        """Return it as subscribers of server-sent events get it."""
        return frame("alert", self.position, self.raw)


def read_fired(stream_id: bytes, raw: bytes) -> Fired:
    """Return an entry of the stream. Raises ValueError or KeyError where it is of another layout."""
    rule = orjson.loads(raw)["rule"]
    return Fired(parse_position(stream_id.decode()), raw, rule["id"], rule["owner"])
