from __future__ import annotations

import json
import random

import pytest
from dateline_client.models import Change, Reset
from dateline_client.stream import FIRST_WAIT_S, LONGEST_WAIT_S, Follower, Frame, Frames


def frame(number: int, event: str = "change") -> bytes:
    data = {"id": str(number), "event": {"id": "e"}, "reason": "trimmed"}
    return f"id: {number}-0\nevent: {event}\ndata: {json.dumps(data)}\n\n".encode()


def follower(resets: list[Reset] | None = None) -> Follower[Change]:
    return Follower("change", Change.from_json, "", (resets if resets is not None else []).append, lambda: 1.0)


@pytest.mark.parametrize("newline", [b"\n", b"\r", b"\r\n"])
def test_events_are_read_whatever_pieces_they_come_in(newline: bytes) -> None:
    text = b": hello\nid: 1-0\n\nid: 2-0\nevent: change\ndata: one\ndata:two\n\n".replace(b"\n", newline)
    dice = random.Random(7)
    for _ in range(200):
        frames, rest, found = Frames(), text, []
        while rest:
            cut = dice.randint(1, len(rest))
            found += frames.feed(rest[:cut])
            rest = rest[cut:]
        assert found == [Frame("1-0", "", ""), Frame("2-0", "change", "one\ntwo")]


def test_what_a_cut_left_half_read_is_dropped_and_comes_again() -> None:
    one = follower()
    assert [change.id for change in one.feed(frame(1) + frame(2)[:-10])] == ["1"]
    assert one.headers["Last-Event-ID"] == "1-0"
    one.connected()
    assert [change.id for change in one.feed(frame(2))] == ["2"]


def test_what_was_read_before_is_not_read_again() -> None:
    one = follower()
    assert [change.id for change in one.feed(frame(9) + frame(9) + frame(10))] == ["9", "10"]


def test_a_heartbeat_moves_the_place_on() -> None:
    one = follower()
    assert list(one.feed(b": heartbeat\nid: 5-0\n\n")) == []
    assert one.position == "5-0"


def test_a_reset_is_told_and_the_stream_goes_on_from_there() -> None:
    resets: list[Reset] = []
    one = follower(resets)
    assert [change.id for change in one.feed(frame(9) + frame(3, "reset") + frame(4))] == ["9", "4"]
    assert resets == [Reset("trimmed", "3-0")]


def test_waits_double_up_to_a_limit_and_begin_anew_once_something_came() -> None:
    one = follower()
    assert [one.wait_s() for _ in range(3)] == [FIRST_WAIT_S, 2 * FIRST_WAIT_S, 4 * FIRST_WAIT_S]
    assert max(one.wait_s() for _ in range(30)) == LONGEST_WAIT_S
    list(one.feed(frame(1)))
    assert one.wait_s() == FIRST_WAIT_S
    assert one.wait_s(asked_s=60) == 60
