"""Puts the API together: the one place where its parts meet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import as_file, files
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from services.api import errors, openapi
from services.api.access import Access, keys_wanted
from services.api.board import board_routes
from services.api.broadcast import Broadcast
from services.api.browse_routes import browse_routes
from services.api.compression import Compression
from services.api.event_stream import Streams
from services.api.express import Express
from services.api.feed_routes import feed_routes
from services.api.guard import Guard
from services.api.head import Head
from services.api.metrics import Metrics
from services.api.pages import Pages
from services.api.routes import operator_routes, read_routes
from services.api.settings import Settings
from services.api.statistics import Statistics
from services.api.store import EventStore
from services.api.subscriptions import Subscriptions
from services.contracts.api_keys import READ

COMPRESSED_FROM = 1_000
"""Bytes of an answer below which compressing saves no packet."""
ASKED_MOST = {"list_events": READ, "get_event": READ, "healthz": ""}
"""Endpoints that take the short way, and the scope that each needs."""
COMPRESSION = 3
"""Level of gzip: a page of 200 kB shrinks to an eighth in 1 ms; level 4 takes half as long again for 5 % less."""


class Api(FastAPI):
    """FastAPI with this API's own description, and what its server must close when it stops."""

    close_streams: Callable[[], None]
    """Lets every subscriber go."""
    front: ASGIApp
    """What a request meets before FastAPI: middleware that does not cost its whole stack for what is asked most."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self.front(scope, receive, send)

    async def routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request as FastAPI does."""
        await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """Return the description at /openapi.json."""
        self.openapi_schema = self.openapi_schema or openapi.describe(self)
        return self.openapi_schema


def create_app(settings: Settings) -> Api:
    """Return the app. It reaches for Redis once it is started, and serves /healthz without it."""
    store = EventStore(settings.redis_url, settings.prefix)
    metrics = Metrics()
    broadcast = Broadcast(store.changes, metrics.subscribers, metrics.changes, settings.queue)
    streams = Streams(
        store.changes, broadcast, metrics, settings.heartbeat_s, settings.send_timeout_s, settings.max_subscribers
    )
    pages = Pages()
    access = Access(
        store.redis, store.keys, on=keys_wanted(settings.keys, settings.host), per_minute=settings.per_minute
    )

    subscriptions = Subscriptions(settings, store, metrics)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        running = [
            asyncio.create_task(broadcast.run(), name="changes"),
            asyncio.create_task(store.prepare(), name="reading the orders"),
        ]
        async with subscriptions.sender:
            running += [asyncio.create_task(task, name="subscriptions") for task in subscriptions.tasks()]
            yield
            close()
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=settings.shutdown_grace_s)
        await store.close()

    def close() -> None:
        broadcast.close()
        subscriptions.close()

    app = Api(lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.close_streams = close
    app.include_router(feed_routes(store, access))
    reading = read_routes(store, streams, access)
    app.include_router(reading)
    app.include_router(subscriptions.routes(access))
    app.include_router(browse_routes(store, Statistics(store), access))
    operating = operator_routes(store, metrics)
    app.include_router(operating)
    app.include_router(board_routes(store, streams, pages, access))
    with as_file(files("services.api").joinpath("static")) as folder:
        app.mount("/static", StaticFiles(directory=folder), name="static")
    on_error = errors.install(app, pages.error)
    front: ASGIApp = Express(app.routed, (reading, operating), ASKED_MOST, access, on_error)
    if settings.cors_origins:
        front = CORSMiddleware(
            front,
            allow_origins=settings.cors_origins,
            allow_methods=["GET"],
            allow_headers=["Authorization", "If-None-Match", "Last-Event-ID"],
            expose_headers=["ETag", "Link", "RateLimit", "RateLimit-Policy", "Retry-After"],
        )
    front = Compression(front, minimum_size=COMPRESSED_FROM, compresslevel=COMPRESSION)
    app.front = Head(Guard(front, metrics))
    return app
