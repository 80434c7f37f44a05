"""Alert rules, and when one fires: at the change at which an event comes to meet its condition. Pure.

A rule fires once for each crossing, not at every change after it. It is armed again for an event once that no longer
meets the condition. An event that met it before the rule first looked at it has not crossed: whether it did is seen by
taking the change back. A merge hands on that a rule has fired: the event that stays does not fire again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from services.api.change_filters import facets_of
from services.api.changes import Entry
from services.api.conditions import Subject, Test, read_condition
from services.api.sse import Position, format_position, parse_position
from services.api.webhook_messages import instant
from services.contracts.ids import derive

Json = dict[str, Any]


class NewRule(BaseModel):
    """Body of POST /v1/alerts."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=1_000)
    when: dict[str, Any] = Field(
        description='The condition, such as {"all": [{"field": "status", "becomes": "occurred"}, {"field": "sources", '
        '"gte": 3}, {"field": "country", "is": "UKR"}]}.'
    )
    enabled: bool = True


class RuleChanges(BaseModel):
    """Body of PATCH /v1/alerts/{id}: what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=1_000)
    when: dict[str, Any] | None = Field(default=None, description="A new condition starts as a new rule does.")
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is kept."""

    id: str
    name: str
    when: Mapping[str, Any]
    created_ms: int
    since: Position
    """Changes up to this place of the stream are none of its business."""
    description: str = ""
    enabled: bool = True
    owner: str = ""
    """Id of the API key that made it; empty where keys were off."""

    @property
    def made_at(self) -> datetime:
        """When it was made, or its condition written anew."""
        return datetime.fromtimestamp(self.created_ms / 1_000, UTC)

    def shown(self) -> Json:
        """Return the rule as the API shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "when": self.when,
            "enabled": self.enabled,
            "created_at": instant(self.created_ms),
        }


def rule_json(rule: Rule) -> bytes:
    """Return what Redis holds of a rule."""
    return orjson.dumps(
        {
            "name": rule.name,
            "when": rule.when,
            "created_ms": rule.created_ms,
            "since": format_position(rule.since),
            "description": rule.description,
            "enabled": rule.enabled,
            "owner": rule.owner,
        }
    )


def read_rule(rule_id: str, raw: bytes) -> Rule:
    """Return a rule as it is kept. Raises KeyError or ValueError where it is of another layout."""
    held = orjson.loads(raw)
    return Rule(
        id=rule_id,
        name=held["name"],
        when=held["when"],
        created_ms=held["created_ms"],
        since=parse_position(held["since"]),
        description=held["description"],
        enabled=held["enabled"],
        owner=held["owner"],
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a change does to one rule and one event."""

    met: bool
    """Whether the event meets the condition now."""
    fires: bool


class Judge:
    """One rule, ready to judge."""

    def __init__(self, rule: Rule) -> None:
        """Raises ConditionError where the condition is known no more."""
        self.rule = rule
        self._test: Test = read_condition(rule.when)

    def judge(self, entry: Entry, met_before: Callable[[str], bool]) -> Verdict:
        """Return what a change does. ``met_before`` says of an event id whether it met the rule when last judged."""
        event_id = entry.facets.event_id
        if not self._meets(entry, entry.change["event"], momentary=True):
            return Verdict(met=False, fires=False)
        if met_before(event_id) or any(met_before(each) for each in absorbed(entry.change)):
            return Verdict(met=True, fires=False)
        before = taken_back(entry.change["event"])
        already = before is not None and self._meets(entry, before, momentary=False)
        return Verdict(met=True, fires=not already)

    def _meets(self, entry: Entry, event: Json, *, momentary: bool) -> bool:
        change = entry.change
        facets = entry.facets if momentary else facets_of({**change, "event": event})
        subject = Subject(
            event=event,
            facets=facets,
            changed=frozenset(field["field"] for field in change["fields"]) if momentary else frozenset(),
            kind=entry.facets.kind if momentary else "",
            since=self.rule.made_at,
        )
        return self._test(subject)


def absorbed(change: Json) -> Sequence[str]:
    """Return the ids of events that this change merged into its own."""
    if change["kind"] != "merged":
        return ()
    own = change["event_id"]
    values = (_value(field["before"]) for field in change["fields"] if field["field"] == "id")
    return [value for value in values if isinstance(value, str) and value and value != own]


def taken_back(event: Json) -> Json | None:
    """Return an event as it stood before its latest revision, as far as its changes tell; None where it is new."""
    before = dict(event)
    fields = [field for change in event["changes"] for field in change["fields"]]
    if any(change["kind"] == "created" for change in event["changes"]) or event["revision"] <= 1:
        return None
    for field in fields:
        name, value = field["field"], _value(field["before"])
        if name == "participants" and isinstance(value, list):
            before["participants"] = [
                each for each in event["participants"] if (each.get("entity", {}).get("name") or each["text"]) in value
            ]
        elif name.startswith("quantities."):
            before["quantities"] = _with_quantity(event["quantities"], name.partition(".")[2], value)
        elif name == "place":
            before["place"] = value if isinstance(value, dict) else {}
        elif name in ("merged_into", "retracted", "overdue"):
            before[name] = value or type(event.get(name, ""))()
        elif name in ("status", "type", "title") and isinstance(value, str):
            before[name] = value
            if name == "status":
                before["status_history"] = event["status_history"][:-1]
        elif name == "independent_sources":
            before[name] = value if isinstance(value, list) else []
        elif name == "copies":
            before[name] = value if isinstance(value, int) else 0
    return before


def _with_quantity(states: Sequence[Json], measure: str, value: object) -> list[Json]:
    others = [state for state in states if (state["measure"] or state["unit"]) != measure]
    if not isinstance(value, dict):
        return others
    return [*others, {"measure": measure, "unit": "", **value}]


def _value(text: str) -> object:
    """Return a value of a FieldChange; None where there was none."""
    try:
        return orjson.loads(text) if text else None
    except orjson.JSONDecodeError:
        return None


def fired_json(rule: Rule, entry: Entry) -> bytes:
    """Return what is told when a rule fires."""
    return orjson.dumps(
        {
            "id": derive("alert", rule.id, entry.facets.event_id, format_position(entry.position)),
            "at": instant(entry.position[0]),
            "rule": {"id": rule.id, "name": rule.name, "owner": rule.owner},
            "change": orjson.Fragment(entry.raw),
        }
    )
