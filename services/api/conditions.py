"""The conditions of alert rules: a small JSON language over an event's state and over what just changed. Pure.

``{"all": [...]}``, ``{"any": [...]}`` and ``{"not": {...}}`` combine conditions; a comparison names a field, an
operator and a value: ``{"field": "sources", "gte": 3}``. What was written is checked when it is read, so that
evaluating it cannot fail.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any, Final

from services.api.change_filters import Facets
from services.api.hints import closest, closest_country
from services.api.values import CHANGE_KINDS
from services.contracts import event_index, redis_model
from services.contracts.countries import country_names
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.instants import from_rfc3339
from services.contracts.ontology import STATUSES, TOPIC_FAMILIES, event_types

Json = Mapping[str, Any]

DEEPEST: Final = 8
MOST_PARTS: Final = 100

MEASURES: Final = ("killed", "injured", "missing", "displaced", "detained", "amount", "count")
"""As listed at Quantity.measure in event.proto."""


class ConditionError(ValueError):
    """A condition cannot be read. ``path`` says where: "all.0.gte"."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(detail)
        self.path = path


@dataclass(frozen=True, slots=True)
class Subject:
    """An event as it stands after a change, and that change."""

    event: Json
    facets: Facets
    changed: frozenset[str]
    """Fields that the change names; empty where only the state is looked at."""
    kind: str
    """Kind of the change; empty where only the state is looked at."""
    since: datetime
    """When the rule was made: what became so before did not become so for it."""


Test = Callable[[Subject], bool]


@dataclass(frozen=True, slots=True)
class _Field:
    """How a field is read and what may be asked of it."""

    shape: str
    """choice, words, number, flag, box or text."""
    read: Callable[[Subject], Any]
    values: Callable[[], Collection[str]] = tuple
    """For a choice: what there is to choose from."""
    normal: Callable[[str], str] = str
    """For a choice or a name: how a value is written."""
    meaning: str = ""
    is_name: Callable[[str], object] = bool
    """For a name: whether anything can have it."""
    such_as: str = "a name"
    least: float = -inf
    most: float = inf
    """For a number: what it may be asked against."""


def _quantity(measure: str) -> _Field:
    def read(subject: Subject) -> float | None:
        for state in subject.event.get("quantities", ()):
            if (state["measure"] or state["unit"]) == measure and "latest" in state:
                value = state["latest"]["value"]
                return float(value) if isinstance(value, int | float) else None
        return None

    return _Field("number", read, meaning=f"latest credible figure of {measure}")


_FIELDS: Final[dict[str, _Field]] = {
    "status": _Field("choice", lambda s: {s.facets.status}, lambda: STATUSES, str.lower, "status of the event"),
    "type": _Field("choice", lambda s: {s.facets.type}, event_types, str.lower, "event type"),
    "topic": _Field("choice", lambda s: {s.facets.topic}, lambda: TOPIC_FAMILIES, str.lower, "IPTC topic"),
    "country": _Field(
        "choice", lambda s: s.facets.countries, country_names, str.upper, "ISO 3166-1 alpha-3 of place or participant"
    ),
    "kind": _Field(
        "choice", lambda s: {s.kind} if s.kind else set(), lambda: CHANGE_KINDS, str.lower, "kind of this very change"
    ),
    "changed": _Field(
        "name",
        lambda s: s.changed,
        meaning="fields that this very change names",
        is_name=lambda name: name.partition(".")[0] in Event.DESCRIPTOR.fields_by_name,
        such_as="a field of an event, such as status, title or quantities.killed",
    ),
    "event": _Field(
        "name",
        lambda s: {s.facets.event_id},
        meaning="event id",
        is_name=event_index.is_id,
        such_as="the id of an event, 32 digits from 0 to f",
    ),
    "entity": _Field(
        "name", lambda s: s.facets.entities, normal=redis_model.normalised, meaning="who takes part: id, name or word"
    ),
    "place": _Field("name", lambda s: s.facets.places, normal=redis_model.normalised, meaning="name of the place"),
    "source": _Field("name", lambda s: s.facets.sources, normal=str.lower, meaning="domain that reports it"),
    "title": _Field("words", lambda s: s.facets.words, meaning="words of the title"),
    "position": _Field("box", lambda s: s.facets.point, meaning="where it takes place, in degrees"),
    "sources": _Field("number", lambda s: s.facets.independent_sources, meaning="number of independent sources"),
    "copies": _Field("number", lambda s: s.event["copies"], meaning="articles that repeat another's text"),
    "confidence": _Field("number", lambda s: s.event["confidence"], meaning="0 to 1", least=0, most=1),
    "revision": _Field("number", lambda s: s.event["revision"], meaning="grows by one with every change of state"),
    "overdue": _Field("flag", lambda s: s.event.get("overdue", False), meaning="its date passed without news"),
    "activity": _Field(
        "choice",
        lambda s: {s.event.get("activity") or redis_model.ACTIVITIES[0]},
        lambda: redis_model.ACTIVITIES,
        str.lower,
        "whether anything was heard of it lately",
    ),
    "disputed": _Field("flag", lambda s: bool(s.event.get("contradictions")), meaning="reports contradict one another"),
    "retracted": _Field("flag", lambda s: s.event["retracted"], meaning="every report was withdrawn"),
    "merged": _Field("flag", lambda s: bool(s.event["merged_into"]), meaning="it was merged into another event"),
    "sample": _Field("flag", lambda s: s.facets.sample, meaning="it belongs to the fictional sample newsroom"),
    **{f"quantities.{measure}": _quantity(measure) for measure in MEASURES},
}

