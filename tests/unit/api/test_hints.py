from __future__ import annotations

import pytest

from services.api.hints import closest, closest_country, did_you_mean
from services.contracts.countries import codes_of_two_letters, country_names
from services.contracts.ontology import TOPIC_FAMILIES


@pytest.mark.parametrize(
    ("written", "meant"),
    [("war", "conflict-war-peace"), ("heath", "health"), ("disaster", "disaster-accident-emergency"), ("xyzzy", "")],
)
def test_a_part_of_a_name_or_a_slip_leads_to_the_name(written: str, meant: str) -> None:
    assert closest(written, TOPIC_FAMILIES) == meant


def test_nothing_is_asked_where_nothing_is_like_it() -> None:
    assert did_you_mean("", TOPIC_FAMILIES) == did_you_mean("xyzzy", TOPIC_FAMILIES) == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [("UA", "UKR"), ("ch", "CHE"), ("Kenya", "KEN"), ("Ivory-coast", "CIV"), ("UKX", ""), ("", "")],
)
def test_a_country_is_known_by_two_letters_and_by_its_name(written: str, meant: str) -> None:
    assert closest_country(written) == meant


def test_every_country_has_a_code_of_two_letters_of_its_own() -> None:
    assert sorted(codes_of_two_letters().values()) == sorted(country_names())
    assert all(len(short) == 2 and short.isupper() for short in codes_of_two_letters())
