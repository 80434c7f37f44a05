"""When a delivery that failed is tried again, and when a webhook has failed for too long. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

RETRY_AFTER_S: Final = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds after each failed attempt: the schedule that the Standard Webhooks specification proposes, 3 days in all."""

JITTER: Final = 0.2
"""Each wait is up to so much longer, so that a receiver that comes back is not met by everybody at once."""

LONGEST_WAIT_S: Final = 86_400.0
"""A receiver's Retry-After counts up to this."""


def retry_in_s(failures: int, asked_s: float | None, random: Callable[[], float]) -> float | None:
    """Return how long to wait after the ``failures``-th failed attempt (from 1); None: give the message up.

    ``asked_s`` is the receiver's Retry-After: it may lengthen a wait, never shorten it. ``random`` gives 0 to 1.
    """
    if failures > len(RETRY_AFTER_S):
        return None
    wait_s = RETRY_AFTER_S[failures - 1] * (1 + JITTER * random())
    return max(wait_s, min(asked_s, LONGEST_WAIT_S)) if asked_s is not None else wait_s


def retry_after_s(header: str, now: datetime) -> float | None:
    """Return what a Retry-After header asks for (RFC 9110, section 10.2.3); None where it says nothing usable."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)
