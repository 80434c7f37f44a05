"""Dead letters: a message that a stage could not process, whole, with the cause, so that it can be replayed."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from datetime import datetime
from enum import Enum

from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.ids import derive
from services.contracts.instants import to_timestamp
from services.contracts.topics import DEAD_LETTERS
from services.runtime.stage import Emit


class Resent(Enum):
    """What became of the wish to send a dead letter's message once more. True where it was sent."""

    SENT = "sent"
    GONE = "gone"
    """Somebody has replayed it before."""
    SUPERSEDED = "superseded"
    """Its topic keeps the newest state of each key, and there is a newer one: the letter is done with."""

    def __bool__(self) -> bool:
        return self is Resent.SENT


class WorkerDied(Exception):
    """A message was delivered again and again, alone, and each time the worker died before it could answer."""


def dead_letter(
    *,
    stage: str,
    topic: str,
    key: str,
    message_id: str,
    value: bytes,
    headers: Mapping[str, bytes],
    error: Exception,
    now: datetime,
) -> Emit:
    """Return the dead letter of one message as something to emit, in the same transaction as its acknowledgement.

    ``value`` and ``headers`` are kept byte for byte. The id depends on stage, topic and message only, so a message
    that fails again after a redelivery is the same letter.
    """
    letter = DeadLetter(
        id=derive("dead-letter", stage, topic, message_id),
        stage=stage,
        topic=topic,
        key=key,
        message_id=message_id,
        value=value,
        headers={name: text.decode("utf-8", "backslashreplace") for name, text in headers.items()},
        error=f"{type(error).__name__}: {error}",
        traceback="".join(traceback.format_exception(error)),
        failed_at=to_timestamp(now),
    )
    return Emit(DEAD_LETTERS, key=stage, value=letter, id=letter.id, time=now)
