"""Query parameters ↔ a pydantic model: reads them, says what is wrong with them, and describes them for OpenAPI.

FastAPI can do this with ``Query()`` on a model, but inspects the model anew with each request: that took longer than
all the rest of answering a page of events.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import QueryParams
from starlette.requests import Request

from services.api.hints import did_you_mean
from services.api.problem import FieldError, invalid_parameters

Model = TypeVar("Model", bound=BaseModel)

QUERIES_KEPT: Final = 1_000
"""Query strings whose meaning is kept, the latest asked: pages are polled with the same ones."""

KEPT_LENGTH: Final = 500
"""Bytes of a query string that is kept at most."""


def read(model: type[Model], request: Request) -> Model:
    """Return the query parameters of a request. Raises Problem that names each wrong one and says what it may be.

    A parameter given several times is a list; where one value is wanted, the last one counts.
    """
    try:
        asked = bytes(request.scope["query_string"])
        return cast("Model", _parsed(model, asked) if len(asked) <= KEPT_LENGTH else _parsed.__wrapped__(model, asked))
    except ValidationError as error:
        path = request.url.path
        raise invalid_parameters([_field_error(path, model.model_fields, found) for found in error.errors()]) from error


class _Nothing(BaseModel):
    model_config = ConfigDict(extra="forbid")


def refuse_all(request: Request) -> None:
    """Raise Problem where a request has query parameters, at an address that takes none: who sends a filter must not
    take the answer for what it filtered.
    """
    if request.scope["query_string"]:
        read(_Nothing, request)


@lru_cache(maxsize=QUERIES_KEPT)
def _parsed(model: type[BaseModel], query_string: bytes) -> BaseModel:
    given: dict[str, list[str]] = {}
    for name, value in QueryParams(query_string).multi_items():
        given.setdefault(name, []).append(value)
    single = {name for name, field in model.model_fields.items() if field.default_factory is None}
    return model.model_validate({name: found[-1] if name in single else found for name, found in given.items()})


def describe(model: type[BaseModel]) -> dict[str, Any]:
    """Return what OpenAPI says about an operation with these parameters."""
    properties = model.model_json_schema()["properties"]
    return {"parameters": [_parameter(name, schema) for name, schema in properties.items()]}


def _parameter(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    shape = {key: value for key, value in schema.items() if key not in ("title", "description")}
    if shape.get("default") in ("", []):
        del shape["default"]  # left out is left out
    parameter = {"name": name, "in": "query", "required": False, "schema": shape}
    if "description" in schema:
        parameter["description"] = schema["description"]
    return parameter


OFTEN_MEANT: Final = {
    "participant": "entity",
    "actor": "entity",
    "bbox": "box",
    "from": "time_from",
    "to": "time_to",
    "date": "time_from",
    "query": "q",
    "text": "q",
    "search": "q",
    "sort_by": "sort",
    "page": "cursor",
    "offset": "cursor",
    "per_page": "limit",
    "at": "as_of",
}
"""Names that other APIs have for ours."""


def _hint(name: str, known: Collection[str]) -> str:
    meant = OFTEN_MEANT.get(name, "")
    return f"did you mean {meant}? " if meant in known else did_you_mean(name.lower(), known)


def _field_error(path: str, known: Collection[str], error: Mapping[str, Any]) -> FieldError:
    """Return what pydantic found wrong, in words that say what to do."""
    name = str(error["loc"][0]) if error["loc"] else "request"
    message = str(error["msg"]).removeprefix("Value error, ")
    match error["type"]:
        case "extra_forbidden":
            message = f"{path} has no such parameter: {_hint(name, known)}leave it out, or see /openapi.json"
        case "value_error":
            pass
        case _:
            message = f"{message} (got {str(error.get('input'))[:100]!r})"
    return FieldError(name, "query", message)
