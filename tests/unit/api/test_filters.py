from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.api.filters import EventFilters, index_query
from services.contracts.proto_json import to_json
from tests.unit.cache.events import make_event


def terms(**parameters: object) -> set[tuple[str, ...]]:
    return set(index_query(EventFilters.model_validate(parameters)).dimensions)


def test_without_parameters_all_live_events_are_asked_for() -> None:
    assert terms() == {("state:live",)}


def test_merged_and_retracted_events_come_only_when_asked_for() -> None:
    assert terms(state="merged") == {("state:merged",)}
    assert terms(state="all") == {("all",)}


def test_several_values_of_one_parameter_are_alternatives() -> None:
    assert ("type:visit", "type:meeting") in terms(type=["visit", "meeting"])


def test_values_may_be_separated_by_commas() -> None:
    assert terms(type="visit, meeting") == terms(type=["visit", "meeting"])


def test_every_word_of_a_text_query_must_be_there() -> None:
    assert {("word:fishing",), ("word:accord",)} <= terms(q="Fishing “accord”")


def test_an_entity_is_asked_for_without_case_and_accents() -> None:
    assert ("entity:jose nunez",) in terms(entity="José  NÚÑEZ")


def test_country_codes_may_be_in_any_case() -> None:
    assert ("country:KEN",) in terms(country="ken")


def test_since_includes_its_instant_and_until_does_not() -> None:
    query = index_query(EventFilters.model_validate({"since": "2031-11-19", "until": "2031-11-20T00:00:00Z"}))
    ((changed,),) = query.ranges
    day_us, end_us = 1_952_812_800_000_000, 1_952_899_200_000_000
    assert [changed.holds(us) for us in (day_us - 1, day_us, end_us - 1, end_us)] == [False, True, True, False]
    assert changed.bounds == ("1952812800000000", "(1952899200000000")


def test_a_box_across_the_antimeridian_is_two_ranges_of_longitudes() -> None:
    latitudes, longitudes = index_query(EventFilters.model_validate({"box": "170,-20,-170,5"})).ranges
    assert [any(part.holds(degrees) for part in longitudes) for degrees in (169, 170, 180, -180, -170, -169)] == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]
    assert [latitudes[0].holds(degrees) for degrees in (-21, -20, 5, 6)] == [False, True, True, False]


def test_what_the_indexes_are_asked_for_is_what_an_event_is_held_against() -> None:
    event = to_json(make_event(sources=["a.example", "b.example"]))
    for parameters, taken in (
        ({"entity": "kenya", "place": "kisumu", "min_sources": 2, "box": "30,-5,40,5"}, True),
        ({"min_sources": 3}, False),
        ({"place": "191245"}, True),
        ({"type": "visit,agreement", "status": "agreed"}, True),
        ({"time_from": "2031-11-20"}, False),
        ({"time_to": "2031-11-20"}, True),
        ({"activity": "quiet"}, False),
        ({"q": "fishing accord"}, True),
    ):
        assert index_query(EventFilters.model_validate(parameters)).takes(event) is taken, parameters


def test_page_length_and_view_do_not_change_a_querys_identity() -> None:
    short = index_query(EventFilters(limit=1, view="summary"))
    long = index_query(EventFilters(limit=200))
    assert short.identity == long.identity


@pytest.mark.parametrize(
    ("parameter", "value", "says"),
    [
        ("type", "vizit", "did you mean visit"),
        ("topic", "politics", "GET /v1/types"),
        ("status", "done", "occurred"),
        ("country", "KE", "alpha-3"),
        ("country", "XYZ", "alpha-3"),
        ("since", "yesterday", "2031-11-19T09:00:00Z"),
        ("since", "2031-11-19T09:00:00", "is not an instant"),
        ("limit", 0, "greater than or equal to 1"),
        ("limit", 201, "less than or equal to 200"),
        ("sample", "maybe", "'true', 'false' or 'all'"),
        ("colour", "red", "not permitted"),
        ("type", ["visit"] * 51, "at most 50"),
    ],
)
def test_a_wrong_value_is_refused_with_what_it_may_be(parameter: str, value: object, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        EventFilters.model_validate({parameter: value})
