"""What the board's pages show, made from an event's JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from services.api import phrases

Json = Mapping[str, Any]

SHOWN_PARTICIPANTS = 6
SHOWN_SOURCES = 4


@dataclass(frozen=True, slots=True)
class Move:
    """A step in an event's status."""

    status: str
    at: str
    url: str | None
    origin: str
    """Who reports it in the end; empty where that is not known."""
    said_by: str
    because: str
    """Why it was believed, in words; empty where it went on as such things do."""


@dataclass(frozen=True, slots=True)
class Said:
    """One of the values that reports differ on."""

    text: str
    sources: tuple[str, ...]
    url: str | None
    at: str
    shown: bool
    """True for the value that the event shows."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A field on which reports differ, with what each side says."""

    name: str
    values: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A change in words."""

    kind: str
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class Card:
    """One event in a list."""

    id: str
    title: str
    type: str
    topic: str
    status: str
    state: str
    """live, merged or retracted."""
    overdue: bool
    """True where its date has passed without news."""
    sample: bool
    place: str
    time: str
    participants: tuple[str, ...]
    more_participants: int
    sources: tuple[str, ...]
    more_sources: int
    source_count: int
    copies: int
    tolls: tuple[str, ...]
    moves: tuple[Move, ...]
    first_seen: str
    last_changed: str
    revision: int
    last_change: Told | None
    """The weightiest change of the latest revision: the linker tells that one first."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One change in the ticker."""

    event_id: str
    title: str
    told: Told
    status: str
    sample: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """One piece of evidence: the sentence in three parts, the middle one naming the event."""

    before: str
    trigger: str
    after: str
    url: str | None
    article_title: str
    outlet: str
    domain: str
    status: str
    said_by: str
    published_at: str
    copies: int
    """Articles that repeat the text of this one."""


@dataclass(frozen=True, slots=True)
class Report:
    """One source's figure."""

    domain: str
    figure: str
    at: str


@dataclass(frozen=True, slots=True)
class Toll:
    """A quantity with the reports behind it."""

    name: str
    overall: str
    disputed: bool
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """A source as people see it: "Associated Press", with the outlets that carry it and when it told the event."""

    name: str
    outlets: tuple[str, ...]
    """Empty where the name says it already."""
    first_told: str


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything on an event's own page."""

    card: Card
    participants: tuple[tuple[str, str, str], ...]
    """Name, role, country."""
    sources: tuple[Origin, ...]
    """The earliest first."""
    quotes: tuple[Quote, ...]
    evidence_total: int
    tolls: tuple[Toll, ...]
    timeline: tuple[Told, ...]
    """Newest first."""
    timeline_whole: bool
    merged_into: str
    related: tuple[tuple[str, str], ...]
    """Relation, event id."""
    disputes: tuple[Dispute, ...]


def card(event: Json) -> Card:
    """Return an event for a list; its summary is enough."""
    people = tuple(dict.fromkeys(_participant_name(participant) for participant in event["participants"]))
    sources = event["independent_sources"]
    changes = event.get("changes", [])
    return Card(
        id=event["id"],
        title=event["title"] or phrases.label(event["type"]),
        type=event["type"],
        topic=event["topic"],
        status=event["status"],
        overdue=event.get("overdue", False),
        state="merged" if event["merged_into"] else "retracted" if event["retracted"] else "live",
        sample=event["sample"],
        place=phrases.place(event.get("place", {})),
        time=phrases.event_time(event.get("time", {})),
        participants=people[:SHOWN_PARTICIPANTS],
        more_participants=max(0, len(people) - SHOWN_PARTICIPANTS),
        sources=tuple(sources[:SHOWN_SOURCES]),
        more_sources=max(0, len(sources) - SHOWN_SOURCES),
        source_count=len(sources),
        copies=event["copies"],
        tolls=tuple(phrases.toll(quantity) for quantity in event["quantities"]),
        moves=tuple(map(_move, event["status_history"])),
        first_seen=event.get("first_seen", ""),
        last_changed=event.get("last_changed", ""),
        revision=event["revision"],
        last_change=told(changes[0]) if changes else None,
    )


