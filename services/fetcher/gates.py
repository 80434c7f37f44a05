"""Gates: one request at a time through each, a gap between them, a pause when told to wait.

What a gate stands for is decided in politeness.py; this module only keeps the times.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Gate:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    opens_at: float = 0.0
    waiting: int = 0


class Gates:
    """All gates, by name. Times are seconds of ``monotonic``; ``width`` bounds the requests under way over all."""

    def __init__(self, width: int, monotonic: Callable[[], float]) -> None:
        self._gates: dict[str, _Gate] = {}
        self._width = asyncio.Semaphore(width)
        self._monotonic = monotonic

    def passing(self, name: str, gap_s: float) -> AbstractAsyncContextManager[None]:
        """Wait for the turn at one gate and hold it; the next one passes ``gap_s`` after the end of this."""
        return self.passing_all({name: gap_s})

    @asynccontextmanager
    async def passing_all(self, gaps_s: Mapping[str, float]) -> AsyncIterator[None]:
        """Wait for the turn at several gates and hold them all; each opens again its own gap after the end of this.

        Everybody must name the gates in the same order of kinds (registered domains before addresses), else two could
        wait for each other for ever.
        """
        gates = [self._gates.setdefault(name, _Gate()) for name in gaps_s]
        held: list[_Gate] = []
        for gate in gates:
            gate.waiting += 1
        try:
            for gate in gates:
                await gate.lock.acquire()
                held.append(gate)
            # A pause may be prolonged while we wait for it to end.
            while (wait_s := max(gate.opens_at for gate in gates) - self._monotonic()) > 0:  # noqa: ASYNC110
                await asyncio.sleep(wait_s)
            async with self._width:
                try:
                    yield
                finally:
                    now = self._monotonic()
                    for gate, gap_s in zip(gates, gaps_s.values(), strict=True):
                        gate.opens_at = max(gate.opens_at, now + gap_s)
        finally:
            for gate in held:
                gate.lock.release()
            for gate in gates:
                gate.waiting -= 1

    def wait_s(self, name: str) -> float:
        """Seconds until the gate opens; 0 where it is open (someone may be passing)."""
        gate = self._gates.get(name)
        return max(gate.opens_at - self._monotonic(), 0.0) if gate is not None else 0.0

    def queue(self, name: str) -> int:
        """How many are passing or waiting."""
        gate = self._gates.get(name)
        return gate.waiting if gate is not None else 0

    def pause(self, name: str, seconds: float) -> None:
        """Keep the gate shut for ``seconds`` from now; a longer pause that is running stays."""
        gate = self._gates.setdefault(name, _Gate())
        gate.opens_at = max(gate.opens_at, self._monotonic() + seconds)

    def forget_idle(self) -> None:
        """Drop the gates that are open and unused."""
        now = self._monotonic()
        for name in [name for name, gate in self._gates.items() if not gate.waiting and gate.opens_at <= now]:
            del self._gates[name]
