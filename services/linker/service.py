"""Where the linker is plugged together. It has no effects of its own: the runtime feeds and stores."""

from __future__ import annotations

from services.linker.activity import Memory
from services.linker.stage import DEFAULT_MEMORY, Linker


def build(memory: Memory = DEFAULT_MEMORY) -> Linker:
    """Return a linker with an empty table, for the runtime to load and feed."""
    return Linker(memory)
