"""Compresses answers for whom it suits: Starlette asks whether "gzip" stands in the header, not with which weight."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware, GZipResponder, IdentityResponder
from starlette.types import Receive, Scope, Send

from services.runtime.content_coding import refuses_plain, takes_gzip


class Compression(GZipMiddleware):
    """Middleware that sends gzip to who takes it, and tells caches that it does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through, and pack what is large enough."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        wanted = ",".join(Headers(scope=scope).getlist("accept-encoding"))
        if takes_gzip(wanted):
            responder = GZipResponder(
                self.app,
                1 if refuses_plain(wanted) else self.minimum_size,
                compresslevel=self.compresslevel,
                thread_minimum_size=self.thread_minimum_size,
                exclude_content_types=self.exclude_content_types,
            )
            await responder(scope, receive, send)
            return
        plain = IdentityResponder(self.app, self.minimum_size, exclude_content_types=self.exclude_content_types)
        await plain(scope, receive, send)
