"""Two events that turn out to be one, one that turns out to be two: ids stay valid, reports and readers follow."""

from __future__ import annotations

import random

import pytest

from services.contracts.dateline.v1 import event_pb2
from services.linker.activity import Memory
from services.linker.table import Table, alias_write
from services.runtime.stage import Message
from tests.unit.linker.newsdesk import Desk, article, batch, says

NAMES = ("north", "south", "east", "west", "river", "harbour", "valley", "mountain", "lake", "plain")


def strike(where: str = "", time: str = "", killed: float | None = None) -> event_pb2.Mention:
    who = ("source=RUS", "target=UKR")
    return says("strike", "occurred", who, where=where, time=time, killed=killed, sentence="Russian drones hit a depot")


def told(name: str, day: str, *mentions: event_pb2.Mention, supersedes: str = "", revision: int = 1) -> Message:
    title = "Russia strikes Ukraine" if mentions[0].type == "strike" else ""
    ref = article(name, f"{name}.example", day, title=title, revision=revision)
    return batch(ref, *mentions, supersedes=supersedes)


def first_told_vaguely() -> list[Message]:
    """Ten outlets tell one night of strikes without a town; then their revisions name two towns."""
    vague = [told(name, f"2025-03-04T0{n}:00", strike()) for n, name in enumerate(NAMES)]
    places = {name: "Odesa" if n % 2 else "Kyiv" for n, name in enumerate(NAMES)}
    first = {name: article(name, f"{name}.example", "2025-03-04").id for name in NAMES}
    revised = [
        told(name, f"2025-03-04T1{n}:00", strike(places[name]), supersedes=first[name], revision=2)
        for n, name in enumerate(NAMES)
    ]
    return vague + revised


def by_place(desk: Desk) -> dict[str, list[event_pb2.Event]]:
    found: dict[str, list[event_pb2.Event]] = {}
    for event in desk.live():
        found.setdefault(event.place.name, []).append(event)
    return found


def test_revised_articles_that_name_two_towns_make_two_events_of_one() -> None:
    desk = Desk()
    messages = first_told_vaguely()
    (event,) = desk.take(*messages[:10])
    desk.take(*messages[10:])
    places = by_place(desk)
    assert {place: len(events) for place, events in places.items()} == {"Odesa": 1, "Kyiv": 1}
    for (each,) in places.values():
        assert len(each.origins) == 5
    assert event.id in {each.id for (each,) in places.values()}


def divided(desk: Desk) -> tuple[event_pb2.Event, event_pb2.Event]:
    """The event that kept its id and the one divided from it."""
    (new,) = [event for event in desk.live() if event.split_from]
    return desk.events[new.split_from], new


def test_both_sides_of_a_split_are_told_and_name_each_other() -> None:
    desk = Desk()
    desk.take(*first_told_vaguely())
    old, new = divided(desk)
    assert list(old.split_into) == [new.id]
    assert ("split" in desk.kinds(old.id), desk.kinds(new.id)[:2]) == (True, ["created", "split"])
    fields = {c.event_id: (c.fields[0].field, c.fields[0].after) for c in desk.changes if c.kind == "split"}
    assert fields == {old.id: ("split_into", f'"{new.id}"'), new.id: ("split_from", f'"{old.id}"')}
    for one, other in ((old, new), (new, old)):
        assert [(r.event_id, r.relation) for r in one.related] == [(other.id, "split")]
    assert new.first_seen.ToMicroseconds() >= old.first_seen.ToMicroseconds()
    assert [change.revision for change in desk.changes if change.event_id == new.id][:2] == [1, 1]


def test_reports_of_two_days_divide_an_event_only_when_two_sources_stand_on_either_side() -> None:
    desk = Desk()
    desk.take(told("north", "2025-03-04", strike("Odesa")))
    days = {"south": "2025-03-01", "east": "2025-03-01", "west": "2025-03-10"}
    (event,) = desk.live()
    record = desk.events[event.id]
    assert not record.split_into
    for name, day in days.items():
        desk.take(told(name, "2025-03-04T12:00", strike("Odesa", day)))
    assert not [each for each in desk.live() if each.split_from]


def test_what_an_article_withdraws_is_withdrawn_from_the_event_its_report_went_to() -> None:
    desk = Desk()
    desk.take(*first_told_vaguely())
    _, new = divided(desk)
    moved = new.evidence[0]
    name = moved.source.domain.removesuffix(".example")
    latest = article(name, f"{name}.example", "2025-03-05", revision=3)
    desk.take(batch(latest, topic=new.topic, supersedes=moved.article_id))
    assert len(desk.events[new.id].origins) == 4


