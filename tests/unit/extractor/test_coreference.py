"""Names, offices and pronouns across the sentences of one article."""

from __future__ import annotations

import pytest

from services.extractor.actors import ActorResolver
from services.extractor.coreference import NameBook
from services.extractor.gazetteer import gazetteer
from services.extractor.persons import Person
from services.extractor.views import view
from tests.unit.extractor.parsing import phrase, sentences, unparsed, untagged


def book(text: str, title: str = "") -> NameBook:
    return NameBook([view(at, sentence, gazetteer()) for at, sentence in enumerate(sentences(text))], title)


def person(text: str, name: str, title: str = "") -> Person:
    found = [one for one in book(text, title).persons if one.name == name]
    assert found, [one.name for one in book(text, title).persons]
    return found[0]


def meant(text: str, words: str, title: str = "") -> str:
    """The name of what ``words`` (the last place where they stand) stand for."""
    found = sentences(text)
    actor = ActorResolver(found, title).resolve(phrase(found, words))
    return actor.name if actor is not None else ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Finance minister Amara Okafor resigned. Okafor had served for two years.", "Amara Okafor"),
        ("Trump condemned the strike. President Donald Trump later left.", "Donald Trump"),
        ("Ursula von der Leyen spoke in Brussels. Von der Leyen praised the plan.", "Ursula von der Leyen"),
        ("Bashar al-Assad fled. Assad is in exile.", "Bashar al-Assad"),
        ("The envoy Kim Young-ho arrived. Mr. Kim was upbeat.", "Kim Young-ho"),
    ],
)
def test_a_surname_stands_for_the_full_name(text: str, name: str) -> None:
    assert person(text, name).count == 2


def test_the_headline_gives_a_full_name_that_the_text_omits() -> None:
    text = "President Mbeki said Mbeki would not resign."
    assert person(text, "Thabo Mbeki", "Why Thabo Mbeki will not resign, explained").sector == "GOV"


def test_transliterations_of_a_surname_are_one_person() -> None:
    found = book("President Volodymyr Zelenskyy arrived. Zelensky met workers. Zelenskiy left.")
    assert [(one.name, one.count) for one in found.persons] == [("Volodymyr Zelenskyy", 3)]


@pytest.mark.parametrize(
    ("text", "name", "country", "sector"),
    [
        ("Kenyan President Daniel Kimani landed in Lima.", "Daniel Kimani", "KEN", "GOV"),
        ("Chile's foreign minister Rosa Fuentes resigned.", "Rosa Fuentes", "CHL", "GOV"),
        ("Jan Novak, the Czech defence minister, was in Rome.", "Jan Novak", "CZE", "GOV"),
        ("Maria Silva, a Portuguese nurse, was freed.", "Maria Silva", "PRT", "CVL"),
        ("Kremlin spokesman Ivan Sokolov denied it.", "Ivan Sokolov", "RUS", "GOV"),
        ("American soldier Tom Reed, 31, was held.", "Tom Reed", "USA", "MIL"),
        ("The Ghanaian president, Kofi Boateng, spoke.", "Kofi Boateng", "GHA", "GOV"),
        ("Anna Lind, president of Finland, spoke.", "Anna Lind", "FIN", "GOV"),
        ("Paul Weber of Germany won.", "Paul Weber", "DEU", ""),
        ("Teacher Ann Clark, of Ohio, was freed.", "Ann Clark", "USA", "EDU"),
        ("U.N. Secretary-General Jan Olsen resigned.", "Jan Olsen", "", "IGO"),
        ("General Omar Bakr, a Sudanese commander, fled.", "Omar Bakr", "SDN", "MIL"),
    ],
)
def test_country_and_sector_are_learnt_from_the_words_around_a_name(
    text: str, name: str, country: str, sector: str
) -> None:
    found = person(text, name)
    assert (found.country, found.sector) == (country, sector)


