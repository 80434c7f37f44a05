"""Vectors come out as spaCy computes them, whatever the sentences and however little is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from spacy.tokens import Doc
from thinc.api import Linear

from services.extractor.encoding import Encoder, encoder
from tests.unit.extractor.parsing import pipeline

TEXTS = (
    "Police arrested Maria Lopez in Madrid on Tuesday, officials said.",
    "Yes.",
    "",
    "The U.S. didn't say how many of the 1,250 prisoners (most of them soldiers) it’d send to Kyiv.",
    "Police arrested Maria Lopez in Madrid on Tuesday, officials said.",
    "  two  spaces \t and مرحبا 🙂🙂 café",
)


@pytest.fixture(params=["tok2vec", "ner"])
def model(request: pytest.FixtureRequest) -> Any:
    """Each of the two encoders of the English pipeline."""
    if request.param == "tok2vec":
        return pipeline().get_pipe("tok2vec").model
    return pipeline().get_pipe("ner").model.layers[0].layers[0]


def tokens(*texts: str) -> list[Doc]:
    return [pipeline().make_doc(text) for text in texts]


def assert_same(found: list[Any], wanted: list[Any]) -> None:
    assert [len(each) for each in found] == [len(each) for each in wanted]
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-4)


def test_vectors_are_those_of_spacy(model: Any) -> None:
    docs = tokens(*TEXTS)
    assert_same(Encoder(model).encode(docs), model.predict(docs))


def test_a_sentence_has_the_same_vectors_alone_and_among_others(model: Any) -> None:
    reader = Encoder(model)
    together = reader.encode(tokens(*TEXTS))
    assert_same([reader.encode(tokens(text))[0] for text in TEXTS], together)


def test_words_that_are_forgotten_are_met_anew(model: Any) -> None:
    reader = Encoder(model, max_words=5)
    for _ in range(3):
        for text in TEXTS:
            docs = tokens(text)
            assert_same(reader.encode(docs), model.predict(docs))
    assert reader.words <= 5 + max(len(doc) for doc in tokens(*TEXTS))


def test_more_words_than_the_first_table_holds_are_kept(model: Any) -> None:
    docs = tokens(*(f"{number} ships {number + 5_000} ports" for number in range(600)))
    assert_same(Encoder(model).encode(docs), model.predict(docs))


def test_no_sentences_give_no_vectors(model: Any) -> None:
    assert Encoder(model).encode([]) == []
    assert Encoder(model).encode(tokens(""))[0].shape == (0, 96)


def test_an_encoder_of_another_kind_is_left_to_spacy() -> None:
    assert encoder(Linear(4, 4)) is None
    assert encoder(pipeline().get_pipe("tagger").model) is None
