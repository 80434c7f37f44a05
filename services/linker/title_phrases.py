"""How titles name what happens, by event type: the table beside this file, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from services.contracts.ontology import event_types

TABLE: Final = "title_phrases.tsv"
_COLUMNS: Final = 8
_COUNT: Final = "count:"
TRAITS: Final = frozenset(
    {"sides", "to", "deal", "far", "there", "land", "people", "nature", "fate", "toll", "whom", "vague"}
)
"""What the head of the table explains, besides ``count:`` with a measure."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words for one type; an empty text: it is not said so."""

    noun: str
    """Names it, without an article: "visit"."""
    of: str
    """Joins whom it is done to to the noun: "to"."""
    acts: str
    """What whoever does it does, base form, {} for whom it is done to: "visit {}"."""
    alone: str
    """The same where nobody is named whom it is done to."""
    together: str
    """What several sides do together."""
    suffers: str
    """What becomes of whom it is done to, past participle: "arrested"."""
    happens: str
    """A clause for the place alone: "fire breaks out {in}"."""
    traits: frozenset[str]
    count: str = ""
    """Measure that tells how many it is done to, where they have no name."""


@cache
def title_phrases() -> Mapping[str, Phrases]:
    """Return the words for every type of the ontology.

    Raises ValueError, naming the line or the type, where a row is malformed, doubled or missing.
    """
    known = event_types()
    found: dict[str, Phrases] = {}
    table = files("services.linker").joinpath(TABLE).read_text(encoding="utf-8")
    for number, line in enumerate(table.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        row = line.split("\t")
        if len(row) != _COLUMNS:
            raise ValueError(f"{TABLE} line {number}: {_COLUMNS} tab-separated columns expected, {len(row)} found")
        if row[0] not in known or row[0] in found:
            raise ValueError(f"{TABLE} line {number}: {row[0]!r} is no type of ontology.tsv, or stands there twice")
        try:
            found[row[0]] = _phrases(row[1:])
        except ValueError as error:
            raise ValueError(f"{TABLE} line {number}: {error}") from None
    missing = sorted(known.keys() - found.keys())
    if missing:
        raise ValueError(f"{TABLE}: a row is missing for {', '.join(missing)}")
    return MappingProxyType(found)


def _phrases(columns: list[str]) -> Phrases:
    noun, of, acts, doing, suffers, happens, listed = ("" if column == "-" else column for column in columns)
    named = [trait for trait in listed.split(",") if trait]
    traits = frozenset(trait for trait in named if not trait.startswith(_COUNT))
    if traits - TRAITS:
        raise ValueError(f"unknown traits: {', '.join(sorted(traits - TRAITS))}")
    if not noun or not happens:
        raise ValueError("a type needs a noun and what happens")
    if acts and acts.count("{}") != 1:
        raise ValueError(f"acts needs one {{}} for whom it is done to: {acts!r}")
    if sum(happens.count(slot) for slot in ("{}", "{in}", "{to}")) != 1:
        raise ValueError(f"happens needs one of {{}}, {{in}} and {{to}} for the place: {happens!r}")
    alone, _, together = (part.strip() for part in doing.partition(";"))
    count = next((trait.removeprefix(_COUNT) for trait in named if trait.startswith(_COUNT)), "")
    return Phrases(noun, of, acts, alone, together or alone, suffers, happens, traits, count)
