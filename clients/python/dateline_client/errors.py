"""What can go wrong, in words that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DatelineError(Exception):
    """Anything that this client raises."""


class ConnectionLost(DatelineError):
    """The server cannot be reached."""


class ApiError(DatelineError):
    """The server said no. The text is the problem's detail."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after_s: float | None = None) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or f"HTTP {status}"))
        self.status = status
        """HTTP status."""
        self.problem = problem
        """The RFC 9457 document; empty where the answer was none."""
        self.retry_after_s = retry_after_s
        """When the server may be asked again, where it says so."""

    @property
    def passes(self) -> bool:
        """True where it is worth trying again later: too many requests, or the server is not ready."""
        return self.status == 429 or self.status >= 500
