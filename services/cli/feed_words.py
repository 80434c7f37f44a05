"""How a feed does, in plain words: for `dateline feeds why`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

_CONDITIONS: Final = {
    "waiting": "It has not been asked yet.",
    "fine": "It is fine.",
    "failing": "It fails, and is asked less and less often until it answers.",
    "quarantined": "It has failed so often that it is asked once a day until it answers.",
    "paused": "It is paused: `dateline feeds resume` polls it again.",
    "retired": "It said three times, over days, that it is gone for good (410), and is asked no more. Remove it; or, "
    "to try again, pause and resume it.",
}
_VALIDATORS: Final = {
    "sent": "asked only for what is new",
    "none": "asked for everything, as the server gave no ETag or date to ask with",
    "withheld": "asked for everything, to see whether the server's ETag tells the truth",
}


def told_feed(feed: Mapping[str, Any], now: datetime) -> str:
    """Return what is known of a feed, as GET /v1/feeds tells it, for a person to read."""
    last = feed.get("last")
    lines = [feed["url"], f"  {_CONDITIONS.get(feed['condition'], feed['condition'])}"]
    if feed["title"]:
        lines.insert(1, f"  {feed['title']}")
    if feed["address"] != feed["url"]:
        lines.append(f"  It has moved for good and is asked at {feed['address']}.")
    if last is not None:
        said = f"status {last['status']}, {last['bytes']:,} bytes" if last["status"] else "no answer"
        lines.append(f"  Last poll: {_when(last['at'], now)}: {last['reason']} ({said}).")
        lines.append(f"    It was {_VALIDATORS.get(last['validators'], last['validators'])}.")
    if feed.get("next_at"):
        because = f", because {feed['next_because']}" if feed["next_because"] else ""
        lines.append(f"  Next poll: {_when(feed['next_at'], now)}{because}.")
    if feed["errors"]:
        since = f" since {_when(feed['failing_since'], now)}" if feed.get("failing_since") else ""
        lines.append(f"  Failures in a row: {feed['errors']}{since}. The last: {feed['last_error']}.")
        if feed.get("last_success_at"):
            lines.append(f"  It last answered {_when(feed['last_success_at'], now)}.")
    if feed.get("items_a_day") is not None:
        newest = f"; the newest is of {_when(feed['newest_at'], now)}" if feed.get("newest_at") else ""
        lines.append(f"  It brings about {feed['items_a_day']:g} items a day{newest}.")
    if feed["gaps"]:
        lines.append(
            f"  Gaps: {feed['gaps']}, the last {_when(feed['last_gap_at'], now)}: a listing shared nothing with the "
            "one before, so items may have been missed; it is polled more often since."
        )
    if feed.get("pushed_until"):
        lines.append(f"  Its hub delivers what is new, until {_when(feed['pushed_until'], now)}.")
    return "\n".join(lines)


def _when(text: str, now: datetime) -> str:
    at = datetime.fromisoformat(text).astimezone(UTC)
    seconds = (at - now).total_seconds()
    span = _span(abs(seconds))
    return f"{at:%Y-%m-%d %H:%M} UTC ({f'in {span}' if seconds >= 0 else f'{span} ago'})"


def _span(seconds: float) -> str:
    for unit, length in (("days", 172_800.0), ("hours", 7200.0), ("minutes", 120.0)):
        if seconds >= length:
            return f"{seconds / (length / 2):.0f} {unit}"
    return f"{seconds:.0f} seconds"
