"""What the gazetteer knows of countries, institutions, titles and places."""

from __future__ import annotations

import pycountry
import pytest

from services.extractor.actortables import rows
from services.extractor.gazetteer import gazetteer, lowered
from services.extractor.geography import place_tables, us_states


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("US", "USA"), ("U.S.", "USA"), ("the United States", "USA"), ("UK", "GBR"), ("the Netherlands", "NLD"),
        ("Dutch", "NLD"), ("Kenyans", "KEN"), ("Bolivian", "BOL"), ("Türkiye", "TUR"), ("Ivorian", "CIV"),
        ("Kiev", "UKR"), ("Kyiv", "UKR"), ("Washington", "USA"), ("Beijing", "CHN"), ("Ouagadougou", "BFA"),
        ("South Koreans", "KOR"), ("North Korean", "PRK"), ("DRC", "COD"), ("Saudi", "SAU"), ("Burmese", "MMR"),
    ],
)  # fmt: skip
def test_countries_are_known_by_every_name_that_news_gives_them(name: str, country: str) -> None:
    assert gazetteer().country_of(name) == country


def test_every_iso_country_is_known_by_its_name() -> None:
    known = gazetteer().countries
    assert [record.alpha_3 for record in pycountry.countries if record.alpha_3 not in known] == []


@pytest.mark.parametrize("word", ["us", "Us", "who", "turkey", "it", "is", "may", "un"])
def test_ordinary_words_are_no_names(word: str) -> None:
    assert gazetteer().lookup(word) is None


@pytest.mark.parametrize(
    ("name", "canonical", "country", "sector"),
    [
        ("Kremlin", "Kremlin", "RUS", "GOV"), ("the Pentagon", "Pentagon", "USA", "MIL"),
        ("Knesset", "Knesset", "ISR", "LEG"),
        ("Nato", "NATO", "", "IGO"), ("U.N.", "United Nations", "", "IGO"), ("Houthis", "Houthis", "YEM", "REB"),
        ("Hezbollah", "Hezbollah", "LBN", "REB"), ("MI6", "MI6", "GBR", "SPY"),
        ("Downing Street", "Downing Street", "GBR", "GOV"),
    ],
)  # fmt: skip
def test_institutions_carry_country_and_sector(name: str, canonical: str, country: str, sector: str) -> None:
    entry = gazetteer().lookup(name)
    assert entry is not None
    assert (entry.kind, entry.name, entry.country, entry.sector) == ("institution", canonical, country, sector)


def test_the_longest_name_at_a_position_wins() -> None:
    text = "Officials in South Sudan and the UN Security Council"
    lower = lowered(text)
    south, council = text.index("South"), text.index("UN")
    found = gazetteer().match(lower, text, south), gazetteer().match(lower, text, council)
    assert [text[at : match[0]] for at, match in zip((south, council), found, strict=True) if match] == [
        "South Sudan",
        "UN Security Council",
    ]


def test_a_name_must_end_where_a_word_ends() -> None:
    text = "Omani oil, Nigeria"
    found = gazetteer().match(lowered(text), text, text.index("Nigeria"))
    assert found is not None
    assert found[1].country == "NGA"


def test_lowering_keeps_the_length_of_any_text() -> None:
    text = "İstanbul ’s ẞ Straße"
    assert len(lowered(text)) == len(text)


@pytest.mark.parametrize(
    ("title", "sector"),
    [("prime minister", "GOV"), ("general", "MIL"), ("sheriff", "COP"), ("judge", "JUD"), ("senator", "LEG")],
)
def test_titles_tell_the_sector(title: str, sector: str) -> None:
    found = gazetteer().title(title)
    assert found is not None
    assert found.sector == sector


@pytest.mark.parametrize(
    "table", ["countries", "capitals", "institutions", "titles", "group_nouns", "parties", "regions", "sites"]
)
def test_every_table_names_its_source_and_repeats_no_key(table: str) -> None:
    from importlib.resources import files

    text = files("services.extractor").joinpath("ontology", "actors", f"{table}.tsv").read_text("utf-8")
    assert "# Source:" in text
    keys = [row[0] for row in rows(table)]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_towns_are_found_by_other_names_too() -> None:
    assert place_tables().cities["kiev"][0].name == "Kyiv"
    assert us_states()["ohio"].country == "USA"


def test_the_tables_hold_a_country_code_for_every_country_they_name() -> None:
    known = set(gazetteer().countries)
    named = (
        {row[1] for row in rows("institutions")}
        | {row[1] for row in rows("regions")}
        | {row[1] for row in rows("sites")}
    )
    assert named - known - {""} == set()
