"""Events of which nothing is heard go quiet, are archived, found again by what tells them, and forgotten in the end."""

from __future__ import annotations

import pytest

from services.contracts.dateline.v1 import event_pb2
from services.linker.activity import AT_ONCE, Memory
from services.runtime.stage import Message
from tests.unit.linker.newsdesk import Desk, article, at, batch, says

MEMORY = Memory(quiet_days=5, archive_days=20, horizon_days=100)


def arrest(status: str = "occurred", time: str = "2025-01-10", where: str = "Moscow") -> event_pb2.Mention:
    return says("arrest", status, ("target=Marc Fogel",), where=where, time=time, sentence="Marc Fogel was arrested")


def other_news(day: str, number: int = 0) -> Message:
    told = says(
        "arrest", "occurred", (f"target=Eva Sol{number}",), where="Porto", time=day, sentence="Sol was arrested"
    )
    return batch(article(f"other {day} {number}", "other.example", day), told)


def arrested(desk: Desk) -> str:
    (event,) = desk.take(batch(article("a", "one.example", "2025-01-11"), arrest()))
    return event.id


def test_an_event_goes_quiet_then_is_archived_and_readers_are_told_without_its_news_growing_younger() -> None:
    desk = Desk(MEMORY)
    known = arrested(desk)
    seen = {}
    for day in ("2025-01-15", "2025-01-16", "2025-01-30", "2025-01-31"):
        desk.take(other_news(day))
        seen[day] = desk.events[known].activity
    assert list(seen.values()) == ["live", "quiet", "quiet", "archived"]
    event = desk.events[known]
    assert desk.kinds(known) == ["created", "activity-changed", "activity-changed"]
    assert event.last_changed.ToDatetime(tzinfo=at("2025-01-11").tzinfo) == at("2025-01-11")
    assert (event.revision, event.title, len(event.evidence)) == (3, "Marc Fogel arrested in Moscow", 1)


def test_a_report_a_month_later_finds_the_archived_event_and_makes_it_live() -> None:
    desk = Desk(MEMORY)
    known = arrested(desk)
    desk.take(other_news("2025-01-20"), other_news("2025-02-10"))
    assert desk.linker.health().gauges["events_archived"] == 1
    desk.take(batch(article("b", "two.example", "2025-03-10"), arrest()))
    event = desk.events[known]
    assert (event.activity, len(event.origins), event.evidence_total) == ("live", 2, 2)
    assert "activity-changed" in {change.kind for change in event.changes}
    assert desk.linker.health().gauges["events_archived"] == 1  # the other news of January


def test_beyond_the_horizon_a_report_founds_a_new_event() -> None:
    desk = Desk(MEMORY)
    known = arrested(desk)
    desk.take(*(other_news(f"2025-{month:02}-25") for month in range(1, 7)))
    assert f"e:{known}" not in desk.stored
    touched = desk.take(batch(article("b", "two.example", "2025-06-30"), arrest()))
    assert known not in {event.id for event in touched}
    assert len([event for event in touched if event.revision == 1]) == 1
    assert desk.events[known].activity == "archived"


def test_a_plan_for_next_month_is_not_quiet_before_its_date() -> None:
    desk = Desk(MEMORY)
    visit = says("visit", "planned", ("source=Ana Berg/DEU/GOV",), where="KEN", time="2025-02-20")
    (event,) = desk.take(batch(article("a", "one.example", "2025-01-11"), visit))
    lind = says("resignation", "occurred", ("source=Bo Lind/CAN/GOV",), time="2025-02-19")
    desk.take(batch(article("b", "two.example", "2025-02-19"), lind))
    assert desk.events[event.id].activity == "live"


def test_many_go_quiet_a_few_at_a_time() -> None:
    desk = Desk(MEMORY)
    desk.take(*(other_news("2025-01-11", number) for number in range(AT_ONCE + 4)))
    last = other_news("2025-01-16", 99)
    assert len(desk.linker.handle(last, last.time).writes) == AT_ONCE + 2


def test_an_archived_event_keeps_its_first_report_and_its_course_but_not_all_reports() -> None:
    desk = Desk(MEMORY)
    plan = batch(article("a0", "zero.example", "2025-01-09"), arrest("planned", time=""))
    reports = [batch(article(f"a{n}", f"{n}.example", f"2025-01-11T{n:02}:00"), arrest()) for n in range(1, 15)]
    desk.take(plan, *reports)
    (event,) = desk.live()
    before = len(desk.stored[f"e:{event.id}"])
    desk.take(other_news("2025-01-20"), other_news("2025-02-10"))
    assert len(desk.stored[f"e:{event.id}"]) < 0.6 * before
    desk.take(batch(article("b", "two.example", "2025-03-10"), arrest()))
    event = desk.events[event.id]
    assert [move.status for move in event.status_history] == ["planned", "occurred"]
    assert (len(event.origins), event.evidence_total) == (16, 16)


def test_restored_from_shuffled_entries_it_goes_on_alike_through_rest_and_return() -> None:
    steady, restarted = Desk(MEMORY), Desk(MEMORY)
    days = ("2025-01-11", "2025-01-20", "2025-02-10", "2025-03-10", "2025-07-30", "2025-07-31", "2025-08-01")
    for number, day in enumerate(days):
        for told in (arrest(), says("arrest", "occurred", (f"target=Al Ro{number}",), where="Lyon", time=day)):
            message = batch(article(f"{day} {told.place.name}", f"{number}.example", day), told)
            restarted.restart(number)
            steady.take(message)
            restarted.take(message)
    assert steady.stored == restarted.stored
    assert steady.events == restarted.events


@pytest.mark.parametrize("days", [(0, 20, 100), (7, 7, 100), (7, 30, 30)])
def test_days_that_do_not_rise_are_refused_by_name(days: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="DATELINE_ARCHIVE_DAYS"):
        Memory(*days)
