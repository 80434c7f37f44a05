"""From the tree of a rendered sentence to the Doc that the rules read: words in their forms, labels, entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from spacy.tokens import Doc, Span

from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer
from services.extractor.geography import place_tables
from services.extractor.glossary import plain
from services.extractor.inflection import plural, verb_form
from services.extractor.provenance import KEY, Source
from services.extractor.scheme_tree import Node, Tree

_PERIODS: Final = frozenset(
    ("day", "week", "month", "year", "hour", "night", "morning", "evening", "weekend", "summer")
)
_LABELS: Final = {"PER": "PERSON", "ORG": "ORG", "LOC": "LOC", "MISC": "PRODUCT", "PERSON": "PERSON", "GPE": "GPE"}
"""Entity labels of the pipelines trained on WikiNER and OntoNotes, as the rules name them."""
_PARTICLES: Final = frozenset(("off", "down", "up", "out", "over", "away"))
_PREPOSITIONS: Final = frozenset(("by", "on", "for", "under", "to", "in", "of", "from"))
_STATES: Final = frozenset(("guilty", "bankrupt"))
_NO_SPACE_BEFORE: Final = frozenset((",", ".", ";", ":", "?", "!", ")", "”", "%", "…"))
NO_NAME: Final = "-"
"""Marks a title, which taggers often take for the name of an office."""


def document(source: Doc, tree: Tree) -> Doc:
    """Return the Doc of a tree in the scheme of the English pipelines; ``source``: the parse it was made from."""
    words: list[str] = []
    tags: list[str] = []
    poses: list[str] = []
    lemmas: list[str] = []
    labels: list[str] = []
    spans: list[tuple[int, int]] = []
    owners: list[tuple[Node, int]] = []
    at: dict[int, int] = {}
    for node in tree.ordered():
        pieces = _pieces(node)
        head = 0 if node.verbal else len(pieces) - 1
        for number, (word, lemma, tag, pos, dep, under) in enumerate(pieces):
            if number == head:
                at[id(node)] = len(words)
            words.append(word)
            lemmas.append(lemma)
            tags.append(tag)
            poses.append(pos)
            labels.append(dep)
            spans.append((node.begin, node.end))
            owners.append((node, under - number))
    heads = []
    for number, (node, shift) in enumerate(owners):
        if at.get(id(node)) == number:
            heads.append(at[id(node.head)] if node.head is not None and id(node.head) in at else number)
        else:
            heads.append(number + shift)
    if words:
        labels = ["ROOT" if heads[number] == number else label for number, label in enumerate(labels)]
        labels = [label if label != "ROOT" or heads[number] == number else "dep" for number, label in enumerate(labels)]
    doc = Doc(
        source.vocab, words=words, spaces=_spaces(words), tags=tags, pos=poses, lemmas=lemmas, heads=heads, deps=labels,
        user_data={KEY: Source(source.text, tuple(spans))},
    )  # fmt: skip
    doc.user_data["nodes"] = tuple((owner.entity, owner.begin, owner.end) for owner, _ in owners)
    return doc


def unparsed(source: Doc, tree: Tree) -> Doc:
    """Return the words of a tree as tokens alone."""
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    for node in tree.ordered():
        for word in node.words:
            words.append(word)
            spans.append((node.begin, node.end))
    return Doc(source.vocab, words=words, spaces=_spaces(words), user_data={KEY: Source(source.text, tuple(spans))})


def _spaces(words: Sequence[str]) -> list[bool]:
    return [
        not (following in _NO_SPACE_BEFORE or word in ("“", "(", "$", "€", "£"))
        for word, following in zip(words, [*words[1:], "."], strict=True)
    ]


_Piece = tuple[str, str, str, str, str, int]
"""Word, lemma, tag, universal part of speech, label, number of the piece it hangs on."""


def _pieces(node: Node) -> list[_Piece]:
    if not node.words:
        return []
    if node.tag.startswith("VB") and (node.verbal or node.upos in ("VERB", "AUX")):
        return _verb_pieces(node)
    pos = "PART" if node.tag == "TO" else "AUX" if node.tag == "MD" else node.upos
    last = len(node.words) - 1
    found: list[_Piece] = []
    for number, word in enumerate(node.words):
        if number == last:
            text = plural(word) if node.tag == "NNS" and word.islower() and word.isalpha() else word
            found.append((text, word.lower(), node.tag, pos, node.dep, number))
        elif word[:1].isdigit():
            found.append((word, word, "CD", "NUM", "nummod", last))
        elif word[:1].isupper():
            found.append((word, word, "NNP", "PROPN", "compound", last))
        else:
            found.append((word, word, "NN", "NOUN", "compound", last))
    if node.upos == "PROPN" and node.tag == "NN":
        found[-1] = (*found[-1][:2], "NNP", *found[-1][3:])
    return found


def _verb_pieces(node: Node) -> list[_Piece]:
    first, *rest = node.words
    lemma = first.lower() if node.verbal else plain(node.source)
    text = verb_form(first, node.tag) if node.verbal or first in ("be", "have") else first
    pos = "AUX" if node.dep in ("aux", "auxpass") or first == "be" else "VERB"
    found: list[_Piece] = [(text, lemma, node.tag, pos, node.dep, 0)]
    if not rest:
        return found
    if rest[0] in _PREPOSITIONS:
        found.append((rest[0], rest[0], "IN", "ADP", "prep", 0))
        if len(rest) > 1:
            found += _object(rest[1:], 2, "pobj", 1)
        return found
    if rest[0] in _PARTICLES:
        return [*found, (rest[0], rest[0], "RP", "ADP", "prt", 0)]
    if rest[0] in _STATES:
        return [*found, (rest[0], rest[0], "JJ", "ADJ", "acomp", 0)]
    return found + _object(rest, 1, "dobj", 0)


def _object(words: Sequence[str], begin: int, dep: str, under: int) -> list[_Piece]:
    last = begin + len(words) - 1
    found: list[_Piece] = []
    for number, word in enumerate(words, start=begin):
        if number == last:
            found.append((word, word, "NNS" if word.endswith("s") or word == "people" else "NN", "NOUN", dep, under))
        elif word[:1].isdigit():
            found.append((word, word, "CD", "NUM", "nummod", last))
        else:
            found.append((word, word, "NN", "NOUN", "compound", last))
    return found


def name_entities(rendered: Doc, source: Doc) -> None:
    """Set the named entities of ``rendered`` from those of its source and from the tables, in place."""
    spoken = [(span.start_char, span.end_char, _LABELS.get(span.label_, "")) for span in source.ents]
    labels: list[tuple[str, int]] = []
    for token, ((label, number), begin, end) in zip(rendered, rendered.user_data["nodes"], strict=True):
        if not label and token.pos_ in ("PROPN", "NOUN", "ADJ", "X"):
            for first, last, said in spoken:
                if first < end and begin < last:
                    label, number = said, first
                    break
        if token.pos_ == "NUM" and not label:
            label, number = "CARDINAL", -1 - begin
        if token.lower_.removesuffix("s") in _PERIODS:
            label, number = "DATE", -1 - begin
        labels.append(("", 0) if label == NO_NAME else (label, number))
    spans = []
    first = 0
    for at in range(1, len(labels) + 1):
        if at < len(labels) and labels[at] == labels[first]:
            continue
        if labels[first][0]:
            spans.append(Span(rendered, first, at, label=_kind(rendered[first:at], labels[first][0])))
        first = at
    rendered.set_ents(spans)


def _kind(name: Span, label: str) -> str:
    """Return the label of a name, put right by what the tables know: states and towns."""
    if label in ("LOC", "PERSON") and gazetteer().country_of(name.text):
        return "GPE"
    in_place = name.root.dep_ == "pobj" and name.root.head.lower_ in ("in", "to", "at", "near")
    if (label == "LOC" or (label == "PERSON" and len(name) == 1 and in_place)) and fold(
        name.text
    ) in place_tables().cities:
        return "GPE"
    return label
