from __future__ import annotations

from datetime import UTC, date, datetime

import httpx
import pytest
from dateline_client import ApiError
from dateline_client.query import PAGE, check, page_size, parameters


def test_filters_become_parameters() -> None:
    query = {"topic": ["a", "b"], "status": "agreed", "box": (1, 2.5, 3, 4), "sample": False, "since": date(2031, 1, 2)}
    assert parameters(query) == [
        ("topic", "a"), ("topic", "b"), ("status", "agreed"), ("box", "1,2.5,3,4"), ("sample", "false"),
        ("since", "2031-01-02"),
    ]  # fmt: skip


def test_an_instant_without_a_zone_is_refused() -> None:
    assert parameters({"since": datetime(2031, 1, 2, tzinfo=UTC)}) == [("since", "2031-01-02T00:00:00+00:00")]
    with pytest.raises(ValueError, match="time zone"):
        parameters({"since": datetime(2031, 1, 2)})  # noqa: DTZ001


def test_a_page_is_no_longer_than_what_is_wanted() -> None:
    assert [page_size(limit) for limit in (None, 3, 1_000)] == [PAGE, 3, PAGE]
    with pytest.raises(ValueError, match="at least one"):
        page_size(0)


def test_a_problem_becomes_an_error_that_says_what_to_do() -> None:
    with pytest.raises(ApiError, match="write this instead") as caught:
        check(httpx.Response(429, json={"detail": "write this instead"}, headers={"retry-after": "7"}))
    assert (caught.value.status, caught.value.retry_after_s, caught.value.passes) == (429, 7.0, True)


def test_an_answer_that_is_no_problem_is_an_error_all_the_same() -> None:
    with pytest.raises(ApiError, match="HTTP 502"):
        check(httpx.Response(502, text="<html>"))
