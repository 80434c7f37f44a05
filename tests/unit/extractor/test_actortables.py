"""The tables of actors say what is wrong with them."""

from __future__ import annotations

from importlib.resources import files

import pytest

from services.extractor.actortables import COLUMNS, parse, rows


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_every_table_is_sound_and_names_its_source(table: str) -> None:
    text = files("services.extractor").joinpath("ontology", "actors", f"{table}.tsv").read_text("utf-8")
    assert "# Source:" in text
    assert rows(table)


def test_every_file_of_the_folder_is_a_table() -> None:
    found = {
        path.name.removesuffix(".tsv") for path in files("services.extractor").joinpath("ontology/actors").iterdir()
    }
    assert found == set(COLUMNS)


@pytest.mark.parametrize(
    ("table", "line", "problem"),
    [
        ("companies", "Acme\tXYZ", r"companies\.tsv line 2: 'XYZ' is no ISO 3166-1 alpha-3 code"),
        ("companies", "Acme", r"companies\.tsv line 2: the column 'country' is empty"),
        ("companies", "Acme;\tFRA", r"line 2: an empty name in 'Acme;'"),
        ("companies", "Acme;Acme\tFRA", r"line 2: 'Acme' stands twice"),
        ("companies", "Acme\tFRA\tsteel", r"line 2: at most 2 tab-separated columns expected, 3 found"),
        ("institutions", "Senate\tFRA\tSENATE", r"line 2: 'SENATE' is no sector of sectors\.tsv"),
        ("institutions", "Palace\tFRA\tGOV\tbuilding", r"line 2: 'building' is not one of: metonym, or empty"),
        ("leaders", "FRA\tAnna Roux\t\tpresident 2009", r"'president 2009' is no term such as 'president 2009-2017'"),
        ("leaders", "FRA\tAnna Roux\t\tpresident 2009-2003", r"'president 2009-2003' ends before it begins"),
        ("titles", "duke\tGOV\tmale", r"line 2: 'male' is not one of: m, f, or empty"),
        ("sites", "Old Tower\tFRA\tParis\t91.5\t2.3", r"'91.5' is no number of degrees between -90 and 90"),
        ("regions", "Moor\tGBR\t\tnorth\t2.3", r"line 2: 'north' is no number of degrees"),
    ],
)  # fmt: skip
def test_a_faulty_row_is_named_with_file_and_line(table: str, line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse(table, f"# A comment.\n{line}\n")


def test_a_key_may_stand_once_only() -> None:
    with pytest.raises(ValueError, match=r"parties\.tsv line 3: 'tory' is listed in line 1 already"):
        parse("parties", "tory\tGBR\ngop\tUSA\ntory\tCAN\n")


def test_short_rows_are_filled_up() -> None:
    assert parse("institutions", "Some Bank\t\tBUS\n") == (("Some Bank", "", "BUS", ""),)
