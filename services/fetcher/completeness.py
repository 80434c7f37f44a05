"""Whether a text is the article, a part of it, or something that stands in its way. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

FULL_WORDS: Final = 80
"""Fewer words than that are seldom an article; the shortest agency reports have about a hundred."""
GATE_WORDS: Final = 250
"""A consent or paywall phrase in a text longer than this is part of an article about such things."""
SHOWN_WORDS: Final = 250
"""A page that says it is not free and shows fewer words than this shows a teaser."""

_TEASER_END: Final = re.compile(
    r"(?:\[(?:…|\.\.\.|&hellip;)\]|…|\.\.\."
    r"|\b(?:read|continue|see|view|full)\s+(?:more|reading|the\s+(?:full|rest)|full\s+(?:story|article)|story|article)"
    r"\b.{0,60}|\bmore\s*(?:»|>|→)?)\s*$",
    re.IGNORECASE,
)
_CONSENT: Final = re.compile(
    r"\b(?:we (?:and our (?:\d+ )?partners )?(?:use|store|process) (?:cookies|and/or access|your (?:data|personal))|"
    r"(?:accept|reject|manage) (?:all|cookies)|your privacy choices|consent to (?:the )?(?:use|processing)|"
    r"before you continue to|"
    r"cookie (?:policy|settings|preferences)|we value your privacy|we care about your privacy)\b",
    re.IGNORECASE,
)
_CHALLENGE: Final = re.compile(
    r"\b(?:just a moment|checking your browser|enable javascript(?: and cookies)?|are you a robot|"
    r"verify (?:that )?you are (?:a )?human|"
    r"unusual (?:traffic|activity) from|access (?:to this page has been )?denied|please turn (?:on )?javascript)\b",
    re.IGNORECASE,
)
_PAYWALL: Final = re.compile(
    r"\b(?:subscribe (?:now |today )?(?:to|for) (?:continue|read|unlock|full|unlimited|keep)|"
    r"already a (?:subscriber|member)|"
    r"subscribers? only|(?:log|sign) in to (?:continue|read)|to (?:continue|keep) reading|"
    r"this (?:article|content|story) is (?:for|only available to|exclusive to|reserved for)|"
    r"exclusively for (?:subscribers|members)|free articles? (?:left|remaining)|become a (?:member|subscriber) to read|"
    r"create (?:a free|an) account to)\b",
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


def of_page(paragraphs: Sequence[str], free: bool | None, visible_text: str) -> str:
    """Return what the text read from a page is: full, teaser, paywalled or consent-page.

    ``free`` is what the page itself says (isAccessibleForFree), ``visible_text`` the beginning of all its text.
    """
    words = word_count(paragraphs)
    text = " ".join(paragraphs)
    if words < GATE_WORDS:
        around = visible_text if words < FULL_WORDS else text
        if _CONSENT.search(text) or _CHALLENGE.search(around) or (words < FULL_WORDS // 2 and _CONSENT.search(around)):
            return "consent-page"
        if free is False or _PAYWALL.search(around):
            return "paywalled"
    if free is False and words < SHOWN_WORDS:
        return "paywalled"
    return "teaser" if is_teaser(paragraphs) else "full"
