from __future__ import annotations

import pytest

from services.api.sse import START, Position
from services.api.stream_reader import StreamState

KEPT = StreamState(first=(100, 0), last=(200, 5), trimmed=True)
WHOLE = StreamState(first=(100, 0), last=(200, 5), trimmed=False)
NEVER = StreamState(first=None, last=START, trimmed=False)
EMPTIED = StreamState(first=None, last=(200, 5), trimmed=True)


@pytest.mark.parametrize("position", [(100, 0), (150, 0), (200, 5)])
def test_a_position_that_is_kept_is_not_lost(position: Position) -> None:
    assert not KEPT.lost_after(position)


def test_a_position_before_the_oldest_entry_is_lost() -> None:
    assert KEPT.lost_after((99, 9))


def test_a_position_of_the_future_is_of_another_stream() -> None:
    assert KEPT.lost_after((200, 6))


def test_the_start_is_lost_only_once_entries_were_dropped() -> None:
    assert KEPT.lost_after(START)
    assert not WHOLE.lost_after(START)


def test_a_position_older_than_a_whole_stream_comes_from_the_one_before_a_rebuild() -> None:
    assert WHOLE.lost_after((99, 0))


def test_a_stream_that_never_had_entries_loses_nothing_at_its_start() -> None:
    assert not NEVER.lost_after(START)
    assert NEVER.lost_after((1, 0))


def test_an_emptied_stream_has_lost_all_but_its_end() -> None:
    assert EMPTIED.lost_after((200, 4))
    assert not EMPTIED.lost_after((200, 5))
