"""`dateline up` as everybody first meets it: with the sample newsroom, stopped by Ctrl-C, started again.

One run serves all the checks, because starting everything takes the longest.
"""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest

from services.contracts.topics import ARTICLES_RAW
from services.runtime.stage import Unavailable
from services.runtime.stream_log import StreamLog, connect
from services.runtime.valkey import redis_url, socket_path
from tests.e2e.running import REPO, Dateline, free_port, get, wait_for

ENOUGH = 6
"""Articles to wait for: the newsroom publishes the first ones within seconds."""


class Run:
    """One data folder over several runs of `dateline up`, and a reader of its log that lets nothing be trimmed."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        # A port that no other Dateline on this machine would choose between the two runs.
        (self.data / "newsroom").mkdir(parents=True)
        (self.data / "newsroom" / "port").write_text(str(free_port()))
        self.dateline = self.up()

    def up(self) -> Dateline:
        dateline = Dateline(self.data, env={"DATELINE_FETCH_SAMPLE_MAX_INTERVAL_S": "1"})
        dateline.wait_until_up()
        return dateline

    @property
    def log(self) -> StreamLog:
        return StreamLog(connect(redis_url(self.data)), source="test")

    def watch(self) -> None:
        self.log.client.xgroup_create(self.log.stream(ARTICLES_RAW), "watch", id="0", mkstream=True)

    def articles(self) -> list[Any]:
        """Every article in articles.raw."""
        rows = self.log.client.xrange(self.log.stream(ARTICLES_RAW))
        return [self.log.entry(ARTICLES_RAW, position, fields).message().value for position, fields in rows]

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.dateline.process.pid).children(recursive=True)

    def newsroom(self) -> dict[str, Any]:
        """What the newsroom says of itself, and its port."""
        port = int((self.data / "newsroom" / "port").read_text())
        return {"port": port, **get(f"http://127.0.0.1:{port}/status")}

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A further `dateline` command on the same data folder."""
        return subprocess.run(
            [sys.executable, "-m", "services.cli", *arguments],
            cwd=REPO,
            env=self.dateline_environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )

    def dateline_environment(self) -> dict[str, str]:
        return {**psutil.Process().environ(), "DATELINE_DATA": str(self.data)}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    run = Run(tmp_path_factory.mktemp("sample"))
    try:
        run.watch()
        yield run
    finally:
        run.dateline.close()


def sent(run: Run) -> int:
    try:
        return run.log.sent(ARTICLES_RAW)
    except Unavailable:
        return 0


def test_events_appear_and_every_one_is_marked_as_sample(run: Run) -> None:
    wait_for(lambda: get(f"{run.dateline.board}/v1/events")["events"], "the first event", run.dateline.notes)
    events = get(f"{run.dateline.board}/v1/events?limit=200")["events"]
    assert events
    assert all(event["sample"] is True for event in events)


def test_the_board_answers_and_says_that_it_shows_a_sample(run: Run) -> None:
    with urllib.request.urlopen(f"{run.dateline.board}/", timeout=10) as response:
        assert response.status == 200
        page = response.read().decode()
    assert '<span class="sample">Sample</span>' in page
    (banner,) = [line for line in page.splitlines() if 'id="sample-banner"' in line]
    assert "hidden" not in banner.partition(">")[0]
    assert "Sample newsroom: fictional." in banner


def test_the_other_commands_find_it_by_its_data_folder(run: Run) -> None:
    listed = run.command("events", "list", "--limit", "1")
    assert listed.returncode == 0, listed.stderr
    assert "[SAMPLE]" in listed.stdout
    shown = run.command("events", "show", listed.stdout.split()[0])
    assert orjson.loads(shown.stdout)["id"] == listed.stdout.split()[0]
    changes = run.command("subscribe", "--json", "--since", "0-0", "--max", "1")
    assert orjson.loads(changes.stdout)["kind"] == "created", changes.stderr


def test_the_doctor_finds_every_process_ready(run: Run) -> None:
    told = run.command("doctor")
    assert told.returncode == 0, told.stdout
    for name in ("dedup", "extractor-0", "linker", "cache", "fetcher", "api"):
        assert f"ok       {name}: ready" in told.stdout


def test_a_killed_newsroom_comes_back_where_it_was(run: Run) -> None:
    before = run.newsroom()
    run.dateline.kill("newsroom")
    wait_for(lambda: run.newsroom()["released"] >= before["released"], "the newsroom's answer", run.dateline.notes)
    assert "newsroom died and is started again" in run.dateline.output.read_text()


def test_after_ctrl_c_nothing_is_left_and_the_next_run_goes_on(run: Run) -> None:
    wait_for(lambda: sent(run) >= ENOUGH, f"{ENOUGH} articles", run.dateline.notes)
    before, children = run.newsroom(), run.children()
    assert len(children) >= 8
    published = Counter(article.id for article in run.articles())
    assert run.dateline.stop() == 0, run.dateline.notes()
    assert [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []
    assert not socket_path(run.data).exists()
    assert not (run.data / "run" / "up.json").exists()
    assert "Stopped. The next `make up` goes on from here." in run.dateline.output.read_text()

    run.dateline = run.up()
    wait_for(lambda: run.newsroom()["released"] > before["released"], "a new release", run.dateline.notes)
    wait_for(lambda: sent(run) > published.total(), "a new article", run.dateline.notes)
    after = run.newsroom()
    assert (after["port"], after["started_at"]) == (before["port"], before["started_at"])
    articles = Counter(article.id for article in run.articles())
    assert set(articles.values()) == {1}, "no article came twice"
    assert published.keys() < articles.keys()
    assert run.dateline.stop() == 0
