"""What `dateline doctor` says of each thing it looks at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``advice`` says what to do where it is not well."""

    subject: str
    well: bool
    found: str
    advice: str = ""


def dead_letters_finding(count: int) -> Finding:
    """Return what is to be said of so many dead letters."""
    advice = "Look at them with `dateline dead-letters list`, and replay them once the cause is gone."
    return Finding("dead letters", not count, str(count) if count else "none", advice)
