"""The short way to the endpoints that are asked most: what FastAPI does around them takes longer than they do.

They are ordinary endpoints of a router, described and reachable as all others are; only their requests are taken out
before FastAPI looks for a route, collects dependencies and opens its exit stacks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.api.access import Access
from services.api.problem import Problem

Endpoint = Callable[..., Awaitable[Response]]
ErrorAnswer = Callable[[Request, Problem | RedisError], Response]


class Express:
    """Middleware around FastAPI's routing, inside of all other.

    ``names`` are those of endpoints in ``router`` that are asked with GET, need the scope ``needs``, and have either no
    path parameter or one that is the last part of the path.
    """

    def __init__(
        self,
        app: ASGIApp,
        router: APIRouter,
        names: Collection[str],
        access: Access,
        needs: str,
        on_error: ErrorAnswer,
    ) -> None:
        self._app = app
        self._access, self._needs, self._on_error = access, needs, on_error
        self._routes: dict[str, tuple[APIRoute, str]] = {}
        """By what a path starts with: the route, and the name of its parameter or an empty text."""
        for route in router.routes:
            if isinstance(route, APIRoute) and route.name in names:
                start, _, parameter = route.path.partition("{")
                self._routes[start] = route, parameter.removesuffix("}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through, or answer it."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope.get("root_path"):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        found = self._routes.get(path)
        values: dict[str, Any] = {}
        if found is None:
            start, slash, last = path.rpartition("/")
            found = self._routes.get(start + slash)
            if found is not None and last:
                values[found[1]] = last
        if found is None or bool(found[1]) != bool(values):
            await self._app(scope, receive, send)
            return
        route = scope["route"] = found[0]
        request = Request(scope, receive, send)
        try:
            request.state.caller = await self._access.admit(request, self._needs)
            response = await route.endpoint(request, **values)
        except (Problem, RedisError) as error:
            response = self._on_error(request, error)
        await response(scope, receive, send)
