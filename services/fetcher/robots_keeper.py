"""Fetches and keeps the robots.txt of the sites that are read (RFC 9309, section 2.4)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final

from services.fetcher import metrics, robots
from services.fetcher.http_client import FetchError, HttpClient
from services.fetcher.settings import FetcherSettings

MAX_ROBOTS: Final = 10_000
"""Origins whose rules are kept in memory."""


class RobotsKeeper:
    """Knows the rules of the sites asked last."""

    def __init__(self, settings: FetcherSettings, client: HttpClient, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._client = client
        self._now = now
        self._rules: OrderedDict[str, robots.RobotRules] = OrderedDict()

    async def rules_for(self, url: str, gap_s: float) -> robots.RobotRules:
        """Return the rules of the site of ``url``. Raises FetchError of kind "blocked" where it must not be asked."""
        where = robots.robots_url(url)
        known = self._rules.get(where)
        if known is not None and known.expires_at > self._now():
            self._rules.move_to_end(where)
            return known
        rules = await self._fetched(where, gap_s)
        self._rules[where] = rules
        while len(self._rules) > MAX_ROBOTS:
            self._rules.popitem(last=False)
        return rules

    async def _fetched(self, where: str, gap_s: float) -> robots.RobotRules:
        try:
            answer = await self._client.get(
                where,
                accept="text/plain, */*;q=0.1",
                timeout_s=self._settings.page_timeout_s,
                gap_s=gap_s,
                purpose="robots",
                cut_at=robots.MAX_BYTES,
            )
        except FetchError as error:
            if error.kind == "blocked":
                raise
            # RFC 9309, section 2.3.1.2: after more than five redirects the file counts as unavailable: all is allowed.
            return robots.rules_from(404 if error.kind == "redirect" else 503, "", b"", self._now())
        metrics.BYTES.labels("robots").inc(answer.wire_bytes)
        return robots.rules_from(answer.status, answer.content_type, answer.body, self._now())
