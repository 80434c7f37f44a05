"""`dateline up --kafka local`: the sample newsroom on Kafka, stopped by Ctrl-C half-way and started again.

One run serves all the checks, because starting everything takes the longest. The articles come one by one, so that the
storylines take the course that deploy/sample/README.md describes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest

from services.cli.service_counts import ServiceCounts
from services.contracts.topics import ALL, ARTICLES_RAW, CHANGES, EVENTS
from services.runtime.stage import Unavailable
from tests.e2e.running import REPO, Dateline, Newsroom, free_port, get, wait_for

ARTICLES = 55
"""What the newsroom publishes, revisions included (deploy/sample/README.md)."""
FIRST_RUN = 20

pytestmark = pytest.mark.timeout(900)


@dataclass
class Outcome:
    """What the two runs of `dateline up` left, and said."""

    status: list[int] = field(default_factory=list)
    """Exit status of each run after Ctrl-C."""
    left: list[psutil.Process] = field(default_factory=list)
    """Processes that outlived their run."""
    output: str = ""
    articles: list[Any] = field(default_factory=list)
    in_kafka: dict[str, int] = field(default_factory=dict)
    """Revision of each event in the topic `events`."""
    events: list[dict[str, Any]] = field(default_factory=list)
    """What the API gave."""
    changes: list[dict[str, Any]] = field(default_factory=list)
    """What `dateline subscribe --kafka` printed."""
    rest: list[dict[str, Any]] = field(default_factory=list)
    """The same from the position of the first line on."""
    doctor: subprocess.CompletedProcess[str] | None = None
    letters: str = ""


class Runs:
    """A newsroom that waits to be told, and `dateline up --kafka local` on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.newsroom = Newsroom(folder / "newsroom", free_port())
        self._opml = folder / "feeds.opml"
        hosts = self.newsroom.opml(self._opml)
        self._env = {"DATELINE_FETCH_ALLOW_HOSTS": ",".join(hosts), "DATELINE_FETCH_SAMPLE_MAX_INTERVAL_S": "1"}
        self._released = 0
        self._counts = ServiceCounts(self.data / "run" / "health")
        self.start()

    def start(self) -> None:
        self.dateline = Dateline(self.data, "--feeds", str(self._opml), "--kafka", "local", env=self._env)
        self.dateline.wait_until_up()
        self.bootstrap = str(orjson.loads((self.data / "run" / "up.json").read_bytes())["kafka"])

    def stop(self, outcome: Outcome) -> None:
        children = psutil.Process(self.dateline.process.pid).children(recursive=True)
        assert any(child.name() == "java" for child in children), "Kafka runs as its child"
        outcome.status.append(self.dateline.stop())
        outcome.left += [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]

    def release(self, upto: int) -> None:
        """Release articles one by one, each once the one before is in the log."""
        while self._released < upto:
            self.newsroom.release()
            self._released += 1
            wait_for(lambda: self._published() >= self._released, f"article {self._released}", self.dateline.notes)

    def _published(self) -> int:
        """Articles that the fetchers of both runs have published, as they count them."""
        self._counts.look()
        return self._counts.total("dateline_messages_total", stage="fetcher", outcome="processed")

    def settled(self) -> bool:
        """True when every reader has answered the last message of every partition.

        Topics in the order of the flow: what one hop has answered, the next one has got.
        """
        from services.runtime.kafka_client import admin, unavailable_when_away
        from services.runtime.kafka_log import read_all
        from services.runtime.kafka_topics import group_of

        try:
            with unavailable_when_away(self.bootstrap), admin(self.bootstrap) as client:
                for topic in [topic for topic in ALL if topic.readers]:
                    groups = client.list_group_offsets([group_of(reader) for reader in topic.readers])
                    places = [tuple(map(int, entry.position.split(":"))) for entry in read_all(self.bootstrap, topic)]
                    for answered in groups.values():
                        reached = {(each.topic, each.partition): place.offset for each, place in answered.items()}
                        if any(reached.get((topic.name, partition), -1) <= offset for partition, offset in places):
                            return False
                return True
        except Unavailable:
            return False

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A further `dateline` command on the same data folder, which finds Kafka by that."""
        environment = {name: value for name, value in os.environ.items() if name != "DATELINE_KAFKA"}
        return subprocess.run(
            [sys.executable, "-m", "services.cli", *arguments],
            cwd=REPO,
            env={**environment, "DATELINE_DATA": str(self.data)},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def changes(self, since: str, count: int) -> list[dict[str, Any]]:
        """What a subscriber of Kafka's own topics gets."""
        done = self.command("subscribe", "--json", "--kafka", self.bootstrap, "--since", since, "--max", str(count))
        assert done.returncode == 0, done.stderr
        return [orjson.loads(line) for line in done.stdout.splitlines()]

    def close(self) -> None:
        self.dateline.close()
        self.newsroom.close()


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    require_kafka()
    from services.runtime.kafka_log import latest, read_all

    runs = Runs(tmp_path_factory.mktemp("kafka"))
    outcome = Outcome()
    try:
        runs.release(FIRST_RUN)  # some of it still on its way when everything is stopped
        runs.stop(outcome)
        runs.start()
        runs.release(ARTICLES)
        wait_for(runs.settled, "everything to be answered", runs.dateline.notes)
        outcome.doctor = runs.command("doctor")
        outcome.letters = runs.command("dead-letters", "list").stderr
        outcome.events = get(f"{runs.dateline.board}/v1/events?limit=200&state=all")["events"]
        states = [entry.message().value for entry in latest(runs.bootstrap, EVENTS).values()]
        outcome.in_kafka = {event.id: event.revision for event in states}
        outcome.articles = [entry.message().value for entry in read_all(runs.bootstrap, ARTICLES_RAW)]
        sent = sum(len(read_all(runs.bootstrap, topic)) for topic in CHANGES.values())
        outcome.changes = runs.changes("beginning", sent)
        outcome.rest = runs.changes(outcome.changes[0]["position"], len(outcome.changes) - 1)
        runs.stop(outcome)
        outcome.output = runs.dateline.output.read_text()
        yield outcome
    finally:
        runs.close()


