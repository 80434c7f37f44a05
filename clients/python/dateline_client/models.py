"""Events and changes as dataclasses. Missing fields get their empty value, unknown ones stay in ``raw``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(_cut(text)) if isinstance(text, str) and text else None


def _cut(text: str) -> str:
    """Cut nanoseconds to the microseconds that datetime has."""
    head, dot, tail = text.partition(".")
    digits = tail.rstrip("Zz")
    return f"{head}.{digits[:6]}+00:00" if dot and tail[-1:] in "Zz" else text


@dataclass(frozen=True, slots=True)
class Entity:
    """A person, organisation, country or group."""

    id: str = ""
    name: str = ""
    kind: str = ""
    country: str = ""
    """ISO 3166-1 alpha-3."""
    sector: str = ""

    @classmethod
    def from_json(cls, data: Json) -> Entity:
        return cls(*(str(data.get(name, "")) for name in ("id", "name", "kind", "country", "sector")))


@dataclass(frozen=True, slots=True)
class Participant:
    """Who takes part. ``role``: source (who acts), target, subject or party."""

    role: str
    text: str
    entity: Entity

    @property
    def name(self) -> str:
        """The canonical name, or what the text says."""
        return self.entity.name or self.text

    @classmethod
    def from_json(cls, data: Json) -> Participant:
        return cls(data.get("role", ""), data.get("text", ""), Entity.from_json(data.get("entity", {})))


@dataclass(frozen=True, slots=True)
class Place:
    """Where it takes place. Degrees are None where unknown."""

    name: str
    country: str
    lat: float | None
    lon: float | None
    precision: str

    @classmethod
    def from_json(cls, data: Json) -> Place:
        return cls(
            data.get("name") or data.get("text", ""),
            data.get("country", ""),
            data.get("lat"),
            data.get("lon"),
            data.get("precision", ""),
        )


@dataclass(frozen=True, slots=True)
class EventTime:
    """When it takes place: days or instants in ISO 8601, as precise as they are known."""

    start: str
    end: str
    granularity: str

    @classmethod
    def from_json(cls, data: Json) -> EventTime:
        return cls(data.get("start", ""), data.get("end", ""), data.get("granularity", ""))


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure. ``qualifier``: exactly, at_least, up_to, about, more_than, less_than."""

    value: float
    unit: str
    qualifier: str

    @classmethod
    def from_json(cls, data: Json) -> Quantity:
        return cls(float(data.get("value", 0)), data.get("unit", ""), data.get("qualifier", ""))


@dataclass(frozen=True, slots=True)
class Figure:
    """What an event's reports say of one measure: the latest credible figure, and the range over all sources."""

    measure: str
    latest: Quantity | None
    low: float
    high: float

    @classmethod
    def from_json(cls, data: Json) -> Figure:
        latest = Quantity.from_json(data["latest"]) if data.get("latest") else None
        return cls(
            data.get("measure") or data.get("unit", ""), latest, float(data.get("low", 0)), float(data.get("high", 0))
        )


