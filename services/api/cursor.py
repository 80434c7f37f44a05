"""Opaque cursors: where a page ended, bound to the filters it was read with."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

import xxhash

Place = tuple[str, str]
"""Score and member of the last event of a page, as Redis writes them."""

_PLACE: Final = re.compile(r"(-?[0-9.e+-]{1,30}) (\d{1,10}(?::\d{1,10})?)")
_SEPARATOR: Final = "|"


class CursorError(ValueError):
    """A cursor cannot be used; the text says why and what to do."""


def encode(place: Place, filters: str) -> str:
    """Return the cursor that continues after ``place``. ``filters`` identifies the query it belongs to."""
    text = f"{_digest(filters)}{_SEPARATOR}{place[0]} {place[1]}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, filters: str) -> Place:
    """Return the place after which to continue. Raises CursorError for a foreign cursor or one of another query."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeError, ValueError):
        text = ""
    digest, _, place = text.partition(_SEPARATOR)
    match = _PLACE.fullmatch(place)
    if match is None or not _is_number(match[1]):
        raise CursorError("not a cursor of this API: pass next_cursor of the page before unchanged, or leave it out")
    if digest != _digest(filters):
        raise CursorError("belongs to a query with other filters: repeat the filters it came with, or leave it out")
    return match[1], match[2]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _digest(filters: str) -> str:
    return str(xxhash.xxh3_64_hexdigest(filters.encode()))
