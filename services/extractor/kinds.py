"""What kind of word a token is, by its tag and its named entity: verb, name, person, country, money, score."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from spacy.tokens import Token

from services.extractor.lexicon import word_classes

_PERSON_PRONOUNS: Final = frozenset(
    (
        "he",
        "she",
        "him",
        "her",
        "they",
        "them",
        "who",
        "whom",
        "himself",
        "herself",
        "themselves",
        "his",
        "their",
        "both",
        "i",
        "we",
        "you",
    )
)

_WHO: Final = ("person", "group", "worker", "police", "prisoner", "leader", "quantity")
_SCORE = re.compile(r"\d{1,3}[-–]\d{1,3}")


def is_verb(token: Token) -> bool:
    """True for a word tagged as a verb (or modal)."""
    return bool(token.tag_.startswith(("VB", "MD")))


def is_adjective(token: Token) -> bool:
    """True for a word tagged as an adjective."""
    return bool(token.tag_.startswith("JJ"))


def is_proper(token: Token) -> bool:
    """True for a name."""
    return bool(token.tag_.startswith("NNP"))


def is_person(noun: Token) -> bool:
    """True for a noun that says who: a person's name, a people, an occupation, so many."""
    if noun.ent_type_ in ("PERSON", "NORP"):
        return True
    return noun.tag_ == "CD" or any(noun.lower_ in word_classes()[name] for name in _WHO)


def is_kind(token: Token, kind: str, detainees: Collection[str] | None = ()) -> bool:
    """True where ``token`` is a name or figure of ``kind`` as far as the passes run so far can tell."""
    label = token.ent_type_
    if kind == "name":
        return is_proper(token) and label not in ("DATE", "TIME")
    if kind == "person":
        # Without entities (the first pass) any capital may begin a name that the tagger does not know.
        named = is_proper(token) or (token.ent_iob == 0 and token.shape_[:1] == "X")
        return token.lower_ in _PERSON_PRONOUNS or label == "PERSON" or (named and label in ("", "ORG", "GPE"))
    if kind in ("country", "place", "city"):
        named = is_proper(token) or (is_adjective(token) and token.text[:1].isupper())
        return label in ("GPE", "NORP", "LOC", "FAC") or (named and label in ("", "ORG", "PERSON"))
    if kind == "org":
        return label in ("ORG", "NORP", "GPE") or (is_proper(token) and label in ("", "PERSON", "PRODUCT", "FAC"))
    if kind == "group":
        # Without entities (the first pass) any name may be one; with them an unknown name is none.
        return label == "NORP" or (is_proper(token) and token.ent_iob == 0)
    if kind == "people":
        # Inhabitants, not their state: "Kurds", "Algerians".
        return token.tag_ in ("NNPS", "NNS") and (label == "NORP" or (token.ent_iob == 0 and token.shape_[:1] == "X"))
    if kind == "polity":
        # A state, a people or an organisation, and no person whose name might be one.
        return label in ("GPE", "NORP", "ORG") or (token.ent_iob == 0 and is_proper(token))
    if kind == "money":
        return (
            label == "MONEY"
            or token.tag_ == "$"
            or token.lower_ in ("dollars", "euros", "pounds", "million", "billion")
        )
    if kind == "number":
        return token.tag_ == "CD" or any(child.dep_ == "nummod" for child in token.children)
    if kind == "percent":
        return label == "PERCENT" or token.lower_ in ("percent", "%")
    if kind == "verb":
        return is_verb(token)
    if kind == "score":
        return _SCORE.fullmatch(token.text) is not None or _is_cut_score(token)
    if kind == "detainee":
        return is_proper(token) if detainees is None else token.lower_ in detainees
    return False


def _is_cut_score(token: Token) -> bool:
    """True for the first figure of "4-1", which the tokenizer cuts in three."""
    after = token.doc[token.i : token.i + 3]
    return len(after) == 3 and _SCORE.fullmatch(after.text) is not None
