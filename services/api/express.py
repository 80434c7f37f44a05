"""The short way to the endpoints that are asked most: what FastAPI does around them takes longer than they do.

They are ordinary endpoints of a router, described and reachable as all others are; only their requests are taken out
before FastAPI looks for a route, collects dependencies and opens its exit stacks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.api.access import Access

Endpoint = Callable[..., Awaitable[Response]]
ErrorAnswer = Callable[[Request, Exception], Response]


class Express:
    """Middleware around FastAPI with all that it puts around its routes, inside of all other.

    ``asked_most`` names endpoints of ``routers`` that are asked with GET, and the scope each needs (empty: none). They
    have either no path parameter or one that is the last part of the path.
    """

    def __init__(
        self,
        app: ASGIApp,
        routers: Iterable[APIRouter],
        asked_most: Mapping[str, str],
        access: Access,
        on_error: ErrorAnswer,
    ) -> None:
        self._app = app
        self._access, self._on_error = access, on_error
        self._routes: dict[str, tuple[APIRoute, str, str]] = {}
        """By what a path starts with: the route, the name of its parameter or an empty text, and the scope."""
        for route in (route for router in routers for route in router.routes):
            if isinstance(route, APIRoute) and route.name in asked_most:
                start, _, parameter = route.path.partition("{")
                self._routes[start] = route, parameter.removesuffix("}"), asked_most[route.name]

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
        route, _, needs = found
        scope["route"] = route
        request = Request(scope, receive, send)
        try:
            if needs:
                request.state.caller = await self._access.admit(request, needs)
            response = await route.endpoint(request, **values)
        except Exception as error:  # whatever it is, it is answered and logged
            response = self._on_error(request, error)
        await response(scope, receive, send)
