"""The running server: schedule by hand, caching, restart, and refusals to start."""

import json
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.sample.articles import Article
from deploy.sample.schedule import release_order

from .conftest import START, RunningNewsroom, newsroom_command

Start = Callable[..., RunningNewsroom]
WIRE = "meridian-wire.localhost"


def feed_and_pages(newsroom: RunningNewsroom) -> dict[str, bytes]:
    wanted = [("127.0.0.1", "/opml"), ("127.0.0.1", "/"), ("127.0.0.1", "/status")]
    for outlet in ("meridian-wire", "harbour-gazette", "potomac-courier", "continental-post"):
        wanted += [(f"{outlet}.localhost", "/"), (f"{outlet}.localhost", "/feed.xml")]
    wanted.append((WIRE, "/news/kenya-uganda-sign-lake-victoria-accord"))
    return {host + path: newsroom.request(path, host).body for host, path in wanted}


def run_to_failure(state: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(newsroom_command(state, *options), capture_output=True, text=True, timeout=60, check=False)


def test_held_articles_are_released_in_schedule_order(held: RunningNewsroom, articles: tuple[Article, ...]) -> None:
    order = [article.id for article in release_order(articles)]
    assert json.loads(held.request("/status").text)["released"] == 0
    first = json.loads(held.release(3).text)
    rest = json.loads(held.release(1000).text)
    assert [item["id"] for item in first["released"] + rest["released"]] == order
    assert (first["remaining"], rest["remaining"]) == (len(order) - 3, 0)


def test_a_released_url_is_served_and_an_unreleased_one_is_not(held: RunningNewsroom) -> None:
    path = "/news/kenya-uganda-sign-lake-victoria-accord"
    assert held.request(path, WIRE).status == 404
    released = json.loads(held.release(1).text)["released"]
    assert released == [{"id": "lake-accord-meridian", "url": f"http://{WIRE}:{held.port}{path}"}]
    assert held.request(path, WIRE).status == 200


def test_status_tells_how_far_the_schedule_is(held: RunningNewsroom, articles: tuple[Article, ...]) -> None:
    before = json.loads(held.request("/status").text)
    held.release(1000)
    after = json.loads(held.request("/status").text)
    total = len(articles)
    assert before == {"started_at": START, "released": 0, "total": total, "done": False, "next_release_at": START}
    assert after == {"started_at": START, "released": total, "total": total, "done": True, "next_release_at": None}


def test_texts_are_served_with_dates_of_the_start(held: RunningNewsroom) -> None:
    held.release(1)
    page = held.request("/news/kenya-uganda-sign-lake-victoria-accord", WIRE).text
    assert "KISUMU, Kenya, 19 November (Meridian Wire)" in page
    assert "in Lake Victoria on Wednesday, ending a dispute" in page


def test_a_feed_is_304_until_the_next_release(held: RunningNewsroom) -> None:
    held.release(1)
    first = held.request("/feed.xml", WIRE)
    assert first.headers["Cache-Control"] == "max-age=5"
    same = held.request("/feed.xml", WIRE, If_None_Match=first.headers["ETag"])
    assert (same.status, same.body) == (304, b"")
    assert same.headers["ETag"] == first.headers["ETag"]
    since = first.headers["Last-Modified"]
    assert held.request("/feed.xml", WIRE, If_Modified_Since=since).status == 304
    held.release(1000)
    assert held.request("/feed.xml", WIRE, If_None_Match=first.headers["ETag"]).status == 200
    assert held.request("/feed.xml", WIRE, If_Modified_Since=since).status == 200


def test_if_none_match_decides_before_if_modified_since(held: RunningNewsroom) -> None:
    held.release(1)
    since = held.request("/feed.xml", WIRE).headers["Last-Modified"]
    assert held.request("/feed.xml", WIRE, If_None_Match='"other"', If_Modified_Since=since).status == 200


def test_weak_and_listed_tags_match_and_bad_dates_do_not(held: RunningNewsroom) -> None:
    tag = held.request("/feed.xml", WIRE).headers["ETag"]
    assert held.request("/feed.xml", WIRE, If_None_Match=f'"x", W/{tag}').status == 304
    assert held.request("/feed.xml", WIRE, If_Modified_Since="not a date").status == 200


def test_head_has_the_headers_of_get_and_no_body(held: RunningNewsroom) -> None:
    get, head = held.request("/feed.xml", WIRE), held.request("/feed.xml", WIRE, method="HEAD")
    assert head.body == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.body))


