"""Words: typography does not count, words and their order do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dedup.normalise import words, words_of
from services.dedup.thresholds import LONGEST_BYTES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“It’s over,” he said — at last…", '"It\'s over", he said - at last...'),
        ("The   ferry\u00a0sank\n\nat dawn", "the ferry sank at dawn"),
        ("ﬁrst Ｆｅｒｒｙ", "first ferry"),
        ("Cafe\u0301 Müller", "CAFÉ MÜLLER"),
        ("МОСКВА", "Москва"),
        ("12,500 people", "12.500 people"),
    ],
)
def test_texts_that_read_the_same_have_one_digest(one: str, other: str) -> None:
    assert words(one).digest == words(other).digest


@pytest.mark.parametrize(
    ("one", "other"),
    [("5.1 quake", "51 quake"), ("a b", "ab"), ("man bites dog", "dog bites man"), ("12 dead", "13 dead")],
)
def test_texts_that_read_differently_have_two_digests(one: str, other: str) -> None:
    assert words(one).digest != words(other).digest


@given(st.text())
def test_any_text_can_be_read_and_case_does_not_count_for_ascii(text: str) -> None:
    read = words(text)
    assert len(read.hashes) == len(read.is_name) == len(read.is_number)
    if text.isascii():
        assert words(text.upper()).digest == read.digest


@given(st.lists(st.text(st.characters(codec="utf-8")), max_size=8))
def test_reading_many_texts_at_once_is_reading_each(texts: list[str]) -> None:
    for text, together in zip(texts, words_of(texts), strict=True):
        alone = words(text)
        assert together.digest == alone.digest
        assert (together.hashes == alone.hashes).all()
        assert (together.is_name == alone.is_name).all()
        assert (together.is_number == alone.is_number).all()


def test_many_texts_beyond_the_size_of_a_group_are_all_read() -> None:
    texts = [f"story {number} " * 2_000 for number in range(20)]
    assert [read.digest for read in words_of(texts)] == [words(text).digest for text in texts]


def test_names_are_capitals_within_a_sentence_and_numbers_start_with_a_digit() -> None:
    read = words("Police in Lisbon held 14 men. They met Ólafur and I saw Москва at 5.1")
    assert read.is_name.nonzero()[0].tolist() == [2, 8, 12]
    assert read.is_number.nonzero()[0].tolist() == [4, 14]


def test_scripts_without_spaces_are_read_character_by_character() -> None:
    assert len(words("東京で地震")) == 5


def test_no_words_have_the_empty_digest() -> None:
    assert words(" … — !? ").digest == bytes(16)
    assert len(words("")) == 0


def test_a_gigantic_text_is_read_only_so_far_but_its_end_still_counts() -> None:
    text = "word " * 250_000
    read = words(text)
    assert len(read) <= LONGEST_BYTES // 5 + 1
    other = words(text + "end")
    assert np.array_equal(read.hashes, other.hashes)
    assert read.digest != other.digest
