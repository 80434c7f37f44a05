"""A subscription: the address of a feed and what the user noted beside it."""

from __future__ import annotations

from dataclasses import dataclass

from services.runtime.outbound_rules import UrlRefused, parse_target


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed to poll. Two subscriptions are of the same feed when their ``url`` is equal."""

    url: str
    title: str = ""
    category: str = ""
    """Where it stands in the list, "Region/Africa"; empty at the top."""
    sample: bool = False
    """True for a feed of the fictional sample newsroom."""
    tags: tuple[str, ...] = ()
    """Further places where it stands in the list, written as ``category``."""
    paused: bool = False
    """True while its user wants it left alone."""

    @property
    def places(self) -> tuple[str, ...]:
        """Every place where it stands in the list, each once."""
        return tuple(dict.fromkeys(place for place in (self.category, *self.tags) if place))


def valid_feed_url(text: str) -> str:
    """Return the address of a feed as it is kept: normalised, without fragment.

    "feed:" addresses and a missing scheme, as people paste them, are understood. Raises ValueError saying what to do.
    """
    url = text.strip()
    lower = url.lower()
    if lower.startswith("feed://"):
        url = "https://" + url[len("feed://") :]
    elif lower.startswith(("feed:http:", "feed:https:")):
        url = url[len("feed:") :]
    elif "://" not in url and "." in url.partition("/")[0]:
        url = "https://" + url
    try:
        return parse_target(url).url
    except UrlRefused as error:
        raise ValueError(f"not a feed address: {error}") from error
