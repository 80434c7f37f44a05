"""One request and what came of it, as it is captured and replayed. Pure data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request to one address, without its redirects: each of those is an exchange of its own."""

    url: str
    purpose: str
    """feed, page, robots, sitemap or hub: what the request is counted as."""
    at: datetime
    """When its last byte came, or it failed."""
    request: Sequence[tuple[str, str]] = ()
    """Headers sent."""
    status: int = 0
    """0 where nothing came."""
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    """Unpacked; the transfer's own encodings are gone."""
    whole: bool = True
    """False where the connection broke off inside the body."""
    error: tuple[str, str] | None = None
    """Kind and text of the failure where nothing came, see http_client.FetchError."""


class Recorder(Protocol):
    """Takes exchanges down."""

    def record(self, exchange: Exchange) -> None:
        """Keep one exchange. Never raises: a full disk must not stop the news."""
