"""Scripts that only read, on the connection that all reads share."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, cast

from redis.exceptions import NoScriptError

from services.api.shared_connection import SharedConnection


class Script:
    """One script, loaded where the server does not have it."""

    def __init__(self, shared: SharedConnection, name: str) -> None:
        self._shared = shared
        self._text = files("services.api").joinpath(f"{name}.lua").read_bytes()
        self._sha = "0" * 40

    async def __call__(self, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> list[Any]:
        """Run it."""
        try:
            answer = await self._shared.ask("EVALSHA_RO", self._sha, len(keys), *keys, *arguments)
        except NoScriptError:
            self._sha = (await self._shared.ask("SCRIPT", "LOAD", self._text)).decode()
            answer = await self._shared.ask("EVALSHA_RO", self._sha, len(keys), *keys, *arguments)
        return cast("list[Any]", answer)
