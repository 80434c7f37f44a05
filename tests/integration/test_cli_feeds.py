"""`dateline feeds`: the list in the data folder, and one polite look at a feed on a local server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from services.cli import main, subscriptions
from services.fetcher.opml import read_opml

BBC = "https://feeds.bbci.co.uk/news/world/rss.xml"
DW = "https://rss.dw.com/rdf/rss-en-all"
OPML = """<?xml version="1.0"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Region"><outline text="Africa">
<outline type="rss" text="Courier" xmlUrl="https://courier.example/feed" dateline-sample="true"/>
</outline></outline>
<outline type="rss" text="Broken" xmlUrl="javascript:alert(1)"/>
<outline type="rss" text="World" xmlUrl="https://feeds.bbci.co.uk/news/world/rss.xml"/>
</body></opml>"""
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Courier</title>
<item><title>Bridge opens</title><link>http://localhost/1</link><guid>one</guid>
<pubDate>Wed, 11 Mar 2026 09:00:00 GMT</pubDate><description>The bridge opened.</description></item>
</channel></rss>"""


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv(subscriptions.FEED_FILES, raising=False)
    return tmp_path / "data"


def dateline(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["feeds", *arguments], catch_exceptions=False)


def listed() -> list[dict[str, object]]:
    return [orjson.loads(line) for line in dateline("list", "--json").stdout.splitlines()]


def test_what_is_added_is_listed(data: Path) -> None:
    result = dateline("add", BBC, "rss.dw.com/rdf/rss-en-all", "--category", "World")
    assert result.stdout == f"{BBC} added\n{DW} added\n"
    assert listed() == [
        {"url": url, "title": "", "category": "World", "sample": False, "tags": [], "paused": False}
        for url in (BBC, DW)
    ]
    assert [each.url for each in read_opml((data / "feeds.opml").read_bytes()).subscriptions] == [BBC, DW]


def test_what_is_there_already_is_not_added_again_and_keeps_its_title() -> None:
    dateline("add", BBC, "--title", "BBC World")
    assert dateline("add", BBC, "--title", "Another").stdout == f"{BBC} is in the list already\n"
    assert [each["title"] for each in listed()] == ["BBC World"]


def test_one_wrong_address_among_others_adds_nothing(data: Path) -> None:
    result = dateline("add", BBC, "ftp://example.org/feed")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: not a feed address: ")
    assert result.stderr.endswith("Nothing was added.\n")
    assert not (data / "feeds.opml").exists()


def test_what_is_removed_is_gone() -> None:
    dateline("add", BBC, DW)
    assert dateline("remove", BBC).stdout == f"{BBC} removed\n"
    assert [each["url"] for each in listed()] == [DW]


def test_removing_what_is_not_there_is_told_and_removes_nothing(data: Path) -> None:
    dateline("add", BBC)
    result = dateline("remove", BBC, DW)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"{DW} is not in {data / 'feeds.opml'}; `dateline feeds list` shows what is" in result.stderr
    assert len(listed()) == 1


def test_an_empty_list_says_how_to_fill_it() -> None:
    result = dateline("list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "dateline feeds add URL" in result.stderr


def test_an_import_keeps_groups_and_the_mark_of_a_sample_and_names_what_it_leaves_out(tmp_path: Path) -> None:
    path = tmp_path / "mine.opml"
    path.write_text(OPML)
    dateline("add", BBC, "--title", "BBC World")
    result = dateline("import", str(path))
    assert result.stdout == "1 feeds added, 2 in the list, 1 known already, 1 left out\n"
    assert result.stderr.startswith(f"left out: {path}, line 6: ")
    assert listed() == [
        {"url": BBC, "title": "BBC World", "category": "", "sample": False, "tags": [], "paused": False},
        {
            "url": "https://courier.example/feed",
            "title": "Courier",
            "category": "Region/Africa",
            "sample": True,
            "tags": [],
            "paused": False,
        },
    ]
    assert dateline("list").stdout.splitlines()[1] == "https://courier.example/feed  Courier  (Region/Africa)  [SAMPLE]"


def test_a_broken_file_is_named_with_its_line_and_nothing_is_imported(tmp_path: Path, data: Path) -> None:
    good, bad = tmp_path / "good.opml", tmp_path / "bad.opml"
    good.write_text(OPML)
    bad.write_text("<opml version='2.0'>\n<body>\n<outline text='a'></bod></opml>")
    result = dateline("import", str(good), str(bad))
    assert result.exit_code == 1
    assert f"Error: {bad}, line 3: not well-formed XML" in result.stderr
    assert not (data / "feeds.opml").exists()


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    result = dateline("import", str(tmp_path / "none.opml"))
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_an_export_can_be_imported_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.opml"
    path.write_text(OPML)
    dateline("import", str(path))
    before = listed()
    assert dateline("export", str(tmp_path / "out.opml")).exit_code == 0
    assert dateline("export").stdout_bytes == (tmp_path / "out.opml").read_bytes()
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path / "elsewhere"))
    dateline("import", str(tmp_path / "out.opml"))
    assert listed() == before


MOVED = "https://news.example/rss"


