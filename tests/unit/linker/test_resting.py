"""Time passes for events although no news comes: what a message of their family would do, the clock does."""

from __future__ import annotations

from datetime import timedelta

from services.linker.activity import Memory
from services.linker.resting import EVENTS_A_STEP
from tests.unit.linker.newsdesk import Desk, article, at, batch, says

MEMORY = Memory(quiet_days=5, archive_days=20, horizon_days=100)


def planned(desk: Desk, time: str = "2025-06-10") -> str:
    visit = says("visit", "planned", ("source=Ana Berg/DEU/GOV",), where="KEN", time=time)
    (event,) = desk.take(batch(article("a", "one.example", "2025-06-01"), visit))
    return event.id


def test_a_plan_whose_date_has_passed_is_told_as_overdue_once() -> None:
    desk = Desk()
    known = planned(desk)
    assert desk.pass_time(at("2025-06-11T23:59")) == []
    assert desk.pass_time(at("2025-06-12T07:00")) == [1]
    event = desk.events[known]
    assert (event.overdue, event.revision, event.status, len(event.evidence)) == (True, 2, "planned", 1)
    assert event.last_changed.ToDatetime(tzinfo=at("2025-06-12").tzinfo) == at("2025-06-12T07:00")
    assert desk.pass_time(at("2025-06-13")) == []
    assert desk.kinds(known) == ["created", "overdue"]


def test_what_is_told_names_the_event_and_no_article() -> None:
    desk = Desk()
    known = planned(desk)
    desk.pass_time(at("2025-06-12T07:00"))
    (change,) = (change for change in desk.changes if change.kind == "overdue")
    assert (change.event_id, change.revision, change.topic) == (known, 2, "politics-government")
    assert (change.article_id, change.mention_id) == ("", "")
    assert change.at.ToDatetime(tzinfo=at("2025-06-12").tzinfo) == at("2025-06-12T07:00")


def test_a_silent_event_goes_quiet_is_archived_and_forgotten_and_leaves_nothing_behind() -> None:
    desk = Desk(MEMORY)
    known = planned(desk, time="")
    seen = []
    day = at("2025-06-01")
    while desk.stored:
        day += timedelta(days=1)
        if desk.pass_time(day):
            seen.append((desk.events[known].activity, (day - at("2025-06-01")).days))
    assert seen == [("quiet", 5), ("quiet", 40), ("archived", 99), ("archived", 100)]
    assert desk.kinds(known) == ["created", "activity-changed", "activity-changed"]


def test_each_family_is_looked_at_whichever_has_news() -> None:
    desk = Desk()
    fire = says("fire", "occurred", where="Porto", time="2025-06-01")
    strike = says("strike", "occurred", ("source=UGA",), where="UGA", time="2025-06-01")
    known = planned(desk)
    for name, told in (("b", fire), ("c", strike)):
        desk.take(batch(article(name, "two.example", "2025-06-01"), told))
    desk.pass_time(at("2025-06-12"))
    assert desk.events[known].overdue
    quiet = {event.topic for event in desk.live() if event.activity == "quiet"}
    assert quiet == {"disaster-accident-emergency", "conflict-war-peace"}


def test_a_crowd_is_looked_at_in_bounded_steps_and_the_end_is_that_of_news_coming_in() -> None:
    desk = Desk(MEMORY)
    crowd = 2 * EVENTS_A_STEP + 5
    for number in range(crowd):
        told = says("arrest", "occurred", (f"target=Eva Sol{number}",), where="Porto", time="2025-01-11")
        desk.take(batch(article(f"a{number}", f"{number}.example", "2025-01-11"), told))
    assert len(desk.live()) == crowd
    assert desk.pass_time(at("2025-01-16")) == [EVENTS_A_STEP, EVENTS_A_STEP, 5]
    assert {event.activity for event in desk.live()} == {"quiet"}


def test_the_same_table_and_time_give_the_same_step_to_the_byte() -> None:
    desk = Desk(MEMORY)
    for number in range(20):
        told = says("arrest", "occurred", (f"target=Eva Sol{number}",), where="Porto", time="2025-01-11")
        desk.take(batch(article(f"a{number}", f"{number}.example", "2025-01-11"), told))
    before = desk.linker.due(at("2025-02-16"))
    assert desk.linker.due(at("2025-02-16")) == before, "it changed the instance"
    desk.restart(seed=3)
    assert desk.linker.due(at("2025-02-16")) == before


def test_a_report_after_the_clock_has_spoken_finds_the_event_as_ever() -> None:
    desk = Desk(MEMORY)
    known = planned(desk)
    desk.pass_time(at("2025-06-12"))
    desk.pass_time(at("2025-06-30"))
    assert (desk.events[known].overdue, desk.events[known].activity) == (True, "quiet")
    visit = says("visit", "occurred", ("source=Ana Berg/DEU/GOV",), where="KEN", time="2025-06-10")
    desk.take(batch(article("b", "two.example", "2025-07-01"), visit))
    event = desk.events[known]
    assert (event.status, event.overdue, event.activity) == ("occurred", False, "live")


def test_a_record_that_cannot_be_read_is_dropped_and_holds_up_nothing() -> None:
    desk = Desk(MEMORY)
    known = planned(desk, time="")
    broken = {}
    for number in range(3):
        told = says("visit", "planned", (f"source=Eva Sol{number}/CAN/GOV",), where="Porto")
        (event,) = desk.take(batch(article(f"b{number}", f"{number}.example", "2025-05-01"), told))
        broken[event.id] = desk.stored[f"e:{event.id}"]
    desk.linker._table._events.update({key: value[:-40] for key, value in broken.items()})
    desk.linker._table._worked_on.clear()
    desk.pass_time(at("2025-06-20"))
    assert desk.events[known].activity == "quiet"
    assert not desk.stored.keys() & {f"e:{key}" for key in broken}
