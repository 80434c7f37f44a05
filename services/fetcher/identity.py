"""Which article an item of a feed is: the same one as before, or a new one. Pure.

Neither name that a feed gives an item can be relied upon alone. A guid may be drawn anew at each request, swap http for
https, or stand at two items; a link may gain trackers, move to AMP or change with the headline. So an item has several
keys, keys that cannot tell items apart are dropped, and an article is recognised by any key it ever had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from services.contracts.ids import derive
from services.fetcher.feed_model import FeedItem
from services.fetcher.web_address import address_key, names_a_document, without_trackers

MIN_GUID: Final = 4
"""Shorter guids are positions in a list ("1", "17") rather than names."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An item's names, the most reliable first. Never empty."""

    keys: tuple[str, ...]

    @property
    def primary(self) -> str:
        return self.keys[0]


def identify(items: Sequence[FeedItem], feed_key: str) -> list[Identity]:
    """Return each item's names; ``feed_key`` keeps the guids of different feeds apart."""
    links = [link_name(item.link) for item in items]
    guids = [guid_name(item.guid, feed_key) for item in items]
    links_of_guid = _spread(guids, links)
    guids_of_link = _spread(links, guids)
    identities = []
    for item, link, guid in zip(items, links, guids, strict=True):
        keys = []
        # One link at items with different guids is a front page or a live blog: it names none of them.
        if link and guids_of_link[link] <= 1:
            keys.append(link)
        # One guid at items with different links is a template's mistake.
        if guid and links_of_guid[guid] <= 1 and guid not in keys:
            keys.append(guid)
        identities.append(Identity(tuple(keys or (link_with_title(item, feed_key),))))
    return identities


def link_with_title(item: FeedItem, feed_key: str) -> str:
    """The name of last resort: what the item says."""
    words = item.title or derive(item.summary, item.content)
    return f"text:{derive(feed_key, address_key(item.link), words, item.published.raw)}"


def recognise(identity: Identity, lineage_of: Callable[[str], str | None]) -> str | None:
    """Return the lineage of the article that had one of these names before; the link, being first, wins."""
    for key in identity.keys:
        lineage = lineage_of(key)
        if lineage is not None:
            return lineage
    return None


def link_name(link: str) -> str:
    """Return the name that an address gives an article; "" where it is the address of none in particular."""
    url = without_trackers(link)
    return f"link:{address_key(url)}" if url and names_a_document(url) else ""


def guid_name(guid: str, feed_key: str) -> str:
    """Return the name that a guid gives an item of a feed; "" where it is too short to name anything."""
    if len(guid) < MIN_GUID:
        return ""
    as_address = address_key(guid) if guid.lower().startswith(("http://", "https://")) else ""
    return f"guid:{feed_key}:{as_address or guid}"


def _spread(names: Sequence[str], others: Sequence[str]) -> Counter[str]:
    return Counter(name for name, _ in {(name, other) for name, other in zip(names, others, strict=True) if name})
