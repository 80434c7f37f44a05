"""Whether a text is the article, a part of it, or something that stands in its way. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

FULL_WORDS: Final = 80
"""Fewer words than that are seldom an article; the shortest agency reports have about a hundred."""
GATE_WORDS: Final = 250
"""A consent or paywall phrase in a text longer than this is part of an article about such things."""
SHOWN_SHARE: Final = 0.6
"""A page that shows less than this share of the words that its article has shows a part of it. Counts differ by what
counts as a word and by captions and notes: the whole texts of five pages whose count is known have .86 to .99 of it."""
WALL_CHARACTERS: Final = 200
"""How near to the end of a text the phrase of a paywall ends it."""
SHOWN_WORDS: Final = 250
"""A page that says it is not free and shows fewer words than this shows a teaser."""

_TEASER_END: Final = re.compile(
    r"(?:\[(?:…|\.\.\.|&hellip;)\]|…|\.\.\."
    r"|\b(?:read|continue|see|view|full)\s+(?:more|reading|the\s+(?:full|rest)|full\s+(?:story|article)|story|article)"
    r"\b.{0,60}|\bmore\s*(?:»|>|→)?)\s*$",
    re.IGNORECASE,
)
_APPEARED_FIRST: Final = re.compile(
    r"^(?:the post .{0,300} (?:appeared first on|first appeared on)|source\s*:\s*https?:).{0,300}$", re.IGNORECASE
)
_MORE_LINK: Final = re.compile(
    r"^\W*(?:read|continue|see|view) (?:more|reading|full story|the full).{0,120}$|^\W*more\W*$", re.IGNORECASE
)


def word_count(paragraphs: Sequence[str]) -> int:
    """Number of words in all paragraphs."""
    return sum(len(paragraph.split()) for paragraph in paragraphs)


def is_teaser(paragraphs: Sequence[str]) -> bool:
    """True where the text says itself that there is more elsewhere, or is too short to be an article."""
    if word_count(paragraphs) < FULL_WORDS:
        return True
    return _TEASER_END.search(paragraphs[-1][-200:]) is not None and word_count(paragraphs) < 4 * FULL_WORDS


def without_feed_tail(paragraphs: Sequence[str]) -> list[str]:
    """Drop the last lines that publishing systems append to an item ("The post … appeared first on …", "Read more")."""
    kept = list(paragraphs)
    while kept and (_APPEARED_FIRST.match(kept[-1]) or _MORE_LINK.match(kept[-1])):
        kept.pop()
    return kept


def of_page(
    paragraphs: Sequence[str], free: bool | None, visible_text: str, declared_words: int = 0, end: str = ""
) -> str:
    """Return what the text read from a page is: full, teaser, paywalled or consent-page.

    ``free`` is what the page itself says (isAccessibleForFree), ``visible_text`` the beginning of all its text,
    ``declared_words`` the length that it says the article has (wordCount), 0 where it says nothing, ``end`` how the
    text ends before prompts are taken out of it.
    """
    words = word_count(paragraphs)
    text = " ".join(paragraphs)
    if words < SHOWN_SHARE * declared_words:
        return "paywalled" if free is False or _stands("paywall", visible_text) else "teaser"
    if words < GATE_WORDS:
        around = visible_text if words < FULL_WORDS else text
        short = words < FULL_WORDS // 2
        if _stands("consent", text) or _stands("challenge", around) or (short and _stands("consent", around)):
            return "consent-page"
        if free is False or _stands("paywall", around):
            return "paywalled"
    # A text of any length that ends in front of a wall.
    walled = free is not True and _stands("paywall", (end or text)[-WALL_CHARACTERS:])
    if walled or (free is False and words < SHOWN_WORDS):
        return "paywalled"
    return "teaser" if is_teaser(paragraphs) else "full"


def _stands(kind: str, text: str) -> bool:
    """True where a phrase of that kind stands in the text."""
    return _phrases()[kind].search(text) is not None


@cache
def _phrases() -> dict[str, re.Pattern[str]]:
    patterns: dict[str, list[str]] = {}
    lines = files("services.fetcher").joinpath("gate_phrases.tsv").read_text("utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 3 or columns[0] not in ("consent", "challenge", "paywall"):
            raise ValueError(f"gate_phrases.tsv, line {number}: kind, language and pattern are expected: {line!r}")
        patterns.setdefault(columns[0], []).append(columns[2])
    return {kind: re.compile(rf"(?<!\w)(?:{'|'.join(rows)})(?!\w)", re.IGNORECASE) for kind, rows in patterns.items()}
