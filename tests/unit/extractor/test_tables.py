"""Loading a table: comments are passed over, and a wrong row is named with file, line and column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.extractor import tables
from services.extractor.tables import rows, schema


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An ontology of the test's own: a schema for frames, and no tables."""
    real = Path(tables.__file__).parent / "ontology" / "schema.tsv"
    (tmp_path / "ontology" / "en").mkdir(parents=True)
    (tmp_path / "ontology" / "schema.tsv").write_text(real.read_text())
    monkeypatch.setattr(tables, "files", lambda package: tmp_path)
    schema.cache_clear()
    yield tmp_path / "ontology"
    schema.cache_clear()


def test_comments_and_empty_lines_are_no_rows() -> None:
    assert all(not row[0].startswith("#") for row in rows("frames.tsv", columns=5))


def test_a_row_of_another_width_is_named() -> None:
    with pytest.raises(ValueError, match=r"frames\.tsv line \d+: 3 tab-separated columns expected, 5 found"):
        rows("frames.tsv", columns=3)


def test_a_field_that_its_column_may_not_hold_is_named_with_line_and_column(folder: Path) -> None:
    (folder / "frames.tsv").write_text("# roles\n\nvisit\tsource\ttarget\tagent\tobject\n")
    with pytest.raises(ValueError, match=r"frames\.tsv line 3, column of: must be agent or patient, not 'object'"):
        rows("frames.tsv", columns=5)


def test_a_type_that_the_ontology_does_not_have_is_named(folder: Path) -> None:
    (folder / "frames.tsv").write_text("outing\tsource\ttarget\tagent\tagent\n")
    with pytest.raises(ValueError, match=r"frames\.tsv line 1, column type: the ontology has no type 'outing'"):
        rows("frames.tsv", columns=5)


def test_a_table_of_a_language_has_the_columns_of_every_language(folder: Path) -> None:
    (folder / "en" / "status_words.tsv").write_text("plan\tv\tplanned\tagent\nhope\tv\thoped\tagent\n")
    with pytest.raises(ValueError, match=r"en/status_words\.tsv line 2, column effect: effect 'hoped' is unknown"):
        rows("en/status_words.tsv", columns=4)


def test_a_wrong_schema_is_named(folder: Path) -> None:
    (folder / "schema.tsv").write_text("frames.tsv\ttype\tcolour\tevent type\n")
    with pytest.raises(ValueError, match=r"schema\.tsv line 1: kind 'colour' is unknown"):
        rows("frames.tsv", columns=5)
