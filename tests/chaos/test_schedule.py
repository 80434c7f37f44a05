"""The schedule of faults: seeded, bounded, and nothing is left out."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.chaos.schedule import ADD, BROKER_KILL, BROKER_STOP, PAUSE, REMOVE, TABLES, WEIGHTS, Bounds, Fault, plan

STAGES = ("dedup", "extractor", "linker", "cache")
STATEFUL = ("dedup", "linker")
SESSION_S = 6.0


def planned(seed: int, faults: int = 200) -> list[Fault]:
    return plan(seed, faults, STAGES, STATEFUL, workers=2, session_s=SESSION_S)


def test_the_same_seed_gives_the_same_schedule_and_another_seed_another() -> None:
    assert planned(1) == planned(1)
    assert planned(1) != planned(2)


@pytest.mark.parametrize("seed", range(5))
def test_every_kind_of_fault_comes_even_in_the_shortest_schedule(seed: int) -> None:
    assert {fault.kind for fault in planned(seed, len(WEIGHTS))} == set(WEIGHTS)


def test_a_schedule_too_short_for_every_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot hold all"):
        planned(1, len(WEIGHTS) - 1)


@pytest.mark.parametrize("seed", range(20))
def test_each_stage_keeps_between_one_and_three_workers(seed: int) -> None:
    running = dict.fromkeys(STAGES, 2)
    for fault in planned(seed):
        running[fault.stage or STAGES[0]] += {ADD: 1, REMOVE: -1}.get(fault.kind, 0)
        assert min(running.values()) >= Bounds().workers_least
        assert max(running.values()) <= Bounds().workers_most


@pytest.mark.parametrize("seed", range(5))
def test_pauses_outlast_the_session_and_outages_keep_to_their_bounds(seed: int) -> None:
    for fault in planned(seed):
        if fault.kind == PAUSE:
            assert SESSION_S < fault.lasts_s <= 2 * SESSION_S
        elif fault.kind in (BROKER_KILL, BROKER_STOP):
            assert fault.lasts_s <= Bounds().broker_away_most_s
        else:
            assert fault.lasts_s <= Bounds().worker_away_most_s


@pytest.mark.parametrize("seed", range(5))
def test_no_more_than_two_faults_last_at_once(seed: int) -> None:
    faults = planned(seed)
    assert any(fault.overlaps for fault in faults)
    assert not any(one.overlaps and other.overlaps for one, other in pairwise(faults))


@pytest.mark.parametrize("seed", range(5))
def test_only_stages_with_state_lose_their_tables(seed: int) -> None:
    assert {fault.stage for fault in planned(seed) if fault.kind == TABLES} <= set(STATEFUL)
