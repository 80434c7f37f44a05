"""A profile as bytes: a candidate is compared without reading the event it stands for.

Reading the event itself (Protobuf, then the profile out of it) costs ten times as much. Words and gist stand in the
record's head already (see ``entry``), so they are left out here.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from services.linker.days import Days
from services.linker.profile import Amount, Person, Profile, Spot


def pack(profile: Profile) -> bytes:
    """Return the stored form, without words and gist; equal profiles give equal bytes."""
    spot, days = profile.spot, profile.days
    return orjson.dumps(
        [
            profile.type,
            profile.status,
            [(person.name, person.role) for person in profile.persons],
            sorted(profile.bodies),
            sorted(profile.countries),
            sorted(profile.implied),
            sorted(profile.actors),
            sorted(profile.affected),
            spot and [spot.name, spot.city, spot.area, spot.region, spot.country, spot.lat, spot.lon, spot.guessed],
            days and [days.start, days.end, days.explicit],
            profile.told_first,
            profile.told_last,
            sorted(profile.stories),
            [(amount.measure, amount.low, amount.high) for amount in profile.amounts],
        ]
    )


def unpack(data: bytes, words: Sequence[int], gist: Sequence[int]) -> Profile:
    """Return the profile of its stored form with its words and gist. Raises ValueError where it is none."""
    told = orjson.loads(data)
    type_, status, persons, bodies, countries, implied, actors, affected, spot, days, first, last, *rest = told
    stories, amounts = rest
    return Profile(
        type_,
        status,
        tuple([Person(tuple(name), role) for name, role in persons]),
        frozenset(map(tuple, bodies)),
        frozenset(countries),
        frozenset(implied),
        frozenset(actors),
        frozenset(affected),
        Spot(*spot) if spot else None,
        Days(*days) if days else None,
        first,
        last,
        frozenset(stories),
        frozenset(words),
        tuple(gist),
        tuple([Amount(*amount) for amount in amounts]),
    )
