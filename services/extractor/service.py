"""Puts the extractor together; the runtime does the rest."""

from __future__ import annotations

from services.extractor.reading import Depth
from services.extractor.stage import Extractor


def build(depth: Depth = "full") -> Extractor:
    """Return the extractor at ``depth``: "full" reads whole articles, "lead" title and first sentences.

    Raises OSError, naming the extra to install, where the language pipeline is missing.
    """
    return Extractor(depth)
