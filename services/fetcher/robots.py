"""What a site's robots.txt lets us read (RFC 9309). Pure: answers go in, rules come out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from protego import Protego

from services.fetcher.charset import decode

MAX_BYTES: Final = 500 * 1024
"""RFC 9309, section 2.5: at least this much is parsed; what follows is ignored."""
KEEP: Final = timedelta(hours=24)
"""RFC 9309, section 2.4: a copy should not be used for longer."""
KEEP_UNREACHABLE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RobotRules:
    """The rules of one origin. ``parsed`` None means everything is allowed or, ``unreachable``, nothing."""

    expires_at: datetime
    parsed: Any = None
    unreachable: bool = False

    def allows(self, url: str, user_agent: str) -> bool:
        if self.unreachable:
            return False
        return self.parsed is None or bool(self.parsed.can_fetch(url, user_agent))

    def crawl_delay_s(self, user_agent: str, longest_s: float) -> float:
        """The Crawl-delay the site asks for, at most ``longest_s``; 0 where it asks for none."""
        delay = self.parsed.crawl_delay(user_agent) if self.parsed is not None else None
        return min(max(float(delay), 0.0), longest_s) if delay is not None else 0.0

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """Addresses of the sitemaps that the site lists, as they stand there (sitemaps.org)."""
        return tuple(self.parsed.sitemaps) if self.parsed is not None else ()


def robots_url(url: str) -> str:
    """Return where the robots.txt for a (normalised) URL is."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/robots.txt"


def rules_from(status: int, content_type: str, body: bytes, now: datetime) -> RobotRules:
    """Return the rules that an answer means: 2xx its text, 4xx all allowed, 5xx nothing allowed for now."""
    if status >= 500 or status == 429:
        return unreachable(now)
    text = decode(body[:MAX_BYTES], content_type) if 200 <= status < 300 else ""
    if text.lstrip()[:1] == "<":  # a web page served for every address; it states no rules
        text = ""
    return RobotRules(now + KEEP, Protego.parse(text) if text.strip() else None)


def unreachable(now: datetime) -> RobotRules:
    """Return the rules for a site that cannot say what it allows (RFC 9309, section 2.3.1.4)."""
    return RobotRules(now + KEEP_UNREACHABLE, unreachable=True)
