"""How well types and roles agree with the PLOVER gold standard: roots, source and target countries.

The records are single sentences of 2016, coded by hand. Roots that were renamed since are mapped; DOCUMENT is no event
and INVESTIGATE became part of ACCUSE and COERCE, so an investigation may be coded as either.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.contracts.dateline.v1.event_pb2 import Mention
from services.extractor.stage import Extractor
from tests.eval.seeds import mentions_of

RENAMED = {"DEMAND": "REQUEST", "DISAPPROVE": "ACCUSE", "FIGHT": "ASSAULT"}
CODES_NOW = {"JAP": "JPN", "ROM": "ROU", "VTN": "VNM", "ALB": "ALB", "DEN": "DNK"}
"""Codes that the records misspell."""
INVESTIGATE = frozenset({"ACCUSE", "COERCE"})
PUBLISHED = datetime(2000, 1, 1, 12, tzinfo=UTC)


def _countries(actors: Any) -> set[str]:
    """Return the ISO codes of what the record names; organisations (IGO, IMG) and religions have none."""
    listed = [actors] if isinstance(actors, dict) else actors or []
    codes = {str(actor.get("code", "")) for actor in listed if isinstance(actor, dict)}
    return {CODES_NOW.get(code, code) for code in codes if len(code) == 3 and code not in ("IGO", "IMG", "ISM", "NGO")}


def _right(wanted: str, mention: Mention) -> bool:
    return mention.codes.plover == wanted or (wanted == "INVESTIGATE" and mention.codes.plover in INVESTIGATE)


def _named(mentions: list[Mention], roles: tuple[str, ...]) -> set[str]:
    return {
        participant.entity.country
        for mention in mentions
        for participant in mention.participants
        if participant.role in roles and participant.entity.country
    }


def evaluate(shared: Path, *, misses: bool = False) -> Iterator[dict[str, Any]]:
    """Yield coverage (any mention), accuracy of roots among the covered, and how often source and target are named."""
    records = json.loads((shared / "data" / "plover-gsr" / "records.json").read_text(encoding="utf-8"))
    records = [record for record in records if record["event"] != "DOCUMENT" and record.get("text")]
    extractor = Extractor()
    covered = right = 0
    hits = {"source": 0, "target": 0, "either": 0}
    totals = {"source": 0, "target": 0, "either": 0}
    for record in records:
        wanted = RENAMED.get(record["event"], record["event"])
        mentions = mentions_of(extractor, "", record["text"].strip("{} "), PUBLISHED)
        matching = [mention for mention in mentions if _right(wanted, mention)]
        covered += bool(mentions)
        right += bool(matching)
        told = matching or mentions
        wholes = {"source": _countries(record.get("source")), "target": _countries(record.get("target"))}
        for side, roles in (("source", ("source", "party", "subject")), ("target", ("target", "party", "subject"))):
            if wholes[side] and mentions:
                totals[side] += 1
                hits[side] += bool(wholes[side] & _named(told, roles))
        everybody = wholes["source"] | wholes["target"]
        if everybody and mentions:
            totals["either"] += 1
            hits["either"] += everybody <= _named(told, ("source", "target", "party", "subject"))
        if misses and not matching:
            found = [(mention.type, mention.status, mention.codes.plover) for mention in mentions]
            yield {"name": "extractor.plover.missed", "wanted": wanted, "text": record["text"], "found": found}
    count = len(records)
    yield {"name": "extractor.plover.coverage", "value": round(covered / count, 3), "of": count}
    yield {"name": "extractor.plover.root_recall", "value": round(right / count, 3), "of": count}
    yield {"name": "extractor.plover.root_accuracy", "value": round(right / max(1, covered), 3), "of": covered}
    for side in ("source", "target"):
        value = round(hits[side] / max(1, totals[side]), 3)
        yield {"name": f"extractor.plover.{side}_country", "value": value, "of": totals[side]}
    value = round(hits["either"] / max(1, totals["either"]), 3)
    yield {"name": "extractor.plover.all_countries", "value": value, "of": totals["either"]}
