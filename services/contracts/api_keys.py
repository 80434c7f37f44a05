"""Keys of the API: how one looks, what may be done with it, and what is stored of it. `dateline keys` makes them.

A key is ``dl_<id>_<secret>``. The id names it in lists and logs. The secret is 32 random bytes, so that a plain
SHA-256 of it can be stored: what makes passwords need a slow hash is that people choose them.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import asdict, dataclass
from typing import Final

import orjson

READ: Final = "read"
SUBSCRIBE: Final = "subscribe"
ADMIN: Final = "admin"
SCOPES: Final = (READ, SUBSCRIBE, ADMIN)
"""read: events and everything about them. subscribe: streams, and webhooks and alert rules of one's own. admin: all."""

ID_BYTES: Final = 4
SECRET_BYTES: Final = 32

_KEY: Final = re.compile(r"dl_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is stored of a key."""

    id: str
    """8 hex digits."""
    name: str
    """Whose it is, in the words of whoever made it."""
    scopes: tuple[str, ...]
    digest: str
    """SHA-256 of the secret, 64 hex digits."""
    created_at: str
    """RFC 3339."""
    per_minute: int = 0
    """Requests a minute; 0: what the API grants every key."""

    def may(self, scope: str) -> bool:
        """True where the key is good for a scope."""
        return scope in self.scopes or ADMIN in self.scopes


def issue(random: bytes, name: str, scopes: tuple[str, ...], created_at: str, per_minute: int) -> tuple[str, ApiKey]:
    """Return a new key as text, which is never stored, and what to store of it.

    ``random`` are ``ID_BYTES + SECRET_BYTES`` bytes that nobody can guess.
    """
    identity = random[:ID_BYTES].hex()
    secret = base64.urlsafe_b64encode(random[ID_BYTES:]).decode().rstrip("=")
    return f"dl_{identity}_{secret}", ApiKey(identity, name, scopes, digest(secret), created_at, per_minute)


def split(text: str) -> tuple[str, str] | None:
    """Return id and secret of a key, or None where the text is none."""
    match = _KEY.fullmatch(text.strip())
    return (match[1], match[2]) if match else None


def digest(secret: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def encode(key: ApiKey) -> bytes:
    """Return the stored form."""
    return orjson.dumps(asdict(key))


def decode(raw: bytes) -> ApiKey:
    """Return a stored key. Raises ValueError, KeyError or TypeError where it is none."""
    record = orjson.loads(raw)
    return ApiKey(**{**record, "scopes": tuple(record["scopes"])})
