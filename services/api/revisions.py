"""What each revision of an article told, and what it changed: from the states of the events it touched. Pure.

A revision that tells nothing and takes nothing back leaves no trace in the states, so it is not listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.contracts.ids import article_id

AHEAD: Final = 8
"""Revisions after the latest known one that are looked for: so many in a row may tell nothing without hiding others."""

Json = dict[str, Any]
States = Sequence[Mapping[str, Any]]
"""The JSON of an event's states, the oldest first."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What one revision tells of one event."""

    evidence: Mapping[str, Any]
    """Its best sentence, as the latest state that names it has it."""
    ended_at: str | None
    """When the event went on without it; None while it stands, or where the event was merged into another."""


def lineage_of(identity: str, events: Iterable[States]) -> tuple[str, int]:
    """Return the lineage of an article that events name, itself or another of its revisions, and the latest revision
    that they name; nothing and 0 where none of them says.
    """
    latest: dict[str, int] = {}
    for evidence in (each for states in events for state in states for each in state["evidence"]):
        lineage, number = evidence.get("lineage_id", ""), evidence.get("article_revision", 0)
        if lineage and number:
            latest[lineage] = max(number, latest.get(lineage, 0))
    found = (each for each in latest.items() if identity in revisions_of(each[0], each[1] + AHEAD))
    return next(found, ("", 0))


def revisions_of(lineage: str, upto: int) -> list[str]:
    """Return the ids of an article's revisions 1, 2, ... up to a number."""
    return [article_id(lineage, number) for number in range(1, upto + 1)]


def revision_documents(lineage: str, named: Mapping[int, Sequence[str]], events: Mapping[str, States]) -> list[Json]:
    """Return the revisions of an article that left a trace, the oldest first.

    ``named`` gives, by number of the revision, the ids of the events whose states name it; ``events`` their states.
    """
    found: list[Json] = []
    before: dict[str, Telling] = {}
    for number in sorted(named):
        identity = article_id(lineage, number)
        tells = {event: told for event in named[number] if (told := _telling(identity, events[event])) is not None}
        about = next((told.evidence for told in tells.values()), {})
        found.append(
            {
                "id": identity,
                "revision": number,
                "title": about.get("article_title") if about else None,
                "published_at": about.get("published_at"),
                "first_seen_at": about.get("first_seen_at"),
                "events": sorted(tells),
                "changes": list(_changes(before, tells, events)) if found else [],
            }
        )
        before = tells
    return found


def _telling(identity: str, states: States) -> Telling | None:
    evidence: Mapping[str, Any] | None = None
    ended_at: str | None = None
    for state in states:
        mine = next((each for each in state["evidence"] if each["article_id"] == identity), None)
        if mine is not None:
            evidence, ended_at = mine, None
        elif evidence is not None and ended_at is None and not state["merged_into"]:
            ended_at = state["last_changed"]
    return Telling(evidence, ended_at) if evidence is not None else None


def _changes(
    before: Mapping[str, Telling], after: Mapping[str, Telling], events: Mapping[str, States]
) -> Iterator[Json]:
    titles = [next((told.evidence["article_title"] for told in each.values()), "") for each in (before, after)]
    if all(titles) and titles[0] != titles[1]:
        yield _change("title", before=titles[0], after=titles[1])
    for event in sorted(before.keys() | after.keys()):
        then, now = before.get(event), after.get(event)
        title = events[event][-1]["title"]
        if then is None and now is not None:
            yield _change("told", event, title, after=now.evidence["status"], at=now.evidence.get("first_seen_at"))
        elif then is not None and now is None and then.ended_at is not None:
            yield _change("withdrawn", event, title, before=then.evidence["status"], at=then.ended_at)
        elif then is not None and now is not None and then.evidence["status"] != now.evidence["status"]:
            yield _change("status", event, title, then.evidence["status"], now.evidence["status"])


def _change(
    what: str,
    event_id: str | None = None,
    event_title: str | None = None,
    before: str | None = None,
    after: str | None = None,
    at: str | None = None,
) -> Json:
    return {
        "what": what,
        "event_id": event_id,
        "event_title": event_title,
        "before": before,
        "after": after,
        "at": at,
    }
