"""The API against its own OpenAPI document: requests made up from it, right and wrong ones, are answered as it says.

Deterministic: the same requests each time. Streams are left out, because their answers do not end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.api.examples import ARTICLE_ID, CHANGE_POSITION, EVENT_ID, PATH_PARAMETERS, STORY_ID
from services.contracts.ids import event_id
from tests.integration.api_fixture import Running, running_api
from tests.integration.valkey_fixture import valkey
from tests.unit.cache.events import make_event

REQUESTS_AN_OPERATION = 8
SETTINGS = settings(
    max_examples=REQUESTS_AN_OPERATION,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def api() -> Iterator[Running]:
    with valkey() as url, running_api(url, deliver=False) as running:
        running.put(
            *(make_event(f"event {number}", killed=[("a.example", 3)], type="visit") for number in range(30)),
            make_event("event 1", revision=2, retracted=True),
            make_event("event 2", revision=2, merged_into=event_id("event 3")),
        )
        known = make_event("known")
        known.id = known.changes[0].event_id = EVENT_ID  # the ids in the examples of the document
        known.evidence[0].article_id, known.story_ids[:] = ARTICLE_ID, [STORY_ID]
        running.put(known)
        yield running


def test_requests_are_answered_as_described(api: Running) -> None:
    schema = schemathesis.openapi.from_url(f"{api.url}/openapi.json")
    told = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if _is_stream(operation):
            continue
        told.append(operation.label)
        _ask(operation, GenerationMode.POSITIVE)
        if len(operation.query):  # any text may stand in a path: only parameters can be wrong
            _ask(operation, GenerationMode.NEGATIVE)
    assert len(told) >= 8, told


def test_what_the_examples_name_is_found_and_is_as_described(api: Running) -> None:
    schema = schemathesis.openapi.from_url(f"{api.url}/openapi.json")
    for found in schema.get_all_operations():
        operation = found.ok()
        names = [parameter.name for parameter in operation.path_parameters]
        if operation.method.upper() == "GET" and set(names) <= PATH_PARAMETERS.keys() and not _is_stream(operation):
            case = operation.Case(path_parameters={name: PATH_PARAMETERS[name] for name in names})
            assert case.call_and_validate(checks=CHECKS).status_code == 200, operation.label


def test_every_example_of_a_body_is_taken_as_it_stands(api: Running) -> None:
    (_, fields), *_ = api.redis.xrevrange(api.keys.changes, count=1)
    api.redis.xadd(api.keys.changes, fields, id=CHANGE_POSITION)  # the message that an example asks for again
    webhook = api.http.post("/v1/webhooks", json={"url": "https://hooks.example.org/"}).json()["id"]
    rule = api.http.post("/v1/alerts", json={"name": "rule", "when": {"field": "status", "is": "agreed"}}).json()["id"]
    for path, operations in api.json("/openapi.json")["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {"examples": {}})
            address = path.format(webhook_id=webhook, rule_id=rule) if content["examples"] else path
            for name, example in content["examples"].items():
                answer = api.http.request(method, address, json=example["value"])
                assert answer.is_success, (method, path, name, answer.text)
                if "queued" in answer.json():
                    assert name != "messages" or answer.json()["queued"] == 1


def _ask(operation: Any, mode: GenerationMode) -> None:
    requests = operation.as_strategy(generation_mode=mode)

    @SETTINGS
    @given(case=requests)
    def answered_as_described(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    answered_as_described()


def _is_stream(operation: Any) -> bool:
    answers = operation.definition.raw["responses"].get("200", {})
    return "text/event-stream" in answers.get("content", {})
