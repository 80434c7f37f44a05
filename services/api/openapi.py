"""The API's description. ``python -m services.api.openapi`` prints it; docs/openapi.json holds what it prints."""

from __future__ import annotations

import sys
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.api.schema import components

DESCRIPTION = """World events with their status, sources and evidence.

To follow events without a gap, read `GET /v1/events` to its end, then `GET /v1/changes?last_event_id=` with the
`position` of the first page. Errors are RFC 9457 problem details that say what to do."""


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of an app."""
    document = get_openapi(
        title="Dateline",
        version="1",
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
    )
    document["components"] = {"schemas": dict(sorted(components().items()))}
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)  # wrong parameters are answered with 400
    return document


def rendered(app: FastAPI) -> bytes:
    """Return the document as it stands in docs/openapi.json."""
    return orjson.dumps(describe(app), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    from services.api.app import create_app
    from services.api.settings import Settings

    sys.stdout.buffer.write(rendered(create_app(Settings())))
