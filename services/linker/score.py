"""Does this mention tell that event? A transparent sum of named parts, each a fact one can look up in the two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import asin, cos, log10, radians, sin, sqrt
from typing import Final, NamedTuple

from services.linker import weights as w
from services.linker.names import Name, same_person
from services.linker.profile import UNDERGOES, Person, Profile, Spot
from services.linker.timing import time_score, told_apart
from services.linker.traits import traits_of

Count = Callable[[str], int]
"""How many live events have a key of ``keys.py``."""
WordCount = Callable[[int], int]
"""How many live events have a telling word."""


class Score(NamedTuple):
    """The parts of a score; ``total`` decides."""

    participants: float
    place: float
    time: float
    words: float
    amounts: float
    circumstances: float

    @property
    def total(self) -> float:
        return self.participants + self.place + self.time + self.words + self.amounts + self.circumstances


class Rarity:
    """How common names and words are among the live events. One serves a batch, in which nothing becomes commoner."""

    __slots__ = ("_events_with", "_events_with_gist", "_events_with_word", "_mine", "_mine_set", "_mine_weight", "_of")

    def __init__(
        self, events_with: Count, events_with_word: WordCount, events_with_gist: Sequence[int] | None = None
    ) -> None:
        self._events_with = events_with
        self._events_with_word = events_with_word
        self._events_with_gist = events_with_gist
        """By word number; None where every word is rare."""
        self._of: dict[str, float] = {}
        self._mine: tuple[int, ...] = ()
        self._mine_set: frozenset[int] = frozenset()
        self._mine_weight = 0.0

    def of(self, key: str) -> float:
        """Return 1 for what at most one live event has, .5 for what a thousand have, falling slowly further."""
        found = self._of.get(key)
        if found is None:
            found = self._of[key] = specificity(self._events_with(key))
        return found

    def of_word(self, word: int) -> float:
        """Return the same for a telling word; words are spread wider than names, so they fade sooner."""
        return 1 / (1 + 0.5 * log10(1 + self._events_with_word(word)))

    def _of_gist(self, word: int) -> float:
        return 1.0 if self._events_with_gist is None else gist_weight(self._events_with_gist[word])

    def gist_shared(self, mine: tuple[int, ...], theirs: tuple[int, ...]) -> tuple[float, float]:
        """Return the weight of what two gists share and the weight of the lighter of them."""
        if mine is not self._mine:
            # All mentions of an article bring one and the same gist, and meet many events.
            self._mine, self._mine_set = mine, frozenset(mine)
            self._mine_weight = sum(map(self._of_gist, mine))
        met = self._mine_set.intersection(theirs)
        counts = self._events_with_gist
        if counts is None or max(map(counts.__getitem__, theirs), default=0) <= w.GIST_STORY:
            return float(len(met)), min(float(len(theirs)), self._mine_weight)
        of, counted = _GIST_WEIGHTS.__getitem__, counts.__getitem__
        weight = sum(map(of, map(counted, theirs)))
        return sum(map(of, map(counted, met))), min(weight, self._mine_weight)


def gist_weight(events: int) -> float:
    """Return what a word is worth that the gists of ``events`` live events hold.

    A story tells some dozen events: only what more than those have is common.
    """
    return 1.0 if events <= w.GIST_STORY else 1 / (1 + log10(events / w.GIST_STORY))


class _GistWeights(dict[int, float]):
    """``gist_weight`` by number of events, as far as it was asked."""

    def __missing__(self, events: int) -> float:
        weight = self[events] = gist_weight(events)
        return weight


_GIST_WEIGHTS: Final = _GistWeights()


def specificity(events: int) -> float:
    """Return how telling it is to share what ``events`` live events have: 1 down to .4 at a million.

    It depends on the count alone, not on the share, so that a small newsroom and a large one score alike.
    """
    return 1 / (1 + log10(max(1, events)) / 3)


def score(
    mention: Profile,
    event: Profile,
    rarity: Rarity,
    same_article: bool,
    repeated: bool,
    promised: bool = False,
    least: float | None = None,
) -> Score:
    """Score a mention against an event.

    ``same_article``: the event is told by the mention's article; ``repeated``: by the revision that article replaces;
    ``promised``: the one by its headline and the other by its lead. Where it is certain that the total does not reach
    ``least``, only the parts that show it are worked out.
    """
    participants = _countries(mention, event, rarity)
    if mention.bodies and event.bodies:
        participants += _bodies(mention, event, rarity)
    if mention.persons or event.persons:
        participants += _people(mention, event, rarity)
    here, there = mention.spot, event.spot
    place = _place(here, there, mention.type, rarity) if here is not None and there is not None else 0.0
    if place < 0 and (_guessed(mention, event) or _concerned(mention, event)):
        place = 0.0
    time = time_score(mention, event)
    known = participants + place + time
    if known < w.HOPELESS or (
        least is not None and not (same_article or repeated) and known + _at_most(mention, event) < least
    ):
        return Score(participants, place, time, 0.0, 0.0, 0.0)
    circumstances = _circumstances(mention, event, time)
    if repeated:
        circumstances += w.REPEATED
    elif same_article:
        circumstances += _beside(mention, participants, place, time) + (w.PROMISED if promised else 0.0)
    else:
        circumstances += _gist(mention, event, rarity)
    if mention.bare and same_article:
        circumstances += w.ANAPHORA
    return Score(
        participants=participants,
        place=place,
        time=time,
        words=_words(mention, event, rarity),
        amounts=_amounts(mention, event),
        circumstances=circumstances,
    )


def _at_most(mention: Profile, event: Profile) -> float:
    """What the other parts can add, at the most, for an event that the mention's article does not tell elsewhere."""
    total = _same_gist(min(len(mention.gist), len(event.gist)))
    total += min(w.WORDS_MOST, w.WORD * len(mention.words & event.words))
    if not mention.stories.isdisjoint(event.stories):
        total += w.SAME_STORY
    if traits_of(mention.type).once_a_day:
        total += w.ONCE_A_DAY
    if mention.amounts and event.amounts:
        total += w.AMOUNTS_MOST
    return total


