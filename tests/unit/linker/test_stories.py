"""The storylines that linking is judged by: their form, and that a wrong mark is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.eval import stories


def test_every_storyline_is_told_by_two_articles_or_more() -> None:
    told: dict[str, int] = {}
    for article in stories.load():
        for name in {telling.gold.key.split("/")[0] for telling in article.tells}:
            told[name] = told.get(name, 0) + 1
    assert len(told) >= 20
    assert {name for name, articles in told.items() if articles < 2} == set()


@pytest.mark.parametrize(
    ("mark", "wrong"),
    [
        ("@ quake earthquakes | occurred", "line 2: ['earthquakes'] are no types"),
        ("@ quake earthquake | happened", "line 2: 'happened': use considered"),
        ("@ quake earthquake | occurred\n--- 03-02T08:00 a.example quake=there", "line 3: 'quake=there': no status"),
        ("@ quake earthquake | occurred\n--- 03-02T08:00 a.example flood=occurred", "line 3: 'story/flood'"),
    ],
)
def test_a_wrong_mark_is_named_with_its_line(tmp_path: Path, mark: str, wrong: str) -> None:
    path = tmp_path / "marks.txt"
    path.write_text(f"=== story\n{mark}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"marks\.txt") as told:
        stories.load(path)
    assert wrong in str(told.value)
