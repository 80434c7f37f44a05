"""What a feed's own rate is taken for, and when it is worth asking again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.fetcher.pace import POLL_WORTH_S, Rhythm, begun, heard, worthwhile_s
from tests.unit.fetcher.feed_documents import NOW

DAY = 86_400.0


def test_the_rate_of_a_steady_feed_is_learned_from_its_first_listing() -> None:
    rhythm = begun([NOW - timedelta(minutes=30 * n) for n in range(24 * 2 * 10)], NOW)
    assert [rhythm.rate(hour, NOW) * 3600 for hour in range(24)] == pytest.approx([2.0] * 24, rel=0.12)


def test_a_poll_waits_for_the_square_root_of_the_gap_between_items() -> None:
    rhythm = begun([NOW - timedelta(minutes=30 * n) for n in range(24 * 2 * 10)], NOW)
    assert worthwhile_s(rhythm, NOW, DAY) == pytest.approx((2 * POLL_WORTH_S * 1800) ** 0.5, rel=0.1)


def test_a_newsroom_that_sleeps_is_asked_less_often_at_night() -> None:
    midnight = NOW.replace(hour=0)
    by_day = [midnight - timedelta(days=day, minutes=-30 * n) for day in range(1, 11) for n in range(18, 36)]
    rhythm = begun(by_day, midnight)
    at_night, at_noon = (worthwhile_s(rhythm, midnight + timedelta(hours=hour), DAY) for hour in (1, 12))
    assert at_night > 2.5 * at_noon


def test_items_that_come_make_it_faster_and_silence_slower() -> None:
    rhythm = begun([NOW - timedelta(hours=5 * n) for n in range(20)], NOW)
    later = NOW + timedelta(hours=2)
    busier = heard(rhythm, [later - timedelta(minutes=n) for n in range(30)], NOW, later)
    assert worthwhile_s(busier, later, DAY) < worthwhile_s(rhythm, later, DAY)
    assert worthwhile_s(rhythm, NOW + timedelta(days=20), DAY) > worthwhile_s(rhythm, NOW, DAY)


def test_a_date_outside_the_time_between_two_polls_is_not_believed() -> None:
    liar = heard(Rhythm(), [NOW - timedelta(days=400), NOW + timedelta(days=400), None], NOW - timedelta(hours=1), NOW)
    assert liar.items(NOW) == pytest.approx(3.0)
    assert liar.hours[NOW.hour] == 3.0


def test_an_unknown_feed_is_asked_no_later_than_the_longest_interval() -> None:
    assert worthwhile_s(Rhythm(), NOW, 3600.0) == 3600.0
