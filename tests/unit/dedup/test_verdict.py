"""When similar is a copy."""

import pytest

from services.dedup.facts import Agreement
from services.dedup.verdict import Comparison, is_near_copy

ALIKE = Agreement(6, 6, 6)
OTHER = Agreement(6, 6, 3)


def compared(
    jaccard: float,
    containment: float = 0.5,
    fewest: int = 100,
    numbers: Agreement = ALIKE,
    names: Agreement = ALIKE,
) -> bool:
    return is_near_copy(Comparison(jaccard, containment, fewest, numbers, names))


@pytest.mark.parametrize(("jaccard", "containment"), [(0.6, 0.7), (0.3, 0.8), (0.1, 0.95)])
def test_much_the_same_words_are_a_copy(jaccard: float, containment: float) -> None:
    assert compared(jaccard, containment, names=Agreement(6, 4, 4))


def test_the_same_words_about_other_numbers_or_names_are_not() -> None:
    assert not compared(0.7, 0.9, numbers=OTHER)
    assert not compared(0.7, 0.9, names=OTHER)


def test_a_long_text_is_a_copy_whatever_a_few_facts_say() -> None:
    assert compared(0.7, 0.9, fewest=1_000, numbers=OTHER)


def test_fewer_common_words_need_the_facts_to_agree() -> None:
    assert compared(0.3)
    assert not compared(0.3, numbers=OTHER)
    assert not compared(0.3, names=OTHER)
    assert not compared(0.3, numbers=Agreement(0, 0, 0), names=Agreement(1, 9, 1))


def test_too_few_common_words_are_no_copy() -> None:
    assert not compared(0.2)
    assert not compared(0.3, containment=0.45)


def test_very_short_texts_are_never_near_copies() -> None:
    assert not compared(0.95, 1.0, fewest=7)
