from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.extractor.nlp import Parser
from services.extractor.recall import Known, Recall
from services.extractor.stage import Extractor
from services.runtime.stage import Outcome
from tests.unit.extractor.articles import PUBLISHED, unique

SENTENCES = [
    *(
        line.split("\t")[2]
        for line in (Path(__file__).parent / "newsroom_sentences.tsv").read_text(encoding="utf-8").splitlines()[::12]
        if not line.startswith("#")
    ),
    "According to the palace, Mills extended an invitation to Trump to visit Moscow.",
    "The ‘major’ swap between Iran and Norway was praised by him.",
]


@cache
def parser(tokens: int) -> Parser:
    return Parser(recall=Recall(tokens))


def known(words: int) -> Known:
    doc = parser(0).tokenize([" ".join(["word"] * words)])[0]
    return Known.of(doc)


def test_what_was_met_last_is_kept() -> None:
    recall = Recall(10)
    for name in "abc":
        recall.put(name, known(3))
    assert recall.get("a") is not None
    recall.put("d", known(3))
    assert [name for name in "abcd" if recall.get(name) is not None] == ["a", "c", "d"]
    assert recall.tokens == 9
    assert (recall.hits, recall.misses) == (4, 1)


def test_nothing_is_kept_where_nothing_may_be() -> None:
    recall = Recall(0)
    recall.put("a", known(3))
    assert recall.get("a") is None
    assert recall.tokens == 0


def test_a_sentence_met_again_is_not_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Parser()
    reader.enrich(reader.parse(SENTENCES[:3]))
    monkeypatch.setattr(reader._nlp, "pipe", lambda texts, **_: iter([1 / 0 for _ in texts]))
    monkeypatch.setattr(reader, "_entities", None)
    again = reader.parse([*SENTENCES[:3], SENTENCES[0]])
    assert again[0] is not again[3]
    assert [token.dep_ for token in again[0]] == [token.dep_ for token in again[3]]


def told(reader: Parser) -> list[list[tuple[object, ...]]]:
    docs = reader.parse(SENTENCES)
    reader.enrich(docs)
    return [
        [
            (t.text, t.tag_, t.dep_, t.head.i, t.left_edge.i, t.right_edge.i, t.pos_, t.lemma_, t.ent_type_, t.ent_iob_)
            for t in doc
        ]
        for doc in docs
    ]


def test_a_sentence_met_again_is_told_as_at_first() -> None:
    reader = Parser()
    first = told(reader)
    assert told(reader) == first
    assert (reader.recall.misses, reader.recall.hits) == (len(SENTENCES), len(SENTENCES))


def answers(reader: Parser, articles: Sequence[Sequence[int]]) -> list[bytes]:
    extractor = Extractor(readers={"en": reader})
    messages = [
        unique("\n".join(SENTENCES[number] for number in article), identity=f"a{at}")
        for at, article in enumerate(articles)
    ]
    found = []
    for first in range(0, len(messages), 2):
        for answer in extractor.handle_many(messages[first : first + 2], PUBLISHED):
            assert isinstance(answer, Outcome)
            found += [emit.value.SerializeToString(deterministic=True) for emit in answer.emits]
    return found


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, len(SENTENCES) - 1), min_size=1, max_size=4), min_size=1, max_size=5),
    st.sampled_from([40, 400_000]),
)
def test_articles_tell_the_same_whatever_is_remembered(articles: list[list[int]], tokens: int) -> None:
    remembering = parser(tokens)
    assert answers(remembering, articles) == answers(parser(0), articles)
    assert remembering.recall.tokens <= tokens


def test_a_pipeline_that_has_taken_up_many_words_is_loaded_anew() -> None:
    reader = Parser(max_new_words=40)
    (before,) = reader.parse(["Police arrested Maria Lopez in Madrid."])
    reader.tokenize([" ".join(f"qx{number}" for number in range(50))])
    assert reader.loads == 1
    reader.enrich([before])
    docs = reader.parse(["Police arrested Maria Lopez in Madrid.", "Peru freed him."])
    assert reader.loads == 2
    reader.enrich(docs)
    assert [(token.text, token.lemma_, token.ent_type_) for token in docs[0]] == [
        (token.text, token.lemma_, token.ent_type_) for token in before
    ]
