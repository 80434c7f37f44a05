"""Dates as feeds and pages write them: read where they are plain, refused where they are not. Pure.

A wrong date is worse than none: it decides how "Tuesday" in the text is understood. So nothing is guessed, what stood
there is always kept, and a date that cannot be (1970, next year) counts as unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""Before the web: such a date is a default value that slipped out (1970-01-01, 0001-01-01)."""
AHEAD: Final = timedelta(hours=24)
"""How far a date may lie ahead: clocks are wrong and local times are labelled GMT, by up to 14 hours and a bit."""
MAX_RAW: Final = 100

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
            "sep sept september", "oct october", "nov november", "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
# RFC 5322, section 4.3, and the abbreviations that newsrooms of the English-speaking world use. Hours and minutes.
_ZONES: Final = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 60, "ist": 330, "cet": 60, "cest": 120, "west": 60,
    "eet": 120, "eest": 180, "msk": 180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420,
    "mdt": -360, "pst": -480,
    "pdt": -420, "akst": -540, "akdt": -480, "hst": -600, "ast": -240, "adt": -180, "nst": -210, "ndt": -150,
    "jst": 540, "kst": 540, "hkt": 480, "sgt": 480, "aest": 600,
    "aedt": 660, "acst": 570, "acdt": 630, "awst": 480, "nzst": 720,
    "nzdt": 780, "sast": 120, "eat": 180, "wat": 60, "cat": 120, "pkt": 300, "wib": 420,
}  # fmt: skip
_TIME: Final = r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<ap>[ap]\.?m\.?)?"
_ZONE: Final = r"(?:\s*(?P<z>[+-]\d{2}:?\d{2}|[+-]\d{2}|[A-Za-z]{1,5})(?:\s*\([^)]*\))?)?"
_FORMS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2025-02-11T18:00:00+02:00, 2025-02-11 18:00, 20250211T180000Z, 2025-02-11
        r"(?P<y>\d{4})-?(?P<m>\d{2})-?(?P<d>\d{2})"
        r"(?:[T\s]+(?P<h>\d{2}):?(?P<mi>\d{2})(?::?(?P<s>\d{2})(?:[.,]\d+)?)?)?(?P<ap>)" + _ZONE,
        # Tue, 11 Feb 2025 18:00:00 GMT
        r"(?:[a-z]{3,9}\.?,?\s*)?(?P<d>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?P<n>[a-z]{3,9})"
        r"\.?,?[\s-]+(?P<y>\d{4}|\d{2})(?:,?\s+" + _TIME + _ZONE + ")?",
        # Tue Feb 11 18:00:00 2025 (asctime), February 11, 2025 6:00 pm EST
        r"(?:[a-z]{3,9}\.?,?\s+)?(?P<n>[a-z]{3,9})\.?\s+"
        r"(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})(?:,?\s+(?:at\s+)?" + _TIME + _ZONE + ")?",
        r"(?:[a-z]{3,9}\.?,?\s+)?(?P<n>[a-z]{3,9})\s+(?P<d>\d{1,2})\s+(?P<h>\d{2}):(?P<mi>\d{2}):(?P<s>\d{2})(?P<ap>)"
        + _ZONE
        + r"\s+(?P<y>\d{4})",
    )
)
_EPOCH: Final = re.compile(r"\d{10}|\d{13}")


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as it stood somewhere. ``at`` is None where it could not be read or cannot be true."""

    raw: str = ""
    at: datetime | None = None
    confidence: float = 0.0
    """How far ``at`` can be trusted, 0 to 1: one of EXACT, NO_ZONE, DAY_ONLY, CLAMPED; 0 without ``at``."""


EXACT: Final = 1.0
NO_ZONE: Final = 0.7
"""Taken as UTC; the publisher's clock may stand up to 14 hours from it."""
DAY_ONLY: Final = 0.5
CLAMPED: Final = 0.3
"""It lay ahead, so it became the instant at which it was seen."""


def read_date(text: str) -> datetime | None:
    """Return the instant that ``text`` names, in UTC; a time without zone is taken as UTC. None where it is no date."""
    return _read(text)[0]


def _read(text: str) -> tuple[datetime | None, float]:
    text = " ".join(text.split())
    if not text or len(text) > MAX_RAW:
        return None, 0.0
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC), EXACT
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            part = match.groupdict()
            return _instant(part), DAY_ONLY if part["h"] is None else EXACT if part["z"] else NO_ZONE
    return None, 0.0


def dated(text: str, now: datetime) -> Dated:
    """Return what ``text`` says, as known at ``now``: dates before the web and in the future count as unknown."""
    at, confidence = _read(text)
    raw = " ".join(text.split())[:MAX_RAW]
    if at is None or not EARLIEST <= at <= now + AHEAD:
        return Dated(raw)
    # The publisher's clock may run ahead of ours; nothing is published after it was seen.
    return Dated(raw, now, CLAMPED) if at > now else Dated(raw, at, confidence)


def _instant(part: dict[str, str | None]) -> datetime | None:
    month = int(part["m"] or 0) if "m" in part else _MONTHS.get((part["n"] or "").lower(), 0)
    year = int(part["y"] or 0)
    if len(part["y"] or "") == 2:  # RFC 5322, section 4.3
        year += 2000 if year < 50 else 1900
    hour = int(part["h"] or 0)
    if part["ap"]:
        hour = hour % 12 + (12 if part["ap"].lower().startswith("p") else 0)
    zone = _offset(part["z"] or "")
    if zone is None:
        return None
    carry = timedelta(days=1) if hour == 24 else timedelta()
    try:
        local = datetime(
            year, month, int(part["d"] or 0), hour % 24 if carry else hour, int(part["mi"] or 0), tzinfo=zone
        )
        seconds = min(int(part["s"] or 0), 59)  # a leap second
        return (local.replace(second=seconds) + carry).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _offset(text: str) -> timezone | None:
    if not text:
        return UTC
    if text[0] in "+-":
        digits = text[1:].replace(":", "").ljust(4, "0")
        minutes = int(digits[:2]) * 60 + int(digits[2:])
        return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes)) if minutes < 1440 else None
    minutes_east = _ZONES.get(text.lower())
    return None if minutes_east is None else timezone(timedelta(minutes=minutes_east))
