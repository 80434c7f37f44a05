"""The parse of a sentence in another language as a tree that can be rewritten, its worst mistakes put right."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from spacy.tokens import Doc

from services.extractor.glossary import Glossary, plain
from services.extractor.scheme_tree import Node, Tree

_PERSONS: Final = frozenset(("PER", "PERSON"))
_MISTAKEN: Final = frozenset(("amod", "nmod", "dep", "obj", "appos"))
"""Labels by which a noun hangs on its own adjective or number where a parse went wrong."""


def nodes_of(doc: Doc) -> list[Node]:
    """Return the words of a parsed sentence, hung on each other as parsed."""
    nodes: dict[int, Node] = {}
    for token in doc:
        if token.is_space:
            continue
        label = "root" if token.head == token else str(token.dep_)
        nodes[token.i] = Node(
            token.text, token.lemma_ or token.lower_, token.pos_, token.morph.to_dict(), label, float(token.i),
            token.idx, token.idx + len(token),
        )  # fmt: skip
    for token in doc:
        if token.i in nodes and token.head.i in nodes and token.head != token:
            nodes[token.i].hang(nodes[token.head.i], nodes[token.i].dep)
    for name in doc.ents:
        if name.label_ in _PERSONS and len(name) > 1 and all(token.text[:1].isupper() for token in name):
            _join_names([nodes[token.i] for token in name if token.i in nodes])
    return _figures(list(nodes.values()))


def _join_names(parts: list[Node]) -> None:
    """Make one name of words that the tagger of names takes for one, whatever the parser makes of them."""
    last = parts[-1]
    tops = [part for part in parts if part.head not in parts]
    top = tops[0]
    if top is not last:
        last.replace(top)
    for part in parts:
        part.upos = "PROPN"
        if part is not last:
            for kid in list(part.kids):
                if kid not in parts:
                    kid.hang(last, kid.dep)
            part.hang(last, "compound")
    if last.dep in ("xcomp", "advmod", "amod", "acl") and last.head is not None and last.head.upos == "VERB":
        last.dep = "obl:mod" if last.with_dep("case") else "obj"


def _figures(nodes: list[Node]) -> list[Node]:
    """Join the groups of a figure that the tokenizer cut: "3 000"."""
    kept: list[Node] = []
    for node in nodes:
        before = kept[-1] if kept else None
        grouped = re.fullmatch(r"\d{3}", node.text) is not None
        if (
            before is not None
            and grouped
            and re.fullmatch(r"\d{1,3}(?: \d{3})*", before.text)
            and node.begin - before.end <= 1
        ):
            outer, inner = (node, before) if before.head is node else (before, node)
            for kid in list(inner.kids):
                if kid is not outer:
                    kid.hang(outer, kid.dep)
            if inner.head is not None:
                inner.hang(None, "dep")
            outer.text, outer.begin, outer.end = f"{before.text} {node.text}", before.begin, node.end
            kept[-1] = outer
            if inner is before:
                outer.place = before.place
            continue
        kept.append(node)
    return kept


def repair(tree: Tree, glossary: Glossary) -> None:
    """Put right what small taggers get wrong most, in place; what to look for stands in the language's tables."""
    for node in list(tree.nodes):
        _swap(node, glossary)
        if node.upos == "VERB" and not glossary.starting(plain(node.source)):
            node.source = glossary.lemma(plain(node.text)) or node.source
    row = tree.ordered()
    for before, node in pairwise(row):
        _participle(before, node, glossary)
    for node in row:
        _lost_verb(node, glossary)
    for node in row:
        _bare_plural(tree, node, glossary)


