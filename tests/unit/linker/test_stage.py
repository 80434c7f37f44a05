"""What holds for the linker whatever the news: redelivery, reload, order of notices, expiry and refused messages."""

from __future__ import annotations

import gc
import weakref
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.dateline.v1 import article_pb2, event_pb2
from services.contracts.ids import event_id
from services.contracts.topics import CHANGES, EVENTS
from services.linker.activity import AT_ONCE, Memory
from services.linker.batch import Batch
from services.linker.service import build
from services.linker.stage import FORGOTTEN_AT_ONCE
from services.linker.table import Table
from services.runtime.stage import Write
from tests.unit.linker.newsdesk import Desk, article, at, batch, says
from tests.unit.linker.newsstream import stream

FAMILY = "disaster-accident-emergency"


def fire(city: str = "Porto", dead: float = 5) -> event_pb2.Mention:
    return says("fire", "occurred", where=city, time="2025-05-20", killed=dead, sentence=f"A mill burned in {city}")


def states(desk: Desk) -> dict[str, bytes]:
    return {key: event.SerializeToString(deterministic=True) for key, event in desk.events.items()}


def test_an_event_is_named_after_its_founding_mention() -> None:
    desk = Desk()
    message = batch(article("a", "one.example", "2025-05-20"), fire())
    (event,) = desk.take(message)
    assert isinstance(message.value, event_pb2.MentionBatch)
    assert event.id == event_id(message.value.mentions[0].id)


def test_a_redelivered_stream_sends_and_stores_nothing() -> None:
    desk = Desk(Memory(100, 200, 400))  # long enough for nothing to be forgotten meanwhile
    messages = [told.message for told in stream(3, 40, days=150)]
    desk.take(*messages)
    sent, stored, before = desk.sent, dict(desk.stored), states(desk)
    for message in messages:
        outcome = desk.linker.handle(message, message.time)
        assert outcome.emits == ()
        assert outcome.writes == ()
    assert (desk.sent, desk.stored, states(desk)) == (sent, stored, before)


def test_handling_leaves_the_instance_as_it_was() -> None:
    desk = Desk()
    messages = [told.message for told in stream(3, 40, days=150)]
    desk.take(*messages[:-1])
    first = desk.linker.handle(messages[-1], messages[-1].time)
    second = desk.linker.handle(messages[-1], messages[-1].time)
    assert first.writes == second.writes
    assert [(e.topic.name, e.key, e.id, e.value.SerializeToString(deterministic=True)) for e in first.emits] == [
        (e.topic.name, e.key, e.id, e.value.SerializeToString(deterministic=True)) for e in second.emits
    ]


def test_what_a_message_needed_is_dropped_without_the_garbage_collector() -> None:
    message = batch(article("a", "one.example", "2025-05-20"), fire(), fire("Lyon"))
    assert isinstance(message.value, event_pb2.MentionBatch)
    gc.collect()
    gc.disable()
    try:
        work = Batch(Table(Memory()), message, message.value)
        work.outcome()
        held = weakref.ref(work)
        del work
        assert held() is None
    finally:
        gc.enable()


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1_000), stops=st.sets(st.integers(0, 150), max_size=3))
def test_restarts_from_shuffled_entries_change_nothing(seed: int, stops: set[int]) -> None:
    steady, restarted = Desk(), Desk()
    for number, told in enumerate(stream(seed, 40)):
        if number in stops:
            restarted.restart(seed + number)
        steady.take(told.message)
        restarted.take(told.message)
    assert states(steady) == states(restarted)
    assert steady.stored == restarted.stored


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(["original", "copy 1", "copy 2", "copy 3", "copy 1"]))
def test_copies_count_alike_in_whatever_order_they_are_heard_of(order: list[str]) -> None:
    desk = Desk()
    original = article("original", "wire.example", "2025-05-20")
    for name in order:
        if name == "original":
            desk.take(batch(original, fire()))
        else:
            desk.take(batch(article(name, "post.example", "2025-05-20"), topic=FAMILY, copy_of=original.id))
    (event,) = desk.live()
    assert (event.copies, list(event.independent_sources)) == (3, ["wire.example"])


def test_each_piece_of_evidence_says_how_many_articles_copy_its_own() -> None:
    desk = Desk()
    wire, post = article("a", "wire.example", "2025-05-20T08:00"), article("b", "post.example", "2025-05-20T09:00")
    desk.take(
        batch(wire, fire()),
        batch(post, fire()),
        *(batch(article(name, "blog.example", "2025-05-20"), topic=FAMILY, copy_of=wire.id) for name in "cd"),
    )
    (event,) = desk.live()
    assert {each.article_id: each.copies for each in event.evidence} == {wire.id: 2, post.id: 0}


