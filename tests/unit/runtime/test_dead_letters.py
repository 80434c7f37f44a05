"""Dead letters keep the message whole and know it again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.instants import from_timestamp
from services.contracts.topics import DEAD_LETTERS
from services.runtime.dead_letters import dead_letter

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def letter(**changes: Any) -> DeadLetter:
    """A dead letter with some of its parts changed."""
    parts: dict[str, Any] = {
        "stage": "dedup",
        "topic": "articles.raw",
        "key": "en",
        "message_id": "m1",
        "value": b"\xff\x00 any bytes \x80",
        "headers": {"ce_id": b"m1"},
        "error": ValueError("no title"),
        "now": NOON,
    }
    value = dead_letter(**{**parts, **changes}).value
    assert isinstance(value, DeadLetter)
    return value


def test_the_value_is_kept_byte_for_byte() -> None:
    assert letter().value == b"\xff\x00 any bytes \x80"


def test_the_cause_is_told_with_its_traceback() -> None:
    try:
        raise KeyError("headline")
    except KeyError as error:
        told = letter(error=error)
    assert told.error == "KeyError: 'headline'"
    assert "test_dead_letters.py" in told.traceback
    assert told.traceback.endswith("KeyError: 'headline'\n")


def test_a_message_that_fails_again_is_the_same_letter() -> None:
    later = datetime(2026, 3, 15, tzinfo=UTC)
    assert letter().id == letter(error=TypeError("another"), now=later, headers={}, value=b"").id


def test_another_message_topic_or_stage_is_another_letter() -> None:
    ids = {letter().id, letter(message_id="m2").id, letter(topic="mentions").id, letter(stage="linker").id}
    assert len(ids) == 4


def test_headers_that_are_no_text_are_kept_readable() -> None:
    assert dict(letter(headers={"ce_id": b"m1", "odd": b"\xff!"}).headers) == {"ce_id": "m1", "odd": "\\xff!"}


def test_it_goes_to_its_topic_keyed_by_stage() -> None:
    emit = dead_letter(
        stage="dedup", topic="t", key="k", message_id="m", value=b"", headers={}, error=ValueError(), now=NOON
    )
    assert isinstance(emit.value, DeadLetter)
    assert (emit.topic, emit.key, emit.id, emit.time) == (DEAD_LETTERS, "dedup", emit.value.id, NOON)
    assert from_timestamp(emit.value.failed_at) == NOON
