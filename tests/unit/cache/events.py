"""Events for tests, built from a few words; everything not named is the same each time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.contracts.dateline.v1.article_pb2 import Source
from services.contracts.dateline.v1.event_pb2 import (
    Change,
    Codes,
    Entity,
    Event,
    EventTime,
    Evidence,
    FieldChange,
    Origin,
    Participant,
    Place,
    Quantity,
    QuantityState,
    SourcedQuantity,
    Span,
    StatusMove,
)
from services.contracts.ids import change_id, event_id
from services.contracts.instants import to_timestamp
from services.contracts.ontology import event_types
from services.contracts.topics import EVENTS
from services.runtime.stage import Message

START = datetime(2031, 11, 19, 9, 0, tzinfo=UTC)

COUNTRIES = {"KEN": "Kenya", "UGA": "Uganda", "COL": "Colombia", "VEN": "Venezuela", "IDN": "Indonesia"}


def make_event(
    name: str = "accord",
    *,
    revision: int = 1,
    type: str = "agreement",
    status: str = "agreed",
    title: str = "Kenya and Uganda sign fishing accord",
    countries: Sequence[str] = ("KEN", "UGA"),
    place: str = "Kisumu",
    place_country: str = "KEN",
    lon: float = 34.75,
    lat: float = -0.1,
    sources: Sequence[str] = ("meridian.example",),
    at: datetime = START,
    sample: bool = False,
    merged_into: str = "",
    retracted: bool = False,
    killed: Sequence[tuple[str, float]] = (),
    kind: str = "",
    fields: Sequence[tuple[str, str, str]] = (),
    evidence_url: str = "https://meridian.example/accord",
) -> Event:
    """Return one event state. ``name`` stands for its identity, ``killed`` pairs a source with its toll."""
    identity = event_id(name)
    topic = event_types()[type].topic
    when = to_timestamp(at)
    sentence = f"{title} on Wednesday."
    change = Change(
        id=change_id(identity, revision, 0),
        event_id=identity,
        revision=revision,
        kind=kind or ("created" if revision == 1 else "detail-changed"),
        fields=[FieldChange(field=field, before=before, after=after) for field, before, after in fields],
        mention_id="m" * 32,
        article_id="a" * 32,
        article_url=evidence_url,
        at=when,
        topic=topic,
        type=type,
        title=title,
        status=status,
        sample=sample,
    )
    evidence = Evidence(
        mention_id="m" * 32,
        article_id="a" * 32,
        article_url=evidence_url,
        article_title=title,
        source=Source(domain=sources[0], name="Meridian Wire", country="KEN"),
        text=sentence,
        span=Span(start=100, end=100 + len(sentence)),
        trigger_span=Span(start=100 + sentence.index(title.split()[-1]), end=100 + len(title)),
        status=status,
        published_at=when,
        first_seen_at=when,
        confidence=0.9,
    )
    event = Event(
        id=identity,
        type=type,
        topic=topic,
        title=title,
        status=status,
        status_history=[
            StatusMove(status="planned", at=to_timestamp(START - timedelta(hours=1)), article_url=evidence_url),
            StatusMove(status=status, at=when, article_url=evidence_url),
        ],
        participants=[
            Participant(
                role="party",
                text=COUNTRIES[code],
                entity=Entity(id=f"country:{code}", name=COUNTRIES[code], kind="country", country=code),
            )
            for code in countries
        ],
        place=Place(text=place, name=place, country=place_country, lat=lat, lon=lon, geonames_id=191245),
        time=EventTime(start="2031-11-19", end="2031-11-19", granularity="day", text="Wednesday", origin="text"),
        first_seen=to_timestamp(START),
        last_changed=when,
        revision=revision,
        independent_sources=list(sources),
        origins=[Origin(name=domain, kind="outlet", domains=[domain], first_told_at=when) for domain in sources],
        copies=3,
        evidence=[evidence],
        evidence_total=1,
        story_ids=["s" * 32],
        confidence=0.9,
        codes=Codes(plover="AGREE", cameo="057", iptc=topic),
        merged_into=merged_into,
        sample=sample,
        retracted=retracted,
        changes=[change],
    )
    if killed:
        figures = [Quantity(value=toll, unit="dead", qualifier="exactly", measure="killed") for _, toll in killed]
        event.quantities.append(
            QuantityState(
                measure="killed",
                unit="dead",
                latest=figures[-1],
                low=min(figure.value for figure in figures),
                high=max(figure.value for figure in figures),
                reports=[
                    SourcedQuantity(source_domain=domain, quantity=figure, at=when)
                    for (domain, _), figure in zip(killed, figures, strict=True)
                ],
            )
        )
    return event


def as_message(event: Event) -> Message:
    """Return the message by which the cache receives an event."""
    return Message(EVENTS, event.id, event, f"{event.id}:{event.revision}", START)