def _circumstances(mention: Profile, event: Profile, time: float) -> float:
    total = w.SAME_STORY if mention.stories & event.stories else 0.0
    if mention.type != event.type:
        total += w.CONFUSABLE_TYPE
    elif time > 0 and traits_of(mention.type).once_a_day and mention.lands & event.lands:
        total += w.ONCE_A_DAY
    return total


def _beside(mention: Profile, participants: float, place: float, time: float) -> float:
    """What it says that the mention's article tells the event elsewhere."""
    total = w.SAME_ARTICLE if mention.bare or participants > 0 or place > 0 else w.BESIDE
    if min(participants, place, time) >= 0 and traits_of(mention.type).single:
        total += w.SINGLE
    return total


def _people(mention: Profile, event: Profile, rarity: Rarity) -> float:
    total = _named_people(mention, event, rarity)
    # A name that one article knows as a person's may pass for a body's in another.
    crossed = _as_person(mention.persons, event.bodies) + _as_person(event.persons, mention.bodies)
    return total + w.PERSON * sum(rarity.of(f"{event.type}|p|{surname}") for surname in crossed)


def _as_person(persons: Sequence[Person], bodies: frozenset[Name]) -> list[str]:
    if not persons or not bodies:
        return []
    return [person.surname for person in persons if _among(person, bodies)]


def _among(person: Person, bodies: frozenset[Name]) -> bool:
    return any(same_person(person.name, body) for body in bodies)


def _named_people(mention: Profile, event: Profile, rarity: Rarity) -> float:
    if not mention.persons or not event.persons:
        return 0.0
    shared: list[float] = []
    extra: list[Person] = []
    known: set[int] = set()
    for person in mention.persons:
        match = next((i for i, p in enumerate(event.persons) if same_person(person.name, p.name)), None)
        if match is None:
            extra.append(person)
        elif match not in known:
            known.add(match)
            shared.append(rarity.of(f"{event.type}|p|{person.surname}"))
    shared.sort(reverse=True)
    total = w.PERSON * sum(share * (w.FURTHER if i else 1) for i, share in enumerate(shared))
    missing = [p for i, p in enumerate(event.persons) if i not in known]
    if mention.bodies or event.bodies:
        extra = [p for p in extra if not _among(p, event.bodies)]
        missing = [p for p in missing if not _among(p, mention.bodies)]
    if not extra or not missing:
        return total
    if traits_of(mention.type).identified_by_person:
        undergo = [p for p in mention.persons if p.role in UNDERGOES]
        known_to_undergo = [p for p in event.persons if p.role in UNDERGOES]
        if undergo and known_to_undergo:
            met = any(same_person(a.name, b.name) for a in undergo for b in known_to_undergo)
            return total if met else total + w.OTHER_IDENTITY
    if {p.role for p in extra} & {p.role for p in missing}:
        return total + w.OTHER_PARTY
    return total + w.OTHER_PERSON


def same_body(one: Name, other: Name) -> bool:
    """Tell whether two names may be one body's: "the Front" may be the "Ennedi Liberation Front"."""
    return one == other or set(one) <= set(other) or set(other) <= set(one)


def _bodies(mention: Profile, event: Profile, rarity: Rarity) -> float:
    shared = sorted(
        (
            rarity.of(f"{event.type}|o|{' '.join(body)}")
            for body in event.bodies
            if any(same_body(body, known) for known in mention.bodies)
        ),
        reverse=True,
    )
    if not shared:
        return w.OTHER_BODY
    return w.BODY * sum(share * (w.FURTHER if i else 1) for i, share in enumerate(shared))


