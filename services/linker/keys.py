"""The keys by which a mention finds events that may be the same: what they share if they are."""

from __future__ import annotations

from itertools import combinations

from services.linker.profile import Profile
from services.linker.traits import traits_of

BUCKET_DAYS = 8
"""Width of the time buckets that common keys are split by; those beside one's own are looked under too."""
_MOST_COUNTRIES = 4

GIST_KEYS = 6
"""Words of its gist by which an event is found."""
GIST_ASKED = 12
"""Words of its article's gist under which a mention looks."""

PERSON, BODY, CITY, DYAD, STORY, WORD, GIST, COUNTRY = 3.0, 2.5, 2.5, 1.5, 1.5, 0.8, 0.7, 0.6
"""How much a shared key promises, for choosing which candidates are scored exactly."""


def counted_keys(profile: Profile) -> list[str]:
    """Return the keys whose events are only counted: countries, shared by far too many to be looked through."""
    return [f"{profile.type}|c|{country}" for country in sorted(profile.implied)]


def _own(profile: Profile, event_type: str) -> list[tuple[str, float]]:
    keys = [(f"{event_type}|p|{surname}", PERSON) for surname in sorted({p.surname for p in profile.persons})]
    keys += ((f"{event_type}|o|{' '.join(body)}", BODY) for body in sorted(profile.bodies))
    if profile.spot and profile.spot.city:
        keys.append((f"{event_type}|l|{profile.spot.city}", CITY))
    return keys


def _areas(profile: Profile) -> list[tuple[str, float]]:
    chosen = sorted(profile.lands)[:_MOST_COUNTRIES]
    found = [("".join(pair), DYAD) for pair in combinations(chosen, 2)]
    return found + [(country, COUNTRY) for country in chosen]


def event_keys(profile: Profile) -> list[str]:
    """Return the keys under which an event is found."""
    keys = [key for key, _ in _own(profile, profile.type)]
    days = {profile.told_first, profile.told_last}
    if profile.days:
        days |= {profile.days.start, profile.days.end}
    buckets = sorted({day // BUCKET_DAYS for day in days})
    keys += [f"{profile.type}|a|{area}|{bucket}" for area, _ in _areas(profile) for bucket in buckets]
    keys += [f"s|{story}" for story in sorted(profile.stories)]
    keys += [f"{profile.type}|g|{word}" for word in sorted(profile.gist[:GIST_KEYS])]
    # Words are many; they are keys only where nothing better tells the event from others.
    if not profile.specific:
        keys += [f"{profile.type}|w|{word}" for word in sorted(profile.words)]
    return keys


def query_keys(profile: Profile) -> list[tuple[str, float]]:
    """Return the keys to look under for events that a mention may tell, each with what it promises; best first."""
    days = {profile.told_first}
    if profile.days:
        days |= {profile.days.start, profile.days.end}
    buckets = sorted({day // BUCKET_DAYS + shift for day in days for shift in (-1, 0, 1)})
    found: list[tuple[str, float]] = []
    for event_type in (profile.type, *traits_of(profile.type).confusable):
        found += _own(profile, event_type)
        found += ((f"{event_type}|p|{body[-1]}", PERSON) for body in sorted(profile.bodies))
        found += (
            (f"{event_type}|a|{area}|{bucket}", promise) for area, promise in _areas(profile) for bucket in buckets
        )
        found += ((f"{event_type}|g|{word}", GIST) for word in sorted(profile.gist[:GIST_ASKED]))
    found += ((f"{profile.type}|w|{word}", WORD) for word in sorted(profile.words))
    found += ((f"s|{story}", STORY) for story in sorted(profile.stories))
    found.sort(key=lambda key: (-key[1], key[0]))
    return found
