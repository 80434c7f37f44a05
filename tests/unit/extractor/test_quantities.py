"""Counts, casualties and amounts of an event."""

from __future__ import annotations

import pytest

from services.extractor.quantities import find_quantities
from tests.unit.extractor.parsing import find, unparsed


def quantities(text: str, word: str) -> list[tuple[float, str, str, str]]:
    sentence, trigger = find(text, word)
    return [(found.value, found.unit, found.qualifier, found.measure) for found in find_quantities(sentence, trigger)]


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("At least 12 people were killed and 30 injured when a bus overturned.", "killed",
         [(12, "people", "at_least", "killed"), (30, "injured", "exactly", "injured")]),
        ("The death toll from the floods rose to 1,204 on Friday.", "rose", [(1204, "dead", "exactly", "killed")]),
        ("More than 500 people are missing after the ferry sank.", "missing",
         [(500, "people", "more_than", "missing")]),
        ("Gunmen killed three farmers and wounded five others in Kaduna.", "killed",
         [(3, "farmers", "exactly", "killed"), (5, "people", "exactly", "injured")]),
        ("Police arrested two dozen protesters in Tunis.", "arrested", [(24, "protesters", "exactly", "detained")]),
        ("The cyclone killed hundreds.", "killed", [(200, "dead", "at_least", "killed")]),
        ("Tens of thousands of people fled their homes.", "fled", [(20_000, "people", "at_least", "displaced")]),
        ("The two armies will swap up to 1,000 prisoners.", "swap", [(1000, "prisoners", "up_to", "count")]),
        ("The bank agreed to pay a $2.5 billion fine.", "pay", [(2.5e9, "USD", "exactly", "amount")]),
        ("The fund bought the port for 300 million euros.", "bought", [(3e8, "EUR", "exactly", "amount")]),
        ("The carmaker will cut about 1,200 jobs.", "cut", [(1200, "jobs", "about", "count")]),
        ("Inflation fell to 3.4% in the year.", "fell", [(3.4, "percent", "exactly", "percent")]),
        ("A 6.8-magnitude earthquake struck the coast.", "struck", [(6.8, "magnitude", "exactly", "magnitude")]),
        ("The flood killed twenty-three villagers.", "killed", [(23, "villagers", "exactly", "killed")]),
        ("Between 50 and 60 people died in the blast.", "died", [(60, "people", "up_to", "killed")]),
        ("Fewer than 100 demonstrators turned out.", "turned", [(100, "demonstrators", "less_than", "count")]),
        ("Thousands of people marched through Lima.", "marched", [(2000, "people", "at_least", "count")]),
        ("One hundred and fifty soldiers surrendered.", "surrendered", [(150, "soldiers", "exactly", "count")]),
    ],
)  # fmt: skip
def test_quantities_come_with_unit_qualifier_and_measure(
    text: str, word: str, expected: list[tuple[float, str, str, str]]
) -> None:
    assert quantities(text, word) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Tom Reed, 35, was arrested in Lyon.", "arrested"),
        ("A 72-year-old man was arrested.", "arrested"),
        ("She was sentenced to 12 years in prison.", "sentenced"),
        ("The talks began on 12 March 2024.", "began"),
        ("The match started at 7:30 p.m. on Sunday.", "started"),
        ("The plane landed after 14 hours.", "landed"),
        ("No one was hurt in the fire.", "hurt"),
        ("A mother of two was arrested.", "arrested"),
        ("The G7 leaders met on Flight 370.", "met"),
        ("Temperatures fell to minus 17 degrees.", "fell"),
    ],
)
def test_ages_dates_clock_times_and_terms_are_no_quantities(text: str, word: str) -> None:
    assert quantities(text, word) == []


def test_the_number_of_another_clause_stays_there() -> None:
    text = "The minister, who owns 14 houses, was arrested with three aides."
    assert quantities(text, "arrested") == [(3, "aides", "exactly", "detained")]


def test_a_trailing_participle_counts_for_the_clause_before_it() -> None:
    text = "Days after officials said that a swap had taken place, believed to involve 900 captives, talks stalled."
    assert (900, "captives", "exactly", "count") in quantities(text, "swap")


@pytest.mark.parametrize(
    "text", ["", " ", "$", "1,0,0", "%%% 5 %", "one two three hundred million dozen", "١٢ people died"]
)
def test_odd_input_raises_nothing(text: str) -> None:
    sentence = unparsed(text or "x")[0]
    assert isinstance(find_quantities(sentence, sentence[0]), list)


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("Hundreds of schoolchildren holding flags gathered in the square.", "gathered",
         [(200, "schoolchildren", "at_least", "count")]),
        ("The army captured 12 Somali nationals.", "captured", [(12, "nationals", "exactly", "detained")]),
        ("The company fired several other employees.", "fired", [(3, "employees", "at_least", "count")]),
        ("The plan covers fewer than 50 American counties.", "covers", [(50, "counties", "less_than", "count")]),
        ("The ship spilled 2.5 tonnes of oil.", "spilled", [(2.5, "tonnes", "exactly", "count")]),
    ],
)  # fmt: skip
def test_a_number_counts_the_noun_it_belongs_to(
    text: str, word: str, expected: list[tuple[float, str, str, str]]
) -> None:
    assert quantities(text, word) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Actress Laura Stein dies at 91", "dies"),
        ("The trial opens at 10 p.m. on Monday.", "opens"),
        ("A strong tornado or two struck.", "struck"),
        ("Union officials criticised the 22.4 job class.", "criticised"),
    ],
)
def test_ages_at_death_fractions_and_vague_pairs_are_no_quantities(text: str, word: str) -> None:
    assert quantities(text, word) == []
