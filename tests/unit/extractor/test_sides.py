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


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Three Iraqi youths were killed by a mine on Sunday.", "IRQ"),
        ("Militants loyal to the Yemeni president attacked a convoy on Sunday.", "YEM"),
        ("An armed group based in Trinidad attacked a convoy on Sunday.", "TTO"),
        ("Vietnamese-led forces shelled a camp on Sunday.", "VNM"),
        ("Six Ghanaian bombers killed nine soldiers on Sunday.", "GHA"),
    ],
)
def test_people_without_a_name_are_of_the_land_that_the_text_puts_them_in(
    extractor: Extractor, text: str, wanted: str
) -> None:
    told = mentions(extractor, text)
    assert wanted in {each.entity.country for mention in told for each in mention.participants}


@pytest.mark.parametrize(
    ("text", "kind", "role", "wanted"),
    [
        ("Angola refused to allow United Nations planes to evacuate 15 observers.", "displacement", "target", "planes"),
        ("Kenyan officials said that lifting the sanctions on Chad was out of the question.", "", "source", "Kenyan"),
        ("Peru refused to offer any assistance to the US-led war in Iraq.", "", "target", "US"),
        ("The court opened an investigation into crimes committed by Croat forces.", "", "target", "Croat forces"),
        ("US Predator attacks killed eight fighters in May.", "attack", "source", "US"),
        ("Police opened fire to disperse demonstrators in Lagos.", "shooting", "target", "demonstrators"),
        ("Police prevented a march by students in Lagos.", "crackdown", "target", "students"),
        ("A Syrian newspaper called Thursday on Arabs to unite.", "demand", "source", "newspaper"),
        ("Chad was refusing admittance to Ghanaians, by far the biggest group.", "refusal", "target", "Ghanaians"),
        (
            "The charity said British forces must hold fire to allow aid to reach the town.",
            "demand",
            "target",
            "forces",
        ),
    ],
)
def test_who_is_told_far_from_the_verb_takes_part(
    extractor: Extractor, text: str, kind: str, role: str, wanted: str
) -> None:
    told = [mention for mention in mentions(extractor, text) if mention.type == kind or not kind]
    assert any(wanted in each.text for mention in told for each in mention.participants if each.role == role)


def test_a_body_that_is_named_after_an_event_is_none(extractor: Extractor) -> None:
    told = mentions(extractor, "The Ceasefire Violations Committee has completed its investigation in Harper.")
    assert [mention.type for mention in told] == ["investigation"]


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
