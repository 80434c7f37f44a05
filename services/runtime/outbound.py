"""The connection guard: no connection leads where it must not, whatever names resolve to.

Checking a URL is not enough, because a name may resolve to one address when it is checked and to another when it is
connected to (DNS rebinding). So addresses are checked where the connection is made: ``GuardedResolver`` sees what DNS
answered, and ``guarded_connector`` looks once more at every socket it opens. The rules are in ``outbound_rules.py``.
"""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from services.runtime.outbound_rules import (
    Address,
    AddressBlocked,
    OutboundError,
    OutboundGuard,
    Target,
    UrlRefused,
    is_loopback_name,
    is_public,
    parse_target,
)

__all__ = [
    "AddressBlocked",
    "GuardedResolver",
    "OutboundError",
    "OutboundGuard",
    "Target",
    "UrlRefused",
    "guarded_connector",
    "is_public",
    "parse_target",
]


KEEP_ALIVE_S: Final = 3.0
"""Long enough for the next page of a site after a polite gap, short enough that thousands of hosts do not use up the
file descriptors of a process (1,024 by default)."""


class GuardedResolver(AbstractResolver):
    """Resolves names and checks every answer. Names under ``localhost`` never reach DNS (RFC 6761, section 6.3)."""

    def __init__(self, guard: OutboundGuard, inner: AbstractResolver | None = None) -> None:
        self._guard = guard
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of ``host``. Raises AddressBlocked where any of them is not permitted: a name that
        mixes public and private answers is not to be trusted with either."""
        if is_loopback_name(host):
            results = [_loopback(host, port)]
        else:
            if self._inner is None:
                self._inner = aiohttp.ThreadedResolver()
            results = await self._inner.resolve(host, port, family)
        for result in results:
            self._guard.check_address(host, port, _address(result["host"]))
        return results

    async def close(self) -> None:
        """Release what the inner resolver holds."""
        if self._inner is not None:
            await self._inner.close()


def guarded_connector(
    guard: OutboundGuard, limit: int = 100, resolver: AbstractResolver | None = None
) -> aiohttp.TCPConnector:
    """Return a connector whose every new connection passes ``guard``. ``resolver`` replaces the system's DNS.

    There is no DNS cache, so the addresses that were checked are the ones that are connected to.
    """

    def open_socket(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, where = info
        guard.check_socket(_address(where[0]), where[1])
        opened = socket.socket(family, kind, protocol)
        opened.setblocking(False)
        return opened

    return aiohttp.TCPConnector(
        limit=limit,
        keepalive_timeout=KEEP_ALIVE_S,
        use_dns_cache=False,
        resolver=GuardedResolver(guard, resolver),
        socket_factory=open_socket,
        # One address after the other: with several at once, a blocked one would be one lost race among others.
        happy_eyeballs_delay=None,
    )


@lru_cache(maxsize=4096)  # read twice for each connection: as DNS tells it, and as the socket is opened
def _address(text: str) -> Address:
    return ipaddress.ip_address(text)


def _loopback(host: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST
    )
