"""What has been referred to so far in an article: what pronouns and other later words are resolved against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from spacy.tokens import Token

from services.extractor.entities import Actor
from services.extractor.gazetteer import gazetteer
from services.extractor.views import SentenceView

Form = Literal["name", "title", "pronoun", "plural", "country", "people", "institution", "organisation", "group"]

PREPOSITIONS: Final = frozenset({
    "of", "in", "on", "at", "to", "by", "for", "from", "with", "against", "between", "about", "into", "over",
    "amid", "during", "despite", "following", "after", "before", "under", "near", "via", "than", "like", "as",
})  # fmt: skip
POSSESSIVES: Final = frozenset({"its", "their", "his", "her"})
_GAP_WORDS: Final = frozenset({",", "and", "&", "the", "both", "as", "well", "former", "his", "her", "president"})


@dataclass(frozen=True, slots=True)
class Reference:
    """Some words of a sentence and who they stand for. Token numbers count in the sentence's Doc."""

    sentence: int
    start: int
    end: int
    head: int
    form: Form
    actors: tuple[Actor, ...]
    subject: bool
    modifier: bool = False
    """True where the words only qualify another noun: "the *Ukraine* war"."""


class History:
    """All references of one article in reading order."""

    def __init__(self) -> None:
        self.references: list[Reference] = []
        self.coordinations: list[Reference] = []
        """Several actors named in one breath: "X and Y"."""
        self.genders: dict[str, str] = {}
        """Gender by entity id: from titles first, then from the first pronoun that can mean nobody else."""
        self._by_token: dict[tuple[int, int], Reference] = {}

    def at(self, doc: Any, token: int) -> Reference | None:
        """Return the reference that covers token number ``token`` of ``doc``."""
        return self._by_token.get((id(doc), token))

    def add(self, sentence: SentenceView, reference: Reference) -> None:
        """Store a reference of ``sentence``; words that have one keep it."""
        self.references.append(reference)
        doc = id(sentence.span.doc)
        for at in range(reference.start, reference.end):
            self._by_token.setdefault((doc, at), reference)

    def refer(
        self,
        sentence: SentenceView,
        first: int,
        last: int,
        form: Form,
        actors: tuple[Actor, ...],
        head: int | None = None,
    ) -> None:
        """Let the words [first, last) of ``sentence`` stand for ``actors``; the last one is the head unless told."""
        at = sentence.start + last - 1 if head is None else head
        start = sentence.start + first
        modifier = is_modifier(sentence, at)
        subject = is_subject(sentence, at, start)
        reference = Reference(sentence.index, start, sentence.start + last, at, form, actors, subject, modifier)
        self.add(sentence, reference)

    def recent(self, index: int, reach: int) -> list[Reference]:
        """Return what was referred to in the last ``reach`` sentences before ``index`` and in it, in reading order."""
        found: list[Reference] = []
        for reference in reversed(self.references):
            if index - reference.sentence > reach:
                break
            found.append(reference)
        found.reverse()
        return found

    def joined(self, sentence: SentenceView, references: Sequence[Reference]) -> list[Reference]:
        """Join "X and Y" of one sentence, for "they" and "both" after it."""
        joined: list[Reference] = []
        run: list[Reference] = []
        ordered = [reference for reference in references if not (reference.modifier and reference.form == "country")]
        for reference in [*ordered, None]:
            if run and reference is not None and _is_joined(sentence, run[-1], reference):
                run.append(reference)
                continue
            if len(run) > 1:
                actors = tuple(dict.fromkeys(actor for part in run for actor in part.actors))
                if len(actors) > 1:
                    joined.append(replace(run[0], end=run[-1].end, form="plural", actors=actors, modifier=False))
            run = [reference] if reference is not None else []
        return joined


def _is_joined(sentence: SentenceView, left: Reference, right: Reference) -> bool:
    if left.actors[0].kind != right.actors[0].kind and "group" not in (left.actors[0].kind, right.actors[0].kind):
        return False
    gap = sentence.lower[left.end - sentence.start : right.start - sentence.start]
    if not gap or len(gap) > 6 or "and" not in gap:
        return False
    return all(word in _GAP_WORDS or word in gazetteer().title_words for word in gap)


def is_subject(sentence: SentenceView, head: int, start: int) -> bool:
    """True for the subject of a clause; without a parse, for the first phrase that no preposition governs."""
    token = sentence.span.doc[head]
    if token.dep_:
        for _ in range(4):
            if token.dep_ in ("conj", "appos", "compound", "flat", "nmod") and token.head.i != token.i:
                token = token.head
            else:
                break
        return bool(token.dep_ in ("nsubj", "nsubjpass", "csubj"))
    before = start - 1 - sentence.start
    return before < 0 or (start - sentence.start <= 6 and sentence.lower[before] not in PREPOSITIONS)


def is_modifier(sentence: SentenceView, head: int) -> bool:
    """True for words that qualify the noun after them."""
    token = sentence.span.doc[head]
    if token.dep_:
        return bool(token.dep_ in ("poss", "compound", "amod", "nmod") and token.head.i > token.i)
    after = head + 1 - sentence.start
    return after < len(sentence.words) and sentence.lower[after] in ("'s", "’s", "‘s")


def governors(token: Token) -> list[Token]:
    """Return the verbs above a word of a parsed sentence, nearest first."""
    return [ancestor for ancestor in token.ancestors if ancestor.tag_.startswith("VB")] if token.dep_ else []


def subject_heads(verb: Token) -> Iterator[int]:
    """Yield the token numbers of a verb's subjects; joined and embedded verbs share that of the verb above them."""
    for _ in range(4):
        own = [child for child in verb.children if child.dep_ in ("nsubj", "nsubjpass")]
        if own:
            for child in own:
                yield child.i
                yield from (inner.i for inner in child.subtree if inner.dep_ in ("conj", "appos"))
            return
        if verb.dep_ not in ("conj", "xcomp", "advcl", "aux") or verb.head.i == verb.i:
            return
        verb = verb.head
