from __future__ import annotations

import pytest

from services.api import cursor

PLACE = ("1763542800000000", "17")


def test_a_cursor_gives_back_where_the_page_ended() -> None:
    assert cursor.decode(cursor.encode(PLACE, "filters"), "filters") == PLACE


def test_a_cursor_needs_no_escaping_in_a_url() -> None:
    assert set(cursor.encode(PLACE, "filters")) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


def test_a_cursor_of_other_filters_is_refused_with_what_to_do() -> None:
    with pytest.raises(cursor.CursorError, match="repeat the filters"):
        cursor.decode(cursor.encode(PLACE, "filters"), "others")


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "!!!",
        "bm90IGEgY3Vyc29y",
        "ÿ",
        "A" * 300,
        cursor.encode(("[", "+"), "filters"),
        cursor.encode(("1e", "2"), "filters"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(cursor.CursorError, match="next_cursor"):
        cursor.decode(text, "filters")
