"""How grammar maps to roles for each event type, read from ``frames.tsv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from services.contracts.ontology import event_types
from services.extractor.tables import rows

Side = Literal["agent", "patient"]


@dataclass(frozen=True, slots=True)
class Frame:
    """Roles of one event type."""

    agent: str = "source"
    """Role of who does it: source, subject or party; empty where nobody does, as with an earthquake."""
    patient: str = "target"
    """Role of whom or what it happens to."""
    possessor: Side = "agent"
    """What a possessor before the noun is: "Fogel's release" has the patient there."""
    of: Side = "patient"
    """What follows "of" after the noun."""

    @property
    def reciprocal(self) -> bool:
        """True where both sides do the same to each other: they meet, agree, negotiate."""
        return self.agent == "party"

    def role(self, side: Side) -> str:
        """Return the role of a side."""
        return self.agent if side == "agent" else self.patient


_DEFAULT = Frame()


def _side(text: str) -> Side:
    if text not in ("agent", "patient"):
        raise ValueError(f"frames.tsv: {text!r} must be agent or patient")
    return "agent" if text == "agent" else "patient"


@cache
def _frames() -> Mapping[str, Frame]:
    found = {}
    for name, agent, patient, possessor, of in rows("frames.tsv", columns=5):
        if name not in event_types():
            raise ValueError(f"frames.tsv: the ontology has no type {name!r}")
        found[name] = Frame(agent.strip("-"), patient, _side(possessor), _side(of))
    return MappingProxyType(found)


def frame(event_type: str) -> Frame:
    """Return how grammar maps to roles for ``event_type``."""
    return _frames().get(event_type, _DEFAULT)
