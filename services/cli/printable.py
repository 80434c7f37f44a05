"""Text from strangers made harmless for a terminal."""

from __future__ import annotations

import re
from typing import Final

_COMMANDS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters (ISO 6429), which may move the cursor or write the clipboard, and those that turn the direction of
writing (Unicode Annex 9), which may show another order than there is."""


def printable(text: str) -> str:
    """Return ``text`` with a space for each character that commands a terminal instead of being shown by it."""
    return _COMMANDS.sub(" ", text)
