"""Whom a request burdens: the registered domain, and the machine behind it.

Fifty host names of one provider are one registered domain, and five hundred blogs under their own names may be one
machine. So each request passes two gates: that of its registered domain, and that of the address its name leads to. A
429 quiets both. The address's pause is bounded, because a large provider serves strangers from one address, and one of
them may ask for a day.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from services.fetcher.gates import Gates
from services.fetcher.web_address import polite_domain
from services.runtime.outbound_rules import parse_target

MAX_HOSTS: Final = 50_000
"""Host names whose address is remembered."""
LOOK_AGAIN_S: Final = 3600.0
"""A name may move to another machine: its address is looked up anew after this."""
ADDRESS: Final = "address "
"""Prefix of the name of an address's gate; no domain holds a space."""


class AddressBook(AbstractResolver):
    """Resolves names and remembers what each led to last: the least of its addresses, so that the order in which DNS
    lists them does not matter. What is remembered serves politeness alone; connections are checked where they are
    made (see runtime.outbound)."""

    def __init__(self, monotonic: Callable[[], float], inner: AbstractResolver | None = None) -> None:
        self._monotonic = monotonic
        self._inner = inner
        self._known: dict[str, tuple[str, float]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Resolve as ``inner`` does (default: the system)."""
        if self._inner is None:
            self._inner = aiohttp.ThreadedResolver()
        results = await self._inner.resolve(host, port, family)
        if results:
            self._known.pop(host, None)
            self._known[host] = (min(result["host"] for result in results), self._monotonic())
            if len(self._known) > MAX_HOSTS:
                del self._known[next(iter(self._known))]
        return results

    def address_of(self, host: str) -> str:
        """Return what a name led to last; "" where that is not known."""
        return self._known.get(host, ("", 0.0))[0]

    async def locate(self, host: str, port: int) -> str:
        """Return what a name leads to, asking where that is not known or was long ago; "" where it leads nowhere."""
        address, asked_at = self._known.get(host, ("", 0.0))
        if address and self._monotonic() - asked_at < LOOK_AGAIN_S:
            return address
        try:
            await self.resolve(host, port, socket.AF_UNSPEC)
        except OSError:
            return address  # the request itself will say what is wrong with the name
        return self.address_of(host)

    async def close(self) -> None:
        """Release what the inner resolver holds."""
        if self._inner is not None:
            await self._inner.close()


class Politeness:
    """The gates of every request. ``address_gap_s`` lies between two requests to one machine; ``longest_pause_s``
    bounds the pause of a machine."""

    def __init__(self, gates: Gates, book: AddressBook, address_gap_s: float, longest_pause_s: float) -> None:
        self._gates = gates
        self._book = book
        self._address_gap_s = address_gap_s
        self._longest_pause_s = longest_pause_s

    @asynccontextmanager
    async def turn(self, url: str, gap_s: float) -> AsyncIterator[None]:
        """Wait for the turn of a request to ``url`` and hold it. Raises UrlRefused."""
        target = parse_target(url)
        if target.address is None and not target.loopback:
            await self._book.locate(target.host, target.port)
        names = self.names(url)
        gaps_s = {name: min(gap_s, self._address_gap_s) if name.startswith(ADDRESS) else gap_s for name in names}
        async with self._gates.passing_all(gaps_s):
            yield

    def wait_s(self, names: Iterable[str]) -> float:
        """Seconds until a request may be sent through these gates, as far as is known without asking DNS; somewhat
        more than 0 while another one is under way."""
        wait_s = 0.0
        for name in names:
            wait_s = max(wait_s, self._gates.wait_s(name), 0.05 if self._gates.queue(name) else 0.0)
        return wait_s

    def pause(self, url: str, seconds: float) -> dict[str, float]:
        """Quiet the domain and the machine of ``url``; return the gates and for how long, to be remembered."""
        pauses = {
            name: min(seconds, self._longest_pause_s) if name.startswith(ADDRESS) else seconds
            for name in self.names(url)
        }
        for name, wait_s in pauses.items():
            self._gates.pause(name, wait_s)
        return pauses

    def names(self, url: str) -> tuple[str, ...]:
        """Return the gates of ``url``: its registered domain, and its address if that is known. Raises UrlRefused."""
        domain = polite_domain(url)
        target = parse_target(url)
        if target.loopback:
            return (domain,)  # this machine: no stranger to be polite to
        address = target.host if target.address is not None else self._book.address_of(target.host)
        return (domain, ADDRESS + address) if address else (domain,)
