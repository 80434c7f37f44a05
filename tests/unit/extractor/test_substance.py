"""What a sentence must tell beside the bare word to be an event."""

from __future__ import annotations

import pytest

from services.extractor.stage import Extractor
from tests.unit.extractor.articles import mentions


def types(extractor: Extractor, sentence: str) -> list[str]:
    return [mention.type for mention in mentions(extractor, sentence)]


@pytest.mark.parametrize(
    ("event_type", "sentence"),
    [
        ("bombing", "A car bomb went off near the ministry."),
        ("shooting", "Shots were fired at the home of the mayor."),
        ("economic-data", "The economy has shrunk for a second quarter."),
        ("rescue", "A toddler was pulled alive from the rubble."),
        ("riot", "Clashes erupted between rival fans outside the stadium."),
    ],
)
def test_a_whole_clause_of_hard_news_needs_no_names(extractor: Extractor, event_type: str, sentence: str) -> None:
    assert event_type in types(extractor, sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Shots are fired at the homes of mayors.",  # again and again
        "The demonstration ended peacefully.",  # one told before
        "Shots might be fired at the home of the mayor.",
    ],
)
def test_what_is_no_news_by_itself_needs_somebody_or_some_day(extractor: Extractor, sentence: str) -> None:
    assert types(extractor, sentence) == []


def test_a_headline_is_news_in_the_present_tense(extractor: Extractor) -> None:
    text = "The town was quiet again in the evening, a reporter said."
    assert [mention.type for mention in mentions(extractor, text, "Rupee hits a record low")] == ["market-move"]
