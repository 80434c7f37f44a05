"""Whole sentences and articles, as newspapers write them: what is read out of them, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.extractor.nlp import default_parser
from services.extractor.reading import Text, read
from services.extractor.stage import Extractor
from tests.unit.extractor.articles import PUBLISHED, mentions, who

ROWS = [
    line.split("\t")
    for line in (Path(__file__).parent / "newsroom_sentences.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("kind", "status", "sentence"), ROWS, ids=[row[2] for row in ROWS])
def test_a_sentence_of_the_news_gives_its_event(extractor: Extractor, kind: str, status: str, sentence: str) -> None:
    assert (kind, status) in [(mention.type, mention.status) for mention in mentions(extractor, sentence)]


@pytest.mark.parametrize(
    "sentence",
    [
        "The weather in Lisbon was mild on Monday.",
        "The minister said that the economy was strong.",
        "She has lived in Oslo with her two children since 2011.",
        "The novel tells of a boy who grows up by the sea.",
        "Experts say the plan would be difficult.",
        "The museum opens at nine and closes at six.",
        "He told reporters that he was happy with the team.",
        "Nobody answered the telephone at the ministry.",
    ],
)
def test_a_sentence_without_an_event_gives_none(extractor: Extractor, sentence: str) -> None:
    assert [(mention.type, mention.status) for mention in mentions(extractor, sentence)] == []


def test_agreeing_to_an_event_is_that_event_and_no_agreement(extractor: Extractor) -> None:
    found = mentions(extractor, "Iran and Norway reached an agreement to exchange twelve prisoners.")
    assert [(mention.type, mention.status) for mention in found] == [("prisoner-exchange", "agreed")]


def test_what_somebody_is_charged_with_is_not_told_as_a_fact(extractor: Extractor) -> None:
    found = mentions(extractor, "Paul Green pleaded guilty to conspiracy to commit money laundering.")
    assert [mention.type for mention in found] == ["guilty-plea"]


def test_a_reference_takes_over_what_the_event_before_it_told(extractor: Extractor) -> None:
    found = mentions(
        extractor,
        "Iran and Norway have agreed to a prisoner swap. The swap was praised in Geneva on Wednesday.",
    )
    swaps = [mention for mention in found if mention.type == "prisoner-exchange"]
    assert {mention.status for mention in swaps} == {"agreed"}
    assert all(who(mention)["party"] >= {"Iran", "Norway"} for mention in swaps)


def test_an_exchange_involves_those_freed_in_it(extractor: Extractor) -> None:
    text = "Following a prisoner exchange in which Russia released Paul Green, the talks went on."
    (swap,) = [mention for mention in mentions(extractor, text) if mention.type == "prisoner-exchange"]
    assert who(swap) == {"party": {"Russia"}, "subject": {"Paul Green"}}


def test_an_arrest_that_was_asked_for_has_happened_if_an_extradition_followed(extractor: Extractor) -> None:
    text = (
        "The United States requested Ivo Maric's detention in Greece in 2017. "
        "Ivo Maric was subsequently extradited to the United States."
    )
    found = {mention.type: mention.status for mention in mentions(extractor, text)}
    assert found == {"arrest": "occurred", "extradition": "occurred"}


def test_a_picture_caption_is_not_read_twice(extractor: Extractor) -> None:
    sentence = "Police arrested Leyla Demir in Izmir on Monday"
    assert len(mentions(extractor, f"{sentence}.\nShe is a lawyer.\n{sentence}")) == 1


def test_the_title_is_read_and_marked(extractor: Extractor) -> None:
    (mention,) = mentions(extractor, "", "Peru and Chile sign trade agreement in Lima")
    assert mention.trigger_span.in_title
    assert mention.sentence_span.start == 0


def test_what_lies_ahead_is_planned_even_in_the_present_tense(extractor: Extractor) -> None:
    (mention,) = [
        each for each in mentions(extractor, "The trial of Paul Green opens on June 20.") if each.type == "trial"
    ]
    assert (mention.status, mention.time.start) == ("planned", "2025-06-20")


def test_an_event_without_a_date_has_the_day_of_the_report(extractor: Extractor) -> None:
    (mention,) = mentions(extractor, "Turkish police arrested Leyla Demir.")
    assert (mention.time.start, mention.time.origin) == ("2025-06-12", "report")


def test_history_does_not_have_the_day_of_the_report(extractor: Extractor) -> None:
    found = mentions(extractor, "Ivo Maric was subsequently extradited to the United States.")
    assert found[0].time.start == ""


def test_at_lead_depth_only_the_beginning_is_read() -> None:
    filler = "\n".join(f"The harbour of town number {number} is quiet." for number in range(12))
    text = Text("", f"{filler}\nPolice arrested Leyla Demir in Izmir.", PUBLISHED)
    parser = default_parser()
    (lead,) = read([text], parser, "lead")
    (full,) = read([text], parser, "full")
    assert lead == []
    assert isinstance(full, list)
    assert [draft.type for draft in full] == ["arrest"]


def test_articles_read_together_give_what_they_give_alone() -> None:
    texts = [
        Text("", "Police arrested Leyla Demir in Izmir.", PUBLISHED),
        Text("", "", PUBLISHED),
        Text("Iran and Norway swap prisoners", "Ana Silva met Paul Green in Lisbon on Monday.", PUBLISHED),
    ]
    parser = default_parser()
    alone = [read([text], parser, "full")[0] for text in texts]
    together = read(texts, parser, "full")

    def told(drafts: object) -> list[tuple[str, str, frozenset[str]]]:
        assert isinstance(drafts, list)
        return [(draft.type, draft.status.value, draft.actors) for draft in drafts]

    assert [told(drafts) for drafts in together] == [told(drafts) for drafts in alone]
