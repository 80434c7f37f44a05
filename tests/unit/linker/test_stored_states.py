"""What a linker holds gives back every state as it was sent."""

from __future__ import annotations

from services.contracts.dateline.v1 import event_pb2
from services.linker.activity import Memory
from services.linker.stored_states import stored_states
from services.runtime.stage import Write
from tests.unit.linker.newsdesk import Desk, article, batch, says
from tests.unit.linker.newsstream import stream
from tests.unit.linker.test_identity import strangers


def held(desk: Desk) -> dict[str, event_pb2.Event]:
    return {event.id: event for event in stored_states(lambda: (Write(k, v) for k, v in desk.stored.items()))}


def as_sent(event: event_pb2.Event) -> event_pb2.Event:
    sent = event_pb2.Event()
    sent.CopyFrom(event)
    sent.ClearField("changes")
    return sent


def test_every_live_event_comes_back_as_it_was_sent_last() -> None:
    desk = Desk(Memory(380, 390, 400))
    for item in stream(3, 40):
        desk.take(item.message)
    live = {event.id: as_sent(event) for event in desk.live()}
    assert len(live) > 20
    found = held(desk)
    assert {known: found[known] for known in live} == live


def test_copies_are_counted_beside_the_evidence_that_they_repeat() -> None:
    desk = Desk()
    original = article("a", "one.example", "2025-05-20")
    desk.take(batch(original, says("visit", "planned", ("source=Ferenc Varga/HUN", "target=TUR"))))
    desk.take(batch(article("b", "two.example", "2025-05-20"), topic="politics-government", copy_of=original.id))
    (event,) = held(desk).values()
    assert (event.copies, event.evidence[0].copies) == (1, 1)


def test_an_id_that_was_merged_away_still_leads_to_where_it_went() -> None:
    desk = Desk()
    desk.take(*strangers())
    (event,), (gone,) = desk.live(), [each for each in desk.events.values() if each.merged_into]
    found = held(desk)
    assert found.keys() == {event.id, gone.id}
    assert (found[gone.id].merged_into, found[gone.id].topic) == (event.id, event.topic)


def test_a_record_that_was_damaged_is_left_out() -> None:
    desk = Desk()
    desk.take(batch(article("a", "one.example", "2025-05-20"), says("visit", "planned", ("source=HUN", "target=TUR"))))
    desk.stored = {key: value[:-3] if key.startswith("e:") else value for key, value in desk.stored.items()}
    assert held(desk) == {}
