from __future__ import annotations

import pytest

from services.api import sse


def test_a_frame_has_id_name_data_and_a_blank_line() -> None:
    assert sse.frame("change", (17, 3), b'{"a":1}') == b'id: 17-3\nevent: change\ndata: {"a":1}\n\n'


def test_a_heartbeat_is_a_comment_that_moves_the_last_event_id() -> None:
    assert sse.heartbeat((17, 3)) == b": heartbeat\nid: 17-3\n\n"


def test_a_reset_names_its_reason_and_where_to_go_on() -> None:
    assert sse.reset((17, 3), "trimmed") == (
        b'id: 17-3\nevent: reset\ndata: {"reason":"trimmed","position":"17-3"}\n\n'
    )


@pytest.mark.parametrize(("text", "position"), [("17-3", (17, 3)), ("17", (17, 0)), (" 0-0 ", (0, 0))])
def test_positions_are_read_as_redis_writes_them(text: str, position: sse.Position) -> None:
    assert sse.parse_position(text) == position


def test_a_reader_may_want_to_go_on_before_everything_that_is_kept() -> None:
    assert sse.parse_resume("beginning") == sse.BEGINNING < sse.START
    assert sse.parse_resume("17-3") == (17, 3)


@pytest.mark.parametrize(
    "text", [f"{2**64}-0", f"0-{2**64}", "", "$", "17-", "-3", "1-2-3", "abc", "1" * 21, "17-3\nid: 4"]
)
def test_anything_else_is_no_position(text: str) -> None:
    with pytest.raises(ValueError, match="id of the last event"):
        sse.parse_position(text)


def test_positions_are_ordered_by_number_and_not_as_text() -> None:
    assert sse.parse_position("9-10") > sse.parse_position("9-9")