def _countries(mention: Profile, event: Profile, rarity: Rarity) -> float:
    both = mention.implied & event.implied
    if not both and (lands := mention.lands & event.lands):
        # Where it takes place is whom it concerns: "truce in Chad" and "Chad signs".
        land = min(lands)
        return w.IMPLIED_COUNTRY * rarity.of(f"{event.type}|c|{land}")
    named = mention.countries & event.countries
    total = 0.0
    for country in sorted(both):
        weight = w.COUNTRY if country in named else w.IMPLIED_COUNTRY
        total += weight * rarity.of(f"{event.type}|c|{country}")
    if len(both) >= 2:
        total += w.DYAD
    if mention.countries - event.lands and event.countries - mention.lands:
        total += w.OTHER_COUNTRY
    same_actor = bool(mention.actors & event.actors)
    if not same_actor:
        if mention.actors & event.affected and mention.affected & event.actors:
            total += w.SWAPPED
        elif mention.actors and event.actors and not mention.actors & event.implied:
            total += w.OTHER_ACTOR
    return total


def distance_km(one: Spot, other: Spot) -> float | None:
    """Great-circle distance (haversine, mean Earth radius 6,371 km), or None where one of them has no point."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    north = sin(radians(other.lat - one.lat) / 2)
    east = sin(radians(other.lon - one.lon) / 2)
    return 12_742 * asin(sqrt(north**2 + cos(radians(one.lat)) * cos(radians(other.lat)) * east**2))


def _place(one: Spot, other: Spot, event_type: str, rarity: Rarity) -> float:
    if one.city and one.city == other.city:
        return w.SAME_CITY * rarity.of(f"{event_type}|l|{one.city}") + w.SAME_PLACE_COUNTRY
    if one.country and other.country and one.country != other.country:
        if one.name and one.name == other.name:
            return 0.0  # One name in two countries: which of them is meant was a guess.
        return w.OTHER_PLACE_COUNTRY + (w.OTHER_CITY / 2 if one.city and other.city else 0.0)
    if one.city and other.city:
        km = distance_km(one, other)
        if traits_of(event_type).wide and one.country == other.country:
            return w.SAME_PLACE_COUNTRY
        return w.NEAR_CITY if km is not None and km <= w.NEAR_KM else w.OTHER_CITY
    if one.area and other.area:
        return w.SAME_AREA if one.area == other.area else w.OTHER_AREA
    if one.region and other.region:
        return w.SAME_AREA if one.region == other.region else w.OTHER_AREA
    return w.SAME_PLACE_COUNTRY if one.country and one.country == other.country else 0.0


def _guessed(one: Profile, other: Profile) -> bool:
    """Tell whether one of two places was only inferred, which speaks against nothing."""
    return any(spot is not None and spot.guessed for spot in (one.spot, other.spot))


def _concerned(one: Profile, other: Profile) -> bool:
    """Tell whether one is told of a country that takes part in the other: "truce in Chad", signed in Oman by Chad."""
    if one.spot is None or other.spot is None or (one.spot.city and other.spot.city):
        return False
    return one.spot.country in other.implied or other.spot.country in one.implied


def _words(mention: Profile, event: Profile, rarity: Rarity) -> float:
    shared = mention.words & event.words
    if shared:
        told = min(w.WORDS_MOST, w.WORD * sum(rarity.of_word(word) for word in sorted(shared)))
        return max(w.WORDS_LAST, _fresh(mention, event)) * told
    if len(mention.words) >= w.ENOUGH_WORDS and len(event.words) >= w.ENOUGH_WORDS:
        return w.NO_WORDS
    return 0.0


def _fresh(mention: Profile, event: Profile) -> float:
    """Return how much it still says to tell a thing in the same words: the next one of its kind is told in them too."""
    gap = told_apart(mention, event)
    return 1.0 if gap <= w.STORY_DAYS else w.STORY_DAYS / gap


def _gist(mention: Profile, event: Profile, rarity: Rarity) -> float:
    shared, least = rarity.gist_shared(mention.gist, event.gist)
    if least < w.GIST_LEAST:
        return 0.0
    share = shared / least
    if share < w.GIST_CHANCE:
        return w.OTHER_GIST * (1 - share / w.GIST_CHANCE)
    sure = min(1.0, (share - w.GIST_CHANCE) / (w.GIST_SURE - w.GIST_CHANCE))
    return _fresh(mention, event) * _same_gist(shared) * sure


def _same_gist(shared: float) -> float:
    """What it is worth that two gists share words of this weight in all, if that is ``GIST_SURE`` of the shorter."""
    if shared <= w.GIST_MANY:
        return w.SAME_GIST
    return min(w.SAME_GIST_MOST, w.SAME_GIST + w.GIST_FURTHER * (shared - w.GIST_MANY))


def _amounts(mention: Profile, event: Profile) -> float:
    if not mention.amounts or not event.amounts:
        return 0.0
    known = {amount.measure: amount for amount in event.amounts}
    total = 0.0
    for amount in mention.amounts:
        other = known.get(amount.measure)
        if other is None:
            continue
        if other.low <= amount.low <= other.high:
            total += w.SAME_FIGURE if amount.low == other.low >= w.FEW else w.SAME_AMOUNT
        elif min(amount.low, other.low) > 0:
            apart = max(amount.low / other.high, other.low / amount.low)
            total += w.OTHER_AMOUNT if apart > w.AMOUNT_RATIO else 0.0
    return max(2 * w.OTHER_AMOUNT, min(w.AMOUNTS_MOST, total))
