"""A publisher's headline is shown without what stands around it, and not at all where it tells nothing."""

from __future__ import annotations

import pytest

from services.linker.title_headline import SENTENCE, headline_of


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("Kenya frees 12 sailors | Harbour Times", "Kenya frees 12 sailors"),
        ("Kenya frees 12 sailors - Reuters", "Kenya frees 12 sailors"),
        ("Kenya frees 12 sailors - Harbour News", "Kenya frees 12 sailors"),
        ("Kenya frees sailors - all twelve of them", "Kenya frees sailors - all twelve of them"),
        ("LIVE: Kenya frees 12 sailors", "Kenya frees 12 sailors"),
        ("Breaking news: Kenya frees 12 sailors", "Kenya frees 12 sailors"),
        ("NATO: Kenya frees 12 sailors", "NATO: Kenya frees 12 sailors"),
        ("SCANDAL! Speaker accused of blackmail", "Speaker accused of blackmail"),
        ("Enough! Nurses walk out in Porto", "Enough! Nurses walk out in Porto"),
        ("Kenya frees 12 sailors (video)", "Kenya frees 12 sailors"),
        ("Kenya frees 12 sailors – live updates", "Kenya frees 12 sailors"),
        ("Kenya frees ‘pirates.’ Here’s why it matters.", "Kenya frees ‘pirates’"),
        ("Kenya frees 12 sailors.", "Kenya frees 12 sailors"),
        ("Envoys leave the U.S.", "Envoys leave the U.S."),
    ],
)
def test_outlets_labels_and_teasers_are_no_part_of_a_headline(published: str, shown: str) -> None:
    assert headline_of(published, "harbour.example").text == shown


@pytest.mark.parametrize(
    "published",
    [
        "Who are the sailors freed by Kenya?",
        "KENYA FREES TWELVE SAILORS",
        "Kenya frees twelve sailors who had been…",
        "Kenya frees twelve sailors after talks with",
        "Sailors freed",
        "Kenya freed twelve sailors on Friday " + "and then it did many other things " * 5,
    ],
)
def test_a_headline_that_asks_shouts_or_breaks_off_is_no_title(published: str) -> None:
    assert headline_of(published).text == ""


def test_a_headline_that_promises_to_explain_is_told_from_one_that_tells() -> None:
    assert not headline_of("How a carnival rescued the old town").states
    assert headline_of("Carnival rescues the old town").states


def test_a_headline_knows_where_it_began() -> None:
    assert headline_of("LIVE: Kenya frees 12 sailors").start == len("LIVE: ")


@pytest.mark.parametrize(
    "published",
    [
        "Kenya frees the twelve sailors of the lake after talks in Porto, as guards said late on Monday evening.",
        "a b " * 40,
    ],
)
def test_the_first_sentence_of_a_text_is_no_headline_but_may_be_cut_to_one(published: str) -> None:
    assert headline_of(published) is SENTENCE
