from __future__ import annotations

import orjson
from openapi_schema_validator import validate as check
from openapi_spec_validator import validate

from services.api.app import create_app
from services.api.openapi import rendered
from services.api.settings import Settings
from tests.conftest import REPO

WRITTEN = REPO / "docs" / "openapi.json"


def test_the_written_description_is_current() -> None:
    assert WRITTEN.read_bytes() == rendered(create_app(Settings())), (
        "docs/openapi.json is old: python -m services.api.openapi > docs/openapi.json"
    )


def test_the_description_is_valid_openapi() -> None:
    validate(orjson.loads(WRITTEN.read_bytes()))


def test_every_operation_says_how_it_fails() -> None:
    for path, operations in orjson.loads(WRITTEN.read_bytes())["paths"].items():
        for operation in operations.values():
            failures = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
            assert failures, path
            for status, answer in failures.items():
                assert "application/problem+json" in answer["content"], (path, status)


def test_every_body_has_examples_that_fit_its_schema() -> None:
    document = orjson.loads(WRITTEN.read_bytes())
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                assert content["examples"], (method, path)
                for example in content["examples"].values():
                    check(example["value"], {**content["schema"], "components": document["components"]})


def test_every_operation_gives_examples_that_fit_their_schemas() -> None:
    document = orjson.loads(WRITTEN.read_bytes())
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                for media_type, content in answer.get("content", {}).items():
                    assert "example" in content or "examples" in content, (method, path, status)
                    if media_type.endswith("json") and "example" in content:
                        check(content["example"], {**content["schema"], "components": document["components"]})
