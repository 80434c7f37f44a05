from __future__ import annotations

from typing import Any

import pytest

from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.dateline.v1.event_pb2 import MentionBatch
from services.contracts.ids import derive, mention_id
from services.contracts.ontology import TOPIC_FAMILIES
from services.contracts.topics import ARTICLES_RAW, MENTIONS
from services.extractor.nlp import Parser
from services.extractor.service import build
from services.extractor.stage import Extractor
from services.runtime.stage import Failure, Message, Outcome
from tests.unit.extractor.articles import PUBLISHED, copy, unique

TEXT = "Turkish police arrested Leyla Demir in Izmir on Monday. An earthquake shook Peru."


def batches(answer: Outcome | Failure) -> dict[str, MentionBatch]:
    assert isinstance(answer, Outcome), answer
    found: dict[str, Any] = {emit.key: emit.value for emit in answer.emits}
    return found


def test_mentions_go_to_the_families_of_their_types(extractor: Extractor) -> None:
    found = batches(extractor.handle(unique(TEXT), PUBLISHED))
    assert {family: [mention.type for mention in batch.mentions] for family, batch in found.items()} == {
        "crime-law-justice": ["arrest"],
        "disaster-accident-emergency": ["earthquake"],
    }


def test_what_is_too_unsure_is_not_sent(extractor: Extractor) -> None:
    (sure, *_), others = (batch.mentions for batch in batches(extractor.handle(unique(TEXT), PUBLISHED)).values())
    low, high = sorted((sure.confidence, others[0].confidence))
    assert low < high
    found = batches(Extractor(min_confidence=high).handle(unique(TEXT), PUBLISHED))
    assert [mention.confidence for batch in found.values() for mention in batch.mentions] == [high]


@pytest.mark.parametrize("threshold", [-0.1, 1.1])
def test_a_threshold_that_is_no_probability_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match=str(threshold)):
        build(min_confidence=threshold)


def test_a_batch_has_a_derived_id_and_the_time_of_its_article(extractor: Extractor) -> None:
    message = unique(TEXT)
    for emit in extractor.handle(message, PUBLISHED).emits:
        assert emit.topic is MENTIONS
        assert emit.id == derive("batch", "a1", emit.key)
        assert emit.time == message.time


def test_offsets_lead_back_to_sentence_and_trigger(extractor: Extractor) -> None:
    text = "Über Nacht 🚀.\n“Quiet,” they said. " + TEXT
    for batch in batches(extractor.handle(unique(text), PUBLISHED)).values():
        for mention in batch.mentions:
            assert text[mention.sentence_span.start : mention.sentence_span.end] == mention.sentence
            assert text[mention.trigger_span.start : mention.trigger_span.end] in ("arrested", "earthquake", "shook")


def test_a_mention_is_named_after_article_span_and_type(extractor: Extractor) -> None:
    (mention,) = batches(extractor.handle(unique(TEXT), PUBLISHED))["crime-law-justice"].mentions
    assert mention.id == mention_id("a1", False, mention.trigger_span.start, mention.trigger_span.end, "arrest")
    assert (mention.article.story_id, mention.article.source.domain) == ("s1", "wire.example")


def test_the_same_article_gives_the_same_bytes_again(extractor: Extractor) -> None:
    first, second = (extractor.handle(unique(TEXT), PUBLISHED) for _ in range(2))
    assert [emit.value.SerializeToString(deterministic=True) for emit in first.emits] == [
        emit.value.SerializeToString(deterministic=True) for emit in second.emits
    ]


def test_a_copy_is_told_to_every_family(extractor: Extractor) -> None:
    found = batches(extractor.handle(copy("b1", of="a1"), PUBLISHED))
    assert set(found) == set(TOPIC_FAMILIES)
    assert {batch.copy_of for batch in found.values()} == {"a1"}
    assert all(batch.article.id == "b1" and not batch.mentions for batch in found.values())


def test_a_revision_is_told_to_every_family_with_what_it_replaces(extractor: Extractor) -> None:
    found = batches(extractor.handle(unique(TEXT, revision=2, supersedes="a0"), PUBLISHED))
    assert set(found) == set(TOPIC_FAMILIES)
    assert {batch.supersedes for batch in found.values()} == {"a0"}
    assert len(found["crime-law-justice"].mentions) == 1


