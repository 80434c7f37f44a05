"""Phrases that may take part in an event, and the names, nationalities and actors found in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from spacy.tokens import Span, Token

from services.extractor.arguments import subjects
from services.extractor.kinds import is_proper, is_verb
from services.extractor.lexicon import word_classes
from services.extractor.nounphrases import widen

_NO_ACTOR: Final = frozenset({"there", "this", "that", "which", "what", "one"})


@dataclass(frozen=True, slots=True)
class Part:
    """A phrase that takes part in an event."""

    role: str
    span: Span


def phrase(head: Token) -> Span:
    """Return the noun phrase of ``head``: what stands before it, names and "of" after it, but no clauses."""
    last = head.i
    for child in head.children:
        if child.i > head.i and (
            (child.dep_ in ("appos", "nmod", "flat") and is_proper(child) and child.i - head.i < 8)
            or (child.dep_ == "prep" and child.lower_ == "of")
            or seat(head) == child
        ):
            last = max(last, _without_clause(child) if child.dep_ == "prep" else child.i)
    first = head.left_edge.i
    for word in head.doc[first : head.i]:
        if word.dep_ == "cc" and head.doc[word.i + 1 : head.i].text[:1].strip():
            first = word.i + 1
    # A phrase of thirty words is a clause that the parser hung on its noun.
    return head.doc[max(first, head.i - 20) : min(last, head.i + 12) + 1]


def _without_clause(preposition: Token) -> int:
    """Return where what follows a preposition ends, before a relative clause: "of a charity |who were freed"."""
    last: int = preposition.right_edge.i
    for word in preposition.doc[preposition.i : last + 1]:
        if word.dep_ == "relcl":
            return min(last, int(word.left_edge.i) - 1)
    return last


def seat(head: Token) -> Token | None:
    """Return the preposition that says whence a group is, right after it: "Rebels in Mali blocked the road"."""
    if head.dep_ not in ("nsubj", "nsubjpass") or not head.tag_.startswith("NN") or is_proper(head):
        return None
    for child in head.children:
        if child.dep_ == "prep" and child.i == head.i + 1 and child.lower_ in ("in", "from", "across", "throughout"):
            named = any(item.dep_ == "pobj" and item.ent_type_ in ("GPE", "LOC", "ORG") for item in child.children)
            return child if named else None
    return None


def actor_heads(tokens: list[Token]) -> Iterator[Token]:
    """Yield the heads of ``tokens`` and of what is joined with them, those of numbers and empty words left out."""
    for token in tokens:
        if is_verb(token) and token.tag_ != "VBG":
            yield from actor_heads(subjects(token))
            continue
        wide = list(widen(token))
        for each in wide:
            counts = each.lower_ in word_classes()["quantity"] or each.tag_ == "CD"
            if each.lower_ in _NO_ACTOR or (counts and len(wide) > 1):
                continue
            yield each


def named_within(holder: Token, steps: int = 8) -> Iterator[Token]:
    """Yield the first names found downwards of ``holder``; where something happens is not asked for.

    A name that only describes a noun stands for the noun: "by Turkish forces" is about the forces.
    """
    before = ("amod", "compound", "nmod")
    for child in holder.children:
        if child.dep_ in ("relcl", "nsubj", "punct", "cc") or (child.dep_ == "prep" and child.lower_ in ("in", "near")):
            continue
        if child.ent_type_ in ("PERSON", "ORG", "GPE", "NORP"):
            yield holder if child.dep_ in before and holder.tag_.startswith("NN") else child
        elif steps:
            yield from named_within(child, steps - 1)


def content_clauses(word: Token) -> list[Token]:
    """Return the verbs of what is said, asked or promised: "is willing to go", "<statement>, he protested"."""
    found = []
    for child in word.children:
        if child.dep_ == "acomp":
            found += [deeper for deeper in child.children if deeper.dep_ == "xcomp" and is_verb(deeper)]
        elif child.dep_ in ("ccomp", "xcomp", "acl") and is_verb(child):
            told_before = child.dep_ == "ccomp" and any(item.dep_ == "nsubj" for item in child.children)
            if told_before or (child.i > word.i and not (child.dep_ == "acl" and child.tag_ == "VBN")):
                found.append(child)
    return found


def is_possessed(noun: Token) -> bool:
    """True for "Serbia's rulers": whoever that is, the name says whose."""
    return any(child.dep_ == "poss" and child.ent_type_ for child in noun.children)


def nationalities(noun: Token) -> list[Token]:
    """Return the nationalities and countries before a noun: "the |Italian| coast guard", "the |US|-led war"."""
    before = [child for child in noun.children if child.i < noun.i and child.dep_ != "det"]
    led = [under for child in before if child.lower_ in ("led", "run") for under in child.children]
    return [child for child in (*before, *led) if child.ent_type_ in ("NORP", "GPE")]


def named_or_national(tokens: list[Token]) -> list[Token]:
    """Return the names among ``tokens``, and the nationalities before those that are none: "against German goods"."""
    names = named_only(tokens)
    return names + [each for token in tokens if token not in names for each in nationalities(token)]


def named_only(tokens: list[Token]) -> list[Token]:
    """Return those of ``tokens`` that are names."""
    return [token for token in tokens if token.ent_type_ in ("PERSON", "ORG", "GPE", "NORP", "LOC", "FAC")]


def actors_only(tokens: list[Token]) -> list[Token]:
    """Drop what is only a day, a sum or a thing: "on Tuesday", "on charges"."""
    kept = []
    for token in tokens:
        people = word_classes()["person"] | word_classes()["org"] | word_classes()["group"] | word_classes()["leader"]
        if token.ent_type_ in ("DATE", "TIME", "MONEY", "CARDINAL", "PERCENT", "ORDINAL", "QUANTITY"):
            continue
        if token.ent_type_ or token.lower_ in people or is_verb(token) or token.tag_.startswith(("NNP", "PRP")):
            kept.append(token)
        else:
            kept += nationalities(token)
    return kept
