"""What time it is for a stage without news: behind the wall by what messages lag, never past what waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.topics import ARTICLES_RAW, ARTICLES_UNIQUE, EVENTS
from services.runtime.clock import LATENESS, LeastDelay, SinkClock, StageClock
from services.runtime.stage import Message, Outcome, Sink, Stage, Unavailable, Write

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def heard(*pairs: tuple[datetime, datetime]) -> StageClock:
    """A clock that has looked around once, at NOON, and has heard messages of a time at a time by the wall."""
    clock = StageClock(60)
    clock.begin(None)
    for now, told in pairs:
        clock.heard(now, [told])
    assert clock.asks(NOON) is None
    return clock


def test_before_the_first_message_there_is_no_present() -> None:
    assert heard().asks(NOON + DAY) is None


def test_live_it_is_the_clock_less_the_lateness_of_messages() -> None:
    assert heard((NOON, NOON)).asks(NOON + 3 * DAY) == NOON + 3 * DAY - LATENESS


def test_a_replay_of_last_month_lives_in_last_month() -> None:
    month = 30 * DAY
    clock = heard((NOON, NOON - month), (NOON + MINUTE, NOON - month + 2 * DAY))
    assert clock.asks(NOON + HOUR) == NOON - month + 2 * DAY + HOUR - MINUTE - LATENESS


def test_news_that_waited_for_long_does_not_set_the_present_back() -> None:
    assert heard((NOON, NOON), (NOON, NOON - 5 * DAY)).asks(NOON + DAY) == NOON + DAY - LATENESS


def test_a_message_from_the_future_does_not_bring_it_about() -> None:
    assert heard((NOON, NOON + 90 * DAY)).asks(NOON + DAY) == NOON + DAY - LATENESS


def test_after_a_start_what_was_published_meanwhile_is_told_first_and_then_it_looks_once_an_interval() -> None:
    clock = heard((NOON, NOON))
    assert clock.asks(NOON + LATENESS - MINUTE) is None
    first = NOON + LATENESS
    assert clock.asks(first) == NOON
    clock.looked(first)
    assert clock.asks(first + MINUTE / 2) is None
    assert clock.asks(first + MINUTE) == NOON + MINUTE


def test_a_clock_that_was_set_back_does_not_make_it_wait() -> None:
    clock = heard((NOON, NOON))
    clock.looked(NOON + DAY)
    assert clock.asks(NOON) is not None


def test_in_the_midst_of_what_is_due_it_goes_on_at_once_and_for_the_same_time() -> None:
    clock = heard((NOON, NOON))
    due_by = clock.asks(NOON + DAY)
    clock.looked(NOON + DAY, more=True)
    assert clock.more
    assert clock.asks(NOON + DAY + MINUTE / 60) == due_by
    clock.looked(NOON + DAY + MINUTE / 60)
    assert not clock.more
    assert clock.asks(NOON + DAY + MINUTE / 30) is None


def test_an_interval_of_nothing_is_never() -> None:
    clock = StageClock(0)
    clock.heard(NOON, [NOON])
    assert clock.asks(NOON) is clock.asks(NOON + DAY) is None


def test_the_delay_is_noted_when_it_shrank_and_a_new_owner_goes_on_with_it() -> None:
    clock = heard((NOON, NOON - DAY))
    assert (clock.to_note(), clock.to_note()) == (DAY, None)
    clock.heard(NOON, [NOON - DAY + MINUTE / 2])
    assert clock.to_note() is None, "half a minute less is not worth it"
    clock.heard(NOON, [NOON - HOUR])
    assert clock.to_note() == HOUR
    other = StageClock(60)
    other.begin(HOUR)
    assert other.to_note() is None
    assert other.asks(NOON) is None
    assert other.asks(NOON + DAY) == NOON + DAY - HOUR - LATENESS


def test_an_instance_to_which_no_message_ever_came_goes_by_the_others_and_notes_it() -> None:
    among = LeastDelay()
    silent, one, other = (StageClock(60, among) for _ in range(3))
    silent.begin(None)
    assert silent.asks(NOON) is silent.asks(NOON + DAY) is None, "nobody has heard of anything"
    one.begin(HOUR)
    other.heard(NOON, [NOON - MINUTE])
    assert silent.asks(NOON + DAY) == NOON + DAY - MINUTE - LATENESS
    assert silent.to_note() == MINUTE


def test_an_instance_that_knows_its_own_delay_does_not_go_by_the_others() -> None:
    among = LeastDelay()
    slow, quick = StageClock(60, among), StageClock(60, among)
    quick.heard(NOON, [NOON])
    slow.begin(HOUR)
    assert slow.asks(NOON) is None
    assert slow.asks(NOON + DAY) == NOON + DAY - HOUR - LATENESS


class Restless(Stage):
    """Has something due that never becomes less."""

    name = "dedup"
    inputs = (ARTICLES_RAW,)
    outputs = (ARTICLES_UNIQUE,)
    stateful = True

    def __init__(self, *answers: Outcome | Exception) -> None:
        self.answers = list(answers)

    def handle(self, message: Message, now: datetime) -> Outcome:
        return Outcome()

    def due(self, now: datetime) -> Outcome:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


A, B = Outcome(writes=(Write("a", b"1"),)), Outcome(writes=(Write("b", b"1"),))


def test_a_stage_that_fails_at_what_is_due_is_left_alone_until_the_next_look() -> None:
    clock, stage = heard((NOON, NOON)), Restless(ValueError("poison"), A)
    assert clock.step(stage, NOON).empty
    clock.looked(NOON)
    assert clock.step(stage, NOON) == A


@pytest.mark.parametrize("again", [A, Outcome(writes=(Write("a", b"2"),))])
def test_a_stage_that_does_the_same_again_is_left_alone_until_the_next_look(again: Outcome) -> None:
    clock, stage = heard((NOON, NOON)), Restless(A, B, A, again, again)
    for expected in (A, B, A):
        assert clock.step(stage, NOON) == expected
        clock.looked(NOON, more=True)
    assert clock.step(stage, NOON).empty
    clock.looked(NOON)
    assert clock.step(stage, NOON) == again


class Shelf(Sink):
    """Answers as it is told to when it is asked what is due, and notes when it was asked."""

    name = "cache"
    inputs = (EVENTS,)

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[datetime] = []

    def write(self, messages: Sequence[Message], now: datetime) -> list[Exception | None]:
        return []

    def due(self, now: datetime) -> bool:
        self.asked.append(now)
        answer = self.answers.pop(0) if self.answers else False
        if isinstance(answer, Exception):
            raise answer
        return answer


def moments_asked(shelf: Shelf, *moments: datetime, every_s: float = 60) -> list[datetime]:
    clock = SinkClock(every_s)
    for now in moments:
        clock.pass_time(shelf, now)
    return shelf.asked


def test_a_sink_is_asked_at_the_start_and_once_an_interval() -> None:
    moments = [NOON, NOON + MINUTE / 2, NOON + MINUTE, NOON + MINUTE * 1.5, NOON + HOUR]
    assert moments_asked(Shelf(), *moments) == [NOON, NOON + MINUTE, NOON + HOUR]


def test_a_sink_that_has_more_to_do_is_asked_again_at_once() -> None:
    moments = [NOON, NOON + MINUTE / 4, NOON + MINUTE / 2, NOON + MINUTE * 0.75]
    assert moments_asked(Shelf(True, True), *moments) == moments[:3]


def test_a_sink_is_asked_though_the_clock_was_set_back() -> None:
    assert moments_asked(Shelf(), NOON, NOON - DAY) == [NOON, NOON - DAY]


def test_a_sink_is_never_asked_where_ticks_are_off() -> None:
    assert moments_asked(Shelf(), NOON, NOON + DAY, every_s=0) == []


def test_a_sink_that_fails_at_what_is_due_is_left_alone_until_the_next_look() -> None:
    assert moments_asked(Shelf(ValueError("poison")), NOON, NOON + MINUTE / 2, NOON + MINUTE) == [NOON, NOON + MINUTE]


def test_a_sink_that_is_away_is_asked_again_as_soon_as_the_worker_tries() -> None:
    clock, shelf = SinkClock(60), Shelf(Unavailable("not at home"))
    with pytest.raises(Unavailable):
        clock.pass_time(shelf, NOON)
    clock.pass_time(shelf, NOON + MINUTE / 60)
    assert len(shelf.asked) == 2
