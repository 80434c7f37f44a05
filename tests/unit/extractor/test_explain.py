"""Why an event has its status: the words that decided it are named."""

from __future__ import annotations

import pytest

from services.contracts.dateline.v1.article_pb2 import UniqueArticle
from services.extractor.explain import explain
from services.extractor.languages import Readers
from services.extractor.reading import MAX_EVENTS
from tests.unit.extractor.articles import unique


def whys(text: str, title: str = "") -> dict[tuple[str, str], str]:
    """Why each event of a text has its status, by type and status."""
    value = unique(text, title).value
    assert isinstance(value, UniqueArticle)
    told = explain(value, Readers(), "full").events
    return {(each.mention.type, each.mention.status): each.why for each in told}


@pytest.mark.parametrize(
    ("kind", "status", "wanted", "sentence"),
    [
        ("sanctions", "considered", "“considering” leaves it open", "Oslo was considering sanctions on Iran."),
        ("sanctions", "considered", "“could” leaves it open", "Brussels could impose sanctions on Georgia."),
        ("sanctions", "considered", "“threatened” holds it out as a threat", "Oslo threatened sanctions on Iran."),
        ("release", "requested", "“urged” asks for it", "The United Nations urged Mali to release the soldiers."),
        ("visit", "planned", "“will” sets it for later", "The king will visit Kenya in May."),
        ("prisoner-exchange", "agreed", "“agreed” commits", "Iran and Norway have agreed to a prisoner swap."),
        ("release", "ongoing", "“being” has it going on", "The spy is being released by Norway."),
        ("arrest", "occurred", "“arrested” is told as a fact", "Police arrested Leyla Demir in Izmir."),
        ("visit", "denied", "“not” negates it, which outweighs that “will”", "The king will not visit Turkey."),
        ("meeting", "cancelled", "“called” calls it off", "Hanoi called off a summit with Manila."),
        (
            "visit",
            "cancelled",
            "“scrapped” calls it off, which outweighs that “plans” sets it for later",
            "The chancellor scrapped plans to visit Beijing.",
        ),
        ("meeting", "planned", "“to meet” sets it for later", "Leaders of Vietnam and Philippines to meet in Hanoi"),
    ],
)
def test_the_words_that_decided_are_named(kind: str, status: str, wanted: str, sentence: str) -> None:
    assert whys(sentence)[kind, status].startswith(wanted)


def test_a_plan_that_is_a_threat_says_so() -> None:
    found = whys("Russia will impose sanctions on Georgia.")
    assert found["sanctions", "planned"] == "“will” sets it for later; announced like this it is a threat"


def test_a_date_that_lies_ahead_is_the_reason_where_it_decides() -> None:
    found = whys("The trial of Paul Green opens on June 20.")
    assert found["trial", "planned"] == "told like a fact, but its date lies ahead"


def test_what_refers_to_an_earlier_mention_says_so() -> None:
    text = "Iran and Norway have agreed to a prisoner swap. The prisoner swap was praised in Geneva on Wednesday."
    value = unique(text).value
    assert isinstance(value, UniqueArticle)
    first, second = explain(value, Readers(), "full").events
    assert first.mention.status == second.mention.status == "agreed"
    assert second.why == "as the mention before tells, to which this one refers"


def test_what_the_title_tells_comes_first() -> None:
    value = unique("Police arrested Leyla Demir in Izmir.", "Peru and Chile sign trade agreement in Lima").value
    assert isinstance(value, UniqueArticle)
    told = explain(value, Readers(), "full").events
    assert [each.mention.trigger_span.in_title for each in told] == [True, False]


def test_an_article_without_events_gives_nothing() -> None:
    assert whys("The museum opens at nine and closes at six.") == {}


def test_what_was_left_out_is_noted() -> None:
    def notes(events: int) -> tuple[str, ...]:
        value = unique("".join(f"Police arrested Leyla Demir in town number {n}.\n" for n in range(events))).value
        assert isinstance(value, UniqueArticle)
        return explain(value, Readers(), "full").notes

    assert notes(2) == ()
    assert notes(MAX_EVENTS + 1) == ("triggers-cut",)


def test_a_language_that_is_not_read_gives_nothing() -> None:
    value = unique("Police arrested Leyla Demir in Izmir.", language="xx").value
    assert isinstance(value, UniqueArticle)
    assert explain(value, Readers(), "full").events == ()
