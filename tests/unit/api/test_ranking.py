from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from math import isnan, nan

import numpy as np
import pytest

from services.api import ranking as ranking_module
from services.api.filters import Range
from services.api.ranking import Place, Ranking
from services.api.slots import Candidates, candidates

ORDERS = ("time", "lat")


def of_slots(slots: set[int], size: int) -> Candidates:
    return candidates([[[" ".join(map(str, slots)).encode()]]], size)


def put(ranking: Ranking, scores: dict[int, tuple[float, float]]) -> None:
    slots = np.array(list(scores))
    ranking.put(slots, {order: np.array([each[at] for each in scores.values()]) for at, order in enumerate(ORDERS)})


def walk(ranking: Ranking, wanted: Candidates, checks: list[list[Range]], *, descending: bool) -> Iterator[list[int]]:
    after: Place | None = None
    while True:
        slots, after = ranking.page("time", descending, wanted, checks, after, 7)
        yield slots
        if after is None:
            return


@pytest.fixture(params=["sorted", "walked", "ranged"])
def _any_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many candidates there are, pages are found by any of the ways."""
    monkeypatch.setattr(ranking_module, "FEW", 0 if request.param == "ranged" else 1_000)
    monkeypatch.setattr(ranking_module, "SORTED_LEAST", 10_000 if request.param == "sorted" else 0)
    monkeypatch.setattr(ranking_module, "isqrt", lambda _: 0)
    monkeypatch.setattr(ranking_module, "STEP_LEAST", 4)
    monkeypatch.setattr(ranking_module, "APART_LEAST", 40)


@pytest.mark.usefixtures("_any_way")
@pytest.mark.parametrize("descending", [True, False])
def test_pages_give_every_candidate_once_in_order_while_scores_change(descending: bool) -> None:
    chance = random.Random(5)
    ranking, held = Ranking(ORDERS), dict[int, tuple[float, float]]()
    inside = [[Range("lat", 10.0, 30.0), Range("lat", 50.0, 60.0, whole=True)]]
    for _ in range(30):
        size = len(held) + 10
        fresh = {
            slot: (chance.choice([*map(float, range(8)), nan]), chance.choice((5.0, 10.0, 30.0, 60.0)))
            for slot in [*range(len(held), size), *chance.sample(range(size), 5)]
        }
        held |= fresh
        put(ranking, fresh)
        slots = set(chance.sample(range(size), size * 3 // 4))
        for checks, lats in (([], (5.0, 10.0, 30.0, 60.0)), (inside, (10.0, 60.0))):
            wanted = sorted(
                ((held[slot][0], slot) for slot in slots if not isnan(held[slot][0]) and held[slot][1] in lats),
                reverse=descending,
            )
            pages = list(walk(ranking, of_slots(slots, size), checks, descending=descending))
            assert [slot for page in pages for slot in page] == [slot for _, slot in wanted]
            assert all(len(page) == 7 for page, _ in pairwise(pages))


def test_an_event_that_moves_during_a_walk_does_not_hide_another() -> None:
    ranking = Ranking(ORDERS)
    put(ranking, {slot: (float(slot), 0.0) for slot in range(6)})
    everything = of_slots(set(range(6)), 6)
    page, after = ranking.page("time", True, everything, [], None, 2)
    put(ranking, {0: (9.0, 0.0)})
    rest, _ = ranking.page("time", True, everything, [], after, 9)
    assert (page, rest) == ([5, 4], [3, 2, 1])


def test_an_event_without_a_place_in_an_order_is_left_out_of_it() -> None:
    ranking = Ranking(ORDERS)
    put(ranking, {0: (1.0, nan), 1: (2.0, 3.0)})
    assert ranking.page("lat", False, of_slots({0, 1}, 2), [], None, 9) == ([1], None)
    assert ranking.page("time", False, of_slots({0, 1}, 2), [[Range("lat")]], None, 9) == ([1], None)


def test_slots_of_which_nothing_was_told_are_in_no_order() -> None:
    assert Ranking(ORDERS).page("time", True, of_slots({3}, 8), [], None, 9) == ([], None)
