"""Which reports move an event's status, and why they are believed."""

from __future__ import annotations

import pytest

from services.linker.status import Told, course, moves


def told(
    status: str, article: str = "a", day: int = 10, starts: int | None = None, voice: str = "", own: bool = True
) -> Told:
    return Told(status, article, day * 86_400_000_000, day, starts, voice=voice or f"outlet of {article}", own=own)


def path(*reports: Told) -> list[str]:
    return [reports[move.at].status for move in course(reports).moves]


def bases(*reports: Told) -> list[str]:
    return [move.basis for move in course(reports).moves]


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
def test_one_report_moves_nothing_back(now: str, report: str) -> None:
    assert path(told(now), told(report, "b", 11)) == [now]


def test_an_older_denial_does_not_undo_a_newer_plan() -> None:
    assert not moves(told("planned", day=10), told("denied", "b", 9))


def test_a_denial_is_not_undone_by_its_own_article() -> None:
    assert not moves(told("denied", "a"), told("agreed", "a"))
    assert moves(told("denied", "a"), told("agreed", "b", 11))


def test_a_denial_is_not_undone_by_an_article_that_tells_the_denial_too() -> None:
    assert path(told("planned"), told("denied", "b", 11), told("agreed", "c", 12), told("denied", "c", 12)) == [
        "planned",
        "denied",
    ]


def test_a_headline_that_tells_a_plan_is_not_overruled_further_down() -> None:
    headline = Told("agreed", "a", 10, 10, None, headline=True)
    assert not moves(headline, Told("occurred", "a", 10, 10, None))
    assert moves(headline, Told("occurred", "b", 11, 11, None))
    assert moves(headline, Told("cancelled", "a", 10, 10, None))


def test_what_was_called_off_may_be_set_for_a_new_day() -> None:
    assert moves(told("cancelled"), told("planned", "b", 11, starts=30))
    assert not moves(told("cancelled"), told("planned", "b", 11, starts=9))
    assert not moves(told("cancelled"), told("planned", "b", 11))


def test_the_day_it_was_called_off_for_is_no_new_day() -> None:
    reports = told("planned", "a", 9, starts=14), told("cancelled", "b", 10), told("planned", "c", 11, starts=14)
    assert path(*reports) == ["planned", "cancelled"]


def test_a_status_nobody_knows_moves_nothing() -> None:
    assert path(told("planned"), told("rumoured", "b", 11)) == ["planned"]


def test_more_voices_that_deny_it_than_hold_it_outweigh_them() -> None:
    said = told("occurred"), told("denied", "b", 11)
    assert path(*said) == ["occurred"]
    assert path(*said, told("denied", "c", 11)) == ["occurred", "denied"]
    assert bases(*said, told("denied", "c", 11)) == ["first", "outweighed"]
    assert path(*said, told("occurred", "d", 11), told("denied", "c", 11)) == ["occurred"]


def test_a_denial_that_many_outlets_carry_is_one_voice() -> None:
    carried = [told("denied", article, 11, voice="country:IRN", own=False) for article in "bcdef"]
    assert path(told("occurred"), *carried) == ["occurred"]


def test_who_claimed_it_may_take_it_back_alone() -> None:
    reports = told("occurred", voice="post"), told("denied", "b", 11, voice="post")
    assert path(*reports) == ["occurred", "denied"]
    assert bases(*reports) == ["first", "corrected"]


def test_an_outlet_that_carries_a_denial_does_not_take_back_its_own_report() -> None:
    assert path(told("occurred", voice="post"), told("denied", "b", 11, voice="post", own=False)) == ["occurred"]


def test_looking_back_at_the_plan_changes_nobodys_mind() -> None:
    reports = told("occurred", voice="post"), told("agreed", "b", 12, voice="post"), told("denied", "c", 13)
    assert path(*reports) == ["occurred"]


def test_what_several_place_ahead_did_not_happen_yet() -> None:
    ahead = [told("planned", article, 11, starts=15) for article in "bc"]
    assert path(told("occurred"), ahead[0]) == ["occurred"]
    assert path(told("occurred"), *ahead) == ["occurred", "planned"]
    assert path(told("occurred"), *ahead, told("occurred", "d", 15)) == ["occurred", "planned", "occurred"]


def test_each_move_says_why_it_was_believed() -> None:
    reports = told("planned"), told("cancelled", "b", 11), told("planned", "c", 12, starts=30), told("ongoing", "d", 30)
    assert bases(*reports) == ["first", "ended", "revived", "forward"]
