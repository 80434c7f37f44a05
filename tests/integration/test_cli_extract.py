"""`dateline extract` on a text, a saved page and a page of a local server, in each of its forms."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.cli.event_rows import COLUMNS

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
TITLE = "Kenya and Uganda agree to swap prisoners"
FIRST = "Kenya and Uganda have agreed to exchange 12 prisoners, officials said on Tuesday after talks in Kisumu."
SECOND = (
    "A magnitude 6.1 earthquake struck near Arusha on Sunday, killing at least 14 people, the authorities in Tanzania "
    "reported. Rescue teams from the capital were on their way to the villages in the hills."
)
TEXT = f"{TITLE}\n\n{FIRST}\n{SECOND}\n"
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>{TITLE}</title>
<meta property="article:published_time" content="2026-03-11T09:00:00Z"></head>
<body><article><h1>{TITLE}</h1><p>{FIRST}</p><p>{SECOND}</p></article></body></html>"""


def extract(*arguments: str, text: str = TEXT) -> Result:
    return CliRunner().invoke(main, ["extract", *arguments], input=text, catch_exceptions=False)


class _Site(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        pages = {"/story": (200, PAGE), "/robots.txt": (200, "User-agent: *\nDisallow: /private\n")}
        status, body = pages.get(self.path, (404, "not here"))
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if self.path == "/robots.txt" else "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a news site on this machine that the fetcher may read."""
    _Site.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("DATELINE_FETCH_ALLOW_HOSTS", f"127.0.0.1:{server.server_port}")
    monkeypatch.setenv("DATELINE_FETCH_HOST_GAP_S", "0")
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_view_shows_events_beneath_their_sentences_and_why() -> None:
    result = extract("-", "--date", "2026-03-11")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == TITLE
    swap = next(n for n, line in enumerate(lines) if line.startswith("  > prisoner-exchange, agreed  “exchange”"))
    assert any("“agreed” commits" in line for line in lines[swap:])
    quake = next(n for n, line in enumerate(lines) if line.startswith("  > earthquake, occurred"))
    assert quake > swap
    assert any(line.split() == ["time", "2026-03-08", "(day,", "“Sunday”)"] for line in lines[quake:])


def test_json_is_what_the_extractor_emits_a_line_a_topic_family() -> None:
    result = extract("-", "--json", "--date", "2026-03-11")
    batches = [orjson.loads(line) for line in result.stdout.splitlines()]
    assert [batch["topic"] for batch in batches] == ["conflict-war-peace", "disaster-accident-emergency"]
    for batch in batches:
        assert batch["article"]["title"] == TITLE
        for mention in batch["mentions"]:
            span = mention["sentence_span"]
            text = TITLE if span["in_title"] else f"{FIRST}\n{SECOND}"
            assert text[span["start"] : span["end"]] == mention["sentence"]


def test_codes_are_rows_of_a_table() -> None:
    result = extract("-", "--codes", "--date", "2026-03-11", "--url", "https://courier.example/1")
    header, *rows = (line.split("\t") for line in result.stdout.splitlines())
    assert header == list(COLUMNS)
    told = [dict(zip(header, row, strict=True)) for row in rows]
    assert {(row["Actor1Name"], row["Actor2Name"]) for row in told} >= {("Kenya", "Uganda"), ("Uganda", "Kenya")}
    assert {(row["EventCode"], row["PloverRoot"], row["Type"]) for row in told} == {
        ("0353", "AGREE", "prisoner-exchange"),
        ("046", "CONSULT", "negotiations"),
    }
    assert {row["SOURCEURL"] for row in told} == {"https://courier.example/1"}


def test_a_page_is_fetched_once_after_its_robots_txt(site: str) -> None:
    result = extract(f"{site}/story", "--json")
    assert result.exit_code == 0
    assert _Site.asked == ["/robots.txt", "/story"]
    batch = orjson.loads(result.stdout.splitlines()[0])
    assert batch["article"]["url"] == f"{site}/story"
    assert batch["article"]["published_at"] == "2026-03-11T09:00:00Z"


def test_what_robots_txt_forbids_is_not_fetched(site: str) -> None:
    result = extract(f"{site}/private/story")
    assert result.exit_code == 1
    assert "cannot be read: robots.txt asks not to read it. If a browser shows the article, save the" in result.stderr
    assert _Site.asked == ["/robots.txt"]


def test_an_address_inside_is_refused(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATELINE_FETCH_ALLOW_HOSTS")
    result = extract(f"{site}/story")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {site}/story cannot be read: ")
    assert _Site.asked == []


def test_a_page_that_is_not_there_is_told(site: str) -> None:
    result = extract(f"{site}/gone")
    assert result.exit_code == 1
    assert "the site answers 404" in result.stderr


def test_a_text_in_a_language_that_is_not_read_says_so() -> None:
    result = extract("-", "--language", "xx")
    assert result.exit_code == 0
    assert "nothing is read out of texts in 'xx'" in result.stderr


def test_a_wrong_date_is_a_usage_error() -> None:
    result = extract("-", "--date", "yesterday")
    assert result.exit_code == 2
    assert "write it as 2025-02-12 or 2025-02-12T23:00:00Z" in result.stderr


def test_what_is_less_sure_than_the_settings_ask_is_shown_but_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_MIN_CONFIDENCE", "1")
    assert extract("-", "--json").stdout == ""
    assert "too unsure to be sent" in extract("-").stdout


def test_the_readme_shows_what_is_printed() -> None:
    shown = README[README.index("$ dateline extract --date 2026-03-11 article.txt") :].partition("```")[0].splitlines()
    sentence = next(line for line in shown if line.startswith("President"))
    printed = extract("-", "--date", "2026-03-11", text=f"{shown[1]}\n{FIRST} {sentence}\n").stdout.splitlines()
    decided = [line for line in shown if line.startswith("  > ") or line.split()[:1] in (["why"], ["codes"], ["topic"])]
    assert len(decided) == 4
    assert [line for line in decided if line not in printed] == []


def test_help_has_an_example() -> None:
    assert "Example: dateline extract --date 2025-02-12 article.txt" in extract("--help").stdout
