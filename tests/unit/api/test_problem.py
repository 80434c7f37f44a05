from __future__ import annotations

import orjson
import pytest

from services.api.problem import KINDS, FieldError, Problem, invalid, invalid_parameters


def test_a_problem_has_the_members_of_rfc_9457() -> None:
    document = orjson.loads(Problem("unknown-event", "No event has the id 'x'.").body("/v1/events/x"))
    assert document == {
        "type": "/problems/unknown-event",
        "title": "No such event",
        "status": 404,
        "detail": "No event has the id 'x'.",
        "instance": "/v1/events/x",
    }


def test_wrong_parameters_are_named_with_what_to_do() -> None:
    document = orjson.loads(invalid("limit", "at most 200").body("/v1/events"))
    assert document["status"] == 400
    assert document["errors"] == [{"parameter": "limit", "in": "query", "detail": "at most 200"}]


def test_all_wrong_parameters_are_named_at_once() -> None:
    problem = invalid_parameters([FieldError("a", "query", "x"), FieldError("b", "header", "y")])
    assert problem.detail == "a: x; b: y"


@pytest.mark.parametrize("kind", KINDS.values())
def test_each_kind_is_an_error_and_says_something(kind) -> None:  # type: ignore[no-untyped-def]
    assert 400 <= kind.status < 600
    assert kind.title
    assert kind.meaning
