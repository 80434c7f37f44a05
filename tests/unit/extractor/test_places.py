"""Where events happen."""

from __future__ import annotations

import pytest

from services.extractor.actors import ActorResolver
from services.extractor.placerecord import Place
from services.extractor.places import find_place
from services.extractor.stage import Extractor
from tests.unit.extractor.articles import mentions
from tests.unit.extractor.parsing import find, sentences, unparsed


def place(text: str, word: str, publisher: str = "", **context: int) -> Place | None:
    sentence, trigger = find(text, word)
    return find_place(sentence, trigger, publisher, context_countries=context)


@pytest.mark.parametrize(
    ("text", "word", "name", "country", "precision"),
    [
        ("Two people died in an explosion in Medan on Monday.", "explosion", "Medan", "IDN", "city"),
        ("The minister spoke at a forum in Norway.", "spoke", "Norway", "NOR", "country"),
        ("Beijing said it had arrested a spy in Nairobi.", "arrested", "Nairobi", "KEN", "city"),
        ("The king welcomed him at the White House.", "welcomed", "White House", "USA", "site"),
        ("The ministers met in the Swiss city of Lausanne.", "met", "Lausanne", "CHE", "city"),
        ("A tornado tore through Springfield, Missouri, on Sunday.", "tore", "Springfield", "USA", "city"),
        ("Missiles hit Odesa overnight.", "hit", "Odesa", "UKR", "city"),
        ("The president will visit Hanoi next week.", "visit", "Hanoi", "VNM", "city"),
        ("Clashes erupted in Sudan's Darfur region.", "erupted", "Darfur", "SDN", "region"),
        ("Soldiers killed nine people in the southern Gaza Strip.", "killed", "Gaza Strip", "PSE", "admin1"),
        ("Crowds gathered in Tahrir Square.", "gathered", "Tahrir Square", "EGY", "site"),
        ("Thousands marched through the streets of Belgrade.", "marched", "Belgrade", "SRB", "city"),
        ("Wildfires raged across Alberta.", "raged", "Alberta", "CAN", "admin1"),
        ("He was arrested at Bangkok's Suvarnabhumi airport.", "arrested", "Bangkok's Suvarnabhumi airport", "THA",
         "site"),
        ("Rebels seized a village in Western Cambodia.", "seized", "Cambodia", "KHM", "country"),
        ("Rebels seized a village in South Sudan.", "seized", "South Sudan", "SSD", "country"),
        ("A ship sank in the Red Sea.", "sank", "Red Sea", "", "region"),
        ("The army invaded Kuwait in 1990.", "invaded", "Kuwait", "KWT", "country"),
        ("A quake struck 12 km north of Izmir.", "struck", "İzmir", "TUR", "city"),
        ("Pirates seized a tanker in the Gulf of Aden.", "seized", "Gulf of Aden", "", "region"),
        ("The ministers met in the Black Sea port of Odesa.", "met", "Odesa", "UKR", "city"),
        ("Rebels attacked soldiers in the Kenyan town of Kargi Hills.", "attacked", "Kargi Hills", "KEN", "city"),
        ("Prosecutors charged him in the Southern District of Texas.", "charged", "Texas", "USA", "admin1"),
    ],
)  # fmt: skip
def test_a_place_is_found_and_resolved(text: str, word: str, name: str, country: str, precision: str) -> None:
    found = place(text, word)
    assert found is not None
    assert (found.name, found.country, found.precision) == (name, country, precision)


def test_towns_come_with_coordinates_and_their_geonames_id() -> None:
    found = place("A fire broke out in Medan.", "broke")
    assert found is not None
    assert found.geonames_id > 0
    assert found.lat == pytest.approx(3.58, abs=0.1)
    assert found.lon == pytest.approx(98.67, abs=0.1)


def test_the_state_behind_the_comma_decides_between_towns() -> None:
    found = place("A tornado tore through Springfield, Missouri, on Sunday.", "tore")
    assert found is not None
    assert found.admin1 == "Missouri"


def test_the_countries_of_the_article_decide_between_towns() -> None:
    text = "Police shot a man in Birmingham."
    home, abroad = place(text, "shot", USA=3), place(text, "shot", GBR=3)
    assert home is not None
    assert abroad is not None
    assert (home.country, abroad.country) == ("USA", "GBR")


