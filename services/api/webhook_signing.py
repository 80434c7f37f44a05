"""Signatures of webhooks after the Standard Webhooks specification 1.0: https://www.standardwebhooks.com

Version 1 is HMAC-SHA256 over ``<id>.<timestamp>.<body>``. While a secret is being replaced a message carries one
signature for each, so that a receiver may take up the new one whenever it likes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

PREFIX: Final = "whsec_"
LEAST_BYTES: Final = 24
MOST_BYTES: Final = 64
"""What the specification asks of a secret's length."""
NEW_BYTES: Final = 32


def format_secret(key: bytes) -> str:
    """Return a secret as people handle it."""
    return PREFIX + base64.b64encode(key).decode()


def parse_secret(text: str) -> bytes:
    """Return the key of a secret. Raises ValueError where it is none or too short; the text does not repeat it."""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"is no secret: write {PREFIX} and base64 of {LEAST_BYTES} to {MOST_BYTES} bytes") from error
    if not text.startswith(PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"is no secret: write {PREFIX} and base64 of {LEAST_BYTES} to {MOST_BYTES} random bytes")
    return key


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Return one signature. ``timestamp`` is in seconds since 1970."""
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signed_headers(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Return the headers of a message, with a signature for each secret."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(parse_secret(secret), message_id, timestamp, body) for secret in secrets),
    }
