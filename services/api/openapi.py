"""The API's description. ``python -m services.api.openapi`` prints it; docs/openapi.json holds what it prints."""

from __future__ import annotations

import sys
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from services.api.access import Admission
from services.api.examples import CHANGE_POSITION, OWN_PARAMETERS, PATH_PARAMETERS, filled
from services.api.problem import MEDIA_TYPE as PROBLEM
from services.api.schema import components, refusal
from services.api.sse import MEDIA_TYPE, frame, parse_position
from services.api.subscription_schema import subscription_components

DESCRIPTION = """World events with their status, sources and evidence.

To follow events without a gap, read `GET /v1/events` to its end, then `GET /v1/changes?last_event_id=` with the
`position` of the first page. Errors are RFC 9457 problem details that say what to do."""


KEYS = """A key that the operator made with `dateline keys add`, good for the scopes given there. Without it where the
server does not ask for keys: on the loopback, unless it is told otherwise."""


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of an app."""
    document = get_openapi(
        title="Dateline",
        version="1",
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
    )
    document["components"] = {
        "schemas": dict(sorted({**components(), **subscription_components()}.items())),
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer", "description": KEYS},
            "password": {"type": "http", "scheme": "basic", "description": "The key as password, for browsers."},
        },
    }
    scopes = _scopes(app)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation["responses"].pop("422", None)  # wrong parameters are answered with 400
            _exemplify(operation, document["components"]["schemas"])
            if scope := scopes.get((path, method.upper())):
                operation["security"] = [{}, {"key": [scope]}, {"password": [scope]}]
                operation["responses"] |= {status: refusal(status) for status in ("401", "403", "429")}
                operation["responses"] = dict(sorted(operation["responses"].items()))
    return document


def _exemplify(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Add an example to each answer and each part of the path that has none."""
    for parameter in operation.get("parameters", ()):
        example = {**PATH_PARAMETERS, **OWN_PARAMETERS}.get(parameter["name"])
        if parameter["in"] == "path" and example:
            parameter.setdefault("example", example)
    for answer in operation["responses"].values():
        for media_type, content in answer.get("content", {}).items():
            if "example" in content or "examples" in content or "schema" not in content:
                continue
            example = filled(content["schema"], schemas)
            if media_type == MEDIA_TYPE:
                example = frame("change", parse_position(CHANGE_POSITION), orjson.dumps(example)).decode()
            elif media_type == PROBLEM:
                continue  # described by its kind
            content["example"] = example


def _scopes(app: FastAPI) -> dict[tuple[str, str], str]:
    """Return the scope that each operation asks for, by path and method."""
    return {
        (context.path, method): dependency.dependency.scope
        for context in iter_route_contexts(app.routes)
        if context.path
        for dependency in getattr(context, "dependencies", ())
        if isinstance(dependency.dependency, Admission)
        for method in context.methods or ()
    }


def rendered(app: FastAPI) -> bytes:
    """Return the document as it stands in docs/openapi.json."""
    return orjson.dumps(describe(app), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    from services.api.app import create_app
    from services.api.settings import Settings

    sys.stdout.buffer.write(rendered(create_app(Settings())))
