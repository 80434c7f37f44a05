"""Where the words of a rendered sentence stand in the article: mentions quote the article, not its rendering."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from spacy.tokens import Doc, Token

from services.extractor.drafts import Draft

KEY: Final = "source"
"""Under which a Doc's ``user_data`` keeps its Source; a Doc without one is the sentence itself."""


@dataclass(frozen=True, slots=True)
class Source:
    """The sentence that a Doc renders."""

    text: str
    spans: tuple[tuple[int, int], ...]
    """By token of the Doc: offsets of the first character in ``text`` and of the one after the last."""


def offsets(token: Token) -> tuple[int, int]:
    """Return where the word that ``token`` renders begins and ends in its sentence."""
    source = token.doc.user_data.get(KEY)
    if source is None:
        return token.idx, token.idx + len(token.text)
    begin, end = source.spans[token.i]
    return int(begin), int(end)


def word_in_print(token: Token) -> str:
    """Return the words of the sentence that ``token`` renders."""
    source = token.doc.user_data.get(KEY)
    if source is None:
        return str(token.text)
    begin, end = source.spans[token.i]
    return str(source.text[begin:end]) or str(token.text)


def printed(doc: Doc, text: str) -> str:
    """Return the words of the sentence that ``text``, a part of ``doc``, renders; ``text`` where it is none."""
    source = doc.user_data.get(KEY)
    at = doc.text.find(text) if source is not None and text else -1
    if source is None or at < 0:
        return text
    inside = [source.spans[token.i] for token in doc if token.idx < at + len(text) and at < token.idx + len(token.text)]
    inside = [span for span in inside if span[0] < span[1]]
    if not inside:
        return text
    return str(source.text[min(begin for begin, _ in inside) : max(end for _, end in inside)])


def as_printed(draft: Draft) -> Draft:
    """Return ``draft`` with every text as it stands in the article. Must be called before drafts are joined."""
    doc = draft.trigger.token.doc
    if KEY not in doc.user_data:
        return draft
    place, time, said = draft.place, draft.time, draft.attribution
    return replace(
        draft,
        participants=tuple(replace(each, text=printed(doc, each.text)) for each in draft.participants),
        place=replace(place, text=printed(doc, place.text)) if place is not None else None,
        time=replace(time, text=printed(doc, time.text)) if time is not None else None,
        quantities=tuple(replace(each, text=printed(doc, each.text)) for each in draft.quantities),
        attribution=replace(said, text=printed(doc, said.text)) if said is not None else None,
    )
