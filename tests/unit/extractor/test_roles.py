from __future__ import annotations

import pytest

from services.extractor.stage import Extractor
from tests.unit.extractor.articles import mentions, who

SENTENCES = [
    ("arrest", "Turkish police arrested Maria Lopez in Izmir.", {"source": "Turkish police", "target": "Maria Lopez"}),
    ("arrest", "Maria Lopez was arrested by Turkish police.", {"source": "Turkish police", "target": "Maria Lopez"}),
    ("arrest", "Maria Lopez, who was arrested in May, is a lawyer.", {"target": "Maria Lopez"}),
    ("arrest", "The arrest of Maria Lopez shocked Izmir.", {"target": "Maria Lopez"}),
    ("arrest", "Maria Lopez's arrest shocked Izmir.", {"target": "Maria Lopez"}),
    ("release", "The release of Paul Green by Russia was welcomed.", {"source": "Russia", "target": "Paul Green"}),
    ("release", "Paul Green was released from a Russian prison.", {"source": "Russia", "target": "Paul Green"}),
    ("meeting", "Ana Silva and Paul Green met in Lisbon.", {"party": ["Ana Silva", "Paul Green"]}),
    ("meeting", "Ana Silva met with Paul Green in Lisbon.", {"party": ["Ana Silva", "Paul Green"]}),
    ("meeting", "Ana Silva agreed to meet Paul Green.", {"party": ["Ana Silva", "Paul Green"]}),
    ("prisoner-exchange", "A prisoner swap between Iran and Norway took place.", {"party": ["Iran", "Norway"]}),
    ("prisoner-exchange", "Iran and Norway agreed to a prisoner swap.", {"party": ["Iran", "Norway"]}),
    (
        "phone-call",
        "During a phone call, Ana Silva and Paul Green spoke of gas.",
        {"party": ["Ana Silva", "Paul Green"]},
    ),
    ("agreement", "Peru reached an agreement with Chile on copper.", {"party": ["Peru", "Chile"]}),
    ("strike", "Russian strikes on Ukraine killed four people.", {"source": "Russia", "target": "Ukraine"}),
    ("sanctions", "Canada imposed sanctions on Belarus.", {"source": "Canada", "target": "Belarus"}),
    ("visit", "Ana Silva invited Paul Green to visit Portugal.", {"source": ["Ana Silva", "Paul Green"]}),
    ("charge", "Paul Green faces corruption charges in Leeds.", {"target": "Paul Green"}),
    ("accusation", "Rwanda accused Burundi of arming rebels.", {"source": "Rwanda", "target": "Burundi"}),
    ("sentencing", "A court sentenced Paul Green to six years in prison.", {"target": "Paul Green"}),
    ("invasion", "Iraq sent troops into Kuwait.", {"source": "Iraq", "target": "Kuwait"}),
    ("military-aid", "Germany will send missiles to Ukraine.", {"source": "Germany", "target": "Ukraine"}),
    ("demand", "Peru said on Friday that Chile must return the ship.", {"source": "Peru", "target": "Chile"}),
    ("demand", "Peru issued a declaration demanding that Chile show restraint.", {"source": "Peru", "target": "Chile"}),
    ("refusal", "Peru rejected a Chilean proposal.", {"source": "Peru", "target": "Chile"}),
    ("refusal", "Peru rejected an appeal from Chile.", {"source": "Peru", "target": "Chile"}),
    ("pledge", "Norway offered to share its harbours with Iceland.", {"source": "Norway", "target": "Iceland"}),
    ("threat", "Iran threatened to cut off power to Iraq.", {"source": "Iran", "target": "Iraq"}),
    ("criticism", "Brazil condemned a decision by Chile.", {"source": "Brazil", "target": "Chile"}),
    ("restriction", "Turkey imposed a curfew in Syria.", {"source": "Turkey", "target": "Syria"}),
    ("protest", "Farmers blocked roads in Lima to demand reforms from Ana Silva.", {"target": "Ana Silva"}),
    ("protest", "Farmers marched through Lima in protest against the reforms of Ana Silva.", {"target": "Ana Silva"}),
    ("sanctions", "Jordan suspended air links with Libya.", {"source": "Jordan", "target": "Libya"}),
    ("pledge", "Peru is committed to closing its coal plants.", {"source": "Peru"}),
    ("visit", "Peru said it would visit Chile.", {"source": "Peru", "target": "Chile"}),
    ("concession", "Peru said that Chile must return the land.", {"source": ["Peru", "Chile"]}),
    ("labour-strike", "The dockers will strike unless Peru raises their pay.", {"target": "Peru"}),
    ("negotiations", "Iran threatened to stop negotiations if Iraq moves its tanks.", {"party": ["Iran", "Iraq"]}),
    ("defiance", "Peru reneged on a promise to Chile.", {"source": "Peru", "target": "Chile"}),
    ("mobilization", "Peru mobilised its army for a war against Chile.", {"source": "Peru", "target": "Chile"}),
    ("agreement", "Turkish and Greek officials signed a treaty.", {"party": ["Turkey", "Greece"]}),
    ("investigation", "Norway opened an inquiry into bribes paid by Iran.", {"source": "Norway", "target": "Iran"}),
    ("aid", "Canada cut food aid to Ethiopia.", {"source": "Canada", "target": "Ethiopia"}),
    ("sanctions", "Jordan announced a suspension of trade with Libya.", {"source": "Jordan", "target": "Libya"}),
    ("cooperation", "Estonia shared intelligence with Latvia.", {"party": ["Estonia", "Latvia"]}),
    ("lawsuit", "Paul Green sued by Ana Silva over dam", {"source": "Ana Silva", "target": "Paul Green"}),
    (
        "resignation",
        "Paul Green's dismissal by Ana Silva stunned Lisbon.",
        {"source": "Ana Silva", "target": "Paul Green"},
    ),
    ("resignation", "The sacking of Paul Green stunned Lisbon.", {"target": "Paul Green"}),
    ("resignation", "Ana Silva called on Paul Green to resign.", {"source": "Paul Green"}),
    ("strike", "Norway accused Iran of having shelled a town.", {"source": "Iran"}),
    ("strike", "The army said its troops had shelled a fuel depot.", {"target": "fuel depot"}),
    ("accusation", "Peru said its ships had left the bay, and accused Chile of lying.", {"source": "Peru"}),
    ("accusation", "Peru rejected an accusation by Chile.", {"source": "Chile", "target": "Peru"}),
    ("extradition", "Paul Green was extradited from Spain.", {"source": "Spain", "target": "Paul Green"}),
    ("hostage-taking", "Two nurses of a charity who were taken hostage in May are well.", {"target": "nurses"}),
    (
        "bombing",
        "A group calling itself the Desert Falcons said it carried out the bombing.",
        {"source": "Desert Falcons"},
    ),
    ("trade-measure", "India imposed duties on bicycles imported from Italy.", {"source": "India", "target": "Italy"}),
    ("trade-measure", "It follows a step by Canada, which raised its own tariffs.", {"source": "Canada"}),
    ("military-aid", "Norway stopped deliveries of drones to Chad.", {"subject": "drones", "target": "Chad"}),
    ("criticism", "Peru protested. Its foreign minister condemned Chile.", {"source": "Peruvian foreign minister"}),
    ("shooting", "Gunmen killed six workers in Lima.", {"source": "gunmen"}),
    ("criticism", "The law drew a sharp rebuke from Paul Green.", {"source": "Paul Green"}),
    ("lawsuit", "A spokesman for Ana Silva threatened to sue Paul Green.", {"source": "Ana Silva"}),
    ("protest", "Last Thursday, thousands marched through Krakow.", {"source": "thousands"}),
    ("product-launch", "Orbix Ltd rolled out a foldable phone.", {"subject": "foldable phone"}),
    ("trial", "Paul Green will stand trial in Leeds.", {"target": "Paul Green"}),
    ("arrest", "A Christian missionary was arrested in Lebanon.", {"target": "Christian missionary"}),
    ("invasion", "The U.S. invasion of Panama ended in January.", {"source": "United States", "target": "Panama"}),
    ("peacekeeping", "Peru is ready to contribute troops to a peacekeeping force in Chad.", {"source": "Peru"}),
]


