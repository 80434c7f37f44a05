"""From the words of a noun phrase to the actor it stands for, in the light of the whole article."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from spacy.tokens import Span

from services.extractor.coreference import NameBook
from services.extractor.countrycontext import state_counts
from services.extractor.discourse import Discourse
from services.extractor.entities import Actor
from services.extractor.gazetteer import gazetteer
from services.extractor.references import Reference
from services.extractor.views import bare_word, view

__all__ = ["Actor", "ActorResolver"]

_HEADS_DOWN = (
    "number",
    "lot",
    "group",
    "majority",
    "dozens",
    "hundreds",
    "thousands",
    "scores",
    "some",
    "most",
    "many",
)
"""Nouns that only count what follows "of": "a number of Americans"."""
_NAMING = frozenset({"calling", "called", "named", "known", "dubbed", "identified"})
"""Participles before a name: "a group |calling| itself the Sons of Kivu", "a man |identified| as John Doe"."""
_CUT = frozenset({"who", "which", "that", "where", "when", "after", "before", "whom", "whose"})


APPOSITION_REACH = 4
"""How many words after a phrase the name that renames it may stand: "the fire chief|, James Steele"."""


class ActorResolver:
    """Resolves phrases of one article. Give it every sentence, parsed or not, in reading order."""

    def __init__(self, doc_sentences: Sequence[Span], title: str = "", published: datetime | None = None) -> None:
        """Read all sentences; ``published`` tells who was in office."""
        names = gazetteer()
        views = [view(number, sentence, names) for number, sentence in enumerate(doc_sentences)]
        self.book = NameBook(views, title, published.date() if published is not None else None)
        self.discourse = Discourse(views, self.book)
        self._states = state_counts(views)

    def context_countries(self) -> dict[str, int]:
        """Return how often each country (ISO alpha-3) is named, for choosing among towns of the same name.

        States of the United States count besides, by their names.
        """
        return dict(self.discourse.countries + self._states)

    def resolve(self, span: Span) -> Actor | None:
        """Return the one actor that ``span`` names or refers to; None where it names none or several."""
        actors = self.resolve_all(span)
        return actors[0] if len(actors) == 1 else self._first(span, actors)

    def _first(self, span: Span, actors: tuple[Actor, ...]) -> Actor | None:
        # A plural ("the two leaders") has no single actor, but "X and Y" begins with one.
        if not actors:
            return None
        found = self.discourse.at(span.doc, self._head(span))
        return None if found is not None and len(found.actors) > 1 else actors[0]

    def resolve_all(self, span: Span) -> tuple[Actor, ...]:
        """Return every actor that ``span`` names: coordinations are split, "both sides" is expanded."""
        if len(span) == 0:
            return ()
        heads = self._heads(span)
        found: dict[str, Actor] = {}
        for head in heads:
            reference = self._reference(span, head)
            if reference is not None:
                for actor in reference.actors:
                    found.setdefault(actor.entity_id, actor)
        return tuple(found.values())

    def _reference(self, span: Span, head: int) -> Reference | None:
        reference = self.discourse.at(span.doc, head)
        if reference is None or (reference.form == "group" and span.doc[head].lower_ in _HEADS_DOWN):
            return self._appositive(span, head) or reference
        if reference.head == head or head >= reference.head or self._covers(span, reference, head):
            return reference
        return None

    @staticmethod
    def _covers(span: Span, reference: Reference, head: int) -> bool:
        # "President |Donald| Trump": parsers may take any word of a name for its head.
        return reference.form in ("name", "institution", "organisation", "country", "title", "plural", "group") and (
            span.doc[reference.head].head.i == head or reference.start <= head < reference.end
        )

    def _appositive(self, span: Span, head: int) -> Reference | None:
        """A head that is no actor itself may be renamed by one: "his rival, Joe Smith"; "a number of Americans"."""
        doc = span.doc
        token: Any = doc[head]
        if token.dep_:
            for child in token.children:
                if child.dep_ == "appos" and span.start <= child.i < span.end + APPOSITION_REACH:
                    reference = self.discourse.at(doc, child.i)
                    if reference is not None:
                        return reference
                if child.dep_ == "acl" and child.lower_ in _NAMING:
                    called = (
                        word for word in child.subtree if word.dep_ in ("oprd", "attr") or word.head.lower_ == "as"
                    )
                    named = (self.discourse.at(doc, word.i) for word in called)
                    reference = next((each for each in named if each is not None and not each.modifier), None)
                    if reference is not None:
                        return reference
                if child.dep_ == "prep" and child.lower_ == "of" and token.lower_ in _HEADS_DOWN:
                    for grandchild in child.children:
                        if grandchild.dep_ == "pobj":
                            return self.discourse.at(doc, grandchild.i)
            return None
        return None

    def _head(self, span: Span) -> int:
        if span[0].dep_:
            return int(span.root.i)
        last = span.start
        for token in span:
            if token.i > span.start and (token.lower_ in _CUT or token.text in (",", "(", ";")):
                break
            if token.text[:1].isalnum() and bare_word(token.text) not in ("s", ""):
                last = token.i
            if token.lower_ in ("of", "in", "at", "for", "with", "from") and token.i > span.start:
                found = self.discourse.at(span.doc, token.i - 1)
                if found is not None:
                    return int(token.i - 1)
        return int(last)

    def _heads(self, span: Span) -> list[int]:
        if span[0].dep_:
            heads = [span.root.i]
            seen = {span.root.i}
            queue = [span.root]
            while queue:
                token = queue.pop(0)
                for child in token.children:
                    if child.dep_ == "conj" and child.i not in seen and span.start <= child.i < span.end:
                        if child.pos_ in ("VERB", "AUX") and self.discourse.at(span.doc, child.i) is None:
                            continue
                        seen.add(child.i)
                        heads.append(child.i)
                        queue.append(child)
            return heads
        heads, begin = [], span.start
        for token in span:
            if token.lower_ in ("and", "&") or token.text == ",":
                if token.i > begin:
                    heads.append(self._head(span.doc[begin : token.i]))
                begin = token.i + 1
                if token.text == "," and heads and self.discourse.at(span.doc, heads[-1]) is not None:
                    tail = span.doc[begin : span.end]
                    if not any(word.lower_ == "and" for word in tail):
                        return heads
        if begin < span.end:
            heads.append(self._head(span.doc[begin : span.end]))
        return heads
