"""Which of an article's drafts become mentions."""

from services.extractor.stage import Extractor
from tests.unit.extractor.articles import mentions, who


def kinds(extractor: Extractor, text: str) -> list[tuple[str, str]]:
    return [(mention.type, mention.status) for mention in mentions(extractor, text)]


def test_one_sentence_tells_one_event_once(extractor: Extractor) -> None:
    text = (
        "Peru and Chile held a summit in Lima on Monday, and the meeting of the two presidents in Lima lasted an hour."
    )
    assert len([kind for kind in kinds(extractor, text) if kind[0] == "meeting"]) == 1


def test_two_arrests_of_different_people_in_one_sentence_stay_two(extractor: Extractor) -> None:
    text = "Police arrested Maria Lopez in Madrid and detained Paul Green in Seville."
    found = [mention for mention in mentions(extractor, text) if mention.type == "arrest"]
    assert [who(mention)["target"] for mention in found] == [{"Maria Lopez"}, {"Paul Green"}]


def test_a_demand_for_an_event_is_that_event_requested(extractor: Extractor) -> None:
    assert kinds(extractor, "Norway urged Mali to release Paul Green.") == [("release", "requested")]


def test_a_demand_for_nothing_else_stays_a_demand(extractor: Extractor) -> None:
    assert kinds(extractor, "Norway urged Mali to show restraint.") == [("demand", "occurred")]


def test_a_condition_about_a_told_event_is_no_second_event(extractor: Extractor) -> None:
    text = "Iran and Norway have agreed to a prisoner swap. If the swap goes ahead, it will be the first in years."
    assert kinds(extractor, text) == [("prisoner-exchange", "agreed")]


def test_a_bare_word_without_anybody_is_no_event(extractor: Extractor) -> None:
    assert kinds(extractor, "A deal was the talk of the evening.") == []


def test_private_calls_are_no_news(extractor: Extractor) -> None:
    assert kinds(extractor, "She made several phone calls before dinner.") == []


def test_two_clauses_with_their_own_doers_stay_two(extractor: Extractor) -> None:
    text = "Norway recalled its ambassador from Ankara, and Turkey expelled two Norwegian attaches."
    assert kinds(extractor, text) == [("diplomatic-break", "occurred")] * 2


def test_two_prices_that_move_in_one_sentence_are_two_events(extractor: Extractor) -> None:
    text = "The dollar fell to a two-year low on Friday, while London shares closed at a record high."
    assert [kind for kind, _ in kinds(extractor, text)] == ["market-move", "market-move"]


def test_people_who_are_meant_by_they_in_the_same_sentence_do_it(extractor: Extractor) -> None:
    text = "Police arrested dozens of students on Tuesday as they marched on parliament in Quito."
    assert "protest" in {kind for kind, _ in kinds(extractor, text)}


def test_one_object_of_two_joined_verbs_belongs_to_both(extractor: Extractor) -> None:
    told = mentions(extractor, "A driver fled after striking and fatally injuring a woman in Queens on Friday.")
    assert not [mention for mention in told if mention.type == "labour-strike"]


def test_harm_to_nobody_in_particular_is_rhetoric(extractor: Extractor) -> None:
    text = "Peru condemned Chile for its raids on Bolivia, which were causing the needless killing of a lot of people."
    assert "murder" not in {kind for kind, _ in kinds(extractor, text)}


def test_an_impression_of_a_demand_is_none(extractor: Extractor) -> None:
    assert kinds(extractor, "Observers said it appeared that Peru wanted Chile to give up the strip.") == []


def test_a_custody_that_is_judged_is_not_of_the_day_of_the_report(extractor: Extractor) -> None:
    text = "Paul Green, a history teacher who was deemed wrongfully detained by Russia, was released on Monday."
    (arrest,) = [mention for mention in mentions(extractor, text) if mention.type == "arrest"]
    assert (who(arrest)["target"], arrest.time.start) == ({"Paul Green"}, "")
