from __future__ import annotations

import pytest

from services.extractor.nlp import default_parser
from services.extractor.stage import Extractor
from services.extractor.status import status
from services.extractor.triggers import find
from tests.unit.extractor.articles import mentions

SENTENCES = [
    ("resignation", "denied", "The mayor ruled out resigning."),
    ("resignation", "denied", "The mayor dismissed rumours that he would resign."),
    ("strike", "denied", "The army said that it had not shelled the town."),
    ("rescue", "ongoing", "Crews were searching for two missing miners."),
    ("sanctions-lifted", "occurred", "The bloc drops sanctions on Syria."),
    ("arrest", "planned", "Police are preparing to arrest the mayor."),
    ("arrest", "planned", "The mayor was to be arrested on Sunday."),
    ("visit", "planned", "King to visit Kenya in May, palace says"),
    ("accusation", "occurred", "The mayor denied an allegation of fraud by the governor."),
    ("robbery", "occurred", "A man wanted for the robbery of a bank in Lyon fled."),
    ("sanctions", "considered", "The minister was considering imposing new sanctions on Iran."),
    ("sanctions", "considered", "Brussels could impose sanctions on Georgia."),
    ("sanctions", "considered", "Washington threatened to impose sanctions on Georgia."),
    ("release", "requested", "The United Nations urged Mali to release the soldiers."),
    ("visit", "requested", "Modi invited Macron to visit India."),
    ("visit", "requested", "Modi extended an invitation to Macron to visit India."),
    ("visit", "planned", "The king will visit Kenya in May."),
    ("visit", "planned", "The king is to visit Kenya in May."),
    ("visit", "planned", "The king is expected to visit Kenya."),
    ("visit", "planned", "Officials said the king would visit Kenya."),
    ("meeting", "agreed", "Both leaders reached an agreement to meet in Geneva."),
    ("meeting", "agreed", "Both leaders have agreed to hold a summit in Geneva."),
    ("negotiations", "agreed", "Both leaders agreed to begin negotiations immediately."),
    ("prisoner-exchange", "agreed", "Iran and Norway have agreed to a prisoner swap."),
    ("visit", "agreed", "The premier accepted an invitation to visit Turkey."),
    ("strike", "ongoing", "They condemned Russia for escalating its strikes on Ukraine."),
    ("negotiations", "ongoing", "Peace talks between Mali and the rebels are under way."),
    ("release", "ongoing", "The spy is being released by Norway."),
    (
        "prisoner-exchange",
        "occurred",
        "Officials announced that a prisoner swap had taken place between Iran and Iraq.",
    ),
    ("arrest", "occurred", "He was arrested in May."),
    ("attack", "occurred", "Gunmen tried to assassinate the governor."),
    ("visit", "denied", "The palace denied plans to visit Turkey."),
    ("visit", "denied", "The palace denied that the king was planning to visit Turkey."),
    ("resignation", "denied", "The mayor refused to resign."),
    ("visit", "denied", "The king will not visit Turkey."),
    ("agreement", "denied", "The two sides failed to reach an agreement on gas."),
    ("meeting", "cancelled", "Hanoi called off a summit with Manila."),
    ("meeting", "cancelled", "The summit with Manila was postponed."),
    ("visit", "cancelled", "The chancellor scrapped plans to visit Beijing."),
    ("release", "considered", "If Norway releases the spy, talks may begin."),
    ("strike", "considered", "Iran will bomb the base unless Iraq frees the crew."),
    ("aid", "cancelled", "Canada reduced its food aid to Chad."),
    ("meeting", "planned", "Hanoi refused to call off the summit with Manila."),
    ("protest", "denied", "The police will no longer allow a protest in Cairo."),
    ("negotiations", "planned", "The two rivals plan to resume talks in Oslo."),
    ("strike", "planned", "The army prepared to resume shelling the town."),
    ("labour-strike", "occurred", "Nine unions have organised a general strike that shut down Athens."),
    ("military-aid", "planned", "Norway has offered its warplanes to the Greek president."),
    ("aid", "agreed", "The bloc has committed to sending food aid to Chad."),
    ("human-rights-abuse", "occurred", "Rebels committed a massacre in Bunia on Monday."),
    ("withdrawal", "considered", "Chad and Libya renewed talks today on a Libyan pullback from the strip."),
    ("mobilization", "occurred", "The governor has ordered patrols by paramilitary soldiers."),
    ("resignation", "planned", "Chad offered its guards to the rebels to help them oust the president."),
    ("crackdown", "occurred", "Police fired shots to disperse the protesters."),
    ("demand", "occurred", "Miners blocked roads to press their demands for higher pay."),
    ("election", "planned", "The party said it will boycott the elections in Chad in May."),
]


