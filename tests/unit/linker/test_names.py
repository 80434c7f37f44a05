"""Names as papers write them."""

from __future__ import annotations

import pytest

from services.linker.names import person_name, same_person
from services.linker.traits import traits_of


@pytest.mark.parametrize(
    ("one", "other"),
    [("Marc Fogel", "Fogel"), ("Marc Fogel", "M. Fogel"), ("Volodymyr Zelenskyy", "Zelensky"),
     ("Luís Figueira", "Luis Figueira"), ("President Macron", "Emmanuel Macron"), ("Donald J. Trump", "Donald Trump")],
)  # fmt: skip
def test_these_may_be_one_person(one: str, other: str) -> None:
    assert same_person(person_name(one), person_name(other))


@pytest.mark.parametrize(("one", "other"), [("Marc Fogel", "Hilde Fogel"), ("Marc Fogel", "Marc Black"), ("", "")])
def test_these_are_not(one: str, other: str) -> None:
    assert not same_person(person_name(one), person_name(other))


def test_the_tables_of_types_are_read() -> None:
    assert traits_of("arrest").identified_by_person
    assert "explosion" in traits_of("fire").confusable
    assert traits_of("negotiations").lasts_days > traits_of("phone-call").lasts_days == 0
