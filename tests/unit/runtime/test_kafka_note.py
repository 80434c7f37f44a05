"""What a lane leaves beside its committed offset reads back, whichever version wrote it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.runtime.kafka_note import Note, owner_name, read_note


@pytest.mark.parametrize(
    "note",
    [Note(), Note(3, "linker-0:4711-17"), Note(delay=timedelta(seconds=1.25)), Note(10, "a:1-1", timedelta(days=30))],
)
def test_a_note_reads_back(note: Note) -> None:
    assert read_note(note.text()) == note


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("", Note()),
        ("tries=3 by=dedup-0:0-0", Note(3, "dedup-0:0-0")),
        ("tries=many delay=long by", Note()),
        ("delay=1e400 later=words", Note()),
        ("delay=nan", Note()),
    ],
)
def test_what_another_version_left_is_read_as_far_as_it_is_known(text: str, note: Note) -> None:
    assert read_note(text) == note


def test_tries_of_the_same_run_of_a_worker_do_not_count_against_its_message() -> None:
    owner = owner_name("dedup 0", 4711)
    assert " " not in owner
    assert Note(4, owner).tries_before(owner) == 0
    assert Note(4, owner).tries_before("dedup-0:1-1") == 4
