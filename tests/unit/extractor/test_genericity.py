"""What happens whenever its like happens is no event; the same words about somebody, somewhere, some day are one."""

from __future__ import annotations

import pytest

from services.extractor.stage import Extractor
from tests.unit.extractor.articles import mentions

GENERAL = [
    "When two captains meet at night, somebody must be able to pick up a phone.",
    "Whenever workers strike, managers lose money.",
    "A strike begins when workers walk out of a plant.",
    "When a fire breaks out, people are evacuated.",
    "Nobody helps when women are attacked at night.",
]
OF_ONE = [
    ("arrest", "When police arrested two men, crowds gathered."),
    ("attack", "When soldiers attack Kyiv, people flee."),
    ("meeting", "When two leaders meet on Tuesday, they will sign a deal."),
    ("protest", "If protesters block the road again, police will arrest them."),
]


@pytest.mark.parametrize("sentence", GENERAL)
def test_what_is_said_of_a_kind_of_thing_is_no_event(extractor: Extractor, sentence: str) -> None:
    assert mentions(extractor, sentence) == []


@pytest.mark.parametrize(("event_type", "sentence"), OF_ONE)
def test_a_tense_a_name_a_day_or_a_forecast_makes_it_one(extractor: Extractor, event_type: str, sentence: str) -> None:
    assert event_type in {mention.type for mention in mentions(extractor, sentence)}


def test_a_headline_tells_news_in_the_same_tense(extractor: Extractor) -> None:
    text = "The town was quiet again in the evening, a reporter said."
    assert [mention.type for mention in mentions(extractor, text, "Two people killed when ships collide")] == [
        "transport-accident"
    ]
