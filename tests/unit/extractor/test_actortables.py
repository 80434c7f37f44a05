"""The tables of actors say what is wrong with them."""

from __future__ import annotations

import pytest

from services.extractor.actortables import Row, check, rows
from services.extractor.tables import schema

TABLES = sorted(name[7:-4] for name in schema().tables if name.startswith("actors/"))


def parse(table: str, *lines: str) -> tuple[Row, ...]:
    return check(table, [(number, line.split("\t")) for number, line in enumerate(lines, start=1)])


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_sound(table: str) -> None:
    assert rows(table)


@pytest.mark.parametrize(
    ("table", "line", "problem"),
    [
        ("companies", "Acme\tXYZ", r"companies\.tsv line 1, column country: 'XYZ' is no country of ISO 3166-1"),
        ("companies", "Acme", r"companies\.tsv line 1, column country: must not be empty"),
        ("companies", "Acme;\tFRA", r"line 1, column names: 'Acme;' has an empty name"),
        ("companies", "Acme;Acme\tFRA", r"line 1, column names: 'Acme' stands twice"),
        ("companies", "Acme\tFRA\tsteel", r"line 1, 2 tab-separated columns expected, 3 found"),
        ("institutions", "Senate\tFRA\tQQQ", r"line 1, column sector: 'QQQ' does not stand in sectors\.tsv"),
        ("institutions", "Palace\tFRA\tGOV\tbuilding", r"line 1, column metonym: must be metonym, not 'building'"),
        ("leaders", "FRA\tAnna Roux\t\tpresident 2009", r"'president 2009' is no term such as 'president 2009-2017'"),
        ("leaders", "FRA\tAnna Roux\t\tpresident 2009-2003", r"'president 2009-2003' ends before it begins"),
        ("titles", "duke\tGOV\tmale", r"line 1, column gender: must be m or f, not 'male'"),
        ("sites", "Old Tower\tFRA\tParis\t91.5\t2.3", r"line 1, column lat: 91.5 is not between -90 and 90"),
        ("regions", "Moor\tGBR\t\tnorth\t2.3", r"line 1, column lat: 'north' is no number"),
    ],
)
def test_a_faulty_row_is_named_with_file_line_and_column(table: str, line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse(table, line)


def test_a_key_may_stand_once_only() -> None:
    with pytest.raises(ValueError, match=r"parties\.tsv line 3: 'tory' stands on line 1 already"):
        parse("parties", "tory\tGBR", "gop\tUSA", "tory\tCAN")


def test_short_rows_are_filled_up() -> None:
    assert parse("institutions", "Some Bank\t\tBUS") == (("Some Bank", "", "BUS", ""),)
