"""The endpoints asked most behave as all others, though FastAPI is passed by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.contracts.ids import event_id
from tests.integration.api_fixture import Running, running_api
from tests.integration.valkey_fixture import valkey
from tests.unit.cache.events import make_event


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with valkey() as url:
        yield url


@pytest.fixture
def api(redis_url: str) -> Iterator[Running]:
    with running_api(redis_url) as running:
        running.put(make_event("ferry"))
        yield running


@pytest.mark.parametrize(
    ("path", "route"),
    [("/v1/events", "/v1/events"), (f"/v1/events/{event_id('ferry')}", "/v1/events/{event_id}")],
)
def test_reads_are_counted_by_route(api: Running, path: str, route: str) -> None:
    assert api.http.get(path).status_code == 200
    counted = f'dateline_api_requests_total{{route="{route}",status="200"}} 1.0'
    assert counted in api.http.get("/metrics").text


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_other_methods_are_refused_with_those_that_are_allowed(api: Running, method: str) -> None:
    answer = api.http.request(method, "/v1/events")
    assert answer.status_code == 405
    assert "GET" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/events/", f"/v1/events/{event_id('ferry')}/"])
def test_a_slash_too_many_is_another_address(api: Running, path: str) -> None:
    assert api.http.get(path).json()["type"] == "/problems/not-found"


def test_answers_carry_the_headers_of_all_answers(api: Running) -> None:
    headers = api.http.get("/v1/events", headers={"Origin": "https://example.org"}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["access-control-allow-origin"] == "*"
