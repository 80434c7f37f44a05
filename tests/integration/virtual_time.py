"""A clock for tests that take days: time stands still while anything is under way, and then leaps to what is due.

The loop works on real sockets. Only where nothing is readable, no thread has work and no child process was asked
anything does its clock go forward, at once to the next timer.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import selectors
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from services.fetcher.service import Clock

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""A Monday at midnight; virtual time begins here."""
_LOOK_S = 0.0005
"""How long a look for something readable takes before time leaps; loopback delivers at once."""


class _Selector(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        found = super().select(_LOOK_S)
        while not found and self.loop.under_way:
            found = super().select(0.05)
        if not found:
            self.loop.now += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is virtual."""

    def __init__(self) -> None:
        self.now = 0.0
        self.under_way = 0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        self.under_way += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._done)
        return future

    def _done(self, _: object) -> None:
        self.under_way -= 1

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """No time passes inside, whatever is waited for: a child process that works."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1


def virtual_time(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async test with virtual time."""

    @functools.wraps(test)
    def run(*args: Any, **named: Any) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            loop = runner.get_loop()
            # Idle connections must age with our clock, or their timer is the only thing that ever happens.
            with patch("aiohttp.connector.monotonic", loop.time):
                runner.run(test(*args, **named))  # type: ignore[arg-type]

    del run.__wrapped__  # type: ignore[attr-defined]
    run.__signature__ = inspect.signature(test)  # type: ignore[attr-defined]
    return run


def clock() -> Clock:
    """The virtual clock of the running loop."""
    return Clock(now, asyncio.get_running_loop().time)


def now() -> datetime:
    """The virtual time."""
    return START + timedelta(seconds=asyncio.get_running_loop().time())
