"""The checks after a run: an undisturbed one passes them, and each finds the fault that is planted for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, ARTICLES_UNIQUE, DEAD_LETTERS, EVENTS, MENTIONS
from services.linker import record
from tests.chaos.checks import DEDUP_TABLE, LINKER_TABLE, Poison, Run, events, problems
from tests.chaos.inline_run import ARTICLES
from tests.chaos.record import Record


def found_by(run: Run) -> set[str]:
    return {problem.check for problem in problems(run)}


def with_topic(run: Run, topic: str, change: Callable[[list[Record]], Any]) -> Run:
    records = list(run.log[topic])
    change(records)
    return replace(run, log={**run.log, topic: records})


def test_an_undisturbed_run_has_no_problems(undisturbed: Run) -> None:
    assert problems(undisturbed) == []
    assert len(events(undisturbed.log)) > ARTICLES / 4
    assert any(len(state.independent_sources) > 1 for state in events(undisturbed.log).values())
    assert any(state.copies for state in events(undisturbed.log).values())


def test_an_article_that_never_arrived_is_found(undisturbed: Run) -> None:
    lost = replace(undisturbed, published={**undisturbed.published, "0" * 32: 1})
    assert {"published", "verdict"} <= found_by(lost)


def test_an_article_without_a_verdict_is_found(undisturbed: Run) -> None:
    run = with_topic(undisturbed, ARTICLES_UNIQUE.name, lambda records: records.pop(5))
    missing = undisturbed.log[ARTICLES_UNIQUE.name][5].message()
    assert missing is not None
    assert {problem.id for problem in problems(run) if problem.check == "verdict"} == {missing.value.article.id}
    assert "dedup undisturbed" in found_by(run)


def test_a_doubled_verdict_is_found(undisturbed: Run) -> None:
    run = with_topic(undisturbed, ARTICLES_UNIQUE.name, lambda records: records.append(records[5]))
    assert {"verdict", "dedup undisturbed"} <= found_by(run)


def test_an_article_that_is_both_unique_and_a_copy_is_found(undisturbed: Run) -> None:
    def also_a_copy(records: list[Record]) -> None:
        unique = undisturbed.log[ARTICLES_UNIQUE.name][5].message()
        assert unique is not None
        value = unique.value.verdict.SerializeToString()
        records.append(replace(records[0], value=value, offset=9_999))

    problems_found = problems(with_topic(undisturbed, ARTICLES_DUPLICATES.name, also_a_copy))
    assert any(problem.what == "is both unique and a copy" for problem in problems_found)


def test_a_verdict_with_other_content_is_found(undisturbed: Run) -> None:
    def changed(records: list[Record]) -> None:
        message = records[5].message()
        assert message is not None
        message.value.verdict.decision = "revision"
        records[5] = replace(records[5], value=message.value.SerializeToString())

    assert found_by(with_topic(undisturbed, ARTICLES_UNIQUE.name, changed)) == {"dedup undisturbed"}


def test_a_batch_of_mentions_that_came_twice_is_found(undisturbed: Run) -> None:
    run = with_topic(undisturbed, MENTIONS.name, lambda records: records.append(records[0]))
    assert "extractor undisturbed" in found_by(run)


def a_stored_event(run: Run, reports: int = 1) -> tuple[int, record.Record]:
    """Position and content of the newest entry of some live event in the linker's changelog."""
    newest = {each.key: at for at, each in enumerate(run.log[LINKER_TABLE])}
    for key, at in newest.items():
        value = run.log[LINKER_TABLE][at].value
        if key is not None and key.startswith(b"e:") and value is not None:
            held = record.decode(value)
            if len(held.reports) >= reports:
                return at, held
    raise AssertionError("no such event")


def test_a_mention_in_two_live_events_is_found(undisturbed: Run) -> None:
    at, held = a_stored_event(undisturbed)

    def doubled(records: list[Record]) -> None:
        records.append(replace(records[at], key=b"e:" + b"f" * 32, offset=len(records)))

    found = problems(with_topic(undisturbed, LINKER_TABLE, doubled))
    mention = held.reports[0].mention.id
    assert any(each.check == "mention" and each.id == mention and "2 live events" in each.what for each in found)


