"""The words in which the board tells what an event's JSON holds. Text only: escaping is the templates' work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson

from services.api.countries import country_names

Json = Mapping[str, Any]

QUALIFIERS: Final = {
    "at_least": "at least ",
    "up_to": "up to ",
    "about": "about ",
    "more_than": "more than ",
    "less_than": "less than ",
}
PEOPLE_MEASURES: Final = frozenset(("killed", "injured", "missing", "displaced", "detained"))
"""Measures that say by themselves what is counted: "12 killed", whatever the unit."""

FIELD_NAMES: Final = {
    "independent_sources": "Sources",
    "participants": "Participants",
    "status": "Status",
    "place": "Place",
    "time": "Time",
    "title": "Title",
    "type": "Type",
    "copies": "Copies",
    "merged_into": "Merged into",
}
KIND_WORDS: Final = {
    "created": "New event",
    "corroborated": "Confirmed by another source",
    "status-changed": "Status changed",
    "detail-changed": "Detail changed",
    "contradicted": "Sources disagree",
    "merged": "Merged into another event",
    "retracted": "Withdrawn by its sources",
}
LONGEST_VALUE: Final = 120
MILLION: Final = 1_000_000


def number(value: float) -> str:
    """Return a number as newspapers print it: "2,100", "2.1 million"."""
    if abs(value) >= 1_000 * MILLION:
        return f"{value / (1_000 * MILLION):,.4g} billion"
    if abs(value) >= MILLION:
        return f"{value / MILLION:,.4g} million"
    return f"{value:,.0f}" if value == int(value) else f"{value:,g}"


def label(name: str) -> str:
    """Return a name of the ontology as words: "prisoner-exchange" → "prisoner exchange"."""
    return name.replace("-", " ").replace("_", " ")


def country(alpha3: str) -> str:
    """Return a country's name; the code itself where it is unknown."""
    return country_names().get(alpha3, alpha3)


def toll(quantity: Json) -> str:
    """Return a quantity over all reports: "23–27 killed", "at least 12 injured", "2.1 million homes"."""
    low, high, latest = quantity["low"], quantity["high"], quantity.get("latest", {})
    if low != high:
        figure = f"{number(low)}–{number(high)}"
    else:
        figure = QUALIFIERS.get(latest.get("qualifier", ""), "") + number(latest.get("value", high))
    return f"{figure} {_counted(quantity['measure'], quantity['unit'])}".rstrip()


def report(quantity: Json) -> str:
    """Return a single report's figure in the same words."""
    figure = QUALIFIERS.get(quantity["qualifier"], "") + number(quantity["value"])
    return f"{figure} {_counted(quantity['measure'], quantity['unit'])}".rstrip()


def _counted(measure: str, unit: str) -> str:
    return measure if measure in PEOPLE_MEASURES or not unit else unit


def place(document: Json) -> str:
    """Return where: "Kisumu, Kenya"; empty where unknown."""
    name = document.get("name") or document.get("text") or ""
    land = country(document.get("country", ""))
    return ", ".join(dict.fromkeys(part for part in (name, land) if part))


def event_time(document: Json) -> str:
    """Return when, no finer than it is known: "Nov 2031", "19 Nov – 21 Nov 2031"; empty where unknown."""
    start, end = document.get("start", ""), document.get("end", "")
    if not start:
        return ""
    granularity = document.get("granularity", "")
    first = _moment(start, granularity)
    last = _moment(end, granularity) if end else first
    return first if first == last else f"{first} – {last}"


def _moment(text: str, granularity: str) -> str:
    try:
        if "T" in text:
            instant = datetime.fromisoformat(text).astimezone(UTC)
            if granularity in ("minute", "hour"):
                return f"{instant.day} {instant:%b %Y, %H:%M} UTC"
            day = instant.date()
        else:
            day = date.fromisoformat(text)
    except ValueError:
        return text
    if granularity == "year":
        return f"{day.year}"
    if granularity in ("month", "season"):
        return f"{day:%b %Y}"
    return f"{day.day} {day:%b %Y}"


def instant(text: str) -> str:
    """Return an RFC 3339 instant as the board prints it: "19 Nov 2031, 09:00 UTC"."""
    return _moment(text, "minute") if text else ""


def change(document: Json) -> str:
    """Return what a change says: "Status: planned → agreed", "Killed: 12 → 19"."""
    kind = document["kind"]
    words = KIND_WORDS.get(kind, label(kind).capitalize())
    if kind in ("created", "merged", "retracted"):
        return words
    moves = [_field_move(field) for field in document["fields"]]
    if kind == "corroborated":
        sources = [field for field in document["fields"] if field["field"] == "independent_sources"]
        added = _added(sources[0]) if sources else ""
        return f"Confirmed by {added}" if added else words
    told = "; ".join(move for move in moves if move)
    if kind == "contradicted" and told:
        return f"{words}: {told}"
    return told or words


def _added(field: Json) -> str:
    before, after = _value(field["before"]), _value(field["after"])
    if not isinstance(after, list):
        return ""
    held = before if isinstance(before, list) else []
    return ", ".join(str(value) for value in after if value not in held)


def _field_move(field: Json) -> str:
    name = field["field"]
    title = FIELD_NAMES.get(name) or label(name.removeprefix("quantities.")).capitalize()
    before, after = _show(_value(field["before"])), _show(_value(field["after"]))
    if before and after:
        return f"{title}: {before} → {after}"
    return f"{title}: {after or before + ' withdrawn'}" if before or after else ""


def _value(text: str) -> object:
    if not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _show(value: Any) -> str:
    """Return any value of an event's field in few words."""
    match value:
        case None | "" | [] | {}:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return number(value)
        case list():
            shown = ", ".join(part for part in map(_show, value) if part)
        case {"low": _, "high": _, "measure": _, "unit": _}:
            shown = toll(value)
        case {"value": _, "qualifier": _, "measure": _, "unit": _}:
            shown = report(value)
        case {"low": int() | float() as low, "high": int() | float() as high}:
            shown = number(low) if low == high else f"{number(low)}–{number(high)}"
        case {"value": inner}:
            shown = _show(inner)
        case {"entity": {"name": str() as name}} if name:
            shown = name
        case {"start": str()}:
            shown = event_time(value)
        case {"name": str() as name} if name:
            shown = place(value) if "country" in value else name
        case {"text": str() as text}:
            shown = text
        case str():
            shown = value
        case _:
            shown = orjson.dumps(value).decode()
    return shown if len(shown) <= LONGEST_VALUE else shown[: LONGEST_VALUE - 1] + "…"
