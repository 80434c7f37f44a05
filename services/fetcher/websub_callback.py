"""Where hubs call: answers their questions and takes what they deliver (W3C WebSub, sections 5.3 and 7).

Only a feed's own key leads anywhere, and only what is signed with its secret is read. A delivery is acknowledged
at once and worked on afterwards, as a hub does not wait for long.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

PATH: Final = "/websub/"

Verify = Callable[[str, dict[str, str]], Awaitable[str | None]]
"""Given a feed's key and the hub's question, returns the challenge to answer with; None where we did not ask."""
Deliver = Callable[[str, str, bytes, str], bool]
"""Given a feed's key, the signature, the body and its content type, takes the delivery; False where it is unknown."""


class Callback:
    """A small web server. Use as ``async with``."""

    def __init__(self, host: str, port: int, max_bytes: int, verify: Verify, deliver: Deliver) -> None:
        self._host = host
        self._port = port
        self._verify = verify
        self._deliver = deliver
        self._app = web.Application(client_max_size=max_bytes)
        self._app.add_routes([web.get(PATH + "{feed}", self._asked), web.post(PATH + "{feed}", self._delivered)])
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Callback:
        self._runner = web.AppRunner(self._app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _asked(self, request: web.Request) -> web.Response:
        challenge = await self._verify(request.match_info["feed"], dict(request.query))
        if challenge is None:
            return web.Response(status=404, text="we did not ask for that")
        return web.Response(text=challenge, content_type="text/plain")

    async def _delivered(self, request: web.Request) -> web.Response:
        body = await request.read()
        signature = request.headers.get("X-Hub-Signature", "")
        known = self._deliver(request.match_info["feed"], signature, body, request.headers.get("Content-Type", ""))
        # Section 7.1: also what is not believed is answered as if it were, so that nobody learns a secret by trying.
        return web.Response(status=202 if known else 410)