def test_two_parts_that_are_one_after_all_merge_and_both_ids_lead_there() -> None:
    desk = Desk()
    desk.take(*first_told_vaguely())
    old, new = divided(desk)
    for number, name in enumerate(NAMES):
        ref = article(name, f"{name}.example", "2025-03-04", revision=2).id
        desk.take(told(name, f"2025-03-05T1{number}:00", strike("Odesa", "2025-03-04"), supersedes=ref, revision=3))
    survivors = [event for event in desk.live() if event.place.name == "Odesa"]
    assert len(survivors) == 1
    assert survivors[0].id not in survivors[0].split_into
    assert {e.merged_into for e in (desk.events[old.id], desk.events[new.id])} <= {"", survivors[0].id}


def test_a_split_is_the_same_after_restarts_and_a_redelivery_adds_nothing() -> None:
    steady, restarted = Desk(), Desk()
    messages = first_told_vaguely()
    for number, message in enumerate(messages):
        steady.take(message)
        restarted.restart(number)
        restarted.take(message)
    assert steady.stored == restarted.stored
    assert steady.events == restarted.events
    sent = steady.sent
    steady.take(*random.Random(1).sample(messages, len(messages)))
    assert steady.sent == sent


def arrest(*who: str, where: str = "", time: str = "2025-03-04", sentence: str = "") -> event_pb2.Mention:
    return says("arrest", "occurred", who, where=where, time=time, sentence=sentence)


BODIES = ("target=org:Northern Line", "target=org:Crane Union", "target=org:Dock Board", "target=org:Tug Owners")


def strangers() -> list[Message]:
    """An arrest that one paper tells by name and one by the bodies concerned; others add one body each to the name."""
    named = arrest("target=Ida Lund", "source=org:Coast Guard", where="Hamburg")
    unnamed = arrest(*BODIES, where="DEU")
    further = (arrest("target=Ida Lund", body, where="Hamburg") for body in BODIES)
    told_by = zip(NAMES, (named, unnamed, *further), strict=False)
    return [told(name, f"2025-03-04T{hour:02}:00", mention) for hour, (name, mention) in enumerate(told_by, 8)]


@pytest.mark.parametrize("restart", [False, True])
def test_two_events_merge_when_the_reports_of_one_together_tell_the_other(restart: bool) -> None:
    desk = Desk()
    messages = strangers()
    desk.take(*messages[:2])
    assert len(desk.live()) == 2
    if restart:
        desk.restart(3)
    desk.take(*messages[2:])
    (event,) = desk.live()
    (gone,) = [each for each in desk.events.values() if each.merged_into]
    assert gone.merged_into == event.id
    assert len(event.origins) == 6
    assert event.first_seen.ToMicroseconds() <= gone.first_seen.ToMicroseconds()


def test_a_young_event_merges_with_one_that_a_report_brings_near_though_it_names_nobody_new() -> None:
    desk = Desk()
    who = ("target=Ida Lund", "source=DEU")
    raid = "customs officers searched warehouse behind railway depot overnight"
    desk.take(
        told(NAMES[0], "2025-03-04T08:00", arrest(*who, where="Hamburg", sentence="kayak hidden beneath frozen canal")),
        told(NAMES[1], "2025-03-04T09:00", arrest("source=DEU", sentence=raid)),
    )
    assert len(desk.live()) == 2
    desk.take(told(NAMES[2], "2025-03-04T10:00", arrest(*who, where="Hamburg", sentence=raid)))
    assert len(desk.live()) == 1


def test_one_report_that_names_what_both_tell_is_enough_for_events_of_the_same_days() -> None:
    desk = Desk()
    desk.take(*strangers()[:3])
    assert len(desk.live()) == 1


def test_what_was_told_weeks_before_is_not_joined_by_one_report_that_names_what_both_tell() -> None:
    desk = Desk()
    named, _, further, *_ = strangers()
    desk.take(told(NAMES[1], "2025-01-20T09:00", arrest(*BODIES, where="DEU", time="")), named, further)
    assert len(desk.live()) == 2


@pytest.mark.parametrize("restart", [False, True])
def test_what_an_article_withdraws_is_withdrawn_from_the_event_its_own_was_merged_into(restart: bool) -> None:
    desk = Desk()
    desk.take(*strangers())
    (event,) = desk.live()
    if restart:
        desk.restart(5)
    first = article("south", "south.example", "2025-03-04").id
    withdrawn = article("south", "south.example", "2025-03-05", revision=2)
    desk.take(batch(withdrawn, topic=event.topic, supersedes=first))
    assert len(desk.events[event.id].origins) == 5


def test_an_id_resolves_through_a_chain_of_merges() -> None:
    table = Table(Memory())
    for number in range(5):
        table.apply(alias_write(f"id{number}", f"id{number + 1}", 739_000))
    assert [table.resolve(f"id{number}") for number in range(6)] == ["id5"] * 6
