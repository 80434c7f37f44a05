"""Politeness: one request at a time to each registered domain, a gap between them, a pause when told to wait.

A gate is per registered domain and not per host name, so that fifty host names of one provider count as one, and a 429
from one of them quiets all (the feeds of a hosting service answer from the same machines).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Gate:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    opens_at: float = 0.0
    waiting: int = 0


class Gates:
    """All gates. Times are seconds of ``monotonic``; ``width`` bounds the requests under way over all domains."""

    def __init__(self, width: int, monotonic: Callable[[], float]) -> None:
        self._gates: dict[str, _Gate] = {}
        self._width = asyncio.Semaphore(width)
        self._monotonic = monotonic

    @asynccontextmanager
    async def passing(self, domain: str, gap_s: float) -> AsyncIterator[None]:
        """Wait for the turn of ``domain`` and hold it; the next one passes ``gap_s`` after the end of this."""
        gate = self._gates.setdefault(domain, _Gate())
        gate.waiting += 1
        try:
            async with gate.lock:
                # A pause may be prolonged while we wait for it to end.
                while (wait_s := gate.opens_at - self._monotonic()) > 0:  # noqa: ASYNC110 it waits for a time
                    await asyncio.sleep(min(wait_s, 1.0))
                async with self._width:
                    try:
                        yield
                    finally:
                        gate.opens_at = max(gate.opens_at, self._monotonic() + gap_s)
        finally:
            gate.waiting -= 1

    def wait_s(self, domain: str) -> float:
        """Seconds until the gate opens; 0 where it is open (someone may be passing)."""
        gate = self._gates.get(domain)
        return max(gate.opens_at - self._monotonic(), 0.0) if gate is not None else 0.0

    def queue(self, domain: str) -> int:
        """How many are passing or waiting."""
        gate = self._gates.get(domain)
        return gate.waiting if gate is not None else 0

    def pause(self, domain: str, seconds: float) -> None:
        """Keep the gate shut for ``seconds`` from now; a longer pause that is running stays."""
        gate = self._gates.setdefault(domain, _Gate())
        gate.opens_at = max(gate.opens_at, self._monotonic() + seconds)

    def forget_idle(self) -> None:
        """Drop the gates that are open and unused."""
        now = self._monotonic()
        for domain in [name for name, gate in self._gates.items() if not gate.waiting and gate.opens_at <= now]:
            del self._gates[domain]
