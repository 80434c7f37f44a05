"""The index finds what shares a key, newest first, in whatever order it was filled."""

from __future__ import annotations

import random
from dataclasses import replace

from services.contracts.dateline.v1 import event_pb2
from services.linker import profile
from services.linker.entry import Entry, entry_of, pack, unpack
from services.linker.index import LOOKED_AT, EventIndex
from services.linker.profile import Profile
from tests.unit.linker.newsdesk import article, batch, says


def facts(*who: str, where: str = "", event_type: str = "arrest", day: str = "2025-05-20") -> Profile:
    value = batch(article("a", "one.example", day), says(event_type, "occurred", who, where=where, time=day)).value
    assert isinstance(value, event_pb2.MentionBatch)
    return profile.of_mention(value.mentions[0], ())


def entry(mine: Profile, seen: int = 1, *, archived: bool = False) -> Entry:
    return entry_of(mine, "unrest", first_seen_us=seen, changed_day=1, next_day=2, archived=archived)


def test_a_person_is_found_by_surname() -> None:
    index = EventIndex()
    index.put("one", entry(facts("target=Marc Fogel")), None)
    index.put("two", entry(facts("target=Gordon Black"), 2), None)
    assert index.candidates(facts("target=Fogel"), 5) == ["one"]


def test_another_type_is_found_only_if_it_is_confusable() -> None:
    index = EventIndex()
    index.put("blast", entry(facts(where="Porto", event_type="explosion")), None)
    index.put("flood", entry(facts(where="Porto", event_type="flood"), 2), None)
    assert index.candidates(facts(where="Porto", event_type="fire"), 5) == ["blast"]


def test_the_order_of_filling_does_not_matter_and_only_the_newest_are_looked_at() -> None:
    entries = [(f"e{n:03}", facts("target=Marc Fogel"), n) for n in range(60)]
    answers = []
    for seed in range(3):
        index = EventIndex()
        for event_id, mine, seen in random.Random(seed).sample(entries, len(entries)):
            index.put(event_id, entry(mine, seen), None)
        answers.append(index.candidates(facts("target=Fogel"), 100))
    assert answers[0] == answers[1] == answers[2] == [f"e{n:03}" for n in range(59, 59 - LOOKED_AT, -1)]


def test_a_dropped_event_leaves_nothing_behind() -> None:
    index = EventIndex()
    mine, later = entry(facts("target=Marc Fogel", "source=RUS", where="Moscow")), entry(facts("target=Marc Fogel"))
    index.put("one", mine, None)
    index.put("one", later, mine)
    index.drop("one", later)
    assert (len(index), index.keys, index.count("arrest|c|RUS")) == (0, 0, 0)


def test_a_word_stays_as_usual_as_it_was_when_the_events_that_use_it_are_archived() -> None:
    index = EventIndex()
    value = batch(article("a", "one.example", "2025-05-20"), says("arrest", "occurred", ("target=Al Ro",))).value
    assert isinstance(value, event_pb2.MentionBatch)
    mine = profile.of_mention(value.mentions[0], (7,), (9,))
    live, archived = entry(mine), entry(mine, archived=True)
    index.put("one", live, None)
    index.put("one", archived, live)
    assert (index.count_word(7), index.gist_counts[9]) == (1, 1)
    index.drop("one", archived)
    assert (index.count_word(7), index.gist_counts[9]) == (0, 0)


def test_an_event_counts_for_the_words_it_has_now() -> None:
    index = EventIndex()
    mine = facts("target=RUS")
    before = entry(replace(mine, words=frozenset({6, 7}), gist=(8, 9)))
    now = entry(replace(mine, words=frozenset({7, 5}), gist=(9, 4)))
    index.put("one", before, None)
    index.put("one", now, before)
    assert [index.count_word(word) for word in (5, 6, 7)] == [1, 0, 1]
    assert [index.gist_counts[word] for word in (4, 8, 9)] == [1, 0, 1]


def test_what_shares_only_a_word_and_lies_far_off_in_time_is_passed_over() -> None:
    index = EventIndex()
    for name, day in (("old", "2025-01-10"), ("new", "2025-05-19")):
        mine = replace(facts("target=RUS", day=day), words=frozenset({7}))
        index.put(name, entry(mine), None)
    asked = replace(facts("target=RUS"), words=frozenset({7}))
    assert index.candidates(asked, 5) == ["new"]


def test_what_shares_a_name_is_looked_at_however_far_off_it_lies() -> None:
    index = EventIndex()
    index.put("old", entry(facts("target=Marc Fogel", day="2025-01-10")), None)
    assert index.candidates(facts("target=Fogel"), 5) == ["old"]


def test_an_event_is_found_by_the_times_it_has_now() -> None:
    index = EventIndex()
    old = entry(replace(facts("target=RUS", day="2025-01-10"), words=frozenset({7})))
    now = entry(replace(facts("target=RUS", day="2025-05-19"), words=frozenset({7})))
    index.put("one", old, None)
    index.put("one", now, old)
    assert index.candidates(replace(facts("target=RUS"), words=frozenset({7})), 5) == ["one"]


def test_an_entry_keeps_the_times_of_its_event() -> None:
    for mine in (facts("target=RUS"), replace(facts("target=RUS"), days=None, status="")):
        held = entry(mine)
        assert unpack(pack(held), 0)[0] == held
