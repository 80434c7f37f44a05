"""What stands around a noun in a parsed sentence: what it is joined with and described by, and what it depends on.

Labels are those of ClearNLP, as in spaCy's English models.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spacy.tokens import Token

from services.extractor.kinds import is_proper, is_verb
from services.extractor.lexicon import word_classes

_CHAINED: Final = frozenset(
    {"out", "off", "away", "back", "up", "prior", "ahead", "down", "because", "inside", "outside"}
)
"""Prepositions that another one may follow: "out of", "away from"; "according to" is not one of them."""
_PREPOSITIONAL: Final = frozenset({"prep", "agent", "dative", "prt", "pcomp"})
_MAX_STEPS: Final = 6
"""How many words up a verb is looked for; deeper nestings are parse errors more often than sentences."""


def widen(token: Token) -> Iterator[Token]:
    """Yield ``token``, what it is joined with, and what "thousands of", "two of" stand before."""
    yield token
    if token.lower_ in word_classes()["quantity"] or token.tag_ == "CD":
        for child in token.children:
            if child.dep_ == "prep" and child.lower_ == "of":
                for grandchild in child.children:
                    if grandchild.dep_ == "pobj":
                        yield from widen(grandchild)
    for child in token.children:
        if child.dep_ == "conj" and not is_verb(child):
            yield from widen(child)
        elif (
            child.dep_ in ("nmod", "compound")
            and is_proper(child)
            and any(word.dep_ == "cc" for word in child.children)
        ):
            # "President A and Russian President B": parsers hang the first name on the second.
            yield child


def prepositions(token: Token) -> dict[str, list[Token]]:
    """Return what follows each preposition among the dependents of ``token``; chains such as "out of" are followed."""
    found: dict[str, list[Token]] = {}
    for child in token.children:
        label = child.dep_
        if label not in _PREPOSITIONAL:
            continue
        under = list(child.children)
        things = [item for item in under if item.dep_ in ("pobj", "pcomp")] or (_dangling(child) if not under else [])
        lower = child.lower_
        if things:
            found.setdefault(lower, []).extend(things)
        if label == "prep" and lower in _CHAINED:
            for deeper in under:
                if deeper.dep_ == "prep":
                    things = [item for item in deeper.children if item.dep_ in ("pobj", "pcomp")]
                    found.setdefault(deeper.lower_, []).extend(things)
    return found


def _dangling(preposition: Token) -> list[Token]:
    """Return what follows a preposition that was left bare: the parser took "to five officers |held| there" apart."""
    if preposition.i + 1 >= len(preposition.doc):
        return []
    first = preposition.doc[preposition.i + 1]
    for head in (first, *first.ancestors):
        if head.left_edge.i != first.i or head.i <= preposition.i:
            break
        if head.dep_ in ("nsubj", "nsubjpass") and head.tag_.startswith("NN") and head.head.i > head.i:
            return [head]
    return []


def prepositional(token: Token, preposition: str) -> list[Token]:
    """Return what follows ``preposition`` among the dependents of ``token``."""
    return prepositions(token).get(preposition, [])


def governing_verb(noun: Token) -> Token | None:
    """Return the verb a noun depends on, through prepositions and joined nouns; None where there is none."""
    token = carrier(noun)
    for _ in range(_MAX_STEPS):
        if token.dep_ == "ROOT":
            return None
        label, token = token.dep_, token.head
        if label not in (
            "nsubj",
            "nsubjpass",
            "dobj",
            "pobj",
            "prep",
            "conj",
            "attr",
            "agent",
            "dative",
            "oprd",
            "dep",
        ):
            return None
        if is_verb(token):
            return token
        if label in ("nsubj", "attr") and not is_verb(token):
            return None
    return None


def carrier(noun: Token) -> Token:
    """Return the noun whose place the event noun shares ("efforts" in "mediation efforts"), else itself."""
    head = head_noun(noun)
    return head if head is not None and head.lower_ in word_classes()["carrier"] else noun


def owners(noun: Token) -> list[Token]:
    """Return the names before a noun: "an Indian proposal", "a United Nations appeal"."""
    return [
        child
        for child in noun.children
        if child.ent_type_ in ("NORP", "GPE", "ORG") and child.dep_ != "det" and child.i < noun.i
    ]


def relative_verbs(noun: Token) -> list[Token]:
    """Return the verbs of the clauses that describe a noun: "talks held in Rome", "a deal that he signed"."""
    return [child for child in noun.children if child.dep_ in ("acl", "relcl") and is_verb(child)]


def modifiers(noun: Token) -> Iterator[Token]:
    """Yield the words before a noun that describe it, those of its compounds too."""
    for child in noun.children:
        if child.dep_ in ("compound", "amod", "nmod", "poss", "npadvmod", "nummod") and child.i < noun.i:
            yield child
            yield from modifiers(child)
        elif child.dep_ == "punct" and child.lower_ == "-" and child.i and child.i == noun.i - 1:
            yield child.doc[child.i - 1]


def head_noun(token: Token) -> Token | None:
    """Return the noun that ``token`` stands before as part of a compound; None where it is a head itself."""
    return token.head if token.dep_ in ("compound", "nmod", "amod") and token.head.i > token.i else None


def word(token: Token) -> str:
    """Return the lower-case word, whole where the tokenizer cut it at a hyphen: "cease-fire"."""
    lower = str(token.lower_)
    if token.i > 1 and token.nbor(-1).text == "-" and not token.nbor(-1).whitespace_ and not token.nbor(-2).whitespace_:
        return f"{token.nbor(-2).lower_}-{lower}"
    return lower