def test_an_envoy_to_a_country_does_not_come_from_it() -> None:
    assert person("The Ukraine envoy Peter Hall met officials.", "Peter Hall").country == ""


def test_the_country_of_a_leader_is_learnt_by_elimination() -> None:
    text = "President John Carter and Egyptian President Ali Nasser met. Carter smiled. The US president left."
    assert person(text, "John Carter").country == "USA"
    assert meant(text, "The US president") == "John Carter"


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        ("Turkish President Emre Kaya met Greek Prime Minister Nikos Pappas. The Greek leader was upbeat.",
         "The Greek leader", "Nikos Pappas"),
        ("Brazilian President Luis Prado criticised his Argentine counterpart. Argentine President Juan Soto replied.",
         "his Argentine counterpart", "Juan Soto"),
        ("Foreign minister Eva Berg arrived in Oslo. The minister met the king.", "The minister", "Eva Berg"),
        ("President Sam Hill, a Republican, spoke. The Republican president left.", "The Republican president",
         "Sam Hill"),
        ("Kremlin spokesman Ivan Sokolov spoke. The Kremlin spokesman denied it.", "The Kremlin spokesman",
         "Ivan Sokolov"),
    ],
)  # fmt: skip
def test_an_office_stands_for_the_person_who_holds_it(text: str, words: str, name: str) -> None:
    assert meant(text, words) == name


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        ("Peru extradited Carlos Vega in May. He pleaded guilty.", "He", "Carlos Vega"),
        ("Laura Stein met Tom Reed. She praised him.", "She", "Laura Stein"),
        ("Mrs Adams met Mr Brown. He praised the plan.", "He", "Brown"),
        ("Mrs Adams met Mr Brown. She praised the plan.", "She", "Adams"),
        ("Soldier Tom Reed remains in jail after he was arrested in May.", "he", "Tom Reed"),
        ("At the time of his arrest, Tom Reed was a student.", "his", "Tom Reed"),
        ("Judge Ines Costa, who was born in Porto, resigned.", "who", "Ines Costa"),
        ("Ines Costa, a Portuguese judge who was born in Porto, resigned.", "who", "Ines Costa"),
        ("The Kremlin denied the report. However, it confirmed the trip.", "it", "Kremlin"),
        ("Mayor Ana Ruiz spoke. “President Paz is wrong,” she said.", "she", "Ana Ruiz"),
    ],
)
def test_a_pronoun_stands_for_the_person_before_it(text: str, words: str, name: str) -> None:
    assert meant(text, words) == name


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        ("Carlos Vega left the house at noon. Police arrested him.", "him", "Carlos Vega"),
        ("Laura Stein accused Tom Reed of theft. Reed sued her.", "her", "Laura Stein"),
        ("Laura Stein met Tom Reed and thanked him.", "him", "Tom Reed"),
        ("Tom Reed lives in Leeds. Judge Paul Weber sentenced him to two years.", "him", "Tom Reed"),
        ("Tom Reed lives in Leeds. Paul Weber said he would not speak to him.", "him", "Tom Reed"),
        ("Tom Reed blamed himself for the accident.", "himself", "Tom Reed"),
        ("Laura Stein flew to Porto, where reporters met her.", "her", "Laura Stein"),
    ],
)
def test_an_object_is_not_the_subject_of_its_verb(text: str, words: str, name: str) -> None:
    assert meant(text, words) == name


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        ("Norsk Hydro cut its forecast. The company blamed prices.", "The company", "Norsk Hydro"),
        ("Ryanair cancelled flights. Pilots had warned the airline.", "the airline", "Ryanair"),
        ("Boko Haram attacked a village. The group also burned a school.", "The group", "Boko Haram"),
        ("The Russian Defence Ministry denied the report. The ministry gave no details.", "The ministry",
         "Russian defence ministry"),
        ("Reuters reported the deal. The agency cited two officials.", "The agency", "Reuters"),
        ("The Portuguese parliament met. Lawmakers left the parliament at night.", "the parliament",
         "Portuguese parliament"),
    ],
)  # fmt: skip
def test_a_common_noun_stands_for_the_organisation_before_it(text: str, words: str, name: str) -> None:
    assert meant(text, words) == name


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        ("Tom Reed, 72, met Ana Ruiz, 51, in Lima. The 72-year-old was tired.", "The 72-year-old", "Tom Reed"),
        ("The 34-year-old teacher Ann Clark flew home. Officials greeted the 34-year-old.", "the 34-year-old",
         "Ann Clark"),
        ("Laura Stein won the race. The 29-year-old had trained for years.", "The 29-year-old", "Laura Stein"),
    ],
)  # fmt: skip
def test_an_age_stands_for_the_person_of_that_age(text: str, words: str, name: str) -> None:
    assert meant(text, words) == name


