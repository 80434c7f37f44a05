"""The words in which the board tells what an event's JSON holds. Text only: escaping is the templates' work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson

from services.contracts.countries import country_names

Json = Mapping[str, Any]

TOPIC_TITLES: Final = {
    "arts-culture-entertainment-media": "Arts, culture, entertainment and media",
    "conflict-war-peace": "Conflict, war and peace",
    "crime-law-justice": "Crime, law and justice",
    "disaster-accident-emergency": "Disaster, accident and emergency",
    "economy-business-finance": "Economy, business and finance",
    "human-interest": "Human interest",
    "lifestyle-leisure": "Lifestyle and leisure",
    "politics-government": "Politics and government",
    "science-technology": "Science and technology",
}
"""Names of the IPTC Media Topics that are more than one word (https://iptc.org/standards/media-topics/)."""

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
    "overdue": "Overdue",
    "activity": "Activity",
    "split_from": "Divided from",
    "split_into": "Divided into",
}
PARTICIPANTS: Final = {"source": "Who did it", "target": "To whom", "subject": "About whom", "party": "Who took part"}
KIND_WORDS: Final = {
    "created": "New event",
    "corroborated": "Confirmed by another source",
    "status-changed": "Status changed",
    "detail-changed": "Detail changed",
    "contradicted": "Sources disagree",
    "overdue": "Overdue: no report says whether it took place",
    "merged": "Merged into another event",
    "split": "Found to be two events",
    "activity-changed": "Activity changed",
    "retracted": "Withdrawn by its sources",
}
BASES: Final = {
    "ended": "told after what had been planned or reported",
    "revived": "taken up again after it had been called off",
    "outweighed": "more sources say so than said otherwise",
    "corrected": "who had said otherwise took it back",
}
"""Why a move of the status was believed; what goes forward needs no word."""
ABSORBED: Final = "Found to be the same as another event"
SHOWN_FIELDS: Final = 3
LONGEST_VALUE: Final = 80
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


def topic(name: str) -> str:
    """Return the title of a topic family."""
    return TOPIC_TITLES.get(name) or label(name).capitalize()


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
    """Return what a change says: "Status: planned → agreed", "Sources disagree: Killed: 23 against 27"."""
    kind, fields = document["kind"], document["fields"]
    words = KIND_WORDS.get(kind, label(kind).capitalize())
    match kind:
        case "created" | "overdue" | "retracted" | "split":
            return words
        case "merged":
            return words if any(field["field"] == "merged_into" for field in fields) else ABSORBED
        case "corroborated":
            added = ", ".join(_added(field) for field in fields if field["field"] == "independent_sources")
            return f"Confirmed by {added}" if added else words
        case "contradicted":
            told = _moves(fields, " against ")
            return f"{words}: {told}" if told else words
        case _:
            return _moves(fields, " → ") or words


def basis(name: str) -> str:
    """Return why a move of the status was believed; empty where it went on as such things do."""
    return BASES.get(name, "")


def field(name: str) -> str:
    """Return the name of an event's field for a reader: "Killed", "Who did it"."""
    if name.startswith("participants."):
        return PARTICIPANTS.get(name.removeprefix("participants."), "Participants")
    return _title(name)


def _title(name: str) -> str:
    return FIELD_NAMES.get(name) or label(name.removeprefix("quantities.")).capitalize()


def _moves(fields: Sequence[Json], link: str) -> str:
    """Return some fields' values before and after; a new title is left out where something else tells why."""
    telling = [field for field in fields if field["field"] != "title"] or fields
    moves = [move for move in (_field_move(field, link) for field in telling) if move]
    more = len(moves) - SHOWN_FIELDS
    return "; ".join(moves[:SHOWN_FIELDS]) + (f" and {more} more" if more > 0 else "")


def _added(field: Json) -> str:
    before, after = _value(field["before"]), _value(field["after"])
    if not isinstance(after, list):
        return ""
    held = before if isinstance(before, list) else []
    return ", ".join(str(value) for value in after if value not in held)


def _field_move(field: Json, link: str) -> str:
    title = _title(field["field"])
    before, after = _show(_value(field["before"])), _show(_value(field["after"]))
    if before and after:
        return f"{title}: {before}{link}{after}"
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
        case None | "" | []:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return number(value)
        case list():
            shown = ", ".join(part for part in map(_show, value) if part)
        case {"low": int() | float() as low, "high": int() | float() as high} if low != high:
            shown = f"{number(low)}–{number(high)}"
        case {"latest": inner} | {"high": inner}:
            shown = _show(inner)
        case {"value": int() | float() as figure}:
            shown = QUALIFIERS.get(value.get("qualifier", ""), "") + number(figure)
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
