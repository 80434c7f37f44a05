import json
from pathlib import Path
from typing import Any

import pytest

from tests.eval.marked_events import HALVES, MarksError
from tests.eval.written import FOLDER, load

ROW: dict[str, Any] = {
    "id": "made-01",
    "half": "open",
    "published": "2026-05-12",
    "title": "Mayor quits in Hull",
    "text": "The mayor resigned.\n\nShe quit on Monday. A fire burned.",
    "events": [
        {
            "types": ["resignation"],
            "statuses": ["occurred"],
            "told": ["Mayor [quits]", "She [quit] on Monday"],
            "participants": [{"role": "subject", "names": ["mayor"]}],
            "places": ["Hull"],
            "time": ["2026-05-11", "2026-05-11"],
        }
    ],
}


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    (folder / "made.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def test_snippets_become_marks_of_the_sentence_they_stand_in(tmp_path: Path) -> None:
    (article,) = load(written(tmp_path, ROW))
    title, body = article.marks.events[0].told
    assert (article.area, article.half) == ("made", "open")
    assert title.trigger.in_title
    assert article.text.title[title.trigger.start : title.trigger.end] == "quits"
    assert article.text.text[body.sentence.start : body.sentence.end] == "She quit on Monday."
    assert article.text.text[body.trigger.start : body.trigger.end] == "quit"


@pytest.mark.parametrize(
    ("snippet", "message"),
    [
        ("She quit", "0 triggers"),
        ("[mayor] is gone", "stands 0 times"),
        ("[e]", "stands 0 times"),
        ("[A] fire", ""),
        ("She [quit]", ""),
    ],
)
def test_a_snippet_stands_once_with_one_trigger(tmp_path: Path, snippet: str, message: str) -> None:
    event = ROW["events"][0] | {"told": [snippet]}
    folder = written(tmp_path, ROW | {"events": [event]})
    if not message:
        assert len(load(folder)) == 1
        return
    with pytest.raises(MarksError, match=message):
        load(folder)


def test_every_wrong_mark_is_told_with_its_line(tmp_path: Path) -> None:
    event = ROW["events"][0]
    wrong = [
        ROW | {"half": "other"},
        ROW | {"id": "made-02", "events": [event | {"types": ["quitting"]}, event | {"statuses": []}]},
        ROW,
        ROW,
    ]
    with pytest.raises(MarksError) as told:
        load(written(tmp_path, *wrong))
    lines = str(told.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [f"made.jsonl line {number}" for number in (1, 2, 4)]
    assert "type quitting" in lines[1]
    assert "status missing" in lines[1]


def test_the_written_articles_are_well_formed() -> None:
    articles = load()
    assert {article.half for article in articles} == set(HALVES)
    assert {article.area for article in articles} == {path.stem for path in FOLDER.glob("*.jsonl")}
