"""JSON bodies ↔ pydantic models: reads them, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypeVar, get_args
from urllib.parse import urlsplit

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from services.api.hints import did_you_mean
from services.api.problem import FieldError, Problem

MOST_BYTES: Final = 65_536

Model = TypeVar("Model", bound=BaseModel)


def refuse_other_sites(request: Request) -> None:
    """Raise Problem where a page of another site makes the request: a browser lends it the reach of its user."""
    origin = request.headers.get("origin", "")
    if origin and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Problem("other-site", f"A page of {origin} may read here, but not change anything.")


async def read_body(model: type[Model], request: Request, *, optional: bool = False) -> Model:
    """Return the body of a request; where it is ``optional`` and there is none, that of an empty object.

    Raises Problem that names each wrong member and says what it may be.
    """
    if optional and request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
        return validated(model, {})
    return validated(model, await read_json(request))


async def read_json(request: Request) -> Any:
    """Return the JSON of a request. Raises Problem where it is none, or too much."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem("wrong-content", f"The body is {kind or 'of no type'}: send JSON as application/json.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Problem("body-too-large", f"A body may have {MOST_BYTES} bytes.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise wrong_member("body", f"is no JSON: {error}") from error


def validated(model: type[Model], document: Any) -> Model:
    """Return a document as a model. Raises Problem that names each wrong member and says what it may be."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise wrong_members([_member_error(model, found) for found in error.errors()]) from error


def wrong_member(member: str, detail: str) -> Problem:
    """Return the problem of one wrong member of a body."""
    return wrong_members([FieldError(member, "body", detail)])


def wrong_members(errors: list[FieldError]) -> Problem:
    """Return the problem of wrong members of a body."""
    return Problem("invalid-body", "; ".join(f"{error.parameter}: {error.detail}" for error in errors), errors)


def _member_error(model: type[BaseModel], error: Mapping[str, Any]) -> FieldError:
    name = ".".join(str(part) for part in error["loc"]) or "body"
    message = str(error["msg"]).removeprefix("Value error, ")
    match error["type"]:
        case "extra_forbidden":
            hint = did_you_mean(str(error["loc"][-1]).lower(), _members_at(model, error["loc"][:-1]))
            message = f"there is no such member: {hint}leave it out, or see /openapi.json"
        case "model_type" | "model_attributes_type" | "dict_type":
            message = f"is a JSON object, not {str(error.get('input'))[:100]!r}"
        case "missing":
            message = "is missing"
        case "value_error":
            pass
        case _:
            message = f"{message} (got {str(error.get('input'))[:100]!r})"
    return FieldError(name, "body", message)


def _members_at(model: type[BaseModel], path: Sequence[str | int]) -> Collection[str]:
    """Return the members that an object inside of a body may have."""
    for part in path:
        field = model.model_fields.get(str(part))
        inner = next((each for each in _parts(field.annotation) if _is_model(each)), None) if field else None
        if inner is None:
            return ()
        model = inner
    return model.model_fields


def _parts(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) or (annotation,)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
