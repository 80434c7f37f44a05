"""Trees and names are decided as spaCy decides them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from spacy.attrs import DEP, ENT_IOB, ENT_TYPE, HEAD
from spacy.tokens import Doc

from services.extractor.decoding import NameDecoder, decide, name_decoder
from tests.unit.extractor.parsing import pipeline

TEXTS = (
    "Police arrested Maria Lopez in Madrid on Tuesday, officials said.",
    "Yes.",
    "",
    "NATO",
    "The U.S. didn't say how many of the 1,250 prisoners (most of them soldiers) it’d send to Kyiv.",
    "Foreign Minister Sergei Lavrov of Russia and Secretary of State Marco Rubio met in Riyadh, Saudi Arabia",
    "  Two  spaces \t before the European Union  \n signed the $2.5 billion deal on 14 March 2025 in New York  ",
    "Kenya won. Uganda lost to South Africa. The African Union met in Addis Ababa on Monday",
    "Reuters Associated Press Agence France-Presse BBC World Service The New York Times",
)


def parsed() -> list[Doc]:
    with pipeline().select_pipes(disable=["ner", "attribute_ruler", "lemmatizer"]):
        return list(pipeline().pipe(TEXTS))


def test_trees_are_those_of_spacy() -> None:
    component = pipeline().get_pipe("parser")
    with pipeline().select_pipes(enable=["tok2vec"]):
        ours, theirs = list(pipeline().pipe(TEXTS)), list(pipeline().pipe(TEXTS))
    component.set_annotations(ours, decide(component, ours))
    component.set_annotations(theirs, component.predict(theirs))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one.to_array([HEAD, DEP]), other.to_array([HEAD, DEP]))


def test_nothing_to_parse_is_no_error() -> None:
    component = pipeline().get_pipe("parser")
    docs = [pipeline().make_doc("")]
    component.set_annotations(docs, decide(component, docs))
    assert len(docs[0]) == 0


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "each alone"])
def test_names_are_those_of_spacy(together: bool) -> None:
    component = pipeline().get_pipe("ner")
    docs = parsed()
    decoder = NameDecoder(component)
    found = decoder.find(docs) if together else [decoder.find([doc])[0] for doc in docs]
    assert sum(int((each[:, 0] == 3).sum()) for each in found) >= 15  # there is something to compare
    for doc, ours in zip(component.pipe(docs), found, strict=True):
        np.testing.assert_array_equal(ours, doc.to_array([ENT_IOB, ENT_TYPE]))


def test_no_name_goes_beyond_the_end_of_a_sentence() -> None:
    component = pipeline().get_pipe("ner")
    docs = [pipeline().make_doc("He met Foreign Minister Sergei Viktorovich Lavrov of New York City") for _ in range(9)]
    for number, doc in enumerate(docs):
        doc[number + 2].is_sent_start = True
    found = NameDecoder(component).find(docs)
    for doc, ours in zip(component.pipe(docs), found, strict=True):
        np.testing.assert_array_equal(ours, doc.to_array([ENT_IOB, ENT_TYPE]))


def test_no_name_begins_with_white_space() -> None:
    component = pipeline().get_pipe("ner")
    text = "On Monday President William Ruto of Kenya flew to New York for the United Nations General Assembly"
    docs = [pipeline().make_doc(text.replace(" ", gap)) for gap in (" \n ", "  ", " \t\t ", "\n\n")]
    found = NameDecoder(component).find(docs)
    for doc, ours in zip(component.pipe(docs), found, strict=True):
        np.testing.assert_array_equal(ours, doc.to_array([ENT_IOB, ENT_TYPE]))


def test_no_sentences_have_no_names() -> None:
    decoder = NameDecoder(pipeline().get_pipe("ner"))
    assert decoder.find([]) == []
    assert decoder.find([pipeline().make_doc("")])[0].shape == (0, 2)


class _Beam:
    """A component that keeps several readings, which only spaCy itself can do."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.cfg = {**inner.cfg, "beam_width": 4}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_a_component_that_decides_in_another_way_is_left_to_spacy() -> None:
    assert name_decoder(_Beam(pipeline().get_pipe("ner"))) is None
    assert name_decoder(pipeline().get_pipe("parser")) is None
    assert name_decoder(pipeline().get_pipe("tagger")) is None