def _origin(document: Json) -> Origin:
    name, domains = document["name"], tuple(document["domains"])
    return Origin(name, domains if domains != (name,) else (), document.get("first_told_at", ""))


def _move(move: Json) -> Move:
    return Move(
        status=move["status"],
        at=move.get("at", ""),
        url=safe_url(move["article_url"]),
        origin=move.get("origin", "") or move.get("source", {}).get("domain", ""),
        said_by=move.get("attribution", {}).get("text", ""),
        because=phrases.basis(move.get("basis", "")),
    )


def _dispute(contradiction: Json) -> Dispute:
    return Dispute(
        phrases.field(contradiction["field"]),
        tuple(
            Said(each["text"], tuple(each["sources"]), safe_url(each["article_url"]), each.get("at", ""), each["shown"])
            for each in contradiction["values"]
        ),
    )


def told(change: Json) -> Told:
    """Return a change in words."""
    return Told(change["kind"], phrases.change(change), change.get("at", ""))


def tick(change: Json) -> Tick:
    """Return a change for the ticker."""
    title = change["title"] or phrases.label(change["type"])
    return Tick(change["event_id"], title, told(change), change["status"], change["sample"])


def detail(event: Json, history: Sequence[Json]) -> Detail:
    """Return an event for its own page. ``history`` is oldest first."""
    return Detail(
        card=card(event),
        participants=tuple(
            (
                _participant_name(participant),
                participant["role"],
                phrases.country(participant.get("entity", {}).get("country", "")),
            )
            for participant in event["participants"]
        ),
        sources=tuple(_origin(origin) for origin in event.get("origins", ())),
        quotes=tuple(quote(evidence) for evidence in event["evidence"]),
        evidence_total=event["evidence_total"],
        tolls=tuple(_toll(quantity) for quantity in event["quantities"]),
        timeline=tuple(told(change) for change in reversed(history)),
        timeline_whole=bool(history) and history[0]["revision"] == 1,
        merged_into=event["merged_into"],
        disputes=tuple(map(_dispute, event.get("contradictions", ()))),
        related=tuple((phrases.label(link["relation"]), link["event_id"]) for link in event["related"]),
    )


def quote(evidence: Json) -> Quote:
    """Return a piece of evidence. Offsets that do not lie in the sentence leave it without highlight."""
    text, span, trigger = evidence["text"], evidence.get("span", {}), evidence.get("trigger_span", {})
    start = trigger.get("start", 0) - span.get("start", 0)
    end = trigger.get("end", 0) - span.get("start", 0)
    if not (0 <= start < end <= len(text)) or trigger.get("in_title") != span.get("in_title"):
        start = end = len(text)
    source = evidence.get("source", {})
    domain = source.get("domain", "")
    return Quote(
        before=text[:start],
        trigger=text[start:end],
        after=text[end:],
        url=safe_url(evidence["article_url"]),
        article_title=evidence["article_title"],
        outlet=source.get("name", "") or domain,
        domain=domain,
        status=evidence["status"],
        said_by=evidence.get("attribution", {}).get("text", ""),
        published_at=evidence.get("published_at") or evidence.get("first_seen_at", ""),
        copies=evidence.get("copies", 0),
    )


def safe_url(url: str) -> str | None:
    """Return an address that may be linked: http or https with a host. Feeds may hold javascript: and worse."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def _participant_name(participant: Json) -> str:
    return str(participant.get("entity", {}).get("name") or participant["text"])


def _toll(quantity: Json) -> Toll:
    reports = tuple(
        Report(report["source_domain"], phrases.report(report["quantity"]), report.get("at", ""))
        for report in quantity.get("reports", [])
        if "quantity" in report
    )
    name = phrases.label(quantity["measure"] or quantity["unit"])
    return Toll(name, phrases.toll(quantity), quantity["low"] != quantity["high"], reports)
