from __future__ import annotations

import pytest
from spacy.tokens import Doc

from services.extractor import nlp
from services.extractor.nlp import Parser, default_parser
from services.extractor.trees import open_circles

WORDS = ["Police", "want", "to", "Woodburn", "on", "Monday"]


def circled(*heads: int) -> Doc:
    """Return a Doc with the given heads, circles and all."""
    doc = Doc(default_parser().tokenize(["x"])[0].vocab, words=WORDS, heads=[1, 1, 1, 2, 1, 4], deps=["dep"] * 6)
    for word, head in enumerate(heads):
        doc[word].head = doc[head]
    return doc


def arrives(doc: Doc) -> bool:
    """True where a walk up from every word ends within as many steps as there are words."""
    for token in doc:
        for _ in doc:
            token = token.head
        if token.head.i != token.i:
            return False
    return True


def test_a_circle_is_opened_at_its_first_word() -> None:
    doc = circled(1, 1, 3, 2, 1, 4)
    assert not arrives(doc)
    assert open_circles(doc)
    assert arrives(doc)
    assert [token.head.i for token in doc] == [1, 1, 2, 2, 1, 4]
    assert doc[2].dep_ == "ROOT"


def test_every_circle_is_opened() -> None:
    doc = circled(1, 0, 3, 2, 2, 4)
    assert open_circles(doc)
    assert arrives(doc)
    assert [token.head.i for token in doc] == [0, 0, 2, 2, 2, 4]


def test_a_tree_stays_as_it_is() -> None:
    doc = circled()
    before = [(token.head.i, token.dep_) for token in doc]
    assert not open_circles(doc)
    assert [(token.head.i, token.dep_) for token in doc] == before


def test_no_words_have_no_circle() -> None:
    assert not open_circles(Doc(default_parser().tokenize(["x"])[0].vocab))


def test_what_the_parser_returns_has_no_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    def turn(doc: Doc) -> None:
        doc[0].head = doc[1]
        doc[1].head = doc[0]

    monkeypatch.setattr(nlp, "repair_names", turn)
    (doc,) = Parser().parse(["Police arrested Ivo Maric in Oslo."])
    assert arrives(doc)
