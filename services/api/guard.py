"""What every answer passes on its way out: security headers, and the figures of the request."""

from __future__ import annotations

import time
from functools import cache
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.metrics import Metrics
from services.api.sse import MEDIA_TYPE

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""After the OWASP HTTP headers cheat sheet. Pages load nothing from elsewhere and run no inline script."""

DIRECT: Final = "dateline.direct"
"""Name of the extension of a request's scope that sends as ``send`` does, but past the middleware inside of this one:
each would look at every message of a stream that it has let through once.
"""

_SECURITY: Final = tuple((name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items())
_STREAM: Final = MEDIA_TYPE.encode()


class Guard:
    """Middleware around the whole app, errors included."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._counters = cache(metrics.requests.labels)
        self._timers = cache(metrics.seconds.labels)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status, lasting = "500", False

        async def send_guarded(message: Message) -> None:
            nonlocal status, lasting
            if message["type"] == "http.response.start":
                headers = dict(message["headers"])
                added = _SECURITY
                if limits := scope.get("state", {}).get("rate_limit"):
                    added = (*added, *((name.lower().encode(), value.encode()) for name, value in limits.items()))
                message["headers"] = [*message["headers"], *(each for each in added if each[0] not in headers)]
                status = str(message["status"])
                lasting = headers.get(b"content-type", b"").startswith(_STREAM)
            await send(message)

        scope.setdefault("extensions", {})[DIRECT] = send
        try:
            await self._app(scope, receive, send_guarded)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._counters(route, status).inc()
            if not lasting:
                self._timers(route).observe(time.perf_counter() - started)
