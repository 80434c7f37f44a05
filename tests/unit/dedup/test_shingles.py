"""Shingles: the set of runs of three words."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.dedup.normalise import words
from services.dedup.shingles import shingles


def of(text: str) -> set[int]:
    return set(shingles(words(text).hashes).tolist())


@given(st.lists(st.sampled_from("abcdefg"), min_size=3, max_size=60))
def test_there_are_as_many_as_there_are_different_runs_of_three(letters: list[str]) -> None:
    runs = {tuple(letters[at : at + 3]) for at in range(len(letters) - 2)}
    assert len(of(" ".join(letters))) == len(runs)


def test_order_counts_within_a_shingle() -> None:
    assert not of("man bites dog") & of("dog bites man")


def test_one_or_two_words_are_one_shingle_and_none_is_none() -> None:
    assert len(of("flood")) == len(of("flood warning")) == 1
    assert of("flood") != of("flood warning")
    assert of("") == set()


def test_repetition_adds_nothing() -> None:
    assert len(of("a b c " * 1_000)) == 3


def test_they_come_sorted() -> None:
    found = shingles(words("one two three four five six seven").hashes)
    assert (np.diff(found.astype(np.int64)) > 0).all()
