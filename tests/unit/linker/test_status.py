"""Which reports move an event's status."""

from __future__ import annotations

import pytest

from services.linker.status import Told, contradicts, moves


def told(status: str, article: str = "a", day: int = 10, starts: int | None = None) -> Told:
    return Told(status, article, day * 86_400_000_000, day, starts)


@pytest.mark.parametrize(
    ("now", "report"),
    [("considered", "agreed"), ("planned", "occurred"), ("agreed", "ongoing"), ("ongoing", "occurred"),
     ("planned", "denied"), ("agreed", "cancelled"), ("ongoing", "cancelled"), ("denied", "occurred")],
)  # fmt: skip
def test_a_later_report_moves_it_on(now: str, report: str) -> None:
    assert moves(told(now), told(report, "b", 11))


@pytest.mark.parametrize(
    ("now", "report"),
    [("agreed", "considered"), ("occurred", "planned"), ("occurred", "denied"), ("occurred", "cancelled"),
     ("ongoing", "denied"), ("denied", "planned"), ("cancelled", "considered"), ("occurred", "ongoing")],
)  # fmt: skip
def test_nothing_moves_it_back(now: str, report: str) -> None:
    assert not moves(told(now), told(report, "b", 11))


def test_an_older_denial_does_not_undo_a_newer_plan() -> None:
    assert not moves(told("planned", day=10), told("denied", "b", 9))


def test_a_denial_is_not_undone_by_its_own_article() -> None:
    assert not moves(told("denied", "a"), told("agreed", "a"))
    assert moves(told("denied", "a"), told("agreed", "b", 11))


def test_a_headline_that_tells_a_plan_is_not_overruled_further_down() -> None:
    headline = Told("agreed", "a", 10, 10, None, headline=True)
    assert not moves(headline, Told("occurred", "a", 10, 10, None))
    assert moves(headline, Told("occurred", "b", 11, 11, None))
    assert moves(headline, Told("cancelled", "a", 10, 10, None))


def test_what_was_called_off_may_be_set_for_a_new_day() -> None:
    assert moves(told("cancelled"), told("planned", "b", 11, starts=30))
    assert not moves(told("cancelled"), told("planned", "b", 11, starts=9))
    assert not moves(told("cancelled"), told("planned", "b", 11))


def test_a_denial_of_what_took_place_is_a_contradiction() -> None:
    assert contradicts("occurred", "denied")
    assert not contradicts("planned", "denied")


def test_a_status_nobody_knows_moves_nothing() -> None:
    assert not moves(told("planned"), told("rumoured", "b", 11))
