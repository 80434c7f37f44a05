"""Heads of state and government, and when they were it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from importlib.resources import files

import pycountry
import pytest

from services.extractor.actors import ActorResolver
from services.extractor.actortables import rows
from services.extractor.coreference import NameBook
from services.extractor.gazetteer import gazetteer
from services.extractor.leaders import KNOWN_UNTIL, leaders
from services.extractor.views import view
from tests.unit.extractor.parsing import phrase, sentences

MICROSTATES = {"SMR"}
"""States whose heads change twice a year and are never in the news of the world."""


def person(text: str, year: int) -> tuple[str, str, str]:
    """Name, country and sector of the person that ``text``, published in ``year``, names most."""
    views = [view(at, sentence, gazetteer()) for at, sentence in enumerate(sentences(text))]
    found = NameBook(views, "", date(year, 6, 15)).persons
    return (found[0].name, found[0].country, found[0].sector) if found else ("", "", "")


def test_the_table_states_its_date() -> None:
    text = files("services.extractor").joinpath("ontology", "actors", "leaders.tsv").read_text("utf-8")
    assert f"As known on 31 October {KNOWN_UNTIL}" in text


def test_every_member_of_the_united_nations_has_leaders() -> None:
    listed = {row[0] for row in rows("leaders")}
    territories = {
        "ABW", "AIA", "ALA", "ASM", "ATA", "ATF", "BES", "BLM", "BMU", "BVT", "CCK", "COK", "CUW", "CXR", "CYM", "ESH",
        "FLK", "FRO", "GGY", "GIB", "GLP", "GRL", "GUF", "GUM", "HMD", "IMN", "IOT", "JEY", "MAC", "MAF", "MNP", "MSR",
        "MTQ", "MYT", "NCL", "NFK", "NIU", "PCN", "PRI", "PYF", "REU", "SGS", "SHN", "SJM", "SPM", "SXM", "TCA", "TKL",
        "UMI", "VGB", "VIR", "WLF",
    }  # fmt: skip
    states = {record.alpha_3 for record in pycountry.countries} - territories - MICROSTATES
    assert states - listed == set()


def test_the_table_is_sorted_by_country_and_first_year() -> None:
    keys = [(row[0], min(int(year) for year in re.findall(r"(\d{4})-", row[3]))) for row in rows("leaders")]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("text", "year", "expected"),
    [
        ("President Obama signed the bill.", 2010, ("Barack Obama", "USA", "GOV")),
        ("President Obama signed the bill.", 2024, ("Barack Obama", "USA", "ELI")),
        ("Obama praised the team.", 2010, ("Barack Obama", "USA", "GOV")),
        ("Obama praised the team.", 2024, ("Barack Obama", "USA", "ELI")),
        ("Former President Obama praised the team.", 2024, ("Barack Obama", "USA", "ELI")),
        ("President Bush left Washington for Texas.", 2004, ("George W. Bush", "USA", "GOV")),
        ("Angela Merkel arrived in Lisbon.", 2012, ("Angela Merkel", "DEU", "GOV")),
        ("Kim Jong-un watched the launch.", 2018, ("Kim Jong Un", "PRK", "GOV")),
        ("Recep Tayyip Erdogan met reporters. Erdogan smiled.", 2020, ("Recep Tayyip Erdoğan", "TUR", "GOV")),
        ("Businessman Donald Trump bought the hotel.", 2010, ("Donald Trump", "USA", "BUS")),
    ],
)
def test_a_leader_is_of_the_government_while_in_office(text: str, year: int, expected: tuple[str, str, str]) -> None:
    assert person(text, year) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ohio farmer Mark Brown sold the barn.", "Mark Brown"),
        ("Melania Bush, a Canadian nurse, resigned. Bush had been ill.", "Melania Bush"),
    ],
)
def test_a_namesake_of_a_leader_stays_who_the_article_says(text: str, name: str) -> None:
    assert person(text, 2022)[0] == name
    assert person(text, 2022)[2] != "GOV"


def test_the_wife_of_a_leader_is_not_the_leader() -> None:
    assert person("Melania Trump opened the museum.", 2019)[0] == "Melania Trump"


@pytest.mark.parametrize(
    ("words", "year", "name"),
    [
        ("The French president", 2019, "Emmanuel Macron"),
        ("The German chancellor", 2010, "Angela Merkel"),
        ("The US president", 2025, "American president"),
        ("The US president", 2030, "American president"),
    ],
)
def test_an_office_means_its_only_holder_of_the_year(words: str, year: int, name: str) -> None:
    """2025 had two presidents of the United States, and what comes after the table is not known."""
    found = sentences(f"{words} cancelled the trip.")
    actor = ActorResolver(found, "", datetime(year, 6, 15, tzinfo=UTC)).resolve(phrase(found, words))
    assert actor is not None
    assert actor.name == name


def test_the_article_decides_before_the_table() -> None:
    text = "President Rosa Lemaire of France spoke in Lyon. The French president was cheered."
    found = sentences(text)
    actor = ActorResolver(found, "", datetime(2019, 6, 15, tzinfo=UTC)).resolve(phrase(found, "The French president"))
    assert actor is not None
    assert actor.name == "Rosa Lemaire"


def test_a_title_and_a_surname_need_one_country() -> None:
    assert leaders().titled("president", "bush", 2004) is not None
    assert leaders().titled("president", "castro", 2010) is not None
    assert leaders().titled("prime minister", "nobody", 2010) is None
