"""What belongs to the page and not to the article, though it stands among its paragraphs. Pure.

It matters more than it seems: a promotion is the headline of another event, and a reader of the text would take it for
a part of this one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

EMBEDS: Final = tuple(
    f"//{tag}[contains(@class, '{name}')]"
    for tag, name in (
        ("blockquote", "twitter-tweet"),
        ("blockquote", "twitter-video"),
        ("blockquote", "instagram-media"),
        ("blockquote", "tiktok-embed"),
        ("blockquote", "reddit-"),
        ("blockquote", "bluesky-embed"),
        ("div", "fb-post"),
    )
)
"""XPath of what social networks' embedding codes put into a page, by the classes those codes prescribe."""

MORE_ENDS_WITH_WORDS: Final = 45
"""After a heading such as "More from us" come teasers; a paragraph longer than this is the article going on."""

_LINE: Final = re.compile(
    r"""^\W*(?:
      advertisement | advertising | story\s+continues\s+below.* | article\s+continues\s+(?:below|after).*
    | scroll\s+to\s+continue.* | (?:read|see|watch|listen)\s*(?:more|also|next|now)?\s*:.{0,200} | read\s+next
    | table\s+of\s+contents | sign\s+up\s+(?:for|to|here)\b.{0,200} | subscribe\s+(?:to|for|now|here)\b.{0,200}
    | follow\s+(?:us|\w+)\s+on\b.{0,120} | click\s+here\b.{0,200} | (?:share|print|email|comments?|save|loading)\W*
    | (?:photo|image|picture|file\s+photo)\s*(?:by|credit|:).{0,200} | \[\d+/\d+\].{0,400}
    | get\s+(?:our|the)\b.{0,60}\b(?:newsletter|app|inbox)\b.{0,120} | .{0,100}\bin\s+your\s+inbox\b.{0,100}
    | (?:copyright|©).{0,200} | our\s+standards\s*:.{0,120} | (?:purchase\s+)?licensing\s+rights\W*
    | (?:additional\s+)?reporting\s+by\b.{0,300}\b(?:editing|writing)\s+by\b.{0,200}
    | if\s+you\s+(?:buy|click|purchase)\b.{0,120}\bcommission\b.{0,200} | \+\+\+.{0,40} | \{:.{0,80}\}
    )?[\W_]*$""",
    re.IGNORECASE | re.VERBOSE,
)
_MORE: Final = re.compile(
    r"""^\W*(?:more\s+from\b.{0,60} | popular | trending(?:\s+now)? | most\s+(?:read|popular|viewed)
    | (?:related|recommended)(?:\s+(?:stories|articles|coverage|reading|content|for\s+you|topics|news))?
    | (?:you\s+(?:may|might)\s+(?:also\s+)?like|also\s+(?:read|on)|up\s+next|editors?\W{0,2}s?\s+picks?)\b.{0,60}
    )\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
# Hidden hints for screen readers and Markdown that a publishing system forgot to render.
_HINT: Final = re.compile(r",? ?\b(?:opens|opens in) (?:a )?new (?:tab|window)\b", re.IGNORECASE)
_MARKDOWN_LINK: Final = re.compile(r"\[([^\]\[]{1,300})\]\(https?://[^)\s]{1,500}\)(?:\{:[^}]{0,60}\})?")
_MARKDOWN_CLASS: Final = re.compile(r"\*([^*]{1,100})\*\{:[^}]{0,60}\}")


def without_furniture(lines: Sequence[str]) -> list[str]:
    """Return the paragraphs of the article, cleaned; a paragraph that stands there twice is kept once."""
    kept: list[str] = []
    seen: set[str] = set()
    for line in _without_more(lines):
        text = _MARKDOWN_CLASS.sub(r"\1", _MARKDOWN_LINK.sub(r"\1", _HINT.sub("", line))).removeprefix("- ").strip()
        # A page repeats its pull quotes and captions; a paragraph of any length stands once in an article.
        if _LINE.match(text) or _said_twice(text) or (len(text) > 40 and text in seen):
            continue
        seen.add(text)
        kept.append(text)
    return kept


def _without_more(lines: Sequence[str]) -> list[str]:
    """Drop each "More from us" heading with the teasers below it, up to the next real paragraph."""
    kept: list[str] = []
    skipping = False
    for line in lines:
        # With a colon it introduces what follows, as in "More from the broadcaster:".
        if _MORE.match(line) and not line.rstrip().endswith(":"):
            skipping = True
        elif skipping and len(line.split()) > MORE_ENDS_WITH_WORDS:
            skipping = False
        if not skipping:
            kept.append(line)
    return kept


def _said_twice(line: str) -> bool:
    """True for a headline that a linked picture repeats on the same line."""
    words = line.split()
    half = len(words) // 2
    return half >= 3 and len(words) % 2 == 0 and words[:half] == words[half:]
