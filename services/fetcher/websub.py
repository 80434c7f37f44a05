"""WebSub from the subscriber's side (W3C Recommendation of 23 January 2018): what is asked of a hub, what is believed.

A feed names its hub; we ask the hub to deliver what is new to an address of ours; it asks back whether that was us, and
from then on posts the feed's new listing, signed with a secret that only it and we know. Pure.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from pydantic import TypeAdapter

from services.runtime.stage import Write

LEASE_S: Final = 864_000
"""What is asked for: ten days, as the specification suggests."""
SHORTEST_LEASE_S: Final = 3_600
LONGEST_LEASE_S: Final = 30 * 86_400
RENEW_SHARE: Final = 0.8
"""A lease is renewed when this share of it is over."""
RETRY: Final = timedelta(hours=6)
"""A hub that did not answer or refused is asked again after this."""
SIGNATURES: Final = ("sha1", "sha256", "sha384", "sha512")
_LINK: Final = re.compile(r"<([^<>]{1,2000})>((?:\s*;\s*[\w-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))*)")
_REL: Final = re.compile(r"rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Offer:
    """Where a feed can be had by push."""

    hub: str
    topic: str
    """The name under which the hub knows the feed."""


@dataclass(frozen=True, slots=True)
class Push:
    """What was agreed on with a hub about a feed; stored, so that a delivery after a restart is still believed."""

    feed: str
    """The feed's key, which is also the last part of the address that the hub calls."""
    url: str
    hub: str
    topic: str
    secret: str
    asked_at: datetime
    lease_until: datetime | None = None
    """None until the hub has asked back."""
    lease_s: int = 0
    denied: str = ""

    def active(self, now: datetime) -> bool:
        """True while the hub delivers."""
        return self.lease_until is not None and now < self.lease_until

    def due(self, now: datetime) -> bool:
        """True where the hub is to be asked (again)."""
        if self.lease_until is None or now >= self.lease_until:
            return now - self.asked_at >= RETRY
        over = now >= self.lease_until - timedelta(seconds=self.lease_s * (1 - RENEW_SHARE))
        return over and now - self.asked_at >= RETRY / 6


_PUSH: Final = TypeAdapter(Push)


def push_write(push: Push) -> Write:
    return Write(f"push:{push.feed}", orjson.dumps(push, option=orjson.OPT_SORT_KEYS))


def push_of(value: bytes) -> Push:
    """Read a stored entry. Raises ValueError."""
    return _PUSH.validate_json(value)


def offer_of(headers: Mapping[str, str], hubs: tuple[str, ...], topic: str, address: str) -> Offer | None:
    """Return where a feed offers push: by its Link headers, which count first, or in the document itself
    (``hubs``, ``topic``; section 4). ``address`` is where the feed was found, its topic where it names none."""
    linked: dict[str, str] = {}
    for match in _LINK.finditer(headers.get("link", "")):
        rel = _REL.search(match.group(2))
        for name in (rel.group(1) or rel.group(2) or "").lower().split() if rel else ():
            linked.setdefault(name, match.group(1))
    hub = linked.get("hub") or next(iter(hubs), "")
    return Offer(hub, linked.get("self") or topic or address) if hub else None


def request_form(push: Push, callback: str) -> dict[str, str]:
    """Return the form that asks a hub for a subscription (section 5.1)."""
    return {
        "hub.mode": "subscribe",
        "hub.topic": push.topic,
        "hub.callback": callback,
        "hub.lease_seconds": str(LEASE_S),
        "hub.secret": push.secret,
    }


def verified(push: Push | None, query: Mapping[str, str], now: datetime) -> tuple[Push, str] | None:
    """Return the agreement and the challenge to answer with, where the hub asks about what we asked for (5.3).

    None for everything else: what we did not ask for is refused, be it a subscription or its end.
    """
    if push is None or query.get("hub.topic") != push.topic or query.get("hub.mode") != "subscribe":
        return None
    challenge, lease = query.get("hub.challenge", ""), query.get("hub.lease_seconds", "")
    if not challenge or not (lease.isascii() and lease.isdigit()):
        return None
    lease_s = min(max(int(lease[:12]), SHORTEST_LEASE_S), LONGEST_LEASE_S)
    until = now + timedelta(seconds=min(int(lease[:12]), lease_s))
    return Push(push.feed, push.url, push.hub, push.topic, push.secret, push.asked_at, until, lease_s), challenge


def signed(push: Push, signature: str, body: bytes) -> bool:
    """True where ``X-Hub-Signature`` proves that the body is from whoever knows the secret (section 7)."""
    method, _, given = signature.strip().partition("=")
    if method.lower() not in SIGNATURES:
        return False
    expected = hmac.new(push.secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode())
