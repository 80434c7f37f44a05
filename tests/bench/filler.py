"""Live events in any number, for measuring a linker that holds a million: what became of a made-up stream, varied.

Copies that share their words, towns and days would make every list of candidates grow with the number of events, as no
news does. So each variation is another event of the same type and size, and what it shares with others follows what is
known of news: a few words, people, bodies, towns and countries come again and again, most hardly ever (Zipf's law).
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.contracts.ids import derive
from services.linker import profile, record
from services.linker.entry import Entry, entry_of
from services.linker.words import WORD_SPACE, word_number
from services.runtime.stage import Write
from tests.unit.linker.newsstream import START, World

COMMONEST_LEFT_OUT: Final = 300
"""Ranks at the head of Zipf's law that hold no telling words: the linker's list of common words has some hundreds."""
SURNAMES: Final = 100_000
BODIES: Final = 20_000
TOWNS: Final = 200
"""Towns of one country."""
_DAY_US: Final = 86_400_000_000
_MARGIN_DAYS: Final = 400
"""Anniversaries of the last events are told a year after them."""


class _Zipf:
    """Draws ranks from 0: the chance of one falls as 1 / (rank + 1 + ``offset``)."""

    def __init__(self, rng: random.Random, ranks: int, offset: int = 0) -> None:
        self._rng = rng
        self._sums = list(accumulate(1 / (rank + 1 + offset) for rank in range(ranks)))

    def draw(self) -> int:
        return bisect(self._sums, self._rng.random() * self._sums[-1])


class Filler:
    """Varies the events of a made-up world, the one that tells the mentions to be measured.

    - Words and gist: drawn by Zipf's law from 65,536, the world's own 5,000 being the most frequent ones, its
      commonest left out; the words usual for the type stay.
    - Countries: each is replaced by one drawn as the world draws them (1 / rank of 60). Its leader takes the place of
      the leader, so leaders have thousands of events.
    - Other people: one of 100,000 surnames by Zipf's law, under a first name of their own. Bodies: one of 20,000, by
      Zipf's law, the world's own first. Towns: one of 200 of the country, by Zipf's law, the world's own first.
    - Days: spread evenly over ``days`` days, the event's own times moving along.
    - Stories: one of its own for every two events.
    - What is due of it if nothing is heard comes after those days. A million events in the days of a stream of some
      thousand messages would have hundreds looked at with each; of those that arrive at their own pace it is one each.

    Type, status, roles, figures, the number of reports and their texts are those of the event that is varied. A
    mention that joins a variation thus meets the original's reports: of the right size, by other names.
    """

    def __init__(self, seed: int, world: World, days: int, founded: Sequence[Write]) -> None:
        self._rng = rng = random.Random(seed)
        self._world = world
        self._days = days
        self._after = START.date().toordinal() + days + _MARGIN_DAYS
        usual = (word_number(word) for word in world.vocabulary)
        known = list(dict.fromkeys(number for number in usual if number is not None))
        taken = set(known)
        self._words = [*known, *(number for number in range(WORD_SPACE) if number not in taken)]
        self._of_type = {
            name: {word_number(word) for word in words} - {None} for name, words in world.type_words.items()
        }
        self._word = _Zipf(rng, len(self._words), COMMONEST_LEFT_OUT)
        self._surname, self._body, self._town = _Zipf(rng, SURNAMES), _Zipf(rng, BODIES), _Zipf(rng, TOWNS)
        self._towns: dict[str, list[tuple[str, float, float]]] = {}
        for city in world.cities:
            self._towns.setdefault(city.country, []).append((city.name, city.lat, city.lon))
        self._leaders = {leader.name.split()[-1]: country for country, leader in world.leaders.items()}
        self._made = 0
        self._founded = [_read(write) for write in founded]

    def events(self, count: int) -> Iterator[Write]:
        """Yield the entries of ``count`` further events, varying those that were founded in turn."""
        for _ in range(count):
            yield self._vary(*self._founded[self._made % len(self._founded)])

    def _vary(self, held: record.Record, was: Entry) -> Write:
        self._made += 1
        event = event_pb2.Event()
        event.CopyFrom(held.event)
        event.id = derive(event.id, "variation", self._made)
        mine = held.profile
        later = self._rng.randrange(self._days) - (mine.told_first - START.date().toordinal())
        self._move(event, later)
        countries = self._vary_participants(event)
        self._vary_place(event, countries)
        if event.story_ids:
            del event.story_ids[:]
            event.story_ids.append(f"filler story {self._made // 2}")
        own = self._of_type[event.type]
        words = [word if word in own else self._drawn() for word in sorted(mine.words)]
        gist = [word if word in own else self._drawn() for word in mine.gist]
        renamed = profile.of_event(event, (mine.told_first + later, mine.told_last + later), words, tuple(gist))
        entry = entry_of(
            renamed,
            event.topic,
            first_seen_us=was.first_seen_us + later * _DAY_US,
            changed_day=was.changed_day + later,
            next_day=max(was.next_day + later, self._after),
        )
        return Write(f"e:{event.id}", record.encode(replace(held, event=event, profile=renamed), entry))

    def _drawn(self) -> int:
        return self._words[self._word.draw()]

    def _move(self, event: event_pb2.Event, later: int) -> None:
        if event.time.start:
            event.time.start = _moved(event.time.start, later)
            event.time.end = _moved(event.time.end, later)

    def _vary_participants(self, event: event_pb2.Event) -> dict[str, str]:
        """Rename all participants; return the new country for each old one."""
        codes = dict.fromkeys([*(p.entity.country for p in event.participants), event.place.country])
        codes.pop("", None)
        countries: dict[str, str] = {}
        for code in codes:
            drawn = self._world.country()
            while drawn in countries.values():
                drawn = self._world.country()
            countries[code] = drawn
        surnames: dict[str, str] = {}
        for participant in event.participants:
            entity = participant.entity
            if entity.kind == "person":
                first, _, last = entity.name.rpartition(" ")
                name = self._person(last, countries, surnames)
                entity.name = name if first else name.split()[-1]
            elif entity.kind == "organisation":
                at = self._body.draw()
                bodies = self._world.bodies
                entity.name = bodies[at] if at < len(bodies) else f"Filler{at} Group"
            elif entity.kind == "country":
                entity.name = countries[entity.country]
            if entity.country:
                entity.country = countries[entity.country]
            participant.text = entity.name
            entity.id = f"{entity.kind}:{entity.name.lower()}"
        return countries

    def _person(self, surname: str, countries: dict[str, str], surnames: dict[str, str]) -> str:
        country = self._leaders.get(surname)
        if country in countries:
            return self._world.leaders[countries[country]].name
        if surname not in surnames:
            surnames[surname] = f"Given{self._made} Family{self._surname.draw()}"
        return surnames[surname]

    def _vary_place(self, event: event_pb2.Event, countries: dict[str, str]) -> None:
        place = event.place
        if not place.country:
            return
        place.country = countries[place.country]
        if place.precision != "city":
            place.text = place.name = place.country
            return
        at = self._town.draw()
        known: Sequence[tuple[str, float, float]] = self._towns[place.country]
        if at < len(known):
            place.name, place.lat, place.lon = known[at]
        else:
            place.name = f"Town{at} of {place.country}"
            place.lat, place.lon = self._rng.uniform(-50, 60), self._rng.uniform(-170, 170)
        place.text = place.name


def _read(write: Write) -> tuple[record.Record, Entry]:
    assert write.value is not None
    return record.decode(write.value), record.read_entry(write.value)


def _moved(day: str, later: int) -> str:
    return (date.fromisoformat(day[:10]) + timedelta(days=later)).isoformat()
