"""What becomes due of events of which nothing is heard: overdue, quiet, archived, forgotten, without any message.

A message does the same for its topic family along the way (``batch.py``); here nobody has any news.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.contracts.topics import MENTIONS
from services.linker.draft import Draft
from services.linker.record import FaultyRecord
from services.linker.table import EVENT, Table, day_of_us
from services.linker.telling import Telling
from services.runtime.stage import Message, Outcome, Write

EVENTS_A_STEP: Final = 64
"""Events looked at in one step: some 50 ms, for which a message may have to wait."""
FORGOTTEN_A_STEP: Final = 512
"""Articles and ids of merged events forgotten in one step: less work than the events."""


def rest(table: Table, topic: str, now: datetime) -> Outcome:
    """Return what becomes of the next events of a topic family that are due by ``now``; an empty outcome for none."""
    waiting = table.due(topic, day_of_us(round(now.timestamp() * 1_000_000)), EVENTS_A_STEP)
    if not waiting:
        return Outcome()
    drafts: dict[str, Draft] = {}
    unreadable: list[Write] = []
    for event_id in waiting:
        try:
            stored = table.record(event_id)
        except FaultyRecord:
            unreadable.append(Write(f"{EVENT}{event_id}", None))
            continue
        draft = drafts[event_id] = Draft(event_id, stored, partial(table.copied, topic))
        draft.looked_at = draft.only_looked_at = True
    nobody = event_pb2.MentionBatch(topic=topic)
    telling = Telling(table, Message(MENTIONS, topic, nobody, "", now), nobody, drafts)
    for draft in drafts.values():
        telling.finish(draft)
    return Outcome(tuple(telling.emits), (*telling.writes, *unreadable))
