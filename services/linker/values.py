"""Values of an event's fields as changes and contradictions state them: as JSON, and as a reader would say it."""

from __future__ import annotations

from typing import Final

from services.contracts.countries import country_names
from services.contracts.dateline.v1 import event_pb2

QUALIFIERS: Final = {
    "at_least": "at least ",
    "up_to": "up to ",
    "about": "about ",
    "more_than": "more than ",
    "less_than": "fewer than ",
}
_MILLION: Final = 1_000_000
_DAY: Final = len("2026-03-11")


def quantity_value(quantity: event_pb2.Quantity) -> dict[str, object]:
    """Return a figure as JSON."""
    return {"value": quantity.value, "unit": quantity.unit, "qualifier": quantity.qualifier}


def place_value(place: event_pb2.Place) -> dict[str, object]:
    """Return a place as JSON, {} where there is none."""
    return {"name": place.name or place.text, "country": place.country} if place.ByteSize() else {}


def time_value(time: event_pb2.EventTime) -> dict[str, object]:
    """Return a time as JSON, {} where there is none."""
    return {"start": time.start, "end": time.end} if time.ByteSize() else {}


def number_text(value: float) -> str:
    """Return a number as newspapers print it: "2,100", "2.1 million"."""
    for size, name in ((1_000 * _MILLION, "billion"), (_MILLION, "million")):
        if abs(value) >= size:
            return f"{value / size:.4g} {name}"
    return f"{value:,.0f}" if value == int(value) else f"{value:,g}"


def quantity_text(quantity: event_pb2.Quantity) -> str:
    """Return a figure in words: "at least 12", "1.2 million homes"; the unit only where the measure does not say it."""
    told = QUALIFIERS.get(quantity.qualifier, "") + number_text(quantity.value)
    return f"{told} {quantity.unit}" if quantity.unit and quantity.measure in ("", "amount", "count") else told


def place_text(place: event_pb2.Place) -> str:
    """Return a place in words: "Porto, Portugal"."""
    name, country = place.name or place.text, country_names().get(place.country, "")
    return ", ".join(dict.fromkeys(part for part in (name, country) if part))


def time_text(time: event_pb2.EventTime) -> str:
    """Return a time as days: "2026-03-11", "2026-03-11 to 2026-03-12"."""
    start, end = time.start[:_DAY], time.end[:_DAY]
    return f"{start} to {end}" if start and end and start != end else start or end
