"""What a field of each kind may hold."""

from __future__ import annotations

import pytest

from services.extractor.schema import Column, column, fault


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("type", "ceasefire", "cease-fire"),
        ("name", "mod-of", "Mod of"),
        ("words", "sign|ink", "sign| ink"),
        ("tests", "obj:%person|%org !subj:*", "obj="),
        ("tests", "-", "obj:a  subj:b"),
        ("effect", "started", "begun"),
        ("cameo", "0353", "353"),
        ("cameo", "-", "210"),
        ("goldstein", "-6.5", "11"),
        ("goldstein", "10", "high"),
        ("medtop", "20000641", "641"),
        ("medtop", "17000000", "18000000"),
        ("country", "UGA", "UG"),
        ("sector", "GOV", "government"),
        ("lat", "-90", "90.5"),
        ("lon", "179.9", "1,5"),
        ("choice:v|n", "n", "a"),
        ("text", "anything at all", ""),
    ],
)
def test_a_kind_takes_what_it_should_and_complains_of_the_rest(kind: str, right: str, wrong: str) -> None:
    each = Column("name", kind, optional=False, meaning="")
    assert each.complaint(right) == ""
    assert each.complaint(wrong)


def test_only_an_optional_field_may_be_empty_or_missing() -> None:
    columns = (Column("word", "text", optional=False, meaning=""), Column("sector", "sector", True, ""))
    assert fault(["troop", "MIL"], columns) == fault(["troop", ""], columns) == fault(["troop"], columns) == ""
    assert fault(["", "MIL"], columns) == "column word: must not be empty"


def test_a_field_too_many_is_named() -> None:
    columns = (Column("word", "text", optional=False, meaning=""),)
    assert fault(["troop", "MIL"], columns) == "1 tab-separated columns expected, 2 found"


def test_a_row_of_the_schema_gives_a_column() -> None:
    file, found = column(["*/words.tsv", "gender", "choice:m|f?", "where it is told"])
    assert file == "*/words.tsv"
    assert (found.name, found.kind, found.optional) == ("gender", "choice:m|f", True)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (["a.tsv", "b", "colour", "c"], "kind 'colour' is unknown"),
        (["a.tsv", "b", "text"], "4 tab-separated columns expected, 3 found"),
    ],
)
def test_a_wrong_row_of_the_schema_is_told(row: list[str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        column(row)
