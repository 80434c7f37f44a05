"""The page about the ontology names what there is: every table, every column, every status, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from services.cli.event_rows import COLUMNS
from services.contracts.ontology import STATUSES
from services.extractor.ontology_check import table_names
from services.extractor.tables import rows, schema

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "ontology.md").read_text(encoding="utf-8")
ROWS = {match[1]: match[2] for match in re.finditer(r"^\| `([a-z_]+\.tsv)` \| (.*) \|$", PAGE, re.MULTILINE)}
"""What the page says of a table, by the table's file name."""


def test_every_table_has_a_row_on_the_page_and_every_row_a_table() -> None:
    assert set(ROWS) == {name.rpartition("/")[2] for name in table_names()}


def test_the_row_of_a_table_names_its_columns() -> None:
    for name in table_names():
        file = name.rpartition("/")[2]
        told = set(re.findall(r"`([^`]+)`", ROWS[file]))
        missing = [column.name for column in schema().columns(name) if column.name not in told]
        assert not missing, f"docs/ontology.md does not name these columns of {name}: {missing}"


def test_every_status_is_explained() -> None:
    assert re.findall(r"^\| `([a-z]+)` \| (?!`)", PAGE, re.MULTILINE) == list(STATUSES)


def test_files_that_the_page_names_are_there() -> None:
    for name in set(re.findall(r"`((?:services|docs)/[\w/.]+)`", PAGE)):
        assert (ROOT / name).exists(), name
    for name in set(re.findall(r"`([a-z_]+\.py)`", PAGE)):
        assert (ROOT / "services" / "extractor" / name).exists(), name


def test_the_trigger_given_as_an_example_is_one() -> None:
    (row,) = re.findall(r"^`([a-z-]+\t[^`]+)`$", PAGE, re.MULTILINE)
    assert row.split("\t") in rows("en/triggers.tsv", columns=7)


def test_the_columns_of_the_rows_for_gdelt_are_explained() -> None:
    section = PAGE.partition("## Rows for tools made for GDELT")[2].partition("\n## ")[0]
    named = re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in section.splitlines() if line.startswith("|")))
    assert set(named) == set(COLUMNS)
    assert len(named) == len(COLUMNS)
