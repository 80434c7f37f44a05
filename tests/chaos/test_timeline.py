"""How long a takeover took, from what was seen of offsets."""

from __future__ import annotations

from kafka import TopicPartition

from tests.chaos.timeline import Owned, Step, Timeline

ONE = Owned("dedup", TopicPartition("articles.raw", 1))
TWO = Owned("dedup", TopicPartition("articles.raw", 2))


def timeline(*steps: tuple[Owned, float, int, int]) -> Timeline:
    found = Timeline()
    for owned, at, end, reached in steps:
        found.note(owned, Step(at, end, reached))
    return found


def test_a_wait_counts_from_when_the_owner_left_if_messages_were_waiting() -> None:
    seen = timeline((ONE, 1.0, 5, 3), (ONE, 9.5, 5, 4))
    assert seen.taken_over_s([ONE], left_at=2.0) == (7.5, True)


def test_a_wait_counts_from_the_first_message_that_came_after_the_owner_left() -> None:
    seen = timeline((ONE, 1.0, 3, 3), (ONE, 6.0, 4, 3), (ONE, 8.0, 5, 3), (ONE, 9.0, 5, 5))
    assert seen.taken_over_s([ONE], left_at=2.0) == (3.0, True)


def test_a_partition_without_messages_has_nothing_to_take_over() -> None:
    assert timeline((ONE, 1.0, 3, 3)).taken_over_s([ONE], left_at=2.0) == (0.0, True)
    assert timeline().taken_over_s([ONE], left_at=2.0) == (0.0, True)


def test_the_longest_wait_counts_and_one_that_lasts_is_told() -> None:
    seen = timeline((ONE, 1.0, 5, 3), (TWO, 1.0, 5, 3), (ONE, 4.0, 5, 5))
    assert seen.taken_over_s([ONE], left_at=2.0) == (2.0, True)
    assert seen.taken_over_s([ONE, TWO], left_at=2.0) == (2.0, False)


def test_what_the_old_owner_did_before_it_left_does_not_count() -> None:
    seen = timeline((ONE, 1.0, 5, 3), (ONE, 1.5, 5, 4), (ONE, 7.0, 5, 5))
    assert seen.taken_over_s([ONE], left_at=2.0) == (5.0, True)


def test_readers_are_behind_where_their_group_has_not_reached_the_last_message() -> None:
    seen = timeline((ONE, 1.0, 5, 3), (TWO, 1.0, 5, 5))
    assert seen.behind() == {ONE: 2}


def test_only_changes_count_as_movement() -> None:
    seen = timeline((ONE, 1.0, 5, 3), (ONE, 2.0, 5, 3), (ONE, 3.0, 5, 3))
    assert seen.changed_at == 1.0
