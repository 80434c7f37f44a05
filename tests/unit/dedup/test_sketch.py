"""Sketches estimate how much two sets share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dedup.sketch import containment, jaccard, sketch
from services.dedup.thresholds import MIN_HASHES

sets = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=80, unique=True)


def some(count: int, seed: int = 1) -> np.ndarray:
    return np.unique(np.random.default_rng(seed).integers(0, 1 << 32, size=count, dtype=np.uint32))


@given(sets, st.randoms())
def test_the_order_of_shingles_does_not_count(values: list[int], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = values.copy()
    random.shuffle(shuffled)
    assert (sketch(np.array(values, np.uint32)) == sketch(np.array(shuffled, np.uint32))).all()


@given(sets, sets)
def test_similarity_is_symmetric_and_within_its_bounds(one: list[int], other: list[int]) -> None:
    a, b = sketch(np.array(one, np.uint32)), sketch(np.array(other, np.uint32))
    assert jaccard(a, b) == jaccard(b, a)
    assert 0 <= jaccard(a, b) <= 1
    assert jaccard(a, a) == 1


@pytest.mark.parametrize("shared", [0.1, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("size", [40, 400, 4_000])
def test_the_estimate_is_near_the_truth(shared: float, size: int) -> None:
    errors = []
    for seed in range(30):
        values = some(size, seed)
        private = round(len(values) * (1 - shared) / 2)
        one, other = values[: len(values) - private], values[private:]
        truth = (len(values) - 2 * private) / len(values)
        errors.append(float(jaccard(sketch(one), sketch(other))) - truth)
    assert abs(np.mean(errors)) < 0.03
    assert np.std(errors) < 0.065


def test_more_edits_mean_less_similarity() -> None:
    values = some(500)
    similarities = []
    for edited in (0, 50, 150, 300):
        other = values.copy()
        other[:edited] = some(2_000, 9)[-edited or len(other) :][:edited]
        similarities.append(float(jaccard(sketch(values), sketch(other))))
    assert similarities == sorted(similarities, reverse=True)
    assert similarities[0] == 1


def test_a_large_set_is_sketched_in_blocks_as_if_at_once() -> None:
    values = some(5_000)
    halves = sketch(values[:2_500]), sketch(values[2_500:])
    whole = sketch(values)
    assert ((whole == halves[0]) | (whole == halves[1])).all()


def test_containment_follows_from_similarity_and_sizes() -> None:
    assert containment(0.5, 50, 100) == pytest.approx(1)
    assert containment(0.5, 100, 50) == pytest.approx(0.5)
    assert containment(0.0, 10, 10) == 0
    assert containment(1.0, 0, 0) == 0


def test_an_empty_set_has_a_sketch_of_zeros() -> None:
    assert sketch(np.zeros(0, np.uint32)).tolist() == [0] * MIN_HASHES
