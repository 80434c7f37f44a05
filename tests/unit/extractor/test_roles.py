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
