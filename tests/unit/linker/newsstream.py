"""A seeded stream of made-up news: events with a truth, told by articles that leave out, shorten or mistake.

What makes it hard is deliberate: the same leaders speak again and again, strikes hit one country day after day, fires
break out in several towns of one country on one day, plans come true weeks later, and background sentences speak of
events months old, some of them in the same article as a new event of the same kind between the same parties.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

from services.contracts.dateline.v1 import event_pb2
from services.contracts.ids import derive, mention_id
from services.contracts.instants import to_timestamp
from services.contracts.ontology import event_types
from services.contracts.topics import MENTIONS
from services.linker.traits import traits_of
from services.runtime.stage import Message

START = datetime(2025, 1, 1, tzinfo=UTC)
_SYLLABLES = [a + b for a, b in product("bdfgklmnprstvz", "aeiou")]
_PERSONAL = ("arrest", "charge", "release", "sentencing", "death", "appointment", "resignation")
_BILATERAL = ("phone-call", "meeting", "negotiations", "agreement", "prisoner-exchange", "visit")
_DIRECTED = ("strike", "sanctions", "criticism", "threat", "demand", "aid")
_LOCAL = ("fire", "flood", "explosion", "transport-accident", "protest", "shooting")
_BUSINESS = ("merger", "earnings", "layoffs", "investment")


@dataclass(frozen=True)
class Person:
    name: str
    country: str
    office: str


@dataclass(frozen=True)
class City:
    name: str
    country: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Truth:
    """One event as it really is."""

    number: int
    type: str
    day: int
    planned_day: int
    """Day on which it became known as a plan; equal to ``day`` where it never was one."""
    persons: tuple[tuple[str, Person], ...]
    countries: tuple[tuple[str, str], ...]
    bodies: tuple[tuple[str, str], ...]
    city: City | None
    killed: int
    words: tuple[str, ...]
    story: str


@dataclass(frozen=True)
class Told:
    """One message with the number of the true event behind each of its mentions."""

    message: Message
    truths: dict[str, int]


class World:
    """The actors of the made-up news, and how often each takes part: a few countries take part in most."""

    def __init__(self, seed: int, size: int) -> None:
        self.rng = random.Random(seed)
        self.countries = ["".join(p) for p in product("ABCDE", "KLMN", "XYZ")]
        self._weights = [1 / (rank + 1) for rank in range(len(self.countries))]
        self.leaders = {c: Person(self._name(), c, "GOV") for c in self.countries}
        self.cities = [
            City(self._word(3).capitalize(), c, self.rng.uniform(-50, 60), self.rng.uniform(-170, 170))
            for c in self.countries
            for _ in range(8)
        ]
        self.bodies = [self._word(3).capitalize() + " Group" for _ in range(max(60, size // 40))]
        self.vocabulary = [self._word(3) for _ in range(5_000)]
        self.outlets = [f"{self._word(2)}{n}.example" for n in range(120)]
        self.type_words = {t: self.rng.sample(self.vocabulary, 10) for t in event_types()}

    def _word(self, syllables: int) -> str:
        return "".join(self.rng.choice(_SYLLABLES) for _ in range(syllables))

    def _name(self) -> str:
        return f"{self._word(2).capitalize()} {self._word(3).capitalize()}"

    def country(self) -> str:
        return self.rng.choices(self.countries, self._weights)[0]

    def pair(self) -> tuple[str, str]:
        one, other = self.country(), self.country()
        while other == one:
            other = self.country()
        return one, other

    def event(self, number: int, event_type: str, day: int, story: str) -> Truth:
        rng = self.rng
        persons: list[tuple[str, Person]] = []
        countries: list[tuple[str, str]] = []
        bodies: list[tuple[str, str]] = []
        city: City | None = None
        killed = 0
        planned = day
        if event_type in _PERSONAL:
            country = self.country()
            persons.append(("target", Person(self._name(), self.country(), "")))
            countries.append(("source", country))
            city = self._city(country) if rng.random() < 0.6 else None
        elif event_type in _BILATERAL:
            one, other = self.pair()
            countries += (("party", one), ("party", other))
            if rng.random() < 0.7:
                persons += (("party", self.leaders[one]), ("party", self.leaders[other]))
            if event_type in ("meeting", "visit"):
                city = self._city(one)
            if rng.random() < 0.4:
                planned = day - rng.randint(3, 25)
        elif event_type in _DIRECTED:
            one, other = self.pair()
            countries += (("source", one), ("target", other))
            if event_type != "strike" and rng.random() < 0.6:
                persons.append(("source", self.leaders[one]))
            if event_type == "strike":
                city, killed = self._city(other), rng.randint(0, 40)
        elif event_type in _LOCAL:
            city, killed = self._city(self.country()), rng.randint(0, 60)
        else:
            bodies += (("party", body) for body in rng.sample(self.bodies, 2 if event_type == "merger" else 1))
            countries.append(("party", self.country()))
        return Truth(
            number, event_type, day, planned, tuple(persons), tuple(countries), tuple(bodies), city, killed,
            tuple(rng.sample(self.vocabulary, 10)), story,
        )  # fmt: skip

    def _city(self, country: str) -> City:
        return self.rng.choice([c for c in self.cities if c.country == country])


def stream(seed: int, events: int, days: int = 365, reports_most: int = 7) -> Iterator[Told]:
    """Yield the articles about ``events`` events within ``days`` in the order of publication."""
    world = World(seed, events)
    rng = world.rng
    types = _PERSONAL + _BILATERAL + _DIRECTED + _LOCAL + _BUSINESS
    truths = [
        world.event(n, rng.choice(types), rng.randint(0, days - 1), f"story{n // 2}" if rng.random() < 0.6 else f"s{n}")
        for n in range(events)
    ]
    by_kind: dict[tuple[str, tuple[tuple[str, str], ...]], list[Truth]] = {}
    for truth in truths:
        by_kind.setdefault((truth.type, truth.countries), []).append(truth)
    told: list[tuple[float, int, Truth, str]] = []
    for truth in truths:
        if truth.planned_day < truth.day:
            for _ in range(rng.randint(1, 3)):
                told.append((truth.planned_day + rng.expovariate(1.0), len(told), truth, "ahead"))
        for _ in range(rng.randint(1, reports_most)):
            told.append((truth.day + 0.1 + rng.expovariate(1.2), len(told), truth, "fresh"))
        if rng.random() < 0.25:
            told.append((truth.day + rng.uniform(20, 200), len(told), truth, "background"))
    told.sort(key=lambda item: (item[0], item[1]))
    for number, (day, _, truth, stage) in enumerate(told):
        about = [(truth, stage)]
        if rng.random() < 0.15:
            earlier = [t for t in by_kind[truth.type, truth.countries] if t.day < day - 20]
            if earlier:
                about.append((rng.choice(earlier), "background"))
        yield _article(world, number, day, about)


def _article(world: World, number: int, day: float, about: list[tuple[Truth, str]]) -> Told:
    rng = world.rng
    moment = START + timedelta(days=day)
    outlet = rng.choice(world.outlets)
    main = about[0][0]
    batch = event_pb2.MentionBatch(topic=event_types()[main.type].topic)
    article = batch.article
    article.id = derive("article", number)
    article.lineage_id = derive("lineage", number)
    article.revision = 1
    article.url = f"https://{outlet}/{number}"
    article.title = " ".join((*rng.sample(main.words, 3), *rng.sample(world.type_words[main.type], 2)))
    article.source.domain = outlet
    article.published_at.CopyFrom(to_timestamp(moment))
    article.first_seen_at.CopyFrom(to_timestamp(moment))
    article.story_id = main.story if rng.random() < 0.7 else ""
    truths: dict[str, int] = {}
    for position, (truth, stage) in enumerate(about):
        for sentence in range(rng.choice((1, 1, 2))):
            mention = _mention(world, truth, stage, int(day))
            start = position * 1_000 + sentence * 200
            mention.article.CopyFrom(article)
            mention.id = mention_id(article.id, False, start, start + 4, mention.type)
            batch.mentions.append(mention)
            truths[mention.id] = truth.number
    return Told(Message(MENTIONS, batch.topic, batch, derive("batch", number), moment), truths)


def _mention(world: World, truth: Truth, stage: str, today: int) -> event_pb2.Mention:
    rng = world.rng
    mention = event_pb2.Mention(type=truth.type, status="occurred", confidence=round(rng.uniform(0.5, 0.95), 2))
    confusable = traits_of(truth.type).confusable
    if confusable and rng.random() < 0.05:
        mention.type = rng.choice(confusable)
    if stage == "ahead":
        mention.status = rng.choice(("planned", "agreed", "planned", "considered"))
    _add_participants(world, truth, mention)
    if truth.city and rng.random() < 0.85:
        city = truth.city if rng.random() > 0.02 else rng.choice(world.cities)
        mention.place.text = mention.place.name = city.name if rng.random() < 0.7 else city.country
        mention.place.country = city.country
        mention.place.precision = "city" if mention.place.name == city.name else "country"
        if mention.place.precision == "city":
            mention.place.lat, mention.place.lon = city.lat, city.lon
    _add_time(world, truth, stage, today, mention)
    if truth.killed and stage == "fresh" and rng.random() < 0.6:
        toll = max(1, round(truth.killed * rng.uniform(0.5, 1.0)))
        mention.quantities.add(value=toll, unit="people", qualifier="at_least", measure="killed")
    chosen = rng.sample(truth.words, rng.randint(2, 5)) + rng.sample(world.type_words[truth.type], 3)
    mention.sentence = " ".join(chosen + rng.sample(world.vocabulary, 4))
    return mention


def _add_participants(world: World, truth: Truth, mention: event_pb2.Mention) -> None:
    rng = world.rng
    for role, person in truth.persons:
        if rng.random() < 0.15:
            continue
        name = person.name if rng.random() > 0.15 else person.name.split()[-1]
        entity = event_pb2.Entity(
            id=f"person:{name.lower()}", name=name, kind="person", country=person.country, sector=person.office
        )
        mention.participants.add(role=role if rng.random() > 0.1 else "party", text=name, entity=entity)
    for role, country in truth.countries:
        if rng.random() > 0.2:
            entity = event_pb2.Entity(id=f"country:{country}", name=country, kind="country", country=country)
            mention.participants.add(role=role if rng.random() > 0.1 else "party", text=country, entity=entity)
    for role, body in truth.bodies:
        if rng.random() > 0.1:
            entity = event_pb2.Entity(id=f"org:{body.lower()}", name=body, kind="organisation")
            mention.participants.add(role=role, text=body, entity=entity)


def _add_time(world: World, truth: Truth, stage: str, today: int, mention: event_pb2.Mention) -> None:
    rng = world.rng
    happened = (START + timedelta(days=truth.day)).date()
    chance = rng.random()
    if stage == "background":
        if chance < 0.8:
            month = happened.isoformat()[:7]
            mention.time.start, mention.time.end = f"{month}-01", f"{month}-28"
            mention.time.granularity, mention.time.origin, mention.time.text = "month", "text", month
    elif chance < 0.5:
        mention.time.start = mention.time.end = happened.isoformat()
        mention.time.granularity, mention.time.origin, mention.time.text = "day", "text", "on that day"
    elif chance < 0.8:
        told = (START + timedelta(days=today)).date()
        mention.time.start = mention.time.end = told.isoformat()
        mention.time.granularity, mention.time.origin = "day", "report"
