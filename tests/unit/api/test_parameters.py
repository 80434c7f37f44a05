from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from services.api import parameters
from services.api.filters import EventFilters
from services.api.problem import Problem


def request(query: str) -> Request:
    scope: dict[str, Any] = {"type": "http", "path": "/v1/events", "query_string": query.encode(), "headers": []}
    return Request(scope)


def test_a_repeated_parameter_is_a_list() -> None:
    assert parameters.read(EventFilters, request("type=visit&type=meeting")).type == ["visit", "meeting"]


def test_of_a_single_value_the_last_one_counts() -> None:
    assert parameters.read(EventFilters, request("limit=3&limit=7")).limit == 7


def test_without_parameters_the_defaults_stand() -> None:
    assert parameters.read(EventFilters, request("")) == EventFilters()


def test_each_wrong_parameter_is_named() -> None:
    with pytest.raises(Problem) as caught:
        parameters.read(EventFilters, request("limit=x&colour=red&type=vizit"))
    assert [error.parameter for error in caught.value.errors] == ["type", "limit", "colour"]


def test_a_wrong_value_is_quoted_but_not_at_any_length() -> None:
    with pytest.raises(Problem) as caught:
        parameters.read(EventFilters, request("limit=" + "x" * 5_000))
    assert len(caught.value.errors[0].detail) < 300


def test_every_parameter_is_described() -> None:
    described = parameters.describe(EventFilters)["parameters"]
    assert [parameter["name"] for parameter in described] == list(EventFilters.model_fields)
    assert all(parameter["in"] == "query" and "title" not in parameter["schema"] for parameter in described)
