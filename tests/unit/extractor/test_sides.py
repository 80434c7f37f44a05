"""Sides that share one noun ("leaders of Japan and China"), and events that nobody does."""

from __future__ import annotations

import pytest

from services.extractor.stage import Extractor
from tests.unit.extractor.articles import mentions


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Leaders of Japan, South Korea and China will hold a summit in Seoul on May 4.", {"JPN", "KOR", "CHN"}),
        ("Foreign ministers from Kenya and Ethiopia met in Nairobi on Wednesday.", {"KEN", "ETH"}),
        ("The defence ministers of Greece and Turkey spoke by phone on Friday.", {"GRC", "TUR"}),
        ("Kenyan, Ethiopian ministers meet over border raids.", {"KEN", "ETH"}),
        ("The Kenyan president met his Ugandan counterpart in Kampala on Monday.", {"KEN", "UGA"}),
        ("Kenya's foreign minister held talks with his Ethiopian counterpart on Thursday.", {"KEN", "ETH"}),
    ],
)
def test_every_land_of_a_joint_phrase_takes_part(extractor: Extractor, text: str, wanted: set[str]) -> None:
    (told,) = mentions(extractor, text)
    assert {each.entity.country for each in told.participants} == wanted


def test_rebels_of_two_lands_are_not_the_lands(extractor: Extractor) -> None:
    (told,) = mentions(extractor, "Rebels from Chad and Libya attacked a convoy on Monday.")
    assert not any(each.entity.kind == "country" for each in told.participants)


@pytest.mark.parametrize(
    "text",
    [
        "A magnitude 6.4 earthquake struck southern Peru early on Tuesday.",
        "Firefighters took five hours to put out the fire in Surat.",
        "A strong aftershock rattled Arequipa on Friday.",
    ],
)
def test_nobody_does_what_nature_does(extractor: Extractor, text: str) -> None:
    told = mentions(extractor, text)
    assert told
    assert not any(each.role == "source" for mention in told for each in mention.participants)


@pytest.mark.parametrize(
    ("text", "role", "wanted"),
    [
        ("Rebels have kidnapped up to 16 Russian advisers from a town bazaar.", "target", "RUS"),
        ("Peru has granted asylum to five Panamanian army officers holed up in a residence.", "target", "PAN"),
        ("North Korea has tried to hack into the computers of South Korean army officers.", "target", "KOR"),
        ("Israel on Friday reimposed blockades in the valley.", "source", "ISR"),
        ("Egypt outlawed the largest Libyan separatist organisation on Monday.", "source", "EGY"),
    ],
)
def test_who_is_on_either_side_is_found(extractor: Extractor, text: str, role: str, wanted: str) -> None:
    told = mentions(extractor, text)
    assert wanted in {each.entity.country for mention in told for each in mention.participants if each.role == role}
