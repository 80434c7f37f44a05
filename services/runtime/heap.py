"""How Python's garbage collector is told of a heap that stays: state that was loaded, and messages that come and go."""

from __future__ import annotations

import gc
from typing import Final

THRESHOLDS: Final = (20_000, 20, 50)
"""Objects made, less those dropped, before the youngest are looked through, and how often older ones are (``gc``).

A message makes some thousand objects, nearly all of which are dropped without the collector's help. At Python's own 700
it looked through them with every message: a twentieth to an eighth of a linker's time.
"""


def settle() -> None:
    """Leave what is held now out of every later collection, and collect less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
