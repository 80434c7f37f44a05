import pytest
import spacy
from spacy.tokens import Doc

from services.extractor.nlp import Parser, default_parser, repair_names, unquoted


def test_marks_around_a_few_words_become_spaces_of_the_same_length() -> None:
    text = "He called it a ‘major swap’ and ‘wrong’."
    assert unquoted(text) == "He called it a  major swap  and  wrong ."
    assert len(unquoted(text)) == len(text)


def test_quoted_speech_and_possessives_keep_their_marks() -> None:
    text = "“We will go, and we will stay there,” said the workers’ union’s head."
    assert unquoted(text) == text


def test_a_surname_that_is_a_verb_is_a_person_after_to() -> None:
    (doc,) = default_parser().parse(["According to the palace, Mills extended an invitation to Trump to visit Moscow."])
    name = next(token for token in doc if token.text == "Trump")
    assert (name.tag_, name.dep_) == ("NNP", "pobj")


def test_enriched_sentences_have_lemmas_and_entities() -> None:
    parser = default_parser()
    docs = parser.parse(["Police arrested Maria Lopez in Madrid."])
    parser.enrich(docs)
    assert docs[0][1].lemma_ == "arrest"
    assert {entity.text for entity in docs[0].ents} >= {"Maria Lopez", "Madrid"}


def test_a_missing_pipeline_is_named_with_what_to_install() -> None:
    with pytest.raises(OSError, match=r"xx_missing_pipeline.*install dateline"):
        Parser("xx_missing_pipeline")


@pytest.mark.parametrize(
    ("heads", "labels", "expected"),
    [
        ([1, 1, 1, 1], ["dep", "ROOT", "punct", "punct"], [0, 0, 1, 1]),
        ([0, 0, 0, 0], ["ROOT", "pcomp", "punct", "punct"], [0, 0, 0, 0]),
        ([0, 2, 0, 0], ["ROOT", "conj", "pobj", "punct"], [0, 2, 0, 0]),
    ],
    ids=["the name was the root", "the name hangs on to", "the name hangs on what hangs on to"],
)
def test_a_name_taken_for_an_infinitive_never_closes_a_circle(
    heads: list[int], labels: list[str], expected: list[int]
) -> None:
    before = ["He", "wrote"]
    doc = Doc(
        spacy.blank("en").vocab,
        words=[*before, "to", "Bakerton", "yesterday", "."],
        tags=["PRP", "VBD", "TO", "VB", "NN", "."],
        heads=[0, 0, *(head + 2 for head in heads)],
        deps=["ROOT", "dep", *labels],
    )
    repair_names(doc)
    assert [token.head.i - 2 for token in doc][2:] == expected
    assert doc[3].tag_ == "NNP"
