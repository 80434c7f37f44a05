"""How the feeds do, as the board's page of feeds shows it: troubled ones first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.api.phrases import instant

CONDITIONS: Final = ("quarantined", "failing", "retired", "waiting", "fine", "paused")
"""In the order in which people want to see them."""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed, in words."""

    url: str
    title: str
    condition: str
    happened: str
    """What happened at the last poll."""
    happened_at: str
    next_at: str
    next_because: str
    gaps: str
    pace: str
    sample: bool


def feed_rows(feeds: Iterable[Mapping[str, Any]]) -> list[FeedRow]:
    """Return the rows, those that need attention first, then by address."""
    ordered = sorted(feeds, key=lambda feed: (_rank(feed), feed["url"]))
    return [_row(feed) for feed in ordered]


def _rank(feed: Mapping[str, Any]) -> int:
    condition = feed["condition"]
    return CONDITIONS.index(condition) if condition in CONDITIONS else len(CONDITIONS)


def _row(feed: Mapping[str, Any]) -> FeedRow:
    last = feed.get("last") or {}
    status = f" ({last['status']})" if last.get("status") else ""
    moved = f" Asked at its new address {feed['address']}." if feed["address"] != feed["url"] else ""
    return FeedRow(
        url=feed["url"],
        title=feed["title"] or feed["url"],
        condition=feed["condition"],
        happened=(last.get("reason") or "not asked yet") + status + "." + moved,
        happened_at=instant(last["at"]) if last.get("at") else "",
        next_at=instant(feed["next_at"]) if feed.get("next_at") else "",
        next_because=feed["next_because"],
        gaps=f"{feed['gaps']}, last {instant(feed['last_gap_at'])}" if feed["gaps"] else "",
        pace=f"{feed['items_a_day']:g} a day" if feed.get("items_a_day") is not None else "",
        sample=bool(feed["sample"]),
    )
