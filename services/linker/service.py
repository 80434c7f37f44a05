"""Where the linker is plugged together. It has no settings and no effects of its own: the runtime feeds and stores."""

from __future__ import annotations

from services.linker.stage import Linker


def build() -> Linker:
    """Return a linker with an empty table, for the runtime to load and feed."""
    return Linker()
