"""A plan whose date has passed without news is marked, told once, and unmarked by whatever is heard of it."""

from __future__ import annotations

import pytest

from services.contracts.dateline.v1 import event_pb2
from services.linker.activity import AT_ONCE
from services.runtime.stage import Message
from tests.unit.linker.newsdesk import Desk, article, at, batch, says

TOPIC = "politics-government"


def visit(
    status: str = "planned", time: str = "2025-06-10", who: str = "Ana Berg/DEU/GOV", where: str = "KEN"
) -> event_pb2.Mention:
    return says("visit", status, (f"source={who}",), where=where, time=time, sentence=f"{who} to visit {where}")


def other_news(day: str, name: str = "") -> Message:
    told = says("resignation", "occurred", ("source=Bo Lind/CAN/GOV",), time=day, sentence=f"Lind resigned {name}")
    return batch(article(f"other {day}{name}", "other.example", day), told)


def planned(desk: Desk) -> str:
    (event,) = desk.take(batch(article("a", "one.example", "2025-06-01"), visit()))
    return event.id


def test_it_is_overdue_two_days_after_the_date_and_told_once() -> None:
    desk = Desk()
    known = planned(desk)
    desk.take(other_news("2025-06-11"))
    assert not desk.events[known].overdue
    desk.take(other_news("2025-06-12"))
    event = desk.events[known]
    assert (event.overdue, event.revision, event.status, len(event.evidence)) == (True, 2, "planned", 1)
    assert event.last_changed.ToDatetime(tzinfo=at("2025-06-12").tzinfo) == at("2025-06-12")
    desk.take(other_news("2025-06-13"), other_news("2025-06-14"))
    assert desk.kinds(known) == ["created", "overdue"]


def test_news_that_it_took_place_unmarks_it() -> None:
    desk = Desk()
    known = planned(desk)
    desk.take(other_news("2025-06-13"))
    desk.take(batch(article("b", "two.example", "2025-06-13"), visit("occurred")))
    event = desk.events[known]
    assert (event.status, event.overdue) == ("occurred", False)
    last = [change for change in desk.changes if change.event_id == known and change.revision == event.revision]
    assert {field.field for change in last for field in change.fields} >= {"status", "overdue"}


def test_a_new_date_unmarks_it_until_that_has_passed_too() -> None:
    desk = Desk()
    known = planned(desk)
    desk.take(other_news("2025-06-13"))
    desk.take(batch(article("b", "two.example", "2025-06-14"), visit(time="2025-06-20")))
    assert not desk.events[known].overdue
    desk.take(other_news("2025-06-21"))
    assert not desk.events[known].overdue
    desk.take(other_news("2025-06-22"))
    assert desk.events[known].overdue


def test_a_report_that_repeats_the_plan_leaves_it_overdue() -> None:
    desk = Desk()
    known = planned(desk)
    desk.take(other_news("2025-06-13"))
    desk.take(batch(article("b", "two.example", "2025-06-14"), visit()))
    assert desk.events[known].overdue
    assert desk.kinds(known).count("overdue") == 1


@pytest.mark.parametrize(
    "told",
    [visit("occurred", "2025-06-01"), visit("cancelled"), visit(time="report 2025-06-01"), visit(time="2025-05-20")],
)
def test_what_happened_was_called_off_or_has_no_date_ahead_is_never_overdue(told: event_pb2.Mention) -> None:
    desk = Desk()
    (event,) = desk.take(batch(article("a", "one.example", "2025-06-01"), told))
    desk.take(other_news("2025-07-13"))
    assert not desk.events[event.id].overdue


def test_other_topic_families_wait_for_their_own_news() -> None:
    desk = Desk()
    known = planned(desk)
    fire = says("fire", "occurred", where="Porto", time="2025-06-20")
    desk.take(batch(article("b", "two.example", "2025-06-20"), fire))
    assert not desk.events[known].overdue


def test_many_are_marked_a_few_at_a_time_and_a_restart_forgets_none() -> None:
    desk = Desk()
    surnames = [
        f"{first}{second}" for first in ("Ab", "Ker", "Lo", "Mi", "Ul") for second in ("den", "gart", "rum", "sol")
    ]
    for number, surname in enumerate(surnames):
        told = visit(who=f"Eva {surname}", where="Porto", time="2025-06-10")
        desk.take(batch(article(f"a{number}", f"{number}.example", "2025-06-01"), told))
    plans = [event.id for event in desk.live()]
    assert len(plans) == len(surnames)
    desk.take(other_news("2025-06-13"))
    assert sum(desk.events[known].overdue for known in plans) == AT_ONCE
    desk.restart(seed=4)
    desk.take(other_news("2025-06-13", "again"))
    assert all(desk.events[known].overdue for known in plans)


@pytest.mark.parametrize(
    ("status", "time", "overdue"), [("agreed", "2025-06-01", False), ("agreed", "2025-06-05", True)]
)
def test_the_day_of_an_agreement_is_no_date_that_passes(status: str, time: str, overdue: bool) -> None:
    desk = Desk()
    (event,) = desk.take(batch(article("a", "one.example", "2025-06-01"), visit(status, time)))
    desk.take(other_news("2025-06-09"))
    assert desk.events[event.id].overdue is overdue