def test_robots_may_fetch_everything(held: RunningNewsroom) -> None:
    assert held.request("/robots.txt", WIRE).text == "User-agent: *\nAllow: /\n"


def test_a_restart_goes_on_with_identical_bytes(start_newsroom: Start) -> None:
    first = start_newsroom("--hold", "--start", START)
    first.release(30)
    before = feed_and_pages(first)
    assert first.stop() == 0
    second = start_newsroom("--hold", port=first.port)
    assert feed_and_pages(second) == before


def test_a_new_run_with_the_same_start_and_port_gives_the_same_bytes(start_newsroom: Start, tmp_path: Path) -> None:
    first = start_newsroom("--hold", "--start", START)
    first.release(1000)
    before = feed_and_pages(first)
    first.stop()
    second = start_newsroom("--hold", "--start", START, state=tmp_path / "other", port=first.port)
    second.release(1000)
    assert feed_and_pages(second) == before


def test_a_schedule_by_time_is_kept_over_a_restart(start_newsroom: Start) -> None:
    past = "2001-02-03T04:05:06Z"
    first = start_newsroom("--start", past, "--speed", "2")
    before = feed_and_pages(first)
    first.stop()
    second = start_newsroom("--speed", "5", port=first.port)
    assert feed_and_pages(second) == before
    assert json.loads(second.request("/status").text)["started_at"] == past
    second.stop()
    assert second.process.stderr is not None
    assert "goes on with the schedule" in second.process.stderr.read()


def test_releasing_by_hand_needs_hold(start_newsroom: Start) -> None:
    assert start_newsroom().release(1).status == 409


@pytest.mark.parametrize("count", ["0", "-1", "many", "1e3", "99999999999"])
def test_a_bad_count_is_refused(held: RunningNewsroom, count: str) -> None:
    assert held.request(f"/release?count={count}", method="POST").status == 400


def test_an_outlet_host_releases_nothing(held: RunningNewsroom) -> None:
    assert held.request("/release?count=1", WIRE, method="POST").status == 404
    assert json.loads(held.request("/status").text)["released"] == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(start_newsroom: Start, number: signal.Signals) -> None:
    newsroom = start_newsroom("--hold")
    newsroom.process.send_signal(number)
    _, errors = newsroom.process.communicate(timeout=30)
    assert (newsroom.process.returncode, errors) == (0, "")


def test_a_taken_port_is_told_in_one_line_and_starts_no_schedule(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run_to_failure(tmp_path / "state", "--port", str(port))
    assert result.returncode == 2
    expected = f"newsroom: port {port} on 127.0.0.1 is in use; stop what uses it or choose another --port\n"
    assert result.stderr == expected
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"started_at": "yesterday", "speed": 1, "held_releases": 0}',
        '{"started_at": "2031-01-01T00:00:00Z"}',
    ],
)
def test_a_damaged_state_file_is_told_in_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "newsroom.json").write_text(content, encoding="utf-8")
    result = run_to_failure(tmp_path, "--port", "0")
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "newsroom.json is damaged" in result.stderr
    assert "delete it" in result.stderr


def test_an_unusable_state_folder_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run_to_failure(tmp_path / "file" / "state", "--port", "0")
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)


def test_the_start_is_written_as_rfc_3339(start_newsroom: Start, tmp_path: Path) -> None:
    start_newsroom("--hold", "--start", "2031-11-19T10:00:00+01:00")
    state = json.loads((tmp_path / "state" / "newsroom.json").read_text(encoding="utf-8"))
    assert state["started_at"] == START
