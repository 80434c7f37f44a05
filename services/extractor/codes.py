"""PLOVER, CAMEO and IPTC codes of an event, so that users of POLECAT, GDELT and ICEWS feel at home.

PLOVER (Halterman et al., "PLOVER and POLECAT", 2023) codes what has happened by its type; intentions by their kind:
planned and agreed events AGREE, requests REQUEST, what is refused or called off REJECT, threats THREATEN. CAMEO
(Gerner, Schrodt and Yilmaz, codebook 1.1b3, 2012) has roots of its own for each of these: 02 appeals, 03 intentions,
12 rejections, 13 threats. ``cameo.tsv`` gives its codes by type and status, ``iptc.tsv`` the IPTC Media Topics.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final, TypeVar

from services.contracts.ontology import event_types
from services.extractor.tables import rows

_PLOVER_BY_STATUS: Final = {
    "considered": "",
    "planned": "AGREE",
    "agreed": "AGREE",
    "requested": "REQUEST",
    "denied": "REJECT",
    "cancelled": "REJECT",
}
_REDUCED: Final = "16"
"""CAMEO root of help, talks and relations that are cut: PLOVER counts them as SANCTION."""
_COLUMNS: Final = {
    "occurred": 0,
    "ongoing": 0,
    "planned": 1,
    "agreed": 1,
    "requested": 2,
    "denied": 3,
    "cancelled": 4,
    "threatened": 5,
}
"""Which of the six codes of a row of ``cameo.tsv`` a status has. What is merely considered has none."""
TOPIC_IDS: Final = {
    "arts-culture-entertainment-media": "01000000",
    "crime-law-justice": "02000000",
    "disaster-accident-emergency": "03000000",
    "economy-business-finance": "04000000",
    "education": "05000000",
    "environment": "06000000",
    "health": "07000000",
    "human-interest": "08000000",
    "labour": "09000000",
    "lifestyle-leisure": "10000000",
    "politics-government": "11000000",
    "religion": "12000000",
    "science-technology": "13000000",
    "society": "14000000",
    "sport": "15000000",
    "conflict-war-peace": "16000000",
    "weather": "17000000",
}
"""Ids of the top-level IPTC Media Topics by topic family."""
_QUAD_CLASSES: Final = ((5, 1), (9, 2), (13, 3), (20, 4))
"""Last CAMEO root of each of GDELT's four classes."""


@dataclass(frozen=True, slots=True)
class EventCodes:
    """Codes of one event; empty where a codebook has none."""

    plover: str
    cameo: str
    iptc: str
    """Topic family: the top-level Media Topic by name."""
    media_topic: str
    """Id of the IPTC Media Topic, "medtop:20000641"."""


@dataclass(frozen=True, slots=True)
class MediaTopic:
    """A concept of the IPTC Media Topics."""

    id: str
    """Its QCode, "medtop:20000641"."""
    name: str


@dataclass(frozen=True, slots=True)
class CameoCode:
    """A code of the CAMEO codebook."""

    code: str
    """Two digits for a root, three for a base, four for a code below it."""
    name: str
    goldstein: float | None
    """Goldstein scale: -10 (worst for the stability of a country) to 10; None where it has no value."""

    @property
    def root(self) -> str:
        """The first two digits: 05."""
        return self.code[:2]

    @property
    def base(self) -> str:
        """The first three digits: 057."""
        return self.code[:3]

    @property
    def quad_class(self) -> int:
        """GDELT's class: 1 verbal and 2 material cooperation, 3 verbal and 4 material conflict."""
        return next(number for last, number in _QUAD_CLASSES if int(self.root) <= last)


Row = TypeVar("Row")


def _complete(table: str, found: dict[str, Row]) -> Mapping[str, Row]:
    missing = [name for name in event_types() if name not in found]
    if missing:
        raise ValueError(f"{table}: no row for the type {missing[0]!r}; every type needs one (docs/ontology.md)")
    return MappingProxyType(found)


@cache
def _cameo() -> Mapping[str, tuple[str, ...]]:
    table = rows("cameo.tsv", columns=7)
    return _complete("cameo.tsv", {name: tuple(code.strip("-") for code in found) for name, *found in table})


@cache
def cameo_codes() -> Mapping[str, CameoCode]:
    """Return every CAMEO code that events may have."""
    return MappingProxyType(
        {
            code: CameoCode(code, name, None if scale == "-" else float(scale))
            for code, scale, name in rows("cameo_codes.tsv", columns=3)
        }
    )


@cache
def _media_topics() -> Mapping[str, MediaTopic]:
    table = rows("iptc.tsv", columns=3)
    return _complete("iptc.tsv", {kind: MediaTopic(f"medtop:{number}", name) for kind, number, name in table})


def media_topic(event_type: str) -> MediaTopic:
    """Return the IPTC Media Topic of events of ``event_type``: the narrowest that is certain."""
    return _media_topics()[event_type]


def codes(event_type: str, status: str, *, threatened: bool = False) -> EventCodes:
    """Return the codes of an event of ``event_type`` in ``status``; ``threatened`` where it is held out as a threat.

    Something merely considered is no event in PLOVER or CAMEO and has no code there. Raises ValueError, naming table
    and line or type, where the tables are at fault.
    """
    kind, topic = event_types()[event_type], media_topic(event_type).id
    if not kind.plover:
        return EventCodes("", "", kind.topic, topic)
    number = _COLUMNS.get("threatened" if threatened else status)
    cameo = "" if number is None else _cameo()[event_type][number]
    if threatened:
        plover = "THREATEN"
    elif status == "cancelled" and cameo.startswith(_REDUCED):
        plover = "SANCTION"
    else:
        plover = _PLOVER_BY_STATUS.get(status, kind.plover)
    return EventCodes(plover, cameo, kind.topic, topic)