@pytest.mark.parametrize(("kind", "sentence", "expected"), SENTENCES, ids=[row[1] for row in SENTENCES])
def test_grammar_tells_who_did_it_to_whom(
    extractor: Extractor, kind: str, sentence: str, expected: dict[str, str | list[str]]
) -> None:
    found = [mention for mention in mentions(extractor, sentence) if mention.type == kind]
    assert found, f"no {kind} in {sentence!r}"
    roles = who(found[0])
    for role, names in expected.items():
        for name in [names] if isinstance(names, str) else names:
            assert name in roles.get(role, set()), f"{name} is no {role}: {roles}"


def test_a_speaker_is_no_participant(extractor: Extractor) -> None:
    (mention,) = [
        each
        for each in mentions(extractor, "Ana Silva said on Monday that Iran and Norway had agreed to a prisoner swap.")
        if each.type == "prisoner-exchange"
    ]
    assert who(mention)["party"] == {"Iran", "Norway"}


def test_a_group_is_of_the_country_it_sits_in(extractor: Extractor) -> None:
    (mention,) = [
        each for each in mentions(extractor, "Demonstrators in Mali blocked a road.") if each.type == "protest"
    ]
    assert [(each.text, each.entity.country) for each in mention.participants if each.role == "source"] == [
        ("Demonstrators in Mali", "MLI")
    ]


