"""Reading articles: from text to settled drafts, many articles at a time, parsing only what can hold an event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from spacy.tokens import Doc

from services.extractor.actors import ActorResolver
from services.extractor.arguments import is_proper, objects, widen
from services.extractor.drafts import Context, Draft, draft
from services.extractor.languages import Reader
from services.extractor.merging import settle
from services.extractor.provenance import as_printed
from services.extractor.sentences import LEAD_SENTENCES, Sentence, sentences, title_sentence
from services.extractor.times import TimeSpan, find_times
from services.extractor.triggers import Trigger, find

Depth = Literal["full", "lead"]
_HELD: Final = frozenset(
    {"release", "arrest", "sentencing", "charge", "prisoner-exchange", "hostage-taking", "conviction"}
)
_ANYBODY: Final = None
_LEANING = re.compile(r"\b(?:next|later|earlier|previous|following|same|that|day before|day after)\b", re.IGNORECASE)
"""Words of expressions that lean on a date told before: "the next day"."""
_HISTORY: Final = 2
"""An expression such as "the next day" leans on the date of one of this many sentences before."""


@dataclass(frozen=True, slots=True)
class Text:
    """What is read of one article."""

    title: str
    body: str
    published: datetime
    country: str = ""
    """ISO 3166-1 alpha-3 of its publisher; empty where unknown."""


@dataclass(slots=True)
class _Page:
    """One article on its way through the passes."""

    text: Text
    sentences: list[Sentence]
    docs: list[Doc | None]
    """The parse of each sentence that may hold an event."""
    live: list[int] = field(default_factory=list)
    """Numbers of the sentences whose parse confirmed a trigger."""


def _open(text: Text, depth: Depth) -> _Page:
    title = title_sentence(text.title)
    body = sentences(text.body, LEAD_SENTENCES if depth == "lead" else None)
    found = ([title] if title is not None else []) + body
    return _Page(text, found, [None] * len(found))


def read(texts: Sequence[Text], parser: Reader, depth: Depth) -> list[list[Draft] | Exception]:
    """Return the events each text tells of, or why it could not be read; one bad text does not spoil the others."""
    pages: list[_Page | Exception] = []
    for text in texts:
        try:
            pages.append(_open(text, depth))
        except Exception as error:  # a hostile text must not take the batch with it
            pages.append(error)
    good = [page for page in pages if isinstance(page, _Page)]
    try:
        _parse(good, parser)
    except Exception:
        return [_alone(page, parser) if isinstance(page, _Page) else page for page in pages]
    return [_finish(page, parser) if isinstance(page, _Page) else page for page in pages]


def _alone(page: _Page, parser: Reader) -> list[Draft] | Exception:
    try:
        _parse([page], parser)
    except Exception as error:
        return error
    return _finish(page, parser)


def _parse(pages: Sequence[_Page], parser: Reader) -> None:
    places = [
        (page, number)
        for page in pages
        for number, sentence in enumerate(page.sentences)
        if parser.may_hold(sentence.text)
    ]
    docs = parser.parse([page.sentences[number].text for page, number in places])
    for (page, number), doc in zip(places, docs, strict=True):
        page.docs[number] = doc
    live = []
    for page in pages:
        page.live = [number for number, doc in enumerate(page.docs) if doc is not None and find(doc, _ANYBODY)]
        live += [doc for number in page.live if (doc := page.docs[number]) is not None]
    parser.enrich(live)


def _finish(page: _Page, parser: Reader) -> list[Draft] | Exception:
    try:
        return _drafts(page, parser)
    except Exception as error:
        return error


def _detainees(triggers: Iterable[Trigger]) -> frozenset[str]:
    """Return the lower-case surnames of those whom the article tells to be held, charged or freed."""
    names: set[str] = set()
    for trigger in triggers:
        if trigger.type in _HELD and not trigger.is_noun:
            for thing in objects(trigger.token):
                names |= {word.lower_ for word in widen(thing) if is_proper(word) and word.ent_type_ in ("PERSON", "")}
        elif trigger.type in _HELD:
            names |= {word.lower_ for word in trigger.token.subtree if word.ent_type_ == "PERSON" and is_proper(word)}
    return frozenset(names)


def _drafts(page: _Page, parser: Reader) -> list[Draft]:
    if not page.live:
        return []
    docs = _all_docs(page, parser)
    triggers = {number: find(docs[number]) for number in page.live}
    detainees = _detainees(trigger for found in triggers.values() for trigger in found)
    for number in page.live:
        if detainees and any(token.lower_ in detainees for token in docs[number]):
            triggers[number] = find(docs[number], detainees)
    if not any(triggers.values()):
        return []
    resolver = ActorResolver([doc[:] for doc in docs], page.text.title)
    context = Context(page.text.published, resolver, page.text.country, resolver.context_countries())
    drafts: list[Draft] = []
    for number, found in triggers.items():
        before = docs[max(0, number - _HISTORY) : number]
        anchor = _anchor(before, page.text.published) if found and _LEANING.search(docs[number].text) else None
        for trigger in found:
            told = draft(trigger, page.sentences[number], docs[number], context, anchor)
            if told is not None:
                drafts.append(as_printed(told))
    return settle(drafts)


def _all_docs(page: _Page, parser: Reader) -> list[Doc]:
    missing = [number for number, doc in enumerate(page.docs) if doc is None]
    tokens = parser.tokenize([page.sentences[number].text for number in missing])
    for number, doc in zip(missing, tokens, strict=True):
        page.docs[number] = doc
    return [doc for doc in page.docs if doc is not None]


def _anchor(before: Sequence[Doc], published: datetime) -> TimeSpan | None:
    """Return the date that the sentences before speak of last."""
    for doc in reversed(before):
        found = [each for each in find_times(doc[:], published) if each.time.granularity == "day"]
        if found:
            return found[-1].time
    return None
