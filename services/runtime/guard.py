"""What a stage is given to end steps of its work that take too long; ``watchdog`` is the one that does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class StuckError(BaseException):
    """A step took longer than it may. No Exception, so that nothing that handles those takes it for its own."""


class Guard(Protocol):
    """What ends steps that take too long."""

    def run(self, work: Callable[[], T], seconds: float) -> T:
        """Return what ``work`` returns. Raises StuckError once it has computed for ``seconds``; not to be nested."""
        ...


class NoGuard:
    """Lets every step take as long as it takes."""

    def run(self, work: Callable[[], T], seconds: float) -> T:
        """Return what ``work`` returns."""
        return work()
