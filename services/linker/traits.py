"""What the linker knows about each event type: how long it lasts, what identifies it, what it is confused with.

The two tables beside this file are data with a reason in every line; nothing else in the linker names a type.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from services.contracts.ontology import event_types


@dataclass(frozen=True, slots=True)
class TypeTraits:
    """How reports of one event of a type may differ."""

    lasts_days: int = 0
    """Reports whose times lie this many days apart may still tell one event."""
    identified_by_person: bool = False
    """True where two different persons it happens to mean two events: arrests, releases, deaths."""
    once_a_day: bool = False
    """True where a country seldom has two of them on one day: a truce, an earthquake, a decision on interest rates."""
    wide: bool = False
    """True where it reaches beyond one town: a storm, a power cut."""
    culprit: bool = False
    """True where one side did it, and reports that name different sides cannot all be right."""
    single: bool = False
    """True where an article seldom tells two of them."""
    confusable: tuple[str, ...] = ()
    """Types of the same topic family under which the same event is told, sorted."""


def _rows(name: str, columns: int) -> Iterator[list[str]]:
    known = event_types()
    table = files("services.linker").joinpath(name).read_text(encoding="utf-8")
    for number, line in enumerate(table.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        row = line.split("\t")
        if len(row) != columns:
            raise ValueError(f"{name} line {number}: {columns} tab-separated columns expected, {len(row)} found")
        if row[0] not in known:
            raise ValueError(f"{name} line {number}: {row[0]!r} is not a type of ontology.tsv; correct its spelling")
        yield row


@cache
def _all_traits() -> dict[str, TypeTraits]:
    known = event_types()
    neighbours: dict[str, set[str]] = {}
    for one, other, _why in _rows("confusable.tsv", 3):
        if other not in known:
            raise ValueError(f"confusable.tsv: {other!r} is not a type of ontology.tsv; correct its spelling")
        # The linker is owned per topic family: types of two families never meet in one owner.
        if known[one].topic == known[other].topic:
            neighbours.setdefault(one, set()).add(other)
            neighbours.setdefault(other, set()).add(one)
    own = {name: (int(days), _flags(name, flags)) for name, days, flags, _why in _rows("type_traits.tsv", 4)}
    return {name: _traits(*own.get(name, (0, frozenset())), neighbours.get(name, set())) for name in known}


_FLAGS = frozenset({"person", "country-day", "area", "culprit", "single"})


def _flags(name: str, text: str) -> frozenset[str]:
    flags = frozenset(text.split(",")) - {"-"}
    if flags - _FLAGS:
        raise ValueError(f"type_traits.tsv, {name}: {sorted(flags - _FLAGS)} are no traits; use {sorted(_FLAGS)} or -")
    return flags


def _traits(days: int, flags: frozenset[str], neighbours: set[str]) -> TypeTraits:
    return TypeTraits(
        days,
        "person" in flags,
        "country-day" in flags,
        "area" in flags,
        "culprit" in flags,
        "single" in flags,
        tuple(sorted(neighbours)),
    )


_UNLISTED = TypeTraits()


@lru_cache(maxsize=1_024)
def traits_of(event_type: str) -> TypeTraits:
    """Return the traits of a type; those of an ordinary, momentary event where the ontology does not list it.

    Raises ValueError, naming table and line, where one of the tables cannot be read.
    """
    return _all_traits().get(event_type, _UNLISTED)
