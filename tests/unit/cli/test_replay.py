"""`dateline replay` line by line: what is refused, in which words, and that the rest goes on.

Most tests stop after dedup, which needs no language model.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from services.cli import replay as module
from services.cli.replay import command

GOOD = {
    "url": "https://www.example.org/lake",
    "source": "The Example",
    "published_at": "2026-03-11T09:00:00Z",
    "language": "en",
    "title": "Kenya and Uganda sign fishing accord",
    "text": "Kenya and Uganda signed an accord on fishing rights in Lake Victoria on Tuesday, officials said.",
}


def line(**changes: Any) -> bytes:
    """The good article with some fields changed; None takes a field out."""
    return orjson.dumps({name: value for name, value in {**GOOD, **changes}.items() if value is not None})


def replay(*lines: bytes, until: str = "dedup", name: str = "-") -> Result:
    return CliRunner().invoke(command, [name, "--until", until], input=b"\n".join(lines), catch_exceptions=False)


def records(result: Result) -> list[dict[str, Any]]:
    return [orjson.loads(each) for each in result.stdout_bytes.splitlines()]


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (b"{not json", "no JSON: "),
        (b'{"url": "https://example.org/1", "title": "caf\xe9"}', "no JSON: "),
        (b'{"url": "https://example.org/1", "title": "\\ud800"}', "no JSON: "),
        (b'["a", "b"]', "a JSON object is needed, a list was found"),
        (b'"text"', "a JSON object is needed, a str was found"),
        (line(url=None), '"url" is missing: it names the article'),
        (line(url="  "), '"url" is missing: it names the article'),
        (line(url=7), '"url" must be text, a int was found'),
        (line(text=["a"]), '"text" must be text, a list was found'),
        (line(title="", text=" \n"), '"title" and "text" are both empty: there is nothing to read'),
        (line(title=None, text=None), '"title" and "text" are both empty: there is nothing to read'),
        (line(published_at="2026-03-11T09:00:00"), "\"published_at\": '2026-03-11T09:00:00' has no UTC offset"),
        (line(published_at="yesterday"), '"published_at": Invalid isoformat string'),
        (line(published_at="0001-01-01T00:00:00+14:00"), '"published_at": date value out of range'),
    ],
)
def test_a_bad_line_is_named_and_the_others_go_on(bad: bytes, complaint: str) -> None:
    result = replay(bad, line())
    assert result.exit_code == 1
    first, last = result.stderr.splitlines()
    assert first.startswith(f"standard input:1: {complaint}")
    assert last == "1 lines were no articles and were left out"
    assert [each["article_url"] for each in records(result)] == [GOOD["url"]]


def test_a_wrong_time_is_told_how_to_write_it() -> None:
    assert "write it as 2025-02-12T23:00:00Z" in replay(line(published_at="11.03.2026")).stderr


def test_an_endless_line_is_refused_without_being_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINE_MOST_BYTES", 1000)
    result = replay(line(), line(text="x" * 5000), line(url="https://example.org/2", title="Another story"))
    assert result.stderr.splitlines()[0] == "standard input:2: longer than 1,000 bytes: one article a line, please"
    assert [each["article_url"] for each in records(result)] == [GOOD["url"], "https://example.org/2"]


def test_an_endless_last_line_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINE_MOST_BYTES", 1000)
    result = replay(line(), b"x" * 5000)
    assert result.stderr.splitlines()[0].startswith("standard input:2: longer than")
    assert result.exit_code == 1


def test_blank_lines_are_passed_over_but_counted() -> None:
    result = replay(b"", b"   ", line(), b"", b"oops")
    assert result.stderr.startswith("standard input:5: ")
    assert len(records(result)) == 1


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm() -> None:
    result = replay(b"\xef\xbb\xbf" + line() + b"\r", line(url="https://example.org/2", text="Something else") + b"\r")
    assert (result.exit_code, len(records(result))) == (0, 2)


def test_nothing_is_made_of_nothing() -> None:
    result = replay()
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    result = replay(name=str(tmp_path / "none.jsonl"))
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {tmp_path}/none.jsonl cannot be read: No such file or directory. Name a JSONL file, or - for input.\n"
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "cannot be read: Is a directory" in replay(name=str(tmp_path)).stderr


def test_files_are_read_in_the_order_given_and_bad_lines_named_by_file(tmp_path: Path) -> None:
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    first.write_bytes(line() + b"\n")
    second.write_bytes(b"oops\n" + line(url="https://elsewhere.example/copy", source="Elsewhere"))
    result = CliRunner().invoke(command, [str(first), str(second), "--until", "dedup"])
    assert result.stderr.startswith(f"{second}:1: no JSON")
    unique, copy = records(result)
    assert (unique["decision"], copy["decision"]) == ("unique", "exact-copy")
    assert copy["of_url"] == GOOD["url"]


def test_a_verdict_says_which_article_what_and_of_which() -> None:
    (verdict,) = records(replay(line()))
    assert {name: verdict[name] for name in ("kind", "article_url", "decision", "of_url", "similarity")} == {
        "kind": "verdict", "article_url": GOOD["url"], "decision": "unique", "of_url": "", "similarity": 0.0,
    }  # fmt: skip


def test_a_copy_elsewhere_names_its_original_and_how_similar_it_is() -> None:
    _, copy = records(replay(line(), line(url="https://other.example/1", source="other.example")))
    assert (copy["decision"], copy["of_url"], copy["similarity"]) == ("exact-copy", GOOD["url"], 1.0)


def test_a_url_that_comes_again_with_another_text_is_its_next_revision() -> None:
    first, second = records(replay(line(), line(text=GOOD["text"] + " Fishermen on both shores welcomed it.")))
    assert (first["decision"], second["decision"]) == ("unique", "revision")
    assert second["of_url"] == GOOD["url"]
    assert first["article_id"] == second["of_article_id"] != second["article_id"]


def test_a_url_that_comes_again_unchanged_is_a_copy_of_itself() -> None:
    first, *repeats = records(replay(line(), line(), line()))
    assert [(each["decision"], each["of_article_id"]) for each in repeats] == [("exact-copy", first["article_id"])] * 2
    assert len({each["article_id"] for each in (first, *repeats)}) == 3


def test_a_repeat_in_between_does_not_come_between_two_revisions() -> None:
    first, _, second = records(replay(line(), line(), line(text="It rained on the lake the whole day long.")))
    assert (second["decision"], second["of_article_id"]) == ("revision", first["article_id"])


@pytest.mark.parametrize(
    ("url", "source", "domain"),
    [
        ("https://www.example.org/1", "The Example", "example.org"),
        ("https://news.example.co.uk/1", "", "example.co.uk"),
        ("https://cdn.example.net/1", "WWW.Example.org", "example.org"),
        ("https://example.org/1", "A.P.", "example.org"),
        ("story-17", "The Courier", "the courier"),
        ("http://courier.localhost:8090/1", "courier.localhost", "courier.localhost"),
        ("http://[broken", "The Courier", "the courier"),
    ],
)
def test_the_publisher_is_a_registered_domain_where_there_is_one(url: str, source: str, domain: str) -> None:
    (verdict,) = records(replay(line(url=url, source=source)))
    assert verdict["source"]["domain"] == domain


def test_the_same_input_gives_the_same_output() -> None:
    lines = [line(), line(url="https://other.example/1"), line(text="Changed.")]
    assert replay(*lines).stdout_bytes == replay(*lines).stdout_bytes


def test_it_stops_after_the_stage_that_is_asked_for() -> None:
    stages = [stage() for stage in module._builders("full")[: module.STAGES.index("dedup") + 1]]
    assert [stage.name for stage in stages] == ["dedup"]


def test_an_unknown_stage_is_a_usage_error() -> None:
    assert replay(line(), until="cache").exit_code == 2


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    import subprocess
    import sys

    path = tmp_path / "many.jsonl"
    path.write_bytes(b"\n".join(line(url=f"https://example.org/{n}", title=f"Title {n}") for n in range(3000)))
    replaying = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "replay", str(path), "--until", "dedup"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert replaying.stdout is not None
    assert replaying.stderr is not None
    replaying.stdout.readline()
    replaying.stdout.close()
    assert replaying.stderr.read() == b""
    assert replaying.wait(60) == 1
