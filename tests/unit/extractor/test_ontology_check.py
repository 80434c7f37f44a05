"""The ontology as it is has no faults, and each kind of fault is found and named."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.extractor import ontology_check, tables
from services.extractor.actortables import rows as actor_rows
from services.extractor.lexicon import lexicon
from services.extractor.ontology_check import problems, table_names
from services.extractor.statuswords import status_words
from services.extractor.tables import schema

REAL = Path(tables.__file__).parent / "ontology"
CACHES = (schema, table_names, lexicon, actor_rows, status_words)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the ontology to spoil."""
    shutil.copytree(REAL, tmp_path / "ontology")
    for module in (tables, ontology_check):
        monkeypatch.setattr(module, "files", lambda package: tmp_path)
    for cached in CACHES:
        cached.cache_clear()
    yield tmp_path / "ontology"
    for cached in CACHES:
        cached.cache_clear()


def change(table: Path, old: str, new: str) -> int:
    """Replace the first ``old`` of a table; return the number of its line."""
    text = table.read_text(encoding="utf-8")
    assert old in text
    table.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_ontology_is_right() -> None:
    assert problems() == []


def test_every_table_says_what_it_holds_and_where_it_comes_from() -> None:
    for name in table_names():
        comments = [line for line in (REAL / name).read_text(encoding="utf-8").splitlines() if line.startswith("#")]
        assert len(comments) > 1 or name == "schema.tsv", f"{name} has no comment"
        assert name == "schema.tsv" or any(line.startswith("# Source:") for line in comments), f"{name}: no source"


def test_a_copy_of_the_ontology_is_as_right(folder: Path) -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("table", "old", "new", "complaint"),
    [
        ("cameo.tsv", "\nvisit\t042\t", "\nvisit\t042x\t", "line {line}, column occurred: '042x' is no CAMEO code"),
        ("cameo.tsv", "\nvisit\t042\t", "\nvisit\t044\t", "line {line}: 044 does not stand in cameo_codes.tsv"),
        ("cameo.tsv", "\nvisit\t", "\nmeeting\t", "line {line}: 'meeting' stands on line"),
        ("cameo.tsv", "\nflood\t-", "\nflood\t070", "line {line}: flood has no PLOVER root"),
        ("cameo_codes.tsv", "\n057\t", "\n0571\t", "line {line}: no row of cameo.tsv uses 0571"),
        ("iptc.tsv", "\nstrike\t20000056\tarmed", "\nstrike\t20000056\tany", "line {line}: 20000056 is called"),
        ("iptc.tsv", "\nflood\t20000154", "\nflood\t17000000", "line {line}: the type's topic disaster-accident"),
        ("frames.tsv", "\nvisit\tsource", "\nvisit\tguest", "line {line}, column agent: must be source or subject"),
        ("actors/regions.tsv", "29.5", "129.5", "line {line}, column lat: 129.5 is not between -90 and 90"),
    ],
)
def test_a_fault_is_named_with_file_and_line(folder: Path, table: str, old: str, new: str, complaint: str) -> None:
    line = change(folder / table, old, new) + old.startswith("\n")
    wanted = f"{table} {complaint.format(line=line)}"
    assert any(problem.startswith(wanted) for problem in problems()), problems()


@pytest.mark.parametrize("table", ["cameo.tsv", "iptc.tsv", "en/triggers.tsv"])
def test_a_type_that_is_missing_is_named(folder: Path, table: str) -> None:
    lines = (folder / table).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / table).write_text("".join(line for line in lines if not line.startswith("veto\t")), encoding="utf-8")
    assert f"{table}: no row for the type 'veto'" in problems()


def test_a_table_without_a_schema_and_a_schema_without_a_table_are_named(folder: Path) -> None:
    (folder / "en" / "adverbs.tsv").write_text("soon\tplanned\n")
    (folder / "iptc.tsv").rename(folder / "en" / "iptc_topics.tsv")
    (folder / "iptc.tsv").write_text((REAL / "iptc.tsv").read_text(encoding="utf-8"))
    (folder / "frames.tsv").unlink()
    found = problems()
    assert "en/adverbs.tsv: schema.tsv does not describe its columns; add a row for each" in found
    assert "schema.tsv describes frames.tsv, which is not there" in found


def test_a_trigger_that_names_no_class_is_named(folder: Path) -> None:
    change(folder / "en" / "triggers.tsv", "%leader", "%leaders")
    (problem,) = problems()
    assert "%leaders is neither a class of classes.tsv nor a kind of name" in problem


def test_a_name_that_stands_twice_among_the_actors_is_named(folder: Path) -> None:
    table = folder / "actors" / "parties.tsv"
    text = table.read_text(encoding="utf-8")
    table.write_text(f"{text}gop\tUSA\n", encoding="utf-8")
    (problem,) = problems()
    assert problem.startswith(f"actors/parties.tsv line {text.count(chr(10)) + 1}: 'gop' stands on line")


def test_a_status_word_with_two_meanings_is_named(folder: Path) -> None:
    table = folder / "en" / "status_words.tsv"
    text = table.read_text(encoding="utf-8")
    table.write_text(f"{text}halt|threaten\tv\tplanned\tagent\n", encoding="utf-8")
    (problem,) = problems()
    line = text.count("\n") + 1
    assert problem.startswith(f"en/status_words.tsv line {line}: 'halt' (v) stands on line")


def test_a_word_that_stands_twice_in_its_field_is_named(folder: Path) -> None:
    line = change(folder / "en" / "status_words.tsv", "plan|intend|", "plan|intend|plan|")
    assert f"en/status_words.tsv line {line}, column lemmas: 'plan' stands twice in" in "\n".join(problems())
