"""How long news takes to be told: from the stream of changes, whose ids say when each was written. Pure.

A change carries when the report behind it was first seen, and a new event when its first report was published. Between
that and the writing lies the delay of the stages, and of polling too. Changes that time alone brings are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from services.contracts.event_index import instant_us

OVER_S: Final = 600
"""Seconds before now whose changes count."""

MOST: Final = 200
"""Changes that are looked at, the latest ones: some 3 ms."""

_BY_TIME: Final = frozenset((b"overdue", b"activity-changed"))
_KIND: Final = re.compile(rb'"kind":"([^"]*)"')
_AT: Final = re.compile(rb'"at":"([^"]*)"')
_FIRST_TOLD: Final = re.compile(rb'"first_told_at":"([^"]*)"')

Json = dict[str, Any]


def lag(entries: Iterable[tuple[int, bytes]]) -> Json:
    """Return delays in seconds of changes, given as the millisecond in which each was written and its JSON.

    The JSON is that of ``representation.change_message``: the change's own members stand before the event's, and quotes
    inside of texts are escaped, so that the first match is the one meant.
    """
    seen, published = [], []
    for written_ms, text in entries:
        kind = _first(_KIND, text)
        if kind in _BY_TIME:
            continue
        at_us = _instant(_first(_AT, text))
        if at_us is not None:
            seen.append(written_ms / 1_000 - at_us / 1e6)
        told_us = _instant(_first(_FIRST_TOLD, text)) if kind == b"created" else None
        if told_us is not None:
            published.append(written_ms / 1_000 - told_us / 1e6)
    return {"over_s": OVER_S, "since_seen": _spread(seen), "since_published": _spread(published)}


def _spread(delays: Sequence[float]) -> Json | None:
    """Return the median, the 95th percentile and the greatest; None of nothing. A clock that is behind counts as 0."""
    if not delays:
        return None
    ordered = sorted(max(0.0, each) for each in delays)
    p50, p95 = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.95))
    return {"count": len(ordered), "p50_s": round(p50, 3), "p95_s": round(p95, 3), "max_s": round(ordered[-1], 3)}


def _first(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    found = pattern.search(text)
    return found[1] if found else b""


def _instant(text: bytes) -> int | None:
    try:
        return instant_us(text.decode()) if text else None
    except ValueError:
        return None