@dataclass(frozen=True, slots=True)
class StatusMove:
    """One step of the status."""

    status: str
    at: datetime | None
    """When it became known."""
    article_url: str
    source: str = ""
    """Registered domain of the outlet that tells it."""
    origin: str = ""
    """Who reports it in the end: an agency, an owner, or the outlet's domain."""
    told_at: datetime | None = None
    """Publication of the report."""
    said_by: str = ""
    """Who says so, where the sentence attributes it."""
    basis: str = ""
    """Why it was believed: first, forward, ended, revived, outweighed or corrected."""

    @classmethod
    def from_json(cls, data: Json) -> StatusMove:
        return cls(
            data.get("status", ""),
            _instant(data.get("at")),
            data.get("article_url", ""),
            data.get("source", {}).get("domain", ""),
            data.get("origin", ""),
            _instant(data.get("told_at")),
            data.get("attribution", {}).get("text", ""),
            data.get("basis", ""),
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """One value of a field that reports differ on, with those who say so."""

    value: Any
    text: str
    """The value for a reader: "at least 12", "Porto, Portugal"."""
    sources: tuple[str, ...]
    article_url: str
    at: datetime | None
    """Publication of the latest report that says so."""
    shown: bool
    """True for the value that the event shows."""

    @classmethod
    def from_json(cls, data: Json) -> Claim:
        return cls(
            _value(data.get("value", "")),
            data.get("text", ""),
            tuple(data.get("sources", ())),
            data.get("article_url", ""),
            _instant(data.get("at")),
            bool(data.get("shown", False)),
        )


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A field on which reports differ so that they cannot all be right."""

    field: str
    """"status", "place", "time", "quantities.killed", "participants.source", ..."""
    values: tuple[Claim, ...]
    """The one that the event shows first, then the others by how credible they are."""

    @classmethod
    def from_json(cls, data: Json) -> Contradiction:
        return cls(data.get("field", ""), tuple(map(Claim.from_json, data.get("values", ()))))


@dataclass(frozen=True, slots=True)
class Related:
    """Another event near this one. ``relation``: same-story, similar, leads-to or split."""

    event_id: str
    relation: str

    @classmethod
    def from_json(cls, data: Json) -> Related:
        return cls(data.get("event_id", ""), data.get("relation", ""))


@dataclass(frozen=True, slots=True)
class Origin:
    """Who reports it independently of the others."""

    name: str
    kind: str
    domains: tuple[str, ...]
    first_told_at: datetime | None

    @classmethod
    def from_json(cls, data: Json) -> Origin:
        domains = tuple(data.get("domains", ()))
        return cls(data.get("name", ""), data.get("kind", ""), domains, _instant(data.get("first_told_at")))


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentence behind a state."""

    text: str
    status: str
    article_url: str
    article_title: str
    source: str
    """Registered domain."""
    published_at: datetime | None
    copies: int = 0
    """Articles that repeat the text of this one."""
    article_id: str = ""
    """Id of this revision of the article."""
    lineage_id: str = ""
    """Identity of the article across its revisions."""
    article_revision: int = 0

    @classmethod
    def from_json(cls, data: Json) -> Evidence:
        return cls(
            data.get("text", ""),
            data.get("status", ""),
            data.get("article_url", ""),
            data.get("article_title", ""),
            data.get("source", {}).get("domain", ""),
            _instant(data.get("published_at")),
            data.get("copies", 0),
            data.get("article_id", ""),
            data.get("lineage_id", ""),
            int(data.get("article_revision", 0)),
        )


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it stands. In changes and summaries the long parts (evidence) are left out."""

    id: str
    type: str
    topic: str
    title: str
    status: str
    revision: int
    participants: tuple[Participant, ...]
    place: Place | None
    time: EventTime | None
    figures: tuple[Figure, ...]
    status_history: tuple[StatusMove, ...]
    independent_sources: tuple[str, ...]
    origins: tuple[Origin, ...]
    copies: int
    evidence: tuple[Evidence, ...]
    first_seen: datetime | None
    last_changed: datetime | None
    confidence: float
    merged_into: str
    retracted: bool
    overdue: bool
    activity: str
    """live; quiet: nothing was heard of it for some days; archived: nothing for weeks."""
    contradictions: tuple[Contradiction, ...]
    story_ids: tuple[str, ...]
    related: tuple[Related, ...]
    split_from: str
    """Id of the event whose reports this one was divided from; empty where there is none."""
    split_into: tuple[str, ...]
    """Ids of the events divided from this one, the earliest first."""
    sample: bool
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> Event:
        return cls(
            id=data["id"],
            type=data.get("type", ""),
            topic=data.get("topic", ""),
            title=data.get("title", ""),
            status=data.get("status", ""),
            revision=int(data.get("revision", 0)),
            participants=tuple(map(Participant.from_json, data.get("participants", ()))),
            place=Place.from_json(data["place"]) if data.get("place") else None,
            time=EventTime.from_json(data["time"]) if data.get("time") else None,
            figures=tuple(map(Figure.from_json, data.get("quantities", ()))),
            status_history=tuple(map(StatusMove.from_json, data.get("status_history", ()))),
            independent_sources=tuple(data.get("independent_sources", ())),
            origins=tuple(map(Origin.from_json, data.get("origins", ()))),
            copies=int(data.get("copies", 0)),
            evidence=tuple(map(Evidence.from_json, data.get("evidence", ()))),
            first_seen=_instant(data.get("first_seen")),
            last_changed=_instant(data.get("last_changed")),
            confidence=float(data.get("confidence", 0)),
            merged_into=data.get("merged_into", ""),
            retracted=bool(data.get("retracted", False)),
            overdue=bool(data.get("overdue", False)),
            activity=data.get("activity") or "live",
            contradictions=tuple(map(Contradiction.from_json, data.get("contradictions", ()))),
            story_ids=tuple(data.get("story_ids", ())),
            related=tuple(map(Related.from_json, data.get("related", ()))),
            split_from=data.get("split_from", ""),
            split_into=tuple(data.get("split_into", ())),
            sample=bool(data.get("sample", False)),
            raw=data,
        )


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; None where there was no value."""

    field: str
    before: Any
    after: Any

    @classmethod
    def from_json(cls, data: Json) -> FieldChange:
        return cls(data.get("field", ""), _value(data.get("before", "")), _value(data.get("after", "")))


def _value(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except json.JSONDecodeError:
        return text


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed in an event, with the event as it stands after it."""

    id: str
    kind: str
    """created, corroborated, status-changed, detail-changed, contradicted, overdue, merged, split, activity-changed,
    retracted."""
    event_id: str
    revision: int
    title: str
    status: str
    fields: tuple[FieldChange, ...]
    article_url: str
    at: datetime | None
    event: Event
    position: str
    """Its place in the stream: pass it as ``after`` to go on after it."""
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json, position: str = "") -> Change:
        return cls(
            id=data["id"],
            kind=data.get("kind", ""),
            event_id=data.get("event_id", ""),
            revision=int(data.get("revision", 0)),
            title=data.get("title", ""),
            status=data.get("status", ""),
            fields=tuple(map(FieldChange.from_json, data.get("fields", ()))),
            article_url=data.get("article_url", ""),
            at=_instant(data.get("at")),
            event=Event.from_json(data["event"]),
            position=position,
            raw=data,
        )


@dataclass(frozen=True, slots=True)
class PastChange:
    """One thing that changed in an event, as its history has it: without the event's state."""

    id: str
    kind: str
    """As that of a ``Change``."""
    event_id: str
    revision: int
    title: str
    status: str
    fields: tuple[FieldChange, ...]
    article_url: str
    at: datetime | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> PastChange:
        return cls(
            id=data["id"],
            kind=data.get("kind", ""),
            event_id=data.get("event_id", ""),
            revision=int(data.get("revision", 0)),
            title=data.get("title", ""),
            status=data.get("status", ""),
            fields=tuple(map(FieldChange.from_json, data.get("fields", ()))),
            article_url=data.get("article_url", ""),
            at=_instant(data.get("at")),
            raw=data,
        )


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule that fired, with the change at which it did."""

    id: str
    rule_id: str
    rule_name: str
    at: datetime | None
    change: Change
    position: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json, position: str = "") -> Alert:
        rule = data.get("rule", {})
        return cls(
            id=data["id"],
            rule_id=rule.get("id", ""),
            rule_name=rule.get("name", ""),
            at=_instant(data.get("at")),
            change=Change.from_json(data["change"]),
            position=position,
            raw=data,
        )


@dataclass(frozen=True, slots=True)
class Reset:
    """Changes were missed: load the state anew. ``reason``: trimmed (no longer kept)."""

    reason: str
    position: str
