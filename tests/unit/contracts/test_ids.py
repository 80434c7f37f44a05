"""Ids are derived: equal input gives equal ids, different input different ones, today as in ten years."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from services.contracts.ids import article_id, change_id, derive, event_id, lineage_id, mention_id

PARTS = st.lists(st.text(max_size=8), max_size=4)


def test_an_id_is_what_it_was_when_the_first_data_was_written() -> None:
    # Stored data hold these: another hash or another order of bytes would orphan all of them.
    assert derive("article", "x", 1) == "ddd1545dfe3057aab1ef3ceb97e71bce"


@given(PARTS)
def test_an_id_has_32_lower_case_hex_digits(parts: list[str]) -> None:
    assert re.fullmatch("[0-9a-f]{32}", derive(*parts))


@given(PARTS, PARTS)
def test_only_equal_parts_have_equal_ids(first: list[str], second: list[str]) -> None:
    assert (derive(*first) == derive(*second)) == (first == second)


def test_where_one_part_ends_and_the_next_begins_counts() -> None:
    assert derive("ab", "c") != derive("a", "bc")


def test_a_number_and_its_digits_are_the_same_part() -> None:
    assert derive("article", 12) == derive("article", "12")


def test_text_with_half_a_surrogate_pair_has_an_id_too() -> None:
    assert len(derive("\ud83d")) == 32


def test_the_ids_of_different_things_never_meet() -> None:
    ids = [
        lineage_id("a", "b"),
        article_id("a", 1),
        article_id("a", 2),
        mention_id("a", True, 0, 4, "meeting"),
        mention_id("a", False, 0, 4, "meeting"),
        mention_id("a", False, 0, 5, "meeting"),
        mention_id("a", False, 0, 4, "visit"),
        event_id("a"),
        change_id("a", 1, 0),
        change_id("a", 1, 1),
        change_id("a", 2, 0),
    ]
    assert len(set(ids)) == len(ids)