def found(kind: str, sentence: str) -> str:
    parser = default_parser()
    docs = parser.parse([sentence])
    parser.enrich(docs)
    triggers = [trigger for trigger in find(docs[0]) if trigger.type == kind]
    assert triggers, f"no {kind} in {sentence!r}"
    return status(triggers[0]).value


@pytest.mark.parametrize(("kind", "expected", "sentence"), SENTENCES, ids=[row[2] for row in SENTENCES])
def test_the_words_around_an_event_tell_how_far_along_it_is(kind: str, expected: str, sentence: str) -> None:
    assert found(kind, sentence) == expected


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("meeting", "The leaders have not met since the election."),
        ("visit", "The king could have visited Kenya."),
        ("shooting", "Mass shootings are rarely carried out by women."),
    ],
)
def test_what_did_not_happen_is_no_event(kind: str, sentence: str) -> None:
    assert found(kind, sentence) == ""


@pytest.mark.parametrize(
    ("kind", "sentence", "threatened"),
    [
        ("strike", "Iran threatened to bomb the base in Iraq.", True),
        ("sanctions", "Canada announced that it will impose sanctions on Belarus.", True),
        ("sanctions", "Canada imposed sanctions on Belarus.", False),
        ("aid", "Canada announced that it will send aid to Ukraine.", False),
    ],
)
def test_a_threat_is_marked_beside_its_status(kind: str, sentence: str, threatened: bool) -> None:
    parser = default_parser()
    docs = parser.parse([sentence])
    parser.enrich(docs)
    (trigger,) = [trigger for trigger in find(docs[0]) if trigger.type == kind]
    assert status(trigger).threatened is threatened


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Negotiators hope to end the strike by dockers in Lisbon.", [("labour-strike", "ongoing")]),
        ("The talks could advance negotiations to end the fighting in Fada.", [("negotiations", "considered")]),
    ],
)
def test_what_somebody_hopes_to_end_is_not_merely_considered(
    extractor: Extractor, text: str, told: list[tuple[str, str]]
) -> None:
    assert [(mention.type, mention.status) for mention in mentions(extractor, text)] == told


def test_what_was_not_done_until_a_day_was_done_then() -> None:
    assert found("raid", "The FBI did not search the farm until October.") == "occurred"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Marc Fogel will likely die in prison, his lawyer said.", "considered"),
        ("A storm will hit the coast of Florida on Friday.", "considered"),
        ("President Macron will probably visit Algeria in May.", "considered"),
        ("President Macron will visit Algeria in May.", "planned"),
    ],
)
def test_a_forecast_is_no_plan(extractor: Extractor, sentence: str, expected: str) -> None:
    assert [mention.status for mention in mentions(extractor, sentence)] == [expected]


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("agreed", "Brussels cleared the takeover of Castellan Shipping by Nordhavn on Friday."),
        ("agreed", "European regulators gave the green light on Friday to Broadpeak's purchase of Lindqvist Telecom."),
        ("occurred", "Nordhavn completed its takeover of Castellan Shipping on Friday."),
    ],
)
def test_a_deal_that_an_authority_lets_pass_is_agreed_and_not_yet_carried_out(
    extractor: Extractor, told: str, sentence: str
) -> None:
    assert {mention.status for mention in mentions(extractor, sentence) if mention.type == "merger"} == {told}
