import pytest

from services.extractor.tables import rows


def test_comments_and_empty_lines_are_no_rows() -> None:
    assert all(not row[0].startswith("#") for row in rows("frames.tsv", columns=5))


def test_a_row_of_another_width_is_named() -> None:
    with pytest.raises(ValueError, match=r"frames\.tsv line \d+: 3 tab-separated columns expected, 5 found"):
        rows("frames.tsv", columns=3)
