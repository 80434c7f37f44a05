"""The keys by which a mention finds events that may be the same: what they share if they are.

A key is text made of its parts, held and looked up as a number of 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations

import xxhash

from services.linker.profile import Profile
from services.linker.traits import traits_of

BUCKET_DAYS = 8
"""Width of the time buckets that common keys are split by; those beside one's own are looked under too."""
_MOST_COUNTRIES = 4

GIST_KEYS = 6
"""Words of its gist by which an event is found."""
GIST_ASKED = 12
"""Words of its article's gist under which a mention looks."""

PERSON, BODY, CITY, DYAD, STORY, WORD, GIST, COUNTRY = 30, 25, 25, 15, 15, 8, 7, 6
"""How much a shared key promises, in tenths, for choosing which candidates are scored exactly."""


@lru_cache(maxsize=65_536)
def key_number(key: str) -> int:
    """Return the number under which a key is held: 64 bits, since a million events have some ten million keys."""
    return int(xxhash.xxh3_64_intdigest(key.encode("utf-8", "surrogatepass")))


@lru_cache(maxsize=65_536)
def _of_word(event_type: str, kind: str, word: int) -> int:
    """The number of a word's key: asked for so often that making the key out of its parts is what it costs."""
    return int(xxhash.xxh3_64_intdigest(f"{event_type}|{kind}|{word}".encode()))


@lru_cache(maxsize=65_536)
def _of_area(event_type: str, area: str, bucket: int) -> int:
    return int(xxhash.xxh3_64_intdigest(f"{event_type}|a|{area}|{bucket}".encode("utf-8", "surrogatepass")))


def counted_keys(profile: Profile) -> list[int]:
    """Return the keys whose events are only counted: countries, shared by far too many to be looked through."""
    return [key_number(f"{profile.type}|c|{country}") for country in profile.implied]


def _own(profile: Profile, event_type: str) -> list[tuple[str, int]]:
    keys = [(f"{event_type}|p|{surname}", PERSON) for surname in sorted({p.surname for p in profile.persons})]
    keys += ((f"{event_type}|o|{' '.join(body)}", BODY) for body in sorted(profile.bodies))
    if profile.spot and profile.spot.city:
        keys.append((f"{event_type}|l|{profile.spot.city}", CITY))
    return keys


def _areas(profile: Profile) -> list[tuple[str, int]]:
    chosen = sorted(profile.lands)[:_MOST_COUNTRIES]
    found = [("".join(pair), DYAD) for pair in combinations(chosen, 2)]
    return found + [(country, COUNTRY) for country in chosen]


def telling_facts(profile: Profile) -> set[str]:
    """Return what tells an event from others by itself: whom, which body, which town, which day by words."""
    found = {key for key, _ in _own(profile, profile.type)}
    if profile.days and profile.days.explicit:
        found.add(f"d|{profile.days.start}|{profile.days.end}")
    return found


def event_keys(profile: Profile) -> list[int]:
    """Return the keys under which an event is found."""
    name = profile.type
    keys = [key_number(key) for key, _ in _own(profile, name)]
    days = {profile.told_first, profile.told_last}
    if profile.days:
        days |= {profile.days.start, profile.days.end}
    buckets = {day // BUCKET_DAYS for day in days}
    keys += [_of_area(name, area, bucket) for area, _ in _areas(profile) for bucket in buckets]
    keys += [key_number(f"s|{story}") for story in profile.stories]
    keys += [_of_word(name, "g", word) for word in profile.gist[:GIST_KEYS]]
    # Words are many; they are keys only where nothing better tells the event from others.
    if not profile.specific:
        keys += [_of_word(name, "w", word) for word in profile.words]
    return keys


def archive_keys(profile: Profile) -> list[int]:
    """Return the keys under which an archived event is found.

    Whom, which body, which town, where on which day, and the gist: what an anniversary tells of it. Stories, days of
    reports and other words are left out; on a made-up stream full of background sentences (seed 11, 500 events) that
    costs .003 of pairwise recall (.9714 to .9688), leaving out the gist as well .012.
    """
    name = profile.type
    keys = [_of_word(name, "g", word) for word in profile.gist[:GIST_KEYS]]
    keys += [key_number(key) for key, _ in _own(profile, name)]
    days = {profile.days.start, profile.days.end} if profile.days else {profile.told_first}
    buckets = {day // BUCKET_DAYS for day in days}
    return keys + [_of_area(name, area, bucket) for area, _ in _areas(profile) for bucket in buckets]


def query_keys(profile: Profile) -> Iterator[tuple[int, Iterable[int]]]:
    """Yield the numbers of the keys to look under for events that a mention may tell, by what they promise; best first.

    Lazily, because the look-up is over when enough was found, and the keys that promise least are the most.
    """
    types = (profile.type, *traits_of(profile.type).confusable)
    surnames = {person.surname for person in profile.persons} | {body[-1] for body in profile.bodies}
    yield PERSON, [key_number(f"{name}|p|{surname}") for surname in sorted(surnames) for name in types]
    named = [f"o|{' '.join(body)}" for body in profile.bodies]
    if profile.spot and profile.spot.city:
        named.append(f"l|{profile.spot.city}")
    yield BODY, [key_number(f"{name}|{key}") for key in sorted(named) for name in types]
    chosen = sorted(profile.lands)[:_MOST_COUNTRIES]
    days = {profile.told_first}
    if profile.days:
        days |= {profile.days.start, profile.days.end}
    buckets = sorted({day // BUCKET_DAYS + shift for day in days for shift in (-1, 0, 1)}, reverse=True)
    pairs = ["".join(pair) for pair in combinations(chosen, 2)]
    told = [key_number(f"s|{story}") for story in sorted(profile.stories)]
    if pairs:
        told += [_of_area(name, pair, bucket) for bucket in buckets for name in types for pair in pairs]
    yield DYAD, told
    yield WORD, [_of_word(profile.type, "w", word) for word in sorted(profile.words)]
    yield GIST, (_of_word(name, "g", word) for word in profile.gist[:GIST_ASKED] for name in types)
    yield COUNTRY, (_of_area(name, land, bucket) for bucket in buckets for name in types for land in chosen)
