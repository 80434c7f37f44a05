"""The validators of a conditional request, kept and sent back byte for byte (RFC 9110, sections 8.8 and 13.1). Pure.

Servers compare an ETag as a string. Quotes that are missing, a "W/" that is doubled, a date in the wrong form: whatever
the server sent is what it wants to see again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MAX_LENGTH: Final = 1000
_SENDABLE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class Validators:
    """ETag and Last-Modified exactly as received; "" where the server sent none."""

    etag: str = ""
    last_modified: str = ""

    def __bool__(self) -> bool:
        return bool(self.etag or self.last_modified)

    def request_headers(self) -> dict[str, str]:
        """The headers that make a request conditional; none without validators."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


def validators_of(headers: Mapping[str, str]) -> Validators:
    """Return what an answer's headers (lower-case names) offer; what could not be sent back unchanged is left out."""
    return Validators(_kept(headers.get("etag", "")), _kept(headers.get("last-modified", "")))


def _kept(value: str) -> str:
    return value if len(value) <= MAX_LENGTH and _SENDABLE.fullmatch(value) else ""
