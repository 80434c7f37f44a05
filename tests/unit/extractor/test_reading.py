"""Whole sentences and articles, as newspapers write them: what is read out of them, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.extractor.nlp import default_parser
from services.extractor.reading import LEAD_SENTENCES, Reading, Text, read
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


def told(reading: Reading | Exception) -> list[tuple[str, str, frozenset[str]]]:
    assert isinstance(reading, Reading), reading
    return [(draft.type, draft.status.value, draft.actors) for draft in reading.drafts]


def test_at_lead_depth_the_title_and_the_first_sentences_with_a_trigger_are_read() -> None:
    quiet = "\n".join(f"The harbour of town number {number} is quiet." for number in range(12))
    arrests = "\n".join(f"Police arrested {number} dockers in Izmir." for number in range(20, 20 + LEAD_SENTENCES))
    text = Text("Peru frees Ana Silva", f"{quiet}\n{arrests}\nThe army attacked a village near Izmir.", PUBLISHED)
    parser = default_parser()
    (lead,) = read([text], parser, "lead")
    (full,) = read([text], parser, "full")
    assert [kind for kind, *_ in told(lead)] == ["release"] + ["arrest"] * LEAD_SENTENCES
    assert [kind for kind, *_ in told(full)] == ["release"] + ["arrest"] * LEAD_SENTENCES + ["attack"]


def test_names_that_a_sentence_between_introduces_are_known_at_lead_depth() -> None:
    text = Text("", "Leyla Demir lives in Izmir.\nPolice arrested Demir on Monday.", PUBLISHED)
    (lead,) = read([text], default_parser(), "lead")
    assert "person:leyla demir" in told(lead)[0][2]


def test_articles_read_together_give_what_they_give_alone() -> None:
    texts = [
        Text("", "Police arrested Leyla Demir in Izmir.", PUBLISHED),
        Text("", "", PUBLISHED),
        Text("Iran and Norway swap prisoners", "Ana Silva met Paul Green in Lisbon on Monday.", PUBLISHED),
    ]
    parser = default_parser()
    alone = [read([text], parser, "full")[0] for text in texts]
    together = read(texts, parser, "full")
    assert [told(drafts) for drafts in together] == [told(drafts) for drafts in alone]


def test_an_event_without_a_place_is_placed_by_the_dateline(extractor: Extractor) -> None:
    (found,) = mentions(extractor, "IZMIR, Turkey (AP) — Police arrested Leyla Demir on Monday.")
    assert (found.place.name, found.place.country, found.place.origin) == ("İzmir", "TUR", "dateline")
    assert found.place.text == "IZMIR, Turkey"


@pytest.mark.parametrize(
    "sentence",
    [
        "Police arrested Leyla Demir in Ankara on Monday.",
        "Peruvian police arrested Leyla Demir on Monday.",
        "Police will arrest Leyla Demir on Monday.",
        "Police had arrested Leyla Demir.",
        "Police arrested Leyla Demir in 2019.",
    ],
)
def test_the_dateline_places_nothing_that_may_be_elsewhere(extractor: Extractor, sentence: str) -> None:
    for found in mentions(extractor, f"IZMIR, Turkey (AP) — {sentence}"):
        assert found.place.origin != "dateline"


def test_days_count_from_the_day_of_the_dateline(extractor: Extractor) -> None:
    (found,) = mentions(extractor, "IZMIR, June 10 (Reuters) - Police arrested Leyla Demir on Monday.")
    assert found.time.start == "2025-06-09"
    (found,) = mentions(extractor, "IZMIR, June 8 (Reuters) - Police arrested Leyla Demir on Monday.")
    assert found.time.start == "2025-06-02"


def test_boilerplate_tells_of_no_event(extractor: Extractor) -> None:
    text = (
        "The ministry did not respond to requests for comment on the arrests.\n"
        "FILE - Police arrest a protester in Izmir in May.\n"
        "Turkish police arrested Leyla Demir. She declined to comment on the attack."
    )
    assert [found.type for found in mentions(extractor, text)] == ["arrest"]
