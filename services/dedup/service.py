"""Bootstrap of dedup: makes the stage; the runtime gives it messages, a clock and a table."""

from __future__ import annotations

from services.dedup.stage import Dedup


def build() -> Dedup:
    """Return a dedup stage that remembers nothing yet."""
    return Dedup()
