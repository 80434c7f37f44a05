"""The states of all events that a linker's table holds, as they were last sent: what readers see can be made of them.

A log that keeps no message which everybody has read has them nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import orjson

from services.contracts.dateline.v1 import event_pb2
from services.linker import ledger, olderrecord, record
from services.linker.merge import shown_evidence
from services.linker.reports import told_in_order
from services.linker.table import ALIAS, ARTICLE, EVENT, article_key
from services.runtime.stage import Write

Entries = Callable[[], Iterable[Write]]
"""Reads all entries of the table, each time it is called."""
_CHAIN: Final = 100
_ANY_ERROR: Final = Exception  # whatever a decoder raises on bytes that are not what it wrote


@dataclass(slots=True)
class _Beside:
    """What stands beside the events: who was copied how often, by key, and what was merged into what."""

    copied: dict[str, int] = field(default_factory=dict)
    merged: dict[str, list[str]] = field(default_factory=dict)
    """Ids by the id of the event that they ended in."""


def stored_states(entries: Entries) -> Iterator[event_pb2.Event]:
    """Yield the state of each event, without changes, and after it one for each id that was merged into it.

    What was merged is told with where it went, not with what it was before. Records that cannot be read are left out.
    """
    beside = _beside(entries())
    for write in entries():
        if not write.key.startswith(EVENT) or write.value is None:
            continue
        event = _state(write.value, beside.copied)
        if event is None:
            continue
        yield event
        for former in beside.merged.get(event.id, ()):
            yield _ended(former, event)


def _beside(entries: Iterable[Write]) -> _Beside:
    found = _Beside()
    into: dict[str, str] = {}
    for write in entries:
        if write.value is None:
            continue
        if write.key.startswith(ARTICLE):
            copies = ledger.decode(write.value).copied
            if copies:
                found.copied[write.key] = copies
        elif write.key.startswith(ALIAS):
            into[write.key.removeprefix(ALIAS)] = orjson.loads(write.value)[0]
    for former in into:
        last = former
        for _ in range(_CHAIN):
            last = into.get(last, "") or last
        found.merged.setdefault(last, []).append(former)
    return found


def _state(value: bytes, copied: dict[str, int]) -> event_pb2.Event | None:
    try:
        if value[:1] and value[0] in olderrecord.FORMATS:
            held = olderrecord.decode(value)
        else:
            record.check(value)
            held = record.decode(value)
    except _ANY_ERROR:
        return None
    event = held.event
    if not (event.id and event.revision and held.reports):
        return None
    reports = told_in_order(held.reports)
    shown = shown_evidence(event, reports, lambda article: copied.get(article_key(event.topic, article), 0))
    event.evidence.extend(shown)
    return event


def _ended(former: str, event: event_pb2.Event) -> event_pb2.Event:
    last = event_pb2.Event(
        id=former, revision=1, merged_into=event.id, type=event.type, topic=event.topic, title=event.title,
        status=event.status, sample=event.sample,
    )  # fmt: skip
    last.codes.CopyFrom(event.codes)
    last.first_seen.CopyFrom(event.first_seen)
    last.last_changed.CopyFrom(event.last_changed)
    return last
