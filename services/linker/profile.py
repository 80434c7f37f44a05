"""What is compared: the identifying facts of a mention or of an event, in one small form for both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from services.contracts.dateline.v1 import event_pb2
from services.linker.days import Days, days_of, told_on
from services.linker.names import Name, person_name
from services.linker.words import telling_words, without_dateline

AHEAD: Final = frozenset({"considered", "requested", "planned", "agreed"})
"""Statuses of events that have not begun."""
ENDED: Final = frozenset({"denied", "cancelled"})
"""Statuses that say an event does not take place."""
UNDERGOES: Final = frozenset({"target", "subject", "party"})
"""Roles of those to whom an event happens."""
GUESSED: Final = frozenset({"dateline", "article"})
"""Where a place comes from that the sentence does not name."""
_PRECISE: Final = frozenset({"site", "city"})


class Person(NamedTuple):
    """A named person with the role played."""

    name: Name
    role: str

    @property
    def surname(self) -> str:
        return self.name[-1]


class Spot(NamedTuple):
    """Where an event takes place."""

    name: str
    """Name of the town or site, lower case; empty where only a larger area is known."""
    city: str
    """Key of the town or site; empty where only a larger area is known."""
    area: str
    """Key of the first-level division; empty where unknown."""
    region: str
    """Name of a region that is no division ("Luzon", "Donbas"), which may hold several of them; else empty."""
    country: str
    lat: float | None
    lon: float | None
    guessed: bool = False
    """True where no sentence names it: it was written there, or the rest of the article speaks of it."""


class Amount(NamedTuple):
    """A quantity over all reports: one measure of one unit."""

    measure: str
    low: float
    high: float


@dataclass(slots=True)
class Profile:
    """The identifying facts of a mention or of an event. Treat it as read-only: it is shared.

    Python sets the fields of a frozen class at twice the cost, and thousands of these are made in a second.
    """

    type: str
    status: str
    persons: tuple[Person, ...]
    bodies: frozenset[Name]
    """Names of organisations and named groups; descriptions such as "the government" or "rebels" are none."""
    countries: frozenset[str]
    """ISO codes of the countries that take part."""
    implied: frozenset[str]
    """ISO codes of those and of the countries that persons and organisations belong to."""
    actors: frozenset[str]
    """Countries that act, themselves or through somebody: those of the participants in the role of source."""
    affected: frozenset[str]
    """Countries acted upon: those of the participants in the role of target."""
    spot: Spot | None
    days: Days | None
    told_first: int
    """Day (ordinal) of the earliest report; with ``told_last`` equal to it for a mention."""
    told_last: int
    stories: frozenset[str]
    words: frozenset[int]
    gist: tuple[int, ...]
    """The gist of the articles that tell it (see ``gist``), what most of them share first."""
    amounts: tuple[Amount, ...]
    lands: frozenset[str] = field(init=False, repr=False, compare=False)
    """ISO codes of all countries it has to do with, by who takes part or by where it takes place."""

    def __post_init__(self) -> None:
        spot = self.spot
        known = spot is None or not spot.country or spot.country in self.implied
        self.lands = self.implied if spot is None or known else self.implied | {spot.country}

    @property
    def bare(self) -> bool:
        """True where it names nobody, no country and no place: "the truce", "the fire broke out at four"."""
        return not (self.persons or self.bodies or self.implied or (self.spot and not self.spot.guessed))

    @property
    def specific(self) -> bool:
        """True where a name or a town tells the event from others; a country alone does not."""
        return bool(self.persons or self.bodies or (self.spot and self.spot.city))


def spot_of(place: event_pb2.Place) -> Spot | None:
    """Return where a place is, or None where it says nothing."""
    name = (place.name or place.text).lower()
    if not name and not place.country:
        return None
    precise = place.precision in _PRECISE
    area = place.admin1.lower() or (name if place.precision == "admin1" else "")
    region = name if place.precision == "region" and not area else ""
    city = (str(place.geonames_id) if place.geonames_id else f"{name}/{place.country}") if precise and name else ""
    has_point = place.HasField("lat") and place.HasField("lon") and place.precision != "country"
    return Spot(
        name if precise else "",
        city,
        area,
        region,
        place.country,
        place.lat if has_point else None,
        place.lon if has_point else None,
        place.origin in GUESSED,
    )


def measure_key(quantity: event_pb2.Quantity | event_pb2.QuantityState) -> str:
    """Return what a quantity measures: a toll by its measure, whatever is counted; amounts and counts with unit."""
    if quantity.measure in ("", "count", "amount"):
        return f"{quantity.measure or 'count'}:{quantity.unit.lower()}"
    return quantity.measure


@lru_cache(maxsize=65_536)
def called_by_name(called: str, kind: str) -> bool:
    """Tell whether a participant is called by a name rather than described.

    A name ends in a capital: "African Union", not "Chadian government". Where no name was recognised, the first word's
    capital may be that of the sentence, so it takes two.
    """
    words = [word for word in called.replace(",", " ").split() if word[:1].isalpha()]
    if not words or not words[-1][0].isupper():
        return False
    return (
        kind in ("person", "organisation")
        or sum(word[0].isupper() for word in words) >= 2
        or (kind == "group" and len(words) == 1)
    )


class Part(NamedTuple):
    """One participant as a mention or an event names it."""

    key: str
    """Id of the entity, else kind and name."""
    form: str
    """The name as it is written."""
    kind: str
    role: str
    name: Name
    """The words of the name; () for one who is only described."""
    country: str
    acts: bool
    """True where it acts for its country: a citizen without an office does not, but its people and bodies do."""
    participant: event_pb2.Participant


def part_of(participant: event_pb2.Participant) -> Part:
    """Return what is read out of a participant."""
    entity = participant.entity
    form, kind = entity.name or participant.text, entity.kind
    name = person_name(form) if called_by_name(form, kind) else ()
    acts = kind != "person" or bool(entity.sector)
    key = entity.id or f"{kind}:{form.lower()}"
    return Part(key, form, kind, participant.role, name, entity.country, acts, participant)


def assembled(
    event_type: str,
    status: str,
    parts: Iterable[Part],
    spot: Spot | None,
    days: Days | None,
    told_days: tuple[int, int],
    stories: Iterable[str],
    words: Iterable[int],
    gist: tuple[int, ...],
    amounts: tuple[Amount, ...],
) -> Profile:
    """Return a profile made of what was read out of a mention or an event."""
    persons: list[Person] = []
    bodies: set[Name] = set()
    countries: set[str] = set()
    implied: set[str] = set()
    sides: dict[str, set[str]] = {"source": set(), "target": set()}
    for _, _, kind, role, name, country, acts, _ in parts:
        if kind == "person":
            if name:
                persons.append(Person(name, role))
        elif kind == "country" and country:
            countries.add(country)
        elif name and not (kind == "group" and country):
            bodies.add(name)
        if country:
            implied.add(country)
            if acts and role in sides:
                sides[role].add(country)
    return Profile(
        event_type,
        status,
        tuple(persons),
        frozenset(bodies),
        frozenset(countries),
        frozenset(implied),
        frozenset(sides["source"]),
        frozenset(sides["target"]),
        spot,
        days,
        told_days[0],
        told_days[1],
        frozenset(stories),
        frozenset(words),
        gist,
        amounts,
    )


@lru_cache(maxsize=16_384)
def _telling(sentence: str, known: tuple[str, ...]) -> tuple[int, ...]:
    left_out = {word for text in known for word in telling_words(text, most=100)}
    return tuple(word for word in telling_words(without_dateline(sentence)) if word not in left_out)


def mention_words(mention: event_pb2.Mention) -> tuple[int, ...]:
    """Return the telling words of a mention but for participants, place and type, which are scored by themselves."""
    return words_of(mention, map(part_of, mention.participants))


def words_of(mention: event_pb2.Mention, parts: Iterable[Part]) -> tuple[int, ...]:
    """Return the same where the participants were read out already."""
    # The headline is left out: every mention of an article would share it, whatever it tells.
    place = mention.place
    known = [mention.type.replace("-", " "), place.text, place.name]
    # What only describes somebody ("captain of the vessel") is telling: another article gives it as a title.
    known += (" ".join(part.name) for part in parts)
    return _telling(mention.sentence, tuple(known))


def of_mention(mention: event_pb2.Mention, words: Sequence[int], gist: tuple[int, ...] = ()) -> Profile:
    """Return the profile of a mention; ``words`` are its ``mention_words``, ``gist`` is that of its article."""
    told = told_on(mention.article)
    amounts = tuple(Amount(measure_key(q), q.value, q.value) for q in mention.quantities)
    return _read(mention, (told, told), (mention.article.story_id,), words, gist, amounts)


def of_event(
    event: event_pb2.Event, told_days: tuple[int, int], words: Sequence[int], gist: tuple[int, ...] = ()
) -> Profile:
    """Return the profile of an event told first and last on ``told_days`` (ordinals), with the words of its reports."""
    amounts = tuple(Amount(measure_key(q), q.low, q.high) for q in event.quantities)
    return _read(event, told_days, event.story_ids, words, gist, amounts)


def _read(
    told: event_pb2.Mention | event_pb2.Event,
    told_days: tuple[int, int],
    stories: Iterable[str],
    words: Iterable[int],
    gist: tuple[int, ...],
    amounts: tuple[Amount, ...],
) -> Profile:
    return assembled(
        told.type,
        told.status,
        map(part_of, told.participants),
        spot_of(told.place) if told.HasField("place") else None,
        days_of(told.time) if told.HasField("time") else None,
        told_days,
        filter(None, stories),
        words,
        gist,
        amounts,
    )
