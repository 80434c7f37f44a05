"""Turns whatever goes wrong into problem details, or into a page where a person with a browser asked for one."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from services.api.problem import KINDS, MEDIA_TYPE, Problem, store_unavailable

log = structlog.get_logger("dateline.api")

ErrorPage = Callable[[Problem], str]


def install(app: FastAPI, error_page: ErrorPage) -> Callable[[Request, Exception], Response]:
    """Give an app its error handlers; ``error_page`` renders a problem as HTML.

    Returns what answers the errors of endpoints, for who calls them without the app.
    """

    def answer(request: Request, problem: Problem) -> Response:
        headers = {"Cache-Control": "no-store", **problem.headers}
        if not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", ""):
            return Response(error_page(problem), problem.status, headers, "text/html; charset=utf-8")
        return Response(problem.body(request.url.path), problem.status, headers, MEDIA_TYPE)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(request, _http_problem(request, error))

    def answer_any(request: Request, error: Exception) -> Response:
        if isinstance(error, Problem):
            return answer(request, error)
        if isinstance(error, RedisError):
            log.error("Redis cannot be read", path=request.url.path, error=str(error))
            return answer(request, store_unavailable())
        log.error("request failed", path=request.url.path, exc_info=error)
        return answer(request, Problem("failure", "The server failed on this request: the log of the server says why."))

    async def on_error(request: Request, error: Exception) -> Response:
        return answer_any(request, error)

    app.add_exception_handler(HTTPException, on_http)
    for kind in (Problem, RedisError, Exception):
        app.add_exception_handler(kind, on_error)
    return answer_any


def _methods_at(request: Request) -> list[str]:
    """Return all methods that an address takes (RFC 9110, section 10.2.1); Starlette names those of one route only."""
    taken = {
        method
        for context in iter_route_contexts(request.app.routes)
        if context.path and context.methods and compile_path(context.path)[0].match(request.url.path)
        for method in context.methods
    }
    return sorted(taken | {"HEAD"} if "GET" in taken else taken)


def _http_problem(request: Request, error: HTTPException) -> Problem:
    if error.status_code == KINDS["wrong-method"].status:
        allowed = ", ".join(_methods_at(request)) or (error.headers or {}).get("Allow", "GET")
        detail = f"{request.method} is not allowed at {request.url.path}: use {allowed}."
        return Problem("wrong-method", detail, headers={**(error.headers or {}), "Allow": allowed})
    if error.status_code == KINDS["not-found"].status:
        detail = f"Nothing lives at {request.url.path}: the board is at /, the API is described at /openapi.json."
        return Problem("not-found", detail)
    return Problem("failure", str(error.detail))