_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "is": lambda one, other: one == other,
    "gt": lambda one, other: one > other,
    "gte": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "lte": lambda one, other: one <= other,
}
_OPERATORS: Final = {
    "choice": ("is", "in"),
    "name": ("is", "in"),
    "number": tuple(_COMPARISONS),
    "flag": ("is",),
    "words": ("contains",),
    "box": ("inside",),
}

_ONE_OR_SOME: Final = {
    "oneOf": [{"enum": list(STATUSES)}, {"type": "array", "minItems": 1, "items": {"enum": list(STATUSES)}}]
}

EXAMPLE: Final[dict[str, Any]] = {
    "all": [
        {"field": "status", "becomes": "occurred"},
        {"field": "sources", "gte": 3},
        {"field": "country", "is": "UKR"},
    ]
}

SCHEMA: Final[dict[str, Any]] = {
    "examples": [EXAMPLE],
    "description": "A condition: all, any or not of conditions, or a field with one operator. "
    + "; ".join(f"{name} ({field.meaning}): {', '.join(_OPERATORS[field.shape])}" for name, field in _FIELDS.items())
    + ". status also takes becomes, with from beside it: the status was reached after the rule was made, and is held.",
    "oneOf": [
        {
            "type": "object",
            "properties": {name: {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Condition"}}},
            "required": [name],
            "additionalProperties": False,
        }
        for name in ("all", "any")
    ]
    + [
        {
            "type": "object",
            "properties": {"not": {"$ref": "#/components/schemas/Condition"}},
            "required": ["not"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {
                "field": {"enum": list(_FIELDS)},
                "is": {"type": ["string", "number", "boolean"]},
                "in": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                "contains": {"type": "string"},
                "inside": {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}},
                "gt": {"type": "number"},
                "gte": {"type": "number"},
                "lt": {"type": "number"},
                "lte": {"type": "number"},
                "becomes": _ONE_OR_SOME,
                "from": _ONE_OR_SOME,
            },
            "required": ["field"],
            "additionalProperties": False,
        },
    ],
}


def read_condition(document: object) -> Test:
    """Return what decides. Raises ConditionError saying where it is wrong and what may stand there."""
    parts = 0

    def read(node: object, path: str, depth: int) -> Test:
        nonlocal parts
        parts += 1
        if parts > MOST_PARTS:
            raise ConditionError(path, f"a rule may have {MOST_PARTS} conditions: make several rules of it")
        if depth > DEEPEST:
            raise ConditionError(path, f"conditions may stand {DEEPEST} deep in one another")
        if not isinstance(node, dict):
            raise ConditionError(path, 'a condition is an object such as {"field": "status", "is": "occurred"}')
        if "field" in node:
            return _comparison(node, path)
        if len(node) != 1 or next(iter(node)) not in ("all", "any", "not"):
            named = ", ".join(map(repr, node)) or "nothing"
            raise ConditionError(path, f"a condition has all, any, not, or field with an operator; here stands {named}")
        (name, inner) = next(iter(node.items()))
        if name == "not":
            denied = read(inner, _join(path, "not"), depth + 1)
            return lambda subject: not denied(subject)
        if not isinstance(inner, list) or not inner:
            raise ConditionError(_join(path, name), f"{name} takes a list of at least one condition")
        tests = [read(each, _join(path, f"{name}.{number}"), depth + 1) for number, each in enumerate(inner)]
        if name == "all":
            return lambda subject: all(test(subject) for test in tests)
        return lambda subject: any(test(subject) for test in tests)

    return read(document, "", 1)


def _comparison(node: Mapping[str, object], path: str) -> Test:
    name = node["field"]
    field = _FIELDS.get(name) if isinstance(name, str) else None
    if field is None:
        close = closest(str(name), _FIELDS)
        hint = f"did you mean {close}?" if close else f"there are {', '.join(_FIELDS)}"
        raise ConditionError(_join(path, "field"), f"{name!r} is no field of an event: {hint}")
    operators = _OPERATORS[field.shape] + (("becomes", "from") if name == "status" else ())
    given = [key for key in node if key != "field"]
    for operator in given:
        if operator not in operators:
            raise ConditionError(_join(path, operator), f"{name} cannot be asked so: use one of {', '.join(operators)}")
    if "from" in given and "becomes" not in given:
        raise ConditionError(_join(path, "from"), "from stands beside becomes")
    chosen = [operator for operator in given if operator != "from"]
    if len(chosen) != 1:
        raise ConditionError(path, f"{name} takes one operator of {', '.join(operators)}; here stand {len(chosen)}")
    (operator,) = chosen
    where = _join(path, operator)
    value = node[operator]
    if operator == "becomes":
        before = _choices(field, node["from"], _join(path, "from")) if "from" in node else frozenset()
        return _becomes(_choices(field, value, where), before)
    read = field.read
    match field.shape:
        case "choice":
            wanted = _choices(field, value, where)
            return lambda subject: not wanted.isdisjoint(read(subject))
        case "name":
            names = frozenset(_name(field, text, where) for text in _texts(value, where, several=operator == "in"))
            return lambda subject: not names.isdisjoint(read(subject))
        case "words":
            words = frozenset(redis_model.words(_texts(value, where, several=False)[0]))
            if not words:
                raise ConditionError(where, "write at least one word")
            return lambda subject: words <= read(subject)
        case "flag":
            if not isinstance(value, bool):
                raise ConditionError(where, f"{name} is true or false, not {value!r}")
            return lambda subject: bool(read(subject)) is value
        case "box":
            return _inside(value, where, read)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConditionError(where, f"{name} is a number: {value!r} is none")
    if not field.least <= value <= field.most:
        raise ConditionError(where, f"{name} lies from {field.least:g} to {field.most:g}: {value!r} does not")
    compare, number = _COMPARISONS[operator], float(value)
    return lambda subject: (found := read(subject)) is not None and compare(found, number)


def _becomes(statuses: frozenset[str], before: frozenset[str]) -> Test:
    """True from the move to one of some statuses on, as long as it is held: other conditions may come true later than
    the move.
    """

    def test(subject: Subject) -> bool:
        status = subject.facets.status
        if status not in statuses:
            return False
        moves = subject.event["status_history"]
        if not moves or moves[-1]["status"] != status or "at" not in moves[-1]:
            return False
        if from_rfc3339(moves[-1]["at"]) < subject.since:
            return False
        return not before or (len(moves) > 1 and moves[-2]["status"] in before)

    return test


def _inside(value: object, path: str, read: Callable[[Subject], Any]) -> Test:
    if (
        not isinstance(value, list)
        or len(value) != 4
        or any(isinstance(part, bool) or not isinstance(part, int | float) for part in value)
    ):
        raise ConditionError(path, f"{value!r} is no box: write [west, south, east, north] in degrees")
    west, south, east, north = map(float, value)
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise ConditionError(path, "longitudes lie from -180 to 180, latitudes from -90 to 90, and south before north")

    def test(subject: Subject) -> bool:
        point = read(subject)
        if point is None:
            return False
        lon, lat = point
        across = west <= lon <= east if west <= east else lon >= west or lon <= east
        return bool(across and south <= lat <= north)

    return test


def _choices(field: _Field, value: object, path: str) -> frozenset[str]:
    allowed = field.values()
    found = set()
    for text in _texts(value, path, several=isinstance(value, list)):
        normal = field.normal(text)
        if normal not in allowed:
            close = closest_country(text) if allowed is country_names() else closest(normal, allowed)
            some = ", ".join(list(allowed)[:12]) + (", ..." if len(allowed) > 12 else "")
            hint = f"did you mean {close}?" if close else f"there are {some}"
            raise ConditionError(path, f"{text!r} is unknown: {hint}")
        found.add(normal)
    return frozenset(found)


def _name(field: _Field, text: str, path: str) -> str:
    """Return a name as it is compared. Raises ConditionError where it can be that of nothing."""
    name = field.normal(text)
    if not name or not field.is_name(name):
        raise ConditionError(path, f"{text!r} names nothing: write {field.such_as}")
    return name


def _texts(value: object, path: str, *, several: bool) -> list[str]:
    values = value if several else [value]
    if not isinstance(values, list) or not values or not all(isinstance(each, str) and each for each in values):
        raise ConditionError(path, "write a list of texts" if several else f"write a text, not {value!r}")
    return values


def _join(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part
