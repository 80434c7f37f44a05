"""A small news desk: builds articles with mentions, feeds them to a linker and keeps what comes out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.contracts.dateline.v1 import article_pb2, event_pb2
from services.contracts.ids import derive, mention_id
from services.contracts.instants import to_timestamp
from services.contracts.ontology import event_types
from services.contracts.topics import EVENTS, MENTIONS
from services.linker.activity import Memory
from services.linker.service import build
from services.linker.stage import Linker
from services.runtime.stage import Failure, Message, Outcome, Write

COUNTRIES = {
    "USA": "United States", "RUS": "Russia", "UKR": "Ukraine", "TUR": "Turkey", "PRT": "Portugal", "CAN": "Canada",
    "DEU": "Germany", "FRA": "France", "KEN": "Kenya", "UGA": "Uganda", "CHL": "Chile", "IDN": "Indonesia",
}  # fmt: skip
CITIES = {
    "Porto": ("PRT", 41.15, -8.61), "Bursa": ("TUR", 40.19, 29.06), "Moscow": ("RUS", 55.75, 37.62),
    "Kyiv": ("UKR", 50.45, 30.52), "Odesa": ("UKR", 46.48, 30.73), "Hamburg": ("DEU", 53.55, 9.99),
    "Lyon": ("FRA", 45.76, 4.84), "Nairobi": ("KEN", -1.29, 36.82),
}  # fmt: skip


def at(text: str) -> datetime:
    """ "2025-02-12" or "2025-02-12T23:00" in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def entity(name: str) -> event_pb2.Entity:
    """A country by its code, an organisation as "org:Red Crescent", a person as "Marc Fogel" or "Marc Fogel/USA"."""
    if name in COUNTRIES:
        return event_pb2.Entity(id=f"country:{name}", name=COUNTRIES[name], kind="country", country=name)
    if name.startswith("org:"):
        plain = name.removeprefix("org:")
        return event_pb2.Entity(id=f"org:{plain.lower()}", name=plain, kind="organisation")
    plain, _, rest = name.partition("/")
    country, _, sector = rest.partition("/")
    return event_pb2.Entity(id=f"person:{plain.lower()}", name=plain, kind="person", country=country, sector=sector)


def place(name: str) -> event_pb2.Place:
    """A city of ``CITIES`` or a country by its code."""
    if name in COUNTRIES:
        return event_pb2.Place(text=COUNTRIES[name], name=COUNTRIES[name], country=name, precision="country")
    country, lat, lon = CITIES[name]
    return event_pb2.Place(text=name, name=name, country=country, lat=lat, lon=lon, precision="city")


def when(text: str) -> event_pb2.EventTime:
    """ "2025-02-11", "2025-02" or "2025" by words of the text; "report 2025-02-11" for the day of the report."""
    if text.startswith("report "):
        day = text.removeprefix("report ")
        return event_pb2.EventTime(start=day, end=day, granularity="day", origin="report")
    last = {4: "-12-31", 7: "-28"}.get(len(text), "")
    first = {4: "-01-01", 7: "-01"}.get(len(text), "")
    granularity = {4: "year", 7: "month"}.get(len(text), "day")
    return event_pb2.EventTime(start=text + first, end=text + last, granularity=granularity, text=text, origin="text")


def says(
    event_type: str,
    status: str,
    who: Iterable[str] = (),
    *,
    where: str = "",
    time: str = "",
    killed: float | None = None,
    qualifier: str = "exactly",
    by: str = "",
    sentence: str = "",
    in_title: bool = False,
    confidence: float = 0.8,
) -> event_pb2.Mention:
    """A mention; ``who`` lists "role=name" (or a name alone, as a party)."""
    mention = event_pb2.Mention(type=event_type, status=status, sentence=sentence, confidence=confidence)
    mention.sentence_span.in_title = in_title
    for item in who:
        role, _, name = item.rpartition("=")
        named = entity(name)
        mention.participants.add(role=role or "party", text=named.name, entity=named)
    if where:
        mention.place.CopyFrom(place(where))
    if time:
        mention.time.CopyFrom(when(time))
    if killed is not None:
        mention.quantities.add(value=killed, unit="people", qualifier=qualifier, measure="killed")
    if by:
        mention.attribution.text = by
    known = event_types().get(event_type)
    mention.codes.iptc = known.topic if known else ""
    mention.codes.plover = known.plover if known and status == "occurred" else "AGREE"
    return mention


