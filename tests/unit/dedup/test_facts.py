"""Facts: cutting and adding leave one side without, a template exchanges them."""

from services.dedup.facts import agreement, facts
from services.dedup.normalise import words

STORY = "A quake of 5.1 struck near Tonga on Tuesday, 120 km from Nuku. Officials in Tonga saw no damage."


def compared(one: str, other: str) -> tuple[float, float]:
    a, b = facts(words(one)), facts(words(other))
    return agreement(a.numbers, b.numbers).exchanged, agreement(a.names, b.names).exchanged


def test_the_same_facts_are_not_exchanged() -> None:
    assert compared(STORY, STORY.replace("struck", "hit")) == (0, 0)


def test_a_cut_exchanges_nothing() -> None:
    assert compared(STORY, STORY.split(",")[0]) == (0, 0)


def test_an_addition_exchanges_nothing() -> None:
    assert compared(STORY, STORY + " It was the 3rd this year, said Ana Reis.") == (0, 0)


def test_other_numbers_are_exchanged() -> None:
    assert compared(STORY, STORY.replace("5.1", "4.9").replace("120", "80")) == (1, 0)


def test_other_names_are_exchanged() -> None:
    numbers, names = compared(STORY, STORY.replace("Tonga", "Samoa").replace("Nuku", "Apia"))
    assert numbers == 0
    assert names > 0.5


def test_a_side_without_facts_agrees() -> None:
    assert compared("nothing here", STORY) == (0, 0)