@pytest.mark.parametrize(
    "text",
    [
        "Shares of Lindqvist Harper fell. Lindqvist Harper employs 300 people.",
        "Marlow Denning, a shipping company based in Oslo, filed for bankruptcy.",
        "The tanker Morning Star sank. MV Gloria Grace picked up the crew.",
        "Hurricane Rosalind killed two. Mount Helen erupted.",
        "Hudson Dynamics sued Baxter Foods.",
    ],
)
def test_companies_ships_and_storms_are_no_persons(text: str) -> None:
    assert book(text).persons == ()


def test_a_headline_with_a_verb_in_capitals_names_the_person_of_the_text() -> None:
    found = sentences("Singer Laura Stein Dies At Home.") + sentences("Laura Stein died on Monday. Stein was 90.")
    resolver = ActorResolver(found, "Singer Laura Stein Dies At Home")
    assert {one.name for one in resolver.book.persons} == {"Laura Stein"}


def test_an_office_that_somebody_left_is_not_held() -> None:
    text = "Former president Luis Prado met President Rosa Paz in Quito. The president offered tea."
    assert meant(text, "The president") == "Rosa Paz"
    assert person(text, "Luis Prado").sector == "ELI"


def test_a_surname_is_found_where_the_tagger_takes_it_for_something_else() -> None:
    found = unparsed(
        "Senator Ruth Black spoke.", "Black denied it.", "Ships crossed the Black Sea.", "Black smoke rose."
    )
    views = [view(at, sentence, gazetteer()) for at, sentence in enumerate(found)]
    assert [mention.sentence for mention in NameBook(views).mentions] == [0, 1]


def test_sentences_that_are_mere_tokens_give_first_names_and_take_pronouns() -> None:
    found = [
        untagged("Critics of Pedro Almagro were not surprised."),
        *sentences("Police arrested Mr Almagro in Quito."),
        untagged("He denies the charges."),
    ]
    resolver = ActorResolver(found)
    assert [one.name for one in resolver.book.persons] == ["Pedro Almagro"]
    actor = resolver.resolve(found[2][0:1])
    assert actor is not None
    assert actor.name == "Pedro Almagro"


def test_two_persons_of_one_surname_stay_two() -> None:
    text = "Bill Mason met Anna Mason in York. Mr Mason left early. Mrs Mason stayed."
    found = sentences(text)
    names = [mention.person.name for mention in ActorResolver(found).book.mentions]
    assert names[:2] == ["Bill Mason", "Anna Mason"]
    assert len(ActorResolver(found).book.persons) == 2


def test_towns_and_organisations_are_no_persons() -> None:
    text = "The Justice Department sued General Motors in Prince Edward Island. The General Assembly met."
    assert book(text).persons == ()


@pytest.mark.parametrize(
    "text", ["", " ", "’s", "Mr.", "President", "— “ ” ’", "a" * 5000, "Mr Mr Mr President of of the"]
)
def test_odd_input_raises_nothing(text: str) -> None:
    assert isinstance(ActorResolver(unparsed(text), text).book.persons, tuple)


def test_no_sentences_give_no_persons() -> None:
    assert ActorResolver([]).book.persons == ()
