"""Events that stand near each other without being one: told by one story about the same people, bodies or countries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.profile import Profile

MOST: Final = 10
LOOKED_AT: Final = 12
"""Events of the same story looked at."""


def overlap(one: Profile, other: Profile) -> bool:
    """Tell whether two events share a participant."""
    if one.bodies & other.bodies or one.implied & other.implied:
        return True
    return bool({p.surname for p in one.persons} & {p.surname for p in other.persons})


def related(divided: Iterable[str], held: Iterable[str], found: Iterable[str]) -> list[event_pb2.RelatedEvent]:
    """Return the relations of an event: those it was divided from or into, those it has, then new ones, each once.

    At most ``MOST``.
    """
    kinds = dict.fromkeys(divided, "split") | dict.fromkeys((*held, *found), "same-story")
    return [event_pb2.RelatedEvent(event_id=known, relation=kind) for known, kind in list(kinds.items())[:MOST]]
