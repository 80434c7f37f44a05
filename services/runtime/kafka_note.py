"""What a lane leaves beside its committed offset, for whoever opens the partition next.

It stands in the offset's metadata, so it is committed with the answers or not at all:
"tries=3 by=linker-0:4711-17 delay=1.300".
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Note:
    """A lane's note."""

    tries: int = 0
    """Workers that began at this place and left no answer: it may be the message that ends them."""
    by: str = ""
    """The last one of them."""
    delay: timedelta | None = None
    """The least delay with which a message ever came (see ``clock.py``); None where none did."""

    def text(self) -> str:
        """The note as it is committed; empty where it says nothing."""
        words = [f"tries={self.tries}", f"by={self.by}"] if self.tries else []
        if self.delay is not None:
            words.append(f"delay={self.delay.total_seconds():.3f}")
        return " ".join(words)

    def tries_before(self, owner: str) -> int:
        """How many workers died at this place; the same worker's own note does not count."""
        return 0 if self.by == owner else self.tries


def read_note(text: str) -> Note:
    """Return what a note says; words that another version left are passed over."""
    words = dict(word.partition("=")[::2] for word in text.split())
    tries = words.get("tries", "")
    try:
        delay = timedelta(seconds=float(words["delay"]))
    except (KeyError, ValueError, OverflowError):
        delay = None
    return Note(int(tries) if tries.isdigit() else 0, words.get("by", ""), delay)


def owner_name(worker: str, pid: int) -> str:
    """Return the name of this run of a worker, without blanks: "linker-0:4711-1763772000000000000"."""
    return f"{worker}:{pid}-{time.time_ns()}".replace(" ", "_")