def test_the_publisher_decides_where_the_article_names_no_country() -> None:
    found = place("Police shot a man in Birmingham.", "shot", "USA")
    assert found is not None
    assert found.country == "USA"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Moscow said it had signed the treaty.", "signed"),
        ("Washington imposed sanctions on Iran.", "sanctions"),
        ("The prisoner swap between Ankara and Athens was praised.", "swap"),
        ("The deal was signed in March.", "signed"),
        ("The parties agreed in Paul Biya's presence.", "agreed"),
        ("She was arrested.", "arrested"),
    ],
)
def test_actors_and_dates_are_no_places(text: str, word: str) -> None:
    assert place(text, word) is None


def test_the_place_of_another_clause_is_not_taken() -> None:
    text = "Crowds gathered in Red Square as Ottawa imposed sanctions."
    assert place(text, "sanctions") is None


def test_without_a_parse_the_nearest_place_counts() -> None:
    sentence = unparsed("Police arrested two men in Oslo after a raid in Bergen.")[0]
    found = find_place(sentence, sentence[1])
    assert found is not None
    assert found.name == "Oslo"


@pytest.mark.parametrize("text", ["in", "in in in the of", "at ’s", "in X", "near 12", "in the the The"])
def test_odd_input_raises_nothing(text: str) -> None:
    sentence = unparsed(text)[0]
    assert find_place(sentence, sentence[0]) is None


@pytest.mark.parametrize(
    ("text", "word", "name", "country", "admin1"),
    [
        ("The mayor of Alabama's largest city spoke. Police shot a man in Birmingham.", "shot", "Birmingham", "USA",
         "Alabama"),
        ("Hundreds marched in Birmingham. The British prime minister was silent.", "marched", "Birmingham", "GBR", ""),
        ("Lebanon's army fired at gunmen in Tripoli.", "fired", "Tripoli", "LBN", ""),
        ("Libyan militias clashed in Tripoli.", "clashed", "Tripoli", "LBY", ""),
        ("Spanish police arrested a man in Cordoba.", "arrested", "Córdoba", "ESP", ""),
        ("A storm hit Georgia and Alabama. Atlanta was spared.", "hit", "Georgia", "USA", "Georgia"),
        ("Russian troops attacked Georgia. Tbilisi protested.", "attacked", "Georgia", "GEO", ""),
        ("A blast killed 12 people in Hyderabad. Pakistan's army responded.", "killed", "Hyderabad", "PAK", ""),
        ("Talks were held in Geneva between Iran and the US.", "held", "Geneva", "CHE", ""),
        ("Troops entered Donetsk region on Monday. Ukraine protested.", "entered", "Donetsk", "UKR", "Donetsk"),
    ],
)  # fmt: skip
def test_what_the_article_is_about_tells_namesakes_apart(
    text: str, word: str, name: str, country: str, admin1: str
) -> None:
    context = ActorResolver(sentences(text)).context_countries()
    found = find_place(*find(text, word), context_countries=context)
    assert found is not None
    assert (found.name, found.country, found.admin1) == (name, country, admin1)


def test_where_somebody_is_said_to_rule_is_not_where_they_sign(extractor: Extractor) -> None:
    text = "Ana Silva, who leads the government in Lima, and Paul Green have agreed to a ceasefire."
    assert all(told.place.name != "Lima" for told in mentions(extractor, text) if told.type == "ceasefire")


@pytest.mark.parametrize(
    ("text", "capital"),
    [
        ("The two sides signed a ceasefire on Wednesday in the Omani capital, officials said.", "Muscat"),
        ("Two people were killed when a bomb exploded in the capital of Somalia on Friday.", "Mogadishu"),
        ("A fire killed nine people in Peru's capital on Sunday.", "Lima"),
        ("A blast hit the Afghan capital on Monday.", "Kabul"),
        ("A blast hit the Afghan capital Kabul on Monday.", "Kabul"),
    ],
)
def test_a_capital_that_is_told_by_its_country_is_the_town(extractor: Extractor, text: str, capital: str) -> None:
    assert {told.place.name for told in mentions(extractor, text)} == {capital}


@pytest.mark.parametrize(
    "text",
    [
        "A drone struck the town of Nabatieh in southern Lebanon on Monday.",
        "A strike on the southern Lebanese town of Nabatieh killed four people on Monday.",
        "A drone struck the city of Nabatiye et Tahta on Monday.",
        "A drone struck Nabatieh in southern Lebanon on Monday.",
    ],
)
def test_the_spellings_of_a_town_are_one_place(extractor: Extractor, text: str) -> None:
    (told,) = mentions(extractor, text)
    assert told.place.geonames_id == 278913


def test_another_name_of_a_small_town_counts_behind_town_of(extractor: Extractor) -> None:
    (told,) = mentions(extractor, "A bomb killed four people in the Libyan town of Garian on Monday.")
    assert (told.place.name, told.place.country) == ("Gharyan", "LBY")