def require_kafka() -> None:
    """Skip where a broker cannot be started; fail where CI is meant to have everything."""
    try:
        from services.runtime.kafka_broker import BrokerMissingError, find_java, find_libs
    except ModuleNotFoundError as error:
        pytest.skip(f"no Kafka: the Python package {error.name} is missing: run `make setup`")
    try:
        find_java()
        find_libs()
    except BrokerMissingError as error:
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(f"no Kafka: {error}", pytrace=False)
        pytest.skip(f"no Kafka: {error}")


def event(outcome: Outcome, event_type: str, *names: str) -> dict[str, Any]:
    """The live event of a type that names all of ``names`` and has most evidence."""
    found = [
        each
        for each in outcome.events
        if each["type"] == event_type
        and not (each["retracted"] or each["merged_into"])
        and all(
            name in orjson.dumps([each["participants"], each.get("place"), each["title"]]).decode() for name in names
        )
    ]
    assert found, f"no {event_type} names {names}"
    return max(found, key=lambda each: (len(each["independent_sources"]), each["evidence_total"]))


def statuses(found: dict[str, Any]) -> list[str]:
    return [move["status"] for move in found["status_history"]]


def test_ctrl_c_ends_every_process_and_the_broker_each_time(outcome: Outcome) -> None:
    assert outcome.status == [0, 0]
    assert outcome.left == []
    assert outcome.output.count("Stopped. The next `make up RUNTIME=kafka` goes on from here.") == 2


def test_every_article_came_once_although_everything_was_stopped_half_way(outcome: Outcome) -> None:
    counted = Counter((article.lineage_id, article.revision) for article in outcome.articles)
    assert len(counted) == ARTICLES
    assert set(counted.values()) == {1}


def test_the_api_has_every_event_of_the_log_at_its_last_revision(outcome: Outcome) -> None:
    assert len(outcome.in_kafka) > ARTICLES
    in_api = {each["id"]: each["revision"] for each in outcome.events}
    assert in_api == {each: outcome.in_kafka[each] for each in in_api}
    assert len(in_api) == min(200, len(outcome.in_kafka))


def test_a_wire_story_in_three_other_outlets_counts_once(outcome: Outcome) -> None:
    accord = event(outcome, "agreement", "Kenya", "Uganda")
    assert (accord["status"], len(accord["independent_sources"]), accord["copies"]) == ("occurred", 3, 3)


def test_an_exchange_of_prisoners_moves_from_considered_to_occurred(outcome: Outcome) -> None:
    exchange = event(outcome, "prisoner-exchange", "Colombia", "Venezuela")
    assert statuses(exchange) == ["considered", "agreed", "occurred"]


def test_a_visit_that_both_governments_deny_is_denied(outcome: Outcome) -> None:
    visit = event(outcome, "visit", "Hungar", "Turk")
    assert (statuses(visit)[0], visit["status"]) == ("planned", "denied")


def test_a_ceasefire_has_six_independent_sources(outcome: Outcome) -> None:
    assert len(event(outcome, "ceasefire", "Chad")["independent_sources"]) == 6


def test_subscribers_of_kafka_get_every_change_once_and_every_event(outcome: Outcome) -> None:
    counted = Counter(change["id"] for change in outcome.changes)
    assert set(counted.values()) == {1}
    assert {change["event_id"] for change in outcome.changes} == outcome.in_kafka.keys()


def test_a_subscriber_goes_on_after_the_position_it_gives(outcome: Outcome) -> None:
    assert {change["id"] for change in outcome.rest} == {change["id"] for change in outcome.changes[1:]}


def test_the_lines_of_a_subscriber_have_the_fields_of_the_api(outcome: Outcome) -> None:
    # A report that only adds evidence makes a revision that changes nothing else.
    in_api = next(event["changes"][0] for event in outcome.events if event["changes"])
    line = next(change for change in outcome.changes if change["id"] == in_api["id"])
    assert in_api.items() <= line.items()


def test_the_doctor_finds_kafka_and_every_process_well(outcome: Outcome) -> None:
    assert outcome.doctor is not None
    assert outcome.doctor.returncode == 0, outcome.doctor.stdout
    assert "ok       topics: all there and as they should be" in outcome.doctor.stdout
    for name in ("dedup", "extractor-0", "linker", "cache", "fetcher", "api"):
        assert f"ok       {name}: ready" in outcome.doctor.stdout


def test_no_message_failed(outcome: Outcome) -> None:
    assert outcome.letters == "No dead letters.\n"


def test_the_progress_is_told_in_numbers_that_end_with_nothing_waiting(outcome: Outcome) -> None:
    assert "articles (" in outcome.output
    assert "since the start ->" in outcome.output
    assert "DEAD LETTERS" not in outcome.output
