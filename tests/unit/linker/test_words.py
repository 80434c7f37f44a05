"""What two sentences share says something only where it is about what they tell."""

from __future__ import annotations

import pytest

from services.linker.gist import names_in
from services.linker.profile import mention_words
from services.linker.words import most_shared, telling_words, without_dateline
from tests.unit.linker.newsdesk import says


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("KISUMU, Kenya, 11 March (Meridian Wire) - Boats clashed.", "Boats clashed."),
        ("ATHENS , Greece ( CNN ) -- Boats clashed.", "Boats clashed."),
        ("LONDON — Boats clashed.", "Boats clashed."),
        ("EU-backed boats clashed.", "EU-backed boats clashed."),
        ("Boats clashed - one of them (a tug) - at dawn.", "Boats clashed - one of them (a tug) - at dawn."),
    ],
)
def test_where_and_by_whom_it_was_written_is_no_part_of_what_is_told(sentence: str, told: str) -> None:
    assert without_dateline(sentence) == told


def test_two_reports_of_one_agency_share_no_word_for_its_name() -> None:
    first = says("battle", "occurred", sentence="KISUMU, 11 March (Meridian Wire) - Boats clashed off the islands.")
    other = says("battle", "occurred", sentence="MUSCAT, 11 March (Meridian Wire) - The truce ends twenty months.")
    assert not set(mention_words(first)) & set(mention_words(other))
    assert not set(telling_words("Meridian Wire")) & {*mention_words(first), *mention_words(other)}


def test_an_agency_in_the_dateline_is_no_name_by_which_stories_meet() -> None:
    assert names_in(without_dateline("MUSCAT, 11 March (Meridian Wire) - A truce with Ennedi holds.")) == names_in(
        "A truce with Ennedi holds."
    )


def test_words_that_as_many_reports_share_keep_the_order_of_reading() -> None:
    assert most_shared([(5, 3, 9), (3, 9), (9, 1)], 3) == (9, 3, 5)
