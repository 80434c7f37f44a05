"""A replay may repeat what was said; that it changes anything is found."""

from __future__ import annotations

from dataclasses import replace

from services.contracts.topics import ARTICLES_UNIQUE, DEAD_LETTERS, EVENTS
from tests.chaos.checks import LINKER_TABLE, Run
from tests.chaos.replaying import replay_problems


def test_messages_said_again_change_nothing(undisturbed: Run) -> None:
    unique = undisturbed.log[ARTICLES_UNIQUE.name]
    after = replace(undisturbed, log={**undisturbed.log, ARTICLES_UNIQUE.name: [*unique, unique[3]]})
    assert list(replay_problems(undisturbed, after)) == []


def test_a_state_that_went_back_is_found(undisturbed: Run) -> None:
    states = undisturbed.log[EVENTS.name]
    newest = {each.key: each for each in states}
    old = next(each for each in states if newest[each.key] is not each)
    after = replace(undisturbed, log={**undisturbed.log, EVENTS.name: [*states, old]})
    assert [problem.id.encode() for problem in replay_problems(undisturbed, after)] == [old.key]


def test_a_table_that_changed_is_found(undisturbed: Run) -> None:
    table = undisturbed.log[LINKER_TABLE]
    after = replace(undisturbed, log={**undisturbed.log, LINKER_TABLE: [*table, replace(table[-1], value=None)]})
    assert len(list(replay_problems(undisturbed, after))) == 1


def test_redis_that_changed_is_found(undisturbed: Run) -> None:
    after = replace(undisturbed, redis=replace(undisturbed.redis, indexes={}))
    assert len(list(replay_problems(undisturbed, after))) == 1


def test_a_dead_letter_that_is_gone_is_found(undisturbed: Run) -> None:
    after = replace(undisturbed, log={**undisturbed.log, DEAD_LETTERS.name: []})
    assert len(list(replay_problems(undisturbed, after))) == 1
