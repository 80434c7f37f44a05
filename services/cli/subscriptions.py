"""The feeds of a data folder: the user's own list (feeds.opml) and the lists that `dateline up` was given."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from services.fetcher.subscriptions import Subscription

FEED_FILES: Final = "DATELINE_FEED_FILES"
"""Environment variable with further OPML files, separated as in PATH."""


def own_list(data: Path) -> Path:
    """Where `dateline feeds add` keeps the user's feeds."""
    return data / "feeds.opml"


def read_list(path: Path) -> list[Subscription]:
    """Return the feeds of one OPML file; none where it does not exist. Raises ValueError, OSError."""
    from services.fetcher.opml import OpmlError, read_opml

    try:
        return list(read_opml(path.read_bytes(), str(path)).subscriptions)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise OSError(f"{path} cannot be read ({error.strerror}): give it back, or set DATELINE_DATA") from error
    except OpmlError as error:
        raise ValueError(str(error)) from error


def write_list(path: Path, subscriptions: Sequence[Subscription]) -> None:
    """Replace an OPML file in one step, so that the fetcher never reads half of it. Raises OSError."""
    from services.fetcher.opml import write_opml

    document = write_opml(subscriptions, "Dateline feeds")
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(document)
        fresh.replace(path)
    except OSError as error:
        raise OSError(f"{path} cannot be written ({error.strerror}): set DATELINE_DATA to a folder of yours") from error


def subscribed_feeds(data: Path) -> list[Subscription]:
    """Return every feed to poll; of one that stands in several lists the first counts. Raises ValueError, OSError."""
    named = [Path(part) for part in os.environ.get(FEED_FILES, "").split(os.pathsep) if part]
    feeds: dict[str, Subscription] = {}
    for path in (*named, own_list(data)):
        for subscription in read_list(path):
            feeds.setdefault(subscription.url, subscription)
    return list(feeds.values())
