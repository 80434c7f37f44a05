"""Headlines in title case are read as sentences."""

from __future__ import annotations

import pytest

from services.extractor.headlines import sentence_case
from services.extractor.stage import Extractor
from tests.unit.extractor.articles import mentions

BODY = ["The Torino club said on Monday that it would hire Ana Silva, a former head coach of Rapid."]


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Torino Hires Ana Silva as Head Coach", "Torino hires Ana Silva as head coach"),
        ("TORINO HIRES ANA SILVA AS HEAD COACH", "Torino hires Ana Silva as head coach"),
        ("Torino hires Ana Silva as head coach", "Torino hires Ana Silva as head coach"),
        ("United States and Kenya Sign Accord", "United States and Kenya Sign Accord"),
    ],
)
def test_capitals_that_the_article_does_not_have_go(title: str, wanted: str) -> None:
    assert sentence_case(title, BODY) == wanted


def test_every_character_stays_at_its_place() -> None:
    title = "İSTANBUL Mayor Straße Wins Vote"
    assert len(sentence_case(title, ["the mayor wins the vote"])) == len(title)


def test_a_headline_in_title_case_tells_its_event(extractor: Extractor) -> None:
    (told,) = mentions(extractor, "", title="Torino Club Hires Ana Silva as Head Coach")
    assert told.type == "appointment"
