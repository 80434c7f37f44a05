from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.api.filters import EventFilters, index_query
from services.contracts import redis_model


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


def test_a_participant_is_asked_for_without_case_and_accents() -> None:
    assert ("participant:jose nunez",) in terms(participant="José  NÚÑEZ")


def test_country_codes_may_be_in_any_case() -> None:
    assert ("country:KEN",) in terms(country="ken")


def test_since_includes_its_instant_and_until_does_not() -> None:
    query = index_query(EventFilters.model_validate({"since": "2031-11-19", "until": "2031-11-20T00:00:00Z"}))
    day = redis_model.member(redis_model.microseconds(_instant("2031-11-19T00:00:00+00:00")), "e")
    end = redis_model.member(redis_model.microseconds(_instant("2031-11-20T00:00:00+00:00")), "e")
    assert query.lower[0] == "["
    assert query.lower[1:] < day < query.upper[1:] < end


def _instant(text: str):  # type: ignore[no-untyped-def]
    from datetime import datetime

    return datetime.fromisoformat(text)


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
