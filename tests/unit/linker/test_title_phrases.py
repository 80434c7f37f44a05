"""Every type of the ontology has words for its titles, and a faulty table names the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.contracts.ontology import event_types
from services.linker import title_phrases as table


def test_every_type_of_the_ontology_has_a_row_and_no_other() -> None:
    assert table.title_phrases().keys() == event_types().keys()


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("visit\tvisit\tto", "8 tab-separated columns expected, 3 found"),
        ("visti\tvisit\tto\tvisit {}\t-\t-\tvisit {in}\t-", "'visti' is no type"),
        ("visit\t-\tto\tvisit {}\t-\t-\tvisit {in}\t-", "a noun"),
        ("visit\tvisit\tto\tvisit\t-\t-\tvisit {in}\t-", "acts needs one"),
        ("visit\tvisit\tto\tvisit {}\t-\t-\tvisit\t-", "happens needs one"),
        ("visit\tvisit\tto\tvisit {}\t-\t-\tvisit {in}\tfra", "unknown traits: fra"),
        ("visit\tvisit\tto\tvisit {}\t-\t-\tvisit {in}\t-", "a row is missing for accusation"),
    ],
)
def test_a_faulty_table_says_what_is_wrong(
    row: str, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / table.TABLE).write_text(f"# head\n{row}\n", encoding="utf-8")
    monkeypatch.setattr(table, "files", lambda _package: tmp_path)
    table.title_phrases.cache_clear()
    try:
        with pytest.raises(ValueError, match=wrong):
            table.title_phrases()
    finally:
        monkeypatch.undo()
        table.title_phrases.cache_clear()