def _swap(node: Node, glossary: Glossary) -> None:
    """Hang an adjective or number on its noun: "frappes israéliennes" with the adjective for its head."""
    if node.upos not in ("ADJ", "NUM"):
        return
    nouns = [kid for kid in node.kids if kid.dep.partition(":")[0] in _MISTAKEN and _noun_like(kid, glossary)]
    nouns = [kid for kid in nouns if abs(kid.place - node.place) == 1 and not kid.with_dep("case")]
    if len(nouns) == 1 and (node.upos == "NUM" or nouns[0].place < node.place):
        noun = nouns[0]
        noun.upos = "NOUN"
        noun.replace(node)
        for kid in list(node.kids):
            kid.hang(noun, kid.dep)
        node.hang(noun, "nummod" if node.upos == "NUM" else "amod")


def _noun_like(node: Node, glossary: Glossary) -> bool:
    keys = (plain(node.source), plain(node.text))
    return node.upos == "NOUN" or any(entry.kind == "n" for key in keys for entry in glossary.starting(key))


def _participle(before: Node, node: Node, glossary: Glossary) -> None:
    """Make a verb of a participle that was taken for another word: "a visité", "s'est ouvert"."""
    perfect = before.source in glossary.grammar.words("perfect") and before.upos in ("AUX", "VERB")
    other = node.upos in ("VERB", "DET", "ADP", "AUX") or plain(node.text) in glossary.grammar.words("negation")
    likely = glossary.lemma(plain(node.text)) if perfect and not other and _ends_like(node, glossary) else ""
    if not likely:
        return
    if before.dep == "cop" or (before.head is node and before.dep.startswith("aux:pass")):
        return
    node.upos, node.feats = "VERB", {"VerbForm": "Part", "Tense": "Past"}
    node.source = likely
    if node.head is before:
        node.replace(before)
        for kid in list(before.kids):
            kid.hang(node, kid.dep)
    before.upos = "AUX"
    before.hang(node, "aux:tense")
    _lead(node)


def _ends_like(node: Node, glossary: Glossary) -> bool:
    return plain(node.text).endswith(tuple(glossary.grammar.words("participle_ending")))


def _lost_verb(node: Node, glossary: Glossary) -> None:
    """Make a verb that hangs on a noun as if it described it the head of the sentence: "la police |enquête|"."""
    if node.dep.partition(":")[0] not in ("amod", "nmod", "dep", "advmod", "appos") or node.with_dep("case", "det"):
        return
    top = _top(node)
    if top.upos not in ("NOUN", "PROPN") or top.place > node.place or top.with_dep("cop", "aux"):
        return
    finite = node.upos == "VERB" and node.feats.get("VerbForm", "Fin") == "Fin"
    unknown = node.upos == "ADJ" and not glossary.starting(plain(node.source))
    likely = glossary.lemma(plain(node.text)) if unknown else ""
    if not finite and not likely:
        return
    if likely:
        node.upos, node.source = "VERB", likely
        node.feats = {"VerbForm": "Fin", "Mood": "Ind", "Tense": "Pres"}
    _lead(node)


def _top(node: Node) -> Node:
    while node.head is not None:
        node = node.head
    return node


def _lead(verb: Node) -> None:
    """Make ``verb`` the head of a sentence whose head is a noun before it; that noun is its subject."""
    top = _top(verb)
    if top is verb or top.upos not in ("NOUN", "PROPN") or top.place > verb.place:
        return
    verb.hang(None, "root")
    for kid in list(top.kids):
        if kid.place > verb.place:
            kid.hang(verb, "obl:mod" if kid.with_dep("case") else kid.dep)
    top.hang(verb, "nsubj")


def _bare_plural(tree: Tree, node: Node, glossary: Glossary) -> None:
    """Make an object of a plural whose article was taken for a preposition: "a imposé |des| droits de douane"."""
    verb = node.head
    if verb is None or verb.upos != "VERB" or not node.dep.startswith("obl") or verb.with_dep("obj", "xcomp", "expl"):
        return
    articles = [kid for kid in node.with_dep("case") if plain(kid.text) in glossary.grammar.words("plural_article")]
    if len(articles) == 1 and node.place > verb.place and not verb.with_dep("aux:pass"):
        tree.drop(articles[0])
        node.dep = "obj"