def test_a_revision_replaces_the_one_that_told_something_not_a_copy_in_between(extractor: Extractor) -> None:
    message = unique(TEXT, revision=3, supersedes="a2-differs-by-a-comma")
    message.value.verdict.decision = "revision"  # type: ignore[attr-defined]
    message.value.verdict.of_article_id = "a1"  # type: ignore[attr-defined]
    assert {batch.supersedes for batch in batches(extractor.handle(message, PUBLISHED)).values()} == {"a1"}


def test_a_batch_says_how_much_was_read_and_whose_report_it_is(extractor: Extractor) -> None:
    for depth, reader in (("full", extractor), ("lead", Extractor("lead"))):
        found = batches(reader.handle(unique(f"IZMIR (AP) — {TEXT}", revision=2, supersedes="a0"), PUBLISHED))
        assert {(batch.depth, batch.agency, tuple(batch.notes)) for batch in found.values()} == {(depth, "AP", ())}


def test_an_article_tells_its_names_with_its_mentions_alone(extractor: Extractor) -> None:
    found = batches(extractor.handle(unique(TEXT, revision=2, supersedes="a0"), PUBLISHED))
    told = {family: tuple(batch.names) for family, batch in found.items() if batch.names}
    names = ("Leyla", "Demir", "Izmir", "Monday", "Peru")
    assert told == {"crime-law-justice": names, "disaster-accident-emergency": names}


def test_what_was_parsed_and_recalled_is_counted() -> None:
    reader = Extractor(readers={"en": Parser()})
    for _ in range(2):
        reader.handle(unique(TEXT), PUBLISHED)
    assert reader.health().gauges == {"articles_read_in_part": 0.0, "sentences_recalled": 2.0, "sentences_parsed": 2.0}


def test_other_languages_have_no_mentions_and_no_error(extractor: Extractor) -> None:
    assert batches(extractor.handle(unique("Die Polizei nahm Paul fest.", language="de"), PUBLISHED)) == {}


@pytest.mark.parametrize("text", ["", "\x00\x01\x02", "arrest " * 20_000, "(" * 5_000, "\ud800 arrested \udfff"])
def test_hostile_texts_pass(extractor: Extractor, text: str) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8")
    assert isinstance(extractor.handle(unique(text), PUBLISHED), Outcome)


def test_a_megabyte_is_read_up_to_the_cap(extractor: Extractor) -> None:
    text = "".join(f"The river of town {number} is calm and blue. " for number in range(22_000)) + TEXT
    assert len(text) > 900_000
    assert batches(extractor.handle(unique(text), PUBLISHED)) == {}


def test_a_poisonous_message_fails_alone(extractor: Extractor) -> None:
    poison = Message(ARTICLES_RAW, "x", Article(id="x"), "x", PUBLISHED)
    answers = extractor.handle_many([unique(TEXT), poison, unique(TEXT, identity="a2")], PUBLISHED)
    assert [isinstance(answer, Failure) for answer in answers] == [False, True, False]
    assert set(batches(answers[2])) == {"crime-law-justice", "disaster-accident-emergency"}


def test_an_article_whose_reading_fails_does_not_spoil_the_others(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    import services.extractor.reading as reading

    whole = reading._drafts

    def failing(page: Any, *given: Any) -> Any:
        if page.text.title == "bad":
            raise RuntimeError("unreadable")
        return whole(page, *given)

    monkeypatch.setattr(reading, "_drafts", failing)
    answers = extractor.handle_many([unique(TEXT, "bad"), unique(TEXT, identity="a2")], PUBLISHED)
    assert isinstance(answers[0], Failure)
    assert isinstance(answers[1], Outcome)


def test_the_service_builds_the_depth_it_is_asked_for() -> None:
    assert build("lead").handle(unique(TEXT), PUBLISHED).emits
    with pytest.raises(ValueError, match="use full or lead"):
        build("half")  # type: ignore[arg-type]
