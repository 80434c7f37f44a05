"""Who may ask: keys with scopes and a rate, checked before an endpoint runs.

An endpoint, or a whole router, asks for a scope by ``dependencies=[access.require(READ)]`` and finds out whom it serves
by ``caller(request)``. Where keys are off, everybody may do everything.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from importlib.resources import files
from ipaddress import ip_address
from typing import Any, Final

from fastapi import Depends
from fastapi.params import Depends as Dependency
from redis.asyncio import Redis
from starlette.requests import Request

from services.api.problem import Problem
from services.contracts.api_keys import ApiKey, decode, digest, split
from services.contracts.redis_model import Keys

WINDOW_MS: Final = 60_000

CHALLENGE: Final = 'Bearer realm="Dateline", Basic realm="Dateline", charset="UTF-8"'
"""Basic, with the key as password, lets a browser ask a person for it."""

HOW: Final = (
    "send it as `Authorization: Bearer KEY`, or as the password of Basic authentication; an operator makes one with "
    "`dateline keys add`"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    key: ApiKey | None
    """None where keys are off."""

    @property
    def id(self) -> str:
        """What tells one caller from another; empty where keys are off."""
        return self.key.id if self.key else ""

    def may(self, scope: str) -> bool:
        """True where the caller may use what asks for a scope."""
        return self.key is None or self.key.may(scope)


ANYBODY: Final = Caller(None)


class Access:
    """Checks keys against what `dateline keys` stored."""

    def __init__(self, redis: Redis, keys: Keys, *, on: bool, per_minute: int) -> None:
        self._redis = redis
        self._keys = keys
        self._on = on
        self._per_minute = per_minute
        self._script = redis.register_script(files("services.api").joinpath("admit.lua").read_bytes())

    def require(self, scope: str) -> Dependency:
        """Return the dependency of an endpoint, or of a router, that needs a scope."""
        dependency: Dependency = Depends(Admission(self, scope))
        return dependency

    async def admit(self, request: Request, scope: str) -> Caller:
        """Return who asks, and count the request. Raises Problem where they may not."""
        if not self._on:
            return ANYBODY
        text = presented(request.headers.get("authorization", ""))
        if not text:
            raise _unauthorised(f"This API wants a key: {HOW}.")
        parts = split(text)
        if parts is None:
            raise _unauthorised(f"What was sent is no key of this API (dl_, 8 digits, _, 43 characters): {HOW}.")
        identity, secret = parts
        answer: Any = await self._script(
            keys=[self._keys.api_keys, self._keys.rate(identity)],
            args=[identity, digest(secret), self._per_minute, WINDOW_MS],
        )
        if not answer:
            raise _unauthorised(f"The key {identity} is unknown or was revoked: {HOW}.")
        key, (limit, count, rest_ms) = decode(answer[0]), answer[1:]
        request.state.rate_limit = headers = rate_headers(limit, count, rest_ms)
        if count > limit:
            raise Problem(
                "too-many-requests",
                f"{limit} requests a minute are granted to the key {identity}: wait {_seconds(rest_ms)} s.",
                headers={**headers, "Retry-After": str(_seconds(rest_ms))},
            )
        if not key.may(scope):
            raise Problem(
                "scope-missing",
                f"The key {identity} is good for {', '.join(key.scopes)}; this needs {scope}: "
                f"`dateline keys add --scope {scope}` makes one that is.",
            )
        return Caller(key)


class Admission:
    """What FastAPI calls before an endpoint that needs a scope."""

    def __init__(self, access: Access, scope: str) -> None:
        self._access = access
        self.scope = scope

    async def __call__(self, request: Request) -> None:
        request.state.caller = await self._access.admit(request, self.scope)


def caller(request: Request) -> Caller:
    """Return who asks, in an endpoint that requires a scope."""
    found: Caller = getattr(request.state, "caller", ANYBODY)
    return found


def presented(authorization: str) -> str:
    """Return the key in an Authorization header (RFC 6750, RFC 7617), or an empty text."""
    scheme, _, rest = authorization.strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            try:
                return base64.b64decode(rest, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeError):
                return ""
    return ""


def rate_headers(limit: int, count: int, rest_ms: int) -> dict[str, str]:
    """Return how much is left (draft-ietf-httpapi-ratelimit-headers-10)."""
    left = max(limit - count, 0)
    return {
        "RateLimit-Policy": f'"key";q={limit};w={WINDOW_MS // 1000}',
        "RateLimit": f'"key";r={left};t={_seconds(rest_ms)}',
    }


def keys_wanted(setting: str, host: str) -> bool:
    """True where callers need a key: ``setting`` is on, off, or auto, which is off where only this machine can ask."""
    if setting != "auto":
        return setting == "on"
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def _seconds(rest_ms: int) -> int:
    return max(1, -(-rest_ms // 1000))


def _unauthorised(detail: str) -> Problem:
    return Problem("key-needed", detail, headers={"WWW-Authenticate": CHALLENGE})