def article(
    name: str, source: str, told: str, *, title: str = "", story: str = "", revision: int = 1
) -> article_pb2.ArticleRef:
    """An article; its id is derived from name and revision."""
    return article_pb2.ArticleRef(
        id=derive("article", name, revision),
        lineage_id=derive("lineage", name),
        revision=revision,
        url=f"https://{source}/{name}",
        title=title,
        source=article_pb2.Source(domain=source),
        published_at=to_timestamp(at(told)),
        first_seen_at=to_timestamp(at(told)),
        story_id=story,
    )


def batch(
    told_by: article_pb2.ArticleRef,
    *mentions: event_pb2.Mention,
    topic: str = "",
    supersedes: str = "",
    copy_of: str = "",
    mark: str = "",
    names: Iterable[str] = (),
) -> Message:
    """The message that carries the mentions of an article, and the names in it."""
    topic = topic or (event_types()[mentions[0].type].topic if mentions else "")
    assert topic, "name the topic of a batch without mentions"
    value = event_pb2.MentionBatch(topic=topic, article=told_by, supersedes=supersedes, copy_of=copy_of, names=names)
    for position, mention in enumerate(mentions):
        placed = value.mentions.add()
        placed.CopyFrom(mention)
        placed.article.CopyFrom(told_by)
        start = position * 200
        placed.sentence_span.start, placed.sentence_span.end = start, start + max(1, len(mention.sentence))
        placed.trigger_span.start, placed.trigger_span.end = start, start + 1
        placed.id = mention_id(told_by.id, False, start, start + 1, mention.type)
    moment = told_by.first_seen_at.ToDatetime(tzinfo=UTC)
    return Message(MENTIONS, topic, value, derive("batch", told_by.id, topic, mark), moment)


@dataclass
class Desk:
    """A linker with everything it has sent and stored."""

    memory: Memory = field(default_factory=Memory)
    linker: Linker = field(init=False)
    events: dict[str, event_pb2.Event] = field(default_factory=dict)
    changes: list[event_pb2.Change] = field(default_factory=list)
    stored: dict[str, bytes] = field(default_factory=dict)
    sent: int = 0

    def __post_init__(self) -> None:
        self.linker = build(self.memory)

    def take(self, *messages: Message) -> list[event_pb2.Event]:
        """Feed messages; return the states of the events that the last one touched."""
        touched: list[event_pb2.Event] = []
        for message in messages:
            (answer,) = self.linker.handle_many([message], message.time)
            if isinstance(answer, Failure):
                raise answer.error
            touched = self._keep(answer)
        return touched

    def pass_time(self, moment: datetime) -> list[int]:
        """Let time come to ``moment`` without news; return how many entries each step wrote."""
        steps: list[int] = []
        while not (outcome := self.linker.due(moment)).empty:
            for write in outcome.writes:
                self.linker.apply(write)
            self._keep(outcome)
            steps.append(len(outcome.writes))
        return steps

    def _keep(self, outcome: Outcome) -> list[event_pb2.Event]:
        touched: list[event_pb2.Event] = []
        for emit in outcome.emits:
            self.sent += 1
            if emit.topic is EVENTS:
                assert isinstance(emit.value, event_pb2.Event)
                known = self.events.get(emit.key)
                assert known is None or emit.value.revision == known.revision + 1
                self.events[emit.key] = emit.value
                touched.append(emit.value)
            else:
                assert isinstance(emit.value, event_pb2.Change)
                self.changes.append(emit.value)
        for write in outcome.writes:
            if write.value is None:
                self.stored.pop(write.key, None)
            else:
                self.stored[write.key] = write.value
        return touched

    def live(self) -> list[event_pb2.Event]:
        """The events that are neither merged away nor retracted."""
        return [e for e in self.events.values() if not e.merged_into and not e.retracted]

    def kinds(self, event_id: str) -> list[str]:
        """The kinds of all changes of an event, in order."""
        return [change.kind for change in self.changes if change.event_id == event_id]

    def restart(self, seed: int) -> None:
        """Replace the linker by one loaded from the stored entries in a shuffled order."""
        entries: Sequence[tuple[str, bytes]] = sorted(self.stored.items())
        shuffled = random.Random(seed).sample(entries, len(entries))
        self.linker = build(self.memory)
        self.linker.load(Write(key, value) for key, value in shuffled)
