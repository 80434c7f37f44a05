"""The table of event types: complete, and with a word about the line where it is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.contracts import ontology
from services.contracts.ontology import PLOVER_ROOTS, TOPIC_FAMILIES, event_types


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An ontology.tsv of the test's own."""
    monkeypatch.setattr(ontology, "files", lambda package: tmp_path)
    event_types.cache_clear()
    yield tmp_path / "ontology.tsv"
    event_types.cache_clear()


def test_every_type_belongs_to_a_topic_family_and_says_what_it_means() -> None:
    types = event_types()
    assert len(types) > 50
    for name, event_type in types.items():
        assert re.fullmatch("[a-z]+(-[a-z]+)*", name), name
        assert event_type.name == name
        assert event_type.topic in TOPIC_FAMILIES
        assert event_type.meaning.strip()


def test_plover_has_sixteen_roots_and_types_use_no_others() -> None:
    assert len(set(PLOVER_ROOTS)) == 16
    assert {event_type.plover for event_type in event_types().values()} - {""} <= set(PLOVER_ROOTS)


def test_comments_and_blank_lines_are_passed_over_and_a_dash_is_no_root(table: Path) -> None:
    table.write_text("# type\ttopic\tplover\tmeaning\n\nflood\tweather\t-\twater\n")
    (flood,) = event_types().values()
    assert (flood.name, flood.topic, flood.plover, flood.meaning) == ("flood", "weather", "", "water")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("flood\tweather\t-", "ontology.tsv line 2: 4 tab-separated columns expected, 3 found"),
        ("flood\tmeteorology\t-\twater", "ontology.tsv line 2: 'meteorology' is not an IPTC top-level topic"),
        ("storm\tweather\t-\twater", "ontology.tsv line 2: type 'storm' stands there twice"),
        (
            "flood\tweather\tDROWN\twater",
            "ontology.tsv line 2: 'DROWN' is not a PLOVER root; write -",
        ),
        ("Flood\tweather\t-\twater", "ontology.tsv line 2: a type needs a lower-case-name and a meaning"),
        ("flood\tweather\t-\t ", "ontology.tsv line 2: a type needs a lower-case-name and a meaning"),
    ],
)
def test_a_wrong_line_is_named(table: Path, line: str, complaint: str) -> None:
    table.write_text(f"storm\tweather\t-\twind\n{line}\n")
    with pytest.raises(ValueError, match=re.escape(complaint)):
        event_types()
