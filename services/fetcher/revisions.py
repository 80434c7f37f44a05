"""Whether a text that was read again says something else. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from services.contracts.ids import derive
from services.fetcher.feed_model import FeedItem

# Lines that change by themselves while the article stays the same: counters, ages, prompts.
_FURNITURE: Final = re.compile(
    r"""^(?:
      \W*\d[\d.,]*\s*[km]?\s*(?:comments?|shares?|views?|likes?|reads?|reactions?|replies)\W*
    | (?:comments?|shares?|views?|likes?|reads?|reactions?|replies)\W*\d[\d.,]*\s*[km]?\W*
    | \W*\d+\s*(?:min(?:ute)?s?\s+(?:read|ago)|hours?\s+ago|days?\s+ago)
    | (?:last\s+)?(?:updated|modified|published|posted)\b.{0,60}
    | (?:read\s+more|see\s+also|also\s+read|related|recommended|sign\s+up|subscribe|share|advertis\w+|sponsored
      |most\s+read)\b(?!.*[.!?]["”’)]?$).{0,120}
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_WORDS: Final = re.compile(r"[^\w$€£¥%]+")


def content_hash(title: str, paragraphs: Iterable[str]) -> str:
    """Return a hash that is equal for texts that read the same: white space, punctuation, letter case and typographic
    variants do not count, nor do lines that tell readers' counts or when the page was updated."""
    words = [normalised(title)]
    words += [normalised(paragraph) for paragraph in paragraphs if not _FURNITURE.match(paragraph)]
    return derive(" ".join(line for line in words if line))


def headline(title: str) -> str:
    """Return a short hash of a title, equal for titles that read the same; "" for none."""
    words = normalised(title)
    return derive("headline", words)[:12] if words else ""


def diff_hash(before: str, after: str) -> str:
    """Return a hash that names an edit by the content hashes around it: equal for the same edit wherever it is made."""
    return derive("diff", before, after)


def normalised(text: str) -> str:
    """Return the words of ``text`` in lower case, one space between them."""
    folded = text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return _NOT_WORDS.sub(" ", folded.replace("’", "").replace("'", "")).strip()


def listing_signature(item: FeedItem) -> str:
    """Return a hash of what the feed says about an item; only when it changes is the article looked at again."""
    updated = item.updated.at.isoformat() if item.updated.at else item.updated.raw
    return derive(item.title, normalised(item.summary), normalised(item.content), updated)[:16]
