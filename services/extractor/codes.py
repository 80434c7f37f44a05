"""PLOVER, CAMEO and IPTC codes of an event, so that users of POLECAT, GDELT and ICEWS feel at home.

PLOVER (Halterman et al., "PLOVER and POLECAT", 2023) codes what has happened by its type; intentions by their kind:
planned and agreed events AGREE, requests REQUEST, what is refused or called off REJECT, threats THREATEN. CAMEO
(Gerner, Schrodt and Yilmaz, codebook 1.1b3, 2012) has roots of its own for each of these: 02/10 appeals and demands,
03 intentions, 12 rejections, 13 threats. ``cameo.tsv`` gives what has occurred, and the intention where the codebook
names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from services.contracts.ontology import event_types
from services.extractor.tables import rows

_PLOVER_BY_STATUS: Final = {
    "planned": "AGREE",
    "agreed": "AGREE",
    "requested": "REQUEST",
    "denied": "REJECT",
    "cancelled": "REJECT",
}


_WITHDRAWN: Final = {
    "aid": "162",
    "military-aid": "162",
    "negotiations": "164",
    "peacekeeping": "166",
    "diplomatic-relations": "161",
}
"""Help and talks that are stopped: PLOVER counts them as SANCTION, CAMEO under 16 (reduce relations)."""


@dataclass(frozen=True, slots=True)
class EventCodes:
    """Codes of one event; empty where a codebook has none."""

    plover: str
    cameo: str
    iptc: str


@cache
def _cameo() -> Mapping[str, tuple[str, str, str, str, str]]:
    return MappingProxyType(
        {
            name: (occurred, agreed, requested, denied, threatened)
            for name, occurred, agreed, requested, denied, threatened in rows("cameo.tsv", columns=6)
        }
    )


def codes(event_type: str, status: str, *, threatened: bool = False) -> EventCodes:
    """Return the codes of an event of ``event_type`` in ``status``; ``threatened`` where it is held out as a threat.

    Something merely considered is no event in PLOVER or CAMEO and has no code there.
    """
    kind = event_types()[event_type]
    if not kind.plover:
        return EventCodes("", "", kind.topic)
    if threatened:
        plover = "THREATEN"
    elif status == "cancelled" and event_type in _WITHDRAWN:
        plover = "SANCTION"
    elif status == "considered":
        plover = ""
    else:
        plover = _PLOVER_BY_STATUS.get(status, kind.plover)
    occurred, agreed, requested, denied, threat = _cameo().get(event_type, ("-", "-", "-", "-", "-"))
    by_status = {
        "occurred": occurred,
        "ongoing": occurred,
        "planned": agreed,
        "agreed": agreed,
        "requested": requested,
        "denied": denied,
        "cancelled": denied,
    }
    if status == "cancelled" and event_type in _WITHDRAWN:
        return EventCodes(plover, _WITHDRAWN[event_type], kind.topic)
    cameo = threat if threatened else by_status.get(status, "-")
    return EventCodes(plover, "" if cameo == "-" else cameo, kind.topic)
