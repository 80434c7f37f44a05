"""What newsrooms print around the news, read from ``boilerplate.tsv``: credits, captions, "declined to comment".

None of it tells of an event, yet its words are those of events: "respond", "declined", "Sign up", a file photo of an
arrest long ago.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from services.extractor.tables import rows

_Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """One row of the table."""

    scope: str
    """words: only what matches tells nothing; sentence, paragraph: all of it is left out."""
    hint: str
    """Lower-case text without which the pattern cannot match."""
    pattern: re.Pattern[str]


@cache
def agencies() -> dict[str, str]:
    """Return every name of a news or picture agency, as texts write it, with its kind: news or pictures."""
    found: dict[str, str] = {}
    for names, _, kind in rows("actors/agencies.tsv", columns=3):
        found |= dict.fromkeys(names.split(";"), kind)
    return found


def _alternatives(kinds: tuple[str, ...]) -> str:
    return "|".join(re.escape(name) for name, kind in agencies().items() if kind in kinds)


@cache
def boilerplate() -> tuple[Boilerplate, ...]:
    """Return the table, read once.

    Raises ValueError, naming the row, for a pattern that does not match its own example.
    """
    found = []
    for scope, hint, text, example in rows("en/boilerplate.tsv", columns=4):
        text = text.replace("{agency}", _alternatives(("news", "pictures")))
        pattern = re.compile(text.replace("{pictures}", _alternatives(("pictures",))), re.IGNORECASE)
        if hint not in example.lower() or pattern.search(example) is None:
            raise ValueError(f"boilerplate.tsv, row of {hint!r}: hint and pattern do not match the example {example!r}")
        found.append(Boilerplate(scope, hint, pattern))
    return tuple(found)


def hinted(text: str) -> tuple[Boilerplate, ...]:
    """Return the rows that may match somewhere in ``text``; for a text of news usually none."""
    lower = text.lower()
    return tuple(row for row in boilerplate() if row.hint in lower)


def matches(text: str, scope: str, rows_hinted: tuple[Boilerplate, ...]) -> bool:
    """True where a row of ``scope`` among those hinted at matches in ``text``."""
    return any(row.scope == scope and row.pattern.search(text) is not None for row in rows_hinted)


def mute_words(text: str, rows_hinted: tuple[Boilerplate, ...]) -> _Spans:
    """Return the spans of ``text`` whose words name no event, as offsets [start, end)."""
    return tuple(match.span() for row in rows_hinted if row.scope == "words" for match in row.pattern.finditer(text))