def test_a_mention_in_no_live_event_is_found(undisturbed: Run) -> None:
    at, held = a_stored_event(undisturbed, reports=2)

    def forgotten(records: list[Record]) -> None:
        entry = record.read_entry(records[at].value or b"")
        fewer = replace(held, reports=held.reports[:-1], packed=b"")
        records[at] = replace(records[at], value=record.encode(fewer, entry))

    found = problems(with_topic(undisturbed, LINKER_TABLE, forgotten))
    lost = held.reports[-1].mention.id
    assert any(each.check == "mention" and each.id == lost and "no live event" in each.what for each in found)


def test_a_live_event_that_was_never_sent_is_found(undisturbed: Run) -> None:
    key = undisturbed.log[EVENTS.name][-1].key

    def unsent(records: list[Record]) -> None:
        records[:] = [each for each in records if each.key != key]

    found = problems(with_topic(undisturbed, EVENTS.name, unsent))
    assert key is not None
    assert {each.check for each in found if each.id == key.decode()} == {"event", "linker undisturbed", "redis"}


def test_a_lost_last_state_is_found(undisturbed: Run) -> None:
    run = with_topic(undisturbed, EVENTS.name, lambda records: records.pop())
    assert {"linker undisturbed", "redis"} <= found_by(run)


def test_a_source_counted_twice_is_found(undisturbed: Run) -> None:
    def twice(records: list[Record]) -> None:
        message = records[-1].message()
        assert message is not None
        assert isinstance(message.value, Event)
        message.value.independent_sources.append(message.value.independent_sources[0])
        records[-1] = replace(records[-1], value=message.value.SerializeToString())

    found = problems(with_topic(undisturbed, EVENTS.name, twice))
    assert any(each.check == "source" and "twice" in each.what for each in found)


def test_a_copy_counted_twice_is_found(undisturbed: Run) -> None:
    at = next(
        at for at, each in reversed(list(enumerate(undisturbed.log[EVENTS.name]))) if copies_of(each) and each.key
    )

    def more(records: list[Record]) -> None:
        message = records[at].message()
        assert message is not None
        message.value.copies += 1
        records.append(replace(records[at], value=message.value.SerializeToString(), offset=9_999))

    found = problems(with_topic(undisturbed, EVENTS.name, more))
    assert any(each.check == "source" and "copies" in each.what for each in found)


def copies_of(each: Record) -> int:
    message = each.message()
    return message.value.copies if message is not None and message.value.copies else 0


def test_one_byte_of_difference_in_redis_is_found(undisturbed: Run) -> None:
    event_id, state = next(iter(undisturbed.redis.events.items()))
    changed = replace(state, text=state.text[:-1] + b"}")
    run = replace(undisturbed, redis=replace(undisturbed.redis, events={**undisturbed.redis.events, event_id: changed}))
    assert [(each.check, each.id, each.what) for each in problems(run)] == [
        ("redis", event_id, f"differs from its revision {state.revision}")
    ]


def test_a_member_missing_in_an_index_is_found(undisturbed: Run) -> None:
    indexes = {**undisturbed.redis.indexes, "all": undisturbed.redis.indexes["all"][1:]}
    run = replace(undisturbed, redis=replace(undisturbed.redis, indexes=indexes))
    assert [(each.check, each.id) for each in problems(run)] == [("redis", "all")]


def test_a_change_told_twice_is_found(undisturbed: Run) -> None:
    stream = (*undisturbed.redis.changes, undisturbed.redis.changes[0])
    assert found_by(replace(undisturbed, redis=replace(undisturbed.redis, changes=stream))) == {"redis"}


def test_poison_without_a_dead_letter_is_found(undisturbed: Run) -> None:
    more = (*undisturbed.poison, Poison("dedup", ARTICLES_RAW.name, b"\xff", "x"))
    assert found_by(replace(undisturbed, poison=more)) == {"dead letter"}


def test_a_dead_letter_sent_twice_is_found(undisturbed: Run) -> None:
    run = with_topic(undisturbed, DEAD_LETTERS.name, lambda records: records.append(records[0]))
    assert found_by(run) == {"dead letter"}


def test_a_dead_letter_of_a_good_message_is_found(undisturbed: Run) -> None:
    assert found_by(replace(undisturbed, poison=())) == {"dead letter"}


def test_a_table_that_differs_from_what_was_answered_is_found(undisturbed: Run) -> None:
    run = with_topic(undisturbed, DEDUP_TABLE, lambda records: records.pop())
    assert found_by(run) == {"dedup table"}
