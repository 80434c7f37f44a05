"""The event types, as data: ``ontology.tsv`` beside this file lists each with its topic and PLOVER root.

Topics are the top level of the IPTC Media Topics (https://iptc.org/standards/media-topics/); PLOVER roots are
those of Halterman et al., "PLOVER and POLECAT" (2023). A content event keeps its type whatever its status.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

STATUSES: Final = (
    "considered",
    "requested",
    "planned",
    "agreed",
    "ongoing",
    "occurred",
    "denied",
    "cancelled",
)
"""How far along an event is, in the order in which it usually moves; denied and cancelled end it."""

TOPIC_FAMILIES: Final = (
    "arts-culture-entertainment-media",
    "conflict-war-peace",
    "crime-law-justice",
    "disaster-accident-emergency",
    "economy-business-finance",
    "education",
    "environment",
    "health",
    "human-interest",
    "labour",
    "lifestyle-leisure",
    "politics-government",
    "religion",
    "science-technology",
    "society",
    "sport",
    "weather",
)
"""The 17 top-level IPTC Media Topics. The linker is owned per family."""

PLOVER_ROOTS: Final = (
    "AGREE",
    "CONSULT",
    "SUPPORT",
    "COOPERATE",
    "AID",
    "CONCEDE",
    "REQUEST",
    "ACCUSE",
    "REJECT",
    "THREATEN",
    "PROTEST",
    "SANCTION",
    "MOBILIZE",
    "COERCE",
    "ASSAULT",
    "RETREAT",
)
"""The 16 roots of PLOVER."""
_NAME: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")


@dataclass(frozen=True, slots=True)
class EventType:
    """One row of the ontology."""

    name: str
    topic: str
    plover: str
    """PLOVER root of an event of this type that has occurred; empty where PLOVER has none."""
    meaning: str


@cache
def event_types() -> Mapping[str, EventType]:
    """Return every event type by name.

    Raises ValueError, naming the line, where the table has an unknown topic or root, or a doubled or nameless type.
    """
    types: dict[str, EventType] = {}
    table = files("services.contracts").joinpath("ontology.tsv").read_text(encoding="utf-8")
    for number, line in enumerate(table.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 4:
            raise ValueError(f"ontology.tsv line {number}: 4 tab-separated columns expected, {len(columns)} found")
        name, topic, plover, meaning = columns
        if topic not in TOPIC_FAMILIES:
            raise ValueError(f"ontology.tsv line {number}: {topic!r} is not an IPTC top-level topic")
        if plover != "-" and plover not in PLOVER_ROOTS:
            raise ValueError(f"ontology.tsv line {number}: {plover!r} is not a PLOVER root; write - where it has none")
        if not _NAME.fullmatch(name) or not meaning.strip():
            raise ValueError(f"ontology.tsv line {number}: a type needs a lower-case-name and a meaning")
        if name in types:
            raise ValueError(f"ontology.tsv line {number}: type {name!r} stands there twice")
        types[name] = EventType(name, topic, "" if plover == "-" else plover, meaning)
    return MappingProxyType(types)