@pytest.fixture
def moved() -> Iterator[str]:
    """The address of an API that tells of BBC having moved for good, and of DW failing."""
    fine = {"condition": "fine", "errors": 0, "last_error": ""}
    feeds = [
        {"url": BBC, "address": MOVED, **fine},
        {"url": DW, "address": DW, "condition": "failing", "errors": 1, "last_error": "the server answers 404"},
    ]

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = orjson.dumps({"feeds": feeds})
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_export_gives_the_address_that_a_feed_has_moved_to_and_keeps_the_old_one_beside_it(moved: str) -> None:
    dateline("add", BBC, DW)
    exported = read_opml(dateline("export", "--api", moved).stdout_bytes)
    assert [feed.url for feed in exported.subscriptions] == [MOVED, DW]
    assert exported.moved_from == {MOVED: BBC}
    as_given = read_opml(dateline("export", "--as-given", "--api", moved).stdout_bytes)
    assert [feed.url for feed in as_given.subscriptions] == [BBC, DW]


def test_an_export_is_recognised_by_the_list_it_came_from(tmp_path: Path, moved: str) -> None:
    dateline("add", BBC, DW)
    dateline("export", str(tmp_path / "out.opml"), "--api", moved)
    assert dateline("import", str(tmp_path / "out.opml")).stdout == "0 feeds added, 2 in the list, 2 known already\n"


def test_an_export_without_a_running_dateline_says_that_moves_are_not_known() -> None:
    dateline("add", BBC)
    result = dateline("export", "--api", "http://127.0.0.1:9")
    assert [feed.url for feed in read_opml(result.stdout_bytes).subscriptions] == [BBC]
    assert "note: the addresses are those that were given, also of feeds that have moved: no Dateline" in result.stderr


def test_an_import_that_waits_shows_the_first_polls_and_names_what_fails(tmp_path: Path, moved: str) -> None:
    path = tmp_path / "mine.opml"
    path.write_text(f'<opml><body><outline xmlUrl="{BBC}"/><outline xmlUrl="{DW}"/></body></opml>')
    result = dateline("import", "--wait", "--api", moved, str(path))
    assert "2 of 2 asked, 1 failing\n" in result.stderr
    assert result.stdout.splitlines() == [
        "2 feeds added, 2 in the list",
        DW,
        "  PROBLEM  the server answers 404",
        "2 asked, 1 failing",
    ]


def test_an_export_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    result = dateline("export", str(tmp_path / "none" / "out.opml"))
    assert result.exit_code == 1
    assert "cannot be written (No such file or directory): name another file" in result.stderr


def test_a_write_that_breaks_off_leaves_the_old_list(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dateline("add", BBC)
    before = (data / "feeds.opml").read_bytes()

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    result = dateline("add", DW)
    assert result.exit_code == 1
    assert "cannot be written (No space left on device)" in result.stderr
    assert (data / "feeds.opml").read_bytes() == before


@pytest.mark.parametrize("arguments", [["add", BBC], ["list"], ["export"], ["check"]])
def test_a_data_folder_that_is_none_is_told(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path / "file" / "data"))
    result = dateline(*arguments)
    assert result.exit_code == 1
    assert "(Not a directory)" in result.stderr
    assert "DATELINE_DATA" in result.stderr


def test_a_damaged_list_is_told_with_its_line(data: Path) -> None:
    data.mkdir()
    (data / "feeds.opml").write_text("<opml>\n<body")
    for arguments in (["list"], ["add", BBC], ["check"]):
        result = dateline(*arguments)
        assert result.exit_code == 1
        assert f"{data / 'feeds.opml'}, line " in result.stderr


@pytest.fixture
def site() -> Iterator[str]:
    """A server with a feed, a page and nothing else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, status = {"/feed": (FEED, 200), "/page": ("<html><p>Hello</p></html>", 200)}.get(self.path, ("", 404))
            self.send_response(status)
            self.send_header("Content-Type", "application/rss+xml" if self.path == "/feed" else "text/html")
            self.send_header("ETag", '"one"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_check_says_what_a_feed_brings(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_FETCH_ALLOW_HOSTS", site.removeprefix("http://"))
    dateline("add", f"{site}/feed")
    result = dateline("check")
    assert result.exit_code == 0, result.stdout
    assert result.stdout.splitlines() == [
        f"{site}/feed",
        "  rss, 1 items, newest 2026-03-11 09:00 UTC: Bridge opens",
        "  title: The Courier",
        "  text: read from the pages",
        "  unchanged polls: cheap (validators)",
    ]


def test_a_check_names_each_problem_and_ends_with_1(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_FETCH_ALLOW_HOSTS", site.removeprefix("http://"))
    result = dateline("check", f"{site}/none", f"{site}/page", "ftp://x")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[:2] == [f"{site}/none", "  PROBLEM  the server answers 404: check the address in a browser"]
    assert [line.startswith("  PROBLEM  ") for line in lines] == [False, True] * 3


def test_a_check_reaches_nothing_private_unless_it_is_allowed(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATELINE_FETCH_ALLOW_HOSTS", raising=False)
    result = dateline("check", f"{site}/feed")
    assert result.exit_code == 1
    assert "PROBLEM" in result.stdout


def test_a_check_of_nothing_says_so() -> None:
    result = dateline("check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "No feeds yet" in result.stderr


def test_a_wrong_setting_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_FETCH_PAGE_TRIES", "often")
    result = dateline("check", BBC)
    assert result.exit_code == 1
    assert "DATELINE_FETCH_PAGE_TRIES='often'" in result.stderr
