"""What goes wrong, when: a seeded, bounded random schedule that holds every kind of fault at least once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

KILL, TERMINATE, PAUSE, ADD, REMOVE = "kill -9 worker", "SIGTERM worker", "pause worker", "add worker", "remove worker"
KILL_TWICE: Final = "kill -9 during a rebalance"
TABLES: Final = "delete local tables"
BROKER_KILL, BROKER_STOP = "kill -9 broker", "stop broker"
FLUSH, REDIS_KILL = "flush Redis", "kill -9 Redis"
POISON: Final = "poison in every topic"

WEIGHTS: Final = {
    KILL: 28, TERMINATE: 14, PAUSE: 12, ADD: 8, REMOVE: 8, KILL_TWICE: 8, TABLES: 6,
    BROKER_KILL: 4, BROKER_STOP: 3, FLUSH: 4, REDIS_KILL: 4, POISON: 5,
}  # fmt: skip
"""How often each kind comes beyond its first time. Workers die every day, brokers seldom."""

OF_A_STAGE: Final = frozenset({KILL, TERMINATE, PAUSE, ADD, REMOVE, KILL_TWICE, TABLES})
LEAVES: Final = frozenset({KILL, TERMINATE, REMOVE, TABLES})
"""Kinds after which a worker's partitions need a new owner at once (a paused one comes back by itself)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the schedule keeps to."""

    workers_least: int = 1
    workers_most: int = 3
    """Of each stage, counting those that are down for a moment."""
    broker_away_most_s: float = 8.0
    redis_away_most_s: float = 5.0
    worker_away_most_s: float = 10.0
    overlapping_most: int = 1
    """Faults that may still last when the next one comes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``pick`` (0 to 1) chooses among the workers there are when it comes."""

    number: int
    kind: str
    stage: str
    """Empty where no worker is meant."""
    pick: float
    lasts_s: float
    """How long it lasts: until the worker, broker or server comes back; for two kills the time between them."""
    overlaps: bool
    """True: the next fault comes while this one lasts."""


def plan(
    seed: int,
    faults: int,
    stages: Sequence[str],
    stateful: Sequence[str],
    workers: int,
    session_s: float,
    bounds: Bounds = Bounds(),
) -> list[Fault]:
    """Return ``faults`` faults for ``workers`` workers a stage. Raises ValueError where there are fewer than kinds."""
    if faults < len(WEIGHTS):
        raise ValueError(f"{faults} faults cannot hold all {len(WEIGHTS)} kinds: ask for more")
    dice = random.Random(seed)
    kinds = list(WEIGHTS) + dice.choices(list(WEIGHTS), list(WEIGHTS.values()), k=faults - len(WEIGHTS))
    dice.shuffle(kinds)
    running = dict.fromkeys(stages, workers)
    chosen: list[Fault] = []
    lasting = 0
    for number, drawn in enumerate(kinds):
        kind = _possible(drawn, running, bounds)
        stage = _stage(dice, kind, stages, stateful, running, bounds)
        running = _after(kind, stage, running)
        overlaps = kind in (KILL, TERMINATE, PAUSE) and lasting < bounds.overlapping_most and dice.random() < 0.3
        lasting = lasting + 1 if overlaps else 0
        chosen.append(Fault(number, kind, stage, dice.random(), _lasts(dice, kind, session_s, bounds), overlaps))
    return chosen


def _possible(kind: str, running: dict[str, int], bounds: Bounds) -> str:
    """Where every stage has all the workers it may have, one is removed instead of added; and the other way round."""
    if kind == ADD and min(running.values()) >= bounds.workers_most:
        return REMOVE
    if kind == REMOVE and max(running.values()) <= bounds.workers_least:
        return ADD
    return kind


def _stage(
    dice: random.Random,
    kind: str,
    stages: Sequence[str],
    stateful: Sequence[str],
    running: dict[str, int],
    bounds: Bounds,
) -> str:
    if kind not in OF_A_STAGE:
        return ""
    among = list(stateful if kind == TABLES else stages)
    if kind == ADD:
        among = [each for each in among if running[each] < bounds.workers_most]
    elif kind == REMOVE:
        among = [each for each in among if running[each] > bounds.workers_least]
    return dice.choice(among)


def _after(kind: str, stage: str, running: dict[str, int]) -> dict[str, int]:
    step = {ADD: 1, REMOVE: -1}.get(kind, 0)
    return {**running, stage: running[stage] + step} if step else running


def _lasts(dice: random.Random, kind: str, session_s: float, bounds: Bounds) -> float:
    if kind == PAUSE:
        return session_s * dice.uniform(1.3, 2.0)  # past the session timeout: the group has thrown it out
    if kind in (BROKER_KILL, BROKER_STOP):
        return dice.uniform(0.5, bounds.broker_away_most_s)
    if kind == REDIS_KILL:
        return dice.uniform(0.2, bounds.redis_away_most_s)
    if kind in (KILL, TERMINATE):
        return dice.uniform(0.0, bounds.worker_away_most_s)
    if kind == KILL_TWICE:
        return dice.uniform(0.2, 2.0)
    return 0.0