def test_what_is_harmed_is_named_by_its_owner(extractor: Extractor) -> None:
    (mention,) = [each for each in mentions(extractor, "Iran shelled two Iraqi towns.") if each.type == "strike"]
    assert [(each.text, each.entity.country) for each in mention.participants if each.role == "target"] == [
        ("two Iraqi towns", "IRQ")
    ]


def test_what_happens_does_nothing_itself(extractor: Extractor) -> None:
    for text in ("Russian strikes on Odesa killed four people.", "A bomb killed four people in Quetta."):
        told = [each for each in mentions(extractor, text) if each.type in ("strike", "bombing")]
        assert told
        assert not {each.text for mention in told for each in mention.participants} & {"Russian strikes", "bomb"}


def test_an_agreement_is_between_who_signs_it_and_not_between_who_it_speaks_of(extractor: Extractor) -> None:
    text = "Israel and Cyprus signed an agreement under which the Israeli navy will train Cypriot crews."
    (mention,) = [each for each in mentions(extractor, text) if each.type == "agreement"]
    assert who(mention)["party"] == {"Israel", "Cyprus"}


def test_one_headline_of_two_says_nothing_of_the_other(extractor: Extractor) -> None:
    found = mentions(extractor, "Nothing else is known.", title="Gunmen kidnap aid workers; ransom sought")
    (mention,) = [each for each in found if each.type == "hostage-taking"]
    assert (mention.status, who(mention)) == ("occurred", {"source": {"gunmen"}, "target": {"aid workers"}})


def test_a_given_name_tells_who_she_is(extractor: Extractor) -> None:
    text = "Opposition leader Tom Avery called on Margaret Holloway to resign. She rejected the demand."
    (mention,) = [each for each in mentions(extractor, text) if each.type == "refusal"]
    assert who(mention)["source"] == {"Margaret Holloway"}


def test_an_age_is_of_who_is_identified_after_it(extractor: Extractor) -> None:
    text = "Paul Green is a lawyer. The 44-year-old, identified as Marc Delcourt, was arrested in Leeds."
    (mention,) = [each for each in mentions(extractor, text) if each.type == "arrest"]
    assert who(mention)["target"] == {"Marc Delcourt"}


def test_the_governor_of_a_headline_is_the_one_of_the_story(extractor: Extractor) -> None:
    found = mentions(
        extractor, "Indiana Governor Eric Lane signed it on Monday.", title="Indiana governor endorses Ann Poe"
    )
    (mention,) = [each for each in found if each.type == "endorsement"]
    assert who(mention)["source"] == {"Eric Lane"}


def test_where_an_arrest_is_made_is_not_arrested(extractor: Extractor) -> None:
    (mention,) = [
        each for each in mentions(extractor, "Paul Green was arrested at a hospital in Leeds.") if each.type == "arrest"
    ]
    assert who(mention)["target"] == {"Paul Green"}


@pytest.mark.parametrize(
    ("sentence", "event_type"),
    [
        ("Freed on Tuesday after 18 months, Leyla Demir flew home.", "release"),
        ("Dismissed in March, Leyla Demir sued the newspaper.", "resignation"),
        ("Convicted of fraud in 2009, Leyla Demir served four years.", "conviction"),
    ],
)
def test_a_participle_in_front_happens_to_the_subject(extractor: Extractor, sentence: str, event_type: str) -> None:
    (told,) = (mention for mention in mentions(extractor, sentence) if mention.type == event_type)
    assert [(each.role, each.text) for each in told.participants] == [("target", "Leyla Demir")]
