"""Opaque cursors: where a page ended, bound to the filters it was read with."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

import xxhash

_MEMBER: Final = re.compile(r"[0-9a-f]{14}:.{1,64}", re.DOTALL)
_SEPARATOR: Final = "|"


class CursorError(ValueError):
    """A cursor cannot be used; the text says why and what to do."""


def encode(member: str, filters: str) -> str:
    """Return the cursor that continues after ``member``. ``filters`` identifies the query it belongs to."""
    text = f"{_digest(filters)}{_SEPARATOR}{member}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, filters: str) -> str:
    """Return the member after which to continue. Raises CursorError for a foreign cursor or one of another query."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeError, ValueError):
        text = ""
    digest, _, member = text.partition(_SEPARATOR)
    if not _MEMBER.fullmatch(member):
        raise CursorError("not a cursor of this API: pass next_cursor of the page before unchanged, or leave it out")
    if digest != _digest(filters):
        raise CursorError("belongs to a query with other filters: repeat the filters it came with, or leave it out")
    return member


def _digest(filters: str) -> str:
    return str(xxhash.xxh3_64_hexdigest(filters.encode()))
