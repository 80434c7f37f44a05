"""What the consumer of the Kafka runtime knows of how messages follow each other, wherever fetching jumps to."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.kafka_app import NoMemory, Stretches, stage_app
from services.runtime.settings import RuntimeSettings

TP_0 = TP("mentions", 0)


class Log:
    """A partition with messages at some offsets and nothing to give at the others, read from a place that can move."""

    def __init__(self, messages: set[int], end: int) -> None:
        self.messages, self.end = messages, end
        self.position = 0
        self.stretches = Stretches()

    def read(self, most: int) -> list[tuple[Any, int]]:
        """Read on as aiokafka does: to after the last message given, or to the end where there are no more."""
        begin = self.position
        offsets = sorted(offset for offset in self.messages if offset >= begin)
        given = offsets[:most]
        self.position = given[-1] + 1 if given and len(offsets) > most else max(begin, self.end)
        return self.stretches.follow(TP_0, begin, [SimpleNamespace(offset=each) for each in given], self.position)


def test_markers_between_two_reads_are_no_gap() -> None:
    log = Log({0, 1, 4}, end=4)
    log.messages = {0, 1}
    assert [(each.offset, reached) for each, reached in log.read(10)] == [(0, 0), (1, 1)]
    log.messages, log.end = {0, 1, 4}, 6
    assert [(each.offset, reached) for each, reached in log.read(10)] == [(4, 2)]


def test_a_read_that_gave_nothing_joins_what_lies_around_it() -> None:
    stretches = Stretches()
    stretches.follow(TP_0, 0, [SimpleNamespace(offset=0)], 2)
    assert stretches.follow(TP_0, 2, [], 5) == []
    assert stretches.follow(TP_0, 5, [SimpleNamespace(offset=7)], 8)[0][1] == 1


def test_after_a_jump_nothing_is_taken_for_read() -> None:
    stretches = Stretches()
    stretches.follow(TP_0, 0, [SimpleNamespace(offset=0)], 1)
    assert stretches.follow(TP_0, 5, [SimpleNamespace(offset=5)], 6)[0][1] == 5
    assert not stretches.is_empty(TP_0, 1, 6)
    assert stretches.follow(TP_0, 0, [SimpleNamespace(offset=0)], 1)[0][1] == 0


def test_partitions_are_told_apart() -> None:
    stretches = Stretches()
    stretches.follow(TP_0, 0, [], 9)
    assert stretches.is_empty(TP_0, 0, 9)
    assert not stretches.is_empty(TP("mentions", 1), 0, 9)
    assert stretches.is_empty(TP("mentions", 1), 9, 9)


@given(
    st.sets(st.integers(0, 30)),
    st.lists(st.one_of(st.tuples(st.just("seek"), st.integers(0, 31)), st.tuples(st.just("read"), st.integers(1, 5)))),
)
def test_nothing_ever_lies_where_it_says_that_nothing_does(messages: set[int], steps: list[tuple[str, int]]) -> None:
    log = Log(messages, end=32)
    for step, number in steps:
        if step == "seek":
            log.position = number
            continue
        for record, reached in log.read(number):
            assert not messages & set(range(reached, record.offset))
        for begin in range(log.position):
            if log.stretches.is_empty(TP_0, begin, log.position):
                assert not messages & set(range(begin, log.position))


@given(st.sets(st.integers(0, 30)), st.lists(st.integers(1, 5), min_size=32, max_size=32))
def test_read_in_order_each_message_follows_on_the_one_before(messages: set[int], counts: list[int]) -> None:
    log = Log(messages, end=32)
    tail = 0
    for count in counts:
        for record, reached in log.read(count):
            assert reached <= tail <= record.offset
            tail = record.offset + 1
        assert log.stretches.is_empty(TP_0, tail, log.position)
    assert tail == max(messages, default=-1) + 1


def test_what_faust_notes_of_messages_passed_on_is_not_kept() -> None:
    notes = NoMemory()
    notes[TP_0] = 7
    notes.update({TP_0: 8})
    assert notes[TP_0] is None
    assert len(notes) == 0


def test_a_worker_that_is_spare_for_months_can_still_take_over(tmp_path: Path) -> None:
    """aiokafka 0.14 takes a member without partitions for idle, and past this time never lets it join again."""
    app = stage_app("extractor", RuntimeSettings(kafka="127.0.0.1:1"), tmp_path)
    months_s = 90 * 86400
    assert app.conf.broker_max_poll_interval > months_s