def test_a_copy_of_a_replaced_revision_counts_for_the_latest_one() -> None:
    desk = Desk()
    first = article("a", "wire.example", "2025-05-20T08:00")
    second = article("a", "wire.example", "2025-05-20T09:00", revision=2)
    desk.take(
        batch(first, fire()),
        batch(article("b", "post.example", "2025-05-20"), topic=FAMILY, copy_of=first.id),
        batch(second, fire(), supersedes=first.id),
        batch(article("c", "gazette.example", "2025-05-20"), topic=FAMILY, copy_of=first.id),
    )
    (event,) = desk.live()
    assert event.copies == 2


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_of_three_revisions_the_last_counts_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    desk = Desk()
    first, second, third = (
        article("a", "wire.example", f"2025-05-20T0{5 + revision}:00", revision=revision) for revision in (1, 2, 3)
    )
    messages = (
        batch(first, fire("Bursa"), fire()),
        batch(second, fire("Bursa"), fire(), supersedes=first.id),
        batch(third, fire(), supersedes=second.id),
        batch(article("b", "post.example", "2025-05-20"), topic=FAMILY, copy_of=first.id),
    )
    for each in order:
        desk.take(messages[each])
    (event,) = desk.live()
    assert event.place.name != "Bursa"
    assert [evidence.article_id for evidence in event.evidence] == [third.id]
    assert [(each.lineage_id, each.article_revision) for each in event.evidence] == [(third.lineage_id, third.revision)]
    assert event.copies == 1


def test_a_copy_that_is_rewritten_becomes_a_source() -> None:
    desk = Desk()
    original = article("a", "wire.example", "2025-05-20T08:00")
    copy = article("b", "post.example", "2025-05-20T08:30")
    desk.take(
        batch(original, fire()),
        batch(copy, topic=FAMILY, copy_of=original.id),
        batch(article("b", "post.example", "2025-05-20T09:00", revision=2), fire(), supersedes=copy.id),
    )
    (event,) = desk.live()
    assert (event.copies, sorted(event.independent_sources)) == (0, ["post.example", "wire.example"])


def test_one_batch_gives_one_revision_of_an_event() -> None:
    desk = Desk()
    (event,) = desk.take(batch(article("a", "one.example", "2025-05-20"), fire(), fire(), fire()))
    assert (event.revision, event.evidence_total) == (1, 3)


def test_every_change_is_sent_to_its_family_under_its_own_id() -> None:
    desk = Desk()
    message = batch(article("a", "one.example", "2025-05-20"), fire())
    outcome = desk.linker.handle(message, message.time)
    state, change = outcome.emits
    assert (state.topic, change.topic) == (EVENTS, CHANGES[FAMILY])
    assert isinstance(change.value, event_pb2.Change)
    assert (change.key, change.id, change.time) == (state.key, change.value.id, message.time)


def test_what_has_long_been_quiet_is_forgotten_a_little_at_a_time() -> None:
    desk = Desk()
    for number, city in enumerate(("Porto", "Bursa", "Kyiv", "Lyon") * 6):
        desk.take(
            batch(
                article(f"a{number}", "one.example", f"2023-01-{number + 1:02d}"),
                says("fire", "occurred", where=city, time=f"2023-01-{number + 1:02d}"),
            )
        )
    message = batch(article("z", "one.example", "2025-05-20"), fire())
    own_entries = 2
    assert len(desk.linker.handle(message, message.time).writes) <= AT_ONCE + FORGOTTEN_AT_ONCE + own_entries
    for number in range(60):
        desk.take(batch(article(f"y{number}", "one.example", f"2025-05-{20 + number // 30}"), fire()))
    assert {key.split(":")[0] for key in desk.stored} == {"e", "a"}
    assert len([key for key in desk.stored if key.startswith("e:")]) == 1


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (event_pb2.MentionBatch(topic="gossip", article=article_pb2.ArticleRef(id="a")), "gossip"),
        (event_pb2.MentionBatch(topic=FAMILY), "article.id"),
        (
            event_pb2.MentionBatch(
                topic=FAMILY, article=article_pb2.ArticleRef(id="a"), mentions=[event_pb2.Mention()]
            ),
            "no id or no type",
        ),
    ],
)
def test_a_batch_that_lacks_something_is_refused_by_name(value: event_pb2.MentionBatch, named: str) -> None:
    message = batch(article("a", "one.example", "2025-05-20"), fire())
    with pytest.raises(ValueError, match=named):
        build().handle(type(message)(message.topic, message.key, value, "id", message.time), at("2025-05-20"))


def test_an_entry_of_another_stage_is_refused() -> None:
    with pytest.raises(ValueError, match="another stage"):
        build().apply(Write("x:1", b"?"))


def test_health_tells_how_much_is_known() -> None:
    desk = Desk()
    desk.take(batch(article("a", "one.example", "2025-05-20"), fire()))
    gauges = desk.linker.health().gauges
    assert (gauges["events"], gauges["articles"]) == (1.0, 1.0)
    assert gauges["stored_bytes"] == sum(len(value) for value in desk.stored.values())
