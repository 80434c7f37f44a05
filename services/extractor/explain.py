"""What was read out of an article, together with why: for the person who wonders about a status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.contracts.dateline.v1.article_pb2 import UniqueArticle
from services.contracts.dateline.v1.event_pb2 import Mention
from services.extractor.confidence import DEFAULT_THRESHOLD
from services.extractor.drafts import Draft
from services.extractor.languages import Readers, primary
from services.extractor.mentions import mentions, published_at, reference
from services.extractor.provenance import KEY, word_in_print
from services.extractor.reading import Depth, Note, Text, read
from services.extractor.statuswalk import Reason

_SAYS: Final = {
    "considered": "leaves it open",
    "requested": "asks for it",
    "planned": "sets it for later",
    "agreed": "commits somebody to it",
    "ongoing": "has it going on",
    "denied": "denies or refuses it",
    "cancelled": "calls it off",
    "threatened": "holds it out as a threat",
    "started": "has it begin",
    "ended": "has it end",
    "would": "makes it depend on something",
    "amid": "has it going on meanwhile",
    "hypothetical": "makes it unreal",
    "negation": "negates it",
}
"""What a word does to the event, by its effect."""
_DECIDING: Final = {
    "considered": ("considered", "threatened", "would"),
    "ongoing": ("ongoing", "amid", "started"),
    "occurred": ("started", "ended"),
    "denied": ("denied", "negation"),
    "cancelled": ("cancelled", "ended"),
}
"""Effects that a status comes from, where these are more than the status itself."""
_ASIDE: Final = ("past-progressive",)
"""Effects that outweigh nothing, so that they are not worth telling."""
_CORRECTED: Final = {
    "date": "told like a fact, but its date lies ahead",
    "earlier mention": "as the mention before tells, to which this one refers",
    "later events": "the article tells what came of it",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A mention of an event and what its status was read from."""

    mention: Mention
    why: str
    """One line for a person, the words of the text in quotation marks."""
    sent: bool = True
    """False for what is too unsure to be sent."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an article tells, and what of it was left out."""

    events: tuple[Explained, ...] = ()
    """In reading order."""
    notes: tuple[Note, ...] = ()


def explain(
    unique: UniqueArticle, readers: Readers, depth: Depth, min_confidence: float = DEFAULT_THRESHOLD
) -> Explanation:
    """Return what an article tells, each event with its why; nothing for languages that are not read.

    What is less sure than ``min_confidence`` is among it, and not sent. Raises what reading the article raises.
    """
    article = unique.article
    language = primary(article.language)
    if language not in readers:
        return Explanation()
    text = Text(article.title, article.text, published_at(article), article.source.country)
    (found,) = read([text], readers[language], depth)
    if isinstance(found, Exception):
        raise found
    ref = reference(unique, found.agency)
    told = [
        Explained(each, why(draft), each.confidence >= min_confidence)
        for draft, each in zip(found.drafts, mentions(found.drafts, ref), strict=True)
    ]
    told.sort(key=lambda each: (not each.mention.trigger_span.in_title, each.mention.trigger_span.start))
    return Explanation(tuple(told), found.notes)


def why(draft: Draft) -> str:
    """Return which words decided the status of ``draft``."""
    status = draft.status
    told = _told(draft)
    return f"{told}; announced like this it is a threat" if status.threatened and status.value == "planned" else told


def _told(draft: Draft) -> str:
    status = draft.status
    if status.corrected_by:
        return _CORRECTED[status.corrected_by]
    if not status.reasons:
        return _plain(draft)
    deciding = _DECIDING.get(status.value, (status.value,))
    first = [reason for reason in status.reasons if reason.effect in deciding]
    rest = [reason for reason in status.reasons if reason.effect not in (*deciding, *_ASIDE)]
    if not first:
        return f"{_plain(draft)}, although {_said(rest)}" if rest else _plain(draft)
    return f"{_said(first)}, which outweighs that {_said(rest)}" if rest else _said(first)


def _plain(draft: Draft) -> str:
    """Return why an event counts as a fact where no word says how far along it is."""
    if not draft.trigger.is_noun:
        return f"“{word_in_print(draft.trigger.token)}” is told as a fact"
    carrying = next((word for word in draft.status.path if word.tag_.startswith("VB")), None)
    if draft.status.explicit and carrying is not None:
        return f"“{word_in_print(carrying)}” tells that it took place"
    return "the noun refers to it as a fact"


def _said(reasons: Sequence[Reason]) -> str:
    parts = dict.fromkeys(f"“{_words(reason)}” {_SAYS.get(reason.effect, reason.effect)}" for reason in reasons)
    *head, last = parts
    return f"{', '.join(head)} and {last}" if head else last


def _words(reason: Reason) -> str:
    word = reason.word
    if KEY in word.doc.user_data:
        return word_in_print(word)
    before = next((child for child in word.lefts if child.dep_ == "aux" and child.lower_ == "to"), None)
    return f"{before.text} {word.text}" if before is not None and word.tag_ == "VB" else word.text
