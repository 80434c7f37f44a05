"""Articles, stories, topics and statistics over HTTP from a real Valkey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.ids import article_id, derive, event_id, lineage_id
from tests.integration.api_fixture import Running, ids, running_api
from tests.integration.valkey_fixture import valkey
from tests.unit.cache.events import START, make_event

FERRY, STORM = derive("article", "ferry"), derive("article", "storm")


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with valkey() as url:
        yield url


@pytest.fixture
def api(redis_url: str) -> Iterator[Running]:
    with running_api(redis_url) as running:
        yield running


def test_an_article_leads_to_every_event_it_tells_with_its_sentences(api: Running) -> None:
    for name, article in (("a", FERRY), ("b", FERRY), ("c", STORM)):
        event = make_event(name, title=f"Title {name}")
        event.evidence[0].article_id = event.changes[0].article_id = article
        api.put(event)
    told = api.json(f"/v1/articles/{FERRY}")
    assert {each["event_id"] for each in told["events"]} == {event_id("a"), event_id("b")}
    assert {each["evidence"][0]["text"] for each in told["events"]} == {
        "Title a on Wednesday.",
        "Title b on Wednesday.",
    }
    assert told["url"] == "https://meridian.example/accord"


def test_an_article_has_as_many_copies_as_the_event_that_changed_last_says(api: Running) -> None:
    for name, copies, minutes in (("late", 1, 9), ("early", 3, 0)):
        event = make_event(name, at=START + timedelta(minutes=minutes))
        event.evidence[0].article_id, event.evidence[0].copies = derive("article", "copied"), copies
        api.put(event)
    assert api.json(f"/v1/events/{event_id('early')}")["evidence"][0]["copies"] == 3
    assert api.json(f"/v1/articles/{derive('article', 'copied')}")["copies"] == 1


def test_an_article_tells_what_each_of_its_revisions_changed(api: Running) -> None:
    lineage = lineage_id("meridian.example", "revised")
    first, second, third = (article_id(lineage, number) for number in (1, 2, 5))

    def state(name: str, revision: int, article: str, number: int, minutes: int, **more: Any) -> Event:
        event = make_event(name, revision=revision, at=START + timedelta(minutes=minutes), **more)
        event.changes[0].article_id = article
        event.evidence[0].article_id, event.evidence[0].lineage_id = article, lineage
        event.evidence[0].article_revision = number
        return event

    kept = [
        state("kept", 1, first, 1, 0, title="Old title", status="planned"),
        state("kept", 2, second, 2, 5, title="New title", status="agreed"),
    ]
    dropped = [state("dropped", 1, first, 1, 0, title="Old title"), make_event("dropped", revision=2, retracted=True)]
    dropped[1].last_changed.FromDatetime(START + timedelta(minutes=5))
    dropped[1].changes[0].article_id = second
    del dropped[1].evidence[:]
    api.put(*kept, *dropped, state("late", 1, third, 5, 9, title="New title"))
    answers = [api.json(f"/v1/articles/{identity}")["revisions"] for identity in (first, second, third)]
    assert answers[0] == answers[1] == answers[2]
    assert [(each["id"], each["revision"], each["title"]) for each in answers[0]] == [
        (first, 1, "Old title"),
        (second, 2, "New title"),
        (third, 5, "New title"),
    ]
    told = [
        {(each["what"], each["event_id"], each["before"], each["after"]) for each in revision["changes"]}
        for revision in answers[0]
    ]
    assert told == [
        set(),
        {
            ("title", None, "Old title", "New title"),
            ("status", event_id("kept"), "planned", "agreed"),
            ("withdrawn", event_id("dropped"), "agreed", None),
        },
        {("told", event_id("late"), None, "agreed")},
    ]
    (withdrawn,) = [each for each in answers[0][1]["changes"] if each["what"] == "withdrawn"]
    assert withdrawn["at"] == "2031-11-19T09:05:00Z"


@pytest.mark.parametrize("path", ["/v1/articles/nothing", f"/v1/articles/{'0' * 32}", "/v1/stories/nothing"])
def test_what_is_not_there_is_told_with_where_ids_come_from(api: Running, path: str) -> None:
    answer = api.http.get(path)
    assert answer.status_code == 404
    assert "ids " in answer.json()["detail"]


def test_a_story_gives_its_live_events_page_by_page(api: Running) -> None:
    for number in range(3):
        event = make_event(f"event {number}", at=START + timedelta(minutes=number), retracted=number == 0)
        event.story_ids[:] = ["one"]
        api.put(event)
    first = api.json("/v1/stories/one", limit=1)
    second = api.json("/v1/stories/one", limit=1, cursor=first["next_cursor"])
    assert ids(first["events"]) + ids(second["events"]) == [event_id("event 2"), event_id("event 1")]
    assert second["next_cursor"] is None


def test_statistics_count_live_events_by_what_they_are(api: Running) -> None:
    now = datetime.now(UTC)
    old = make_event("old", type="visit", at=now - timedelta(hours=2))
    old.first_seen.FromDatetime(now - timedelta(days=2))
    new = make_event("new", countries=("COL",), at=now - timedelta(minutes=1))
    new.first_seen.FromDatetime(now - timedelta(minutes=5))
    api.put(old, new, make_event("gone", retracted=True))
    counts = api.json("/v1/stats")
    assert counts["events"] == 2
    assert counts["states"] == {"live": 2, "merged": 0, "retracted": 1}
    assert counts["by"]["type"] == {"agreement": 1, "visit": 1}
    assert counts["by"]["country"] == {"KEN": 2, "UGA": 1, "COL": 1}
    assert (counts["first_seen"]["last_hour"], counts["first_seen"]["last_week"]) == (1, 2)
    assert (counts["changed"]["last_hour"], counts["changed"]["last_day"]) == (1, 2)
    assert counts["lag"]["since_seen"]["count"] == 3
    assert counts["lag"]["since_seen"]["max_s"] >= 7_200


def test_statistics_tell_how_long_news_takes_to_be_told(api: Running) -> None:
    assert api.json("/v1/stats")["lag"] == {"over_s": 600, "since_seen": None, "since_published": None}


def test_topics_are_listed_with_how_many_events_they_have(api: Running) -> None:
    api.put(make_event("a"))
    topics = {row["name"]: row for row in api.json("/v1/topics")["topics"]}
    assert (topics["politics-government"]["events"], topics["sport"]["events"]) == (1, 0)


def test_answers_are_compressed_for_who_takes_it_and_caches_are_told(api: Running) -> None:
    api.put(*(make_event(f"event {number}") for number in range(20)))
    packed = api.http.get("/v1/events", headers={"Accept-Encoding": "br, GZIP;q=0.3"})
    plain = api.http.get("/v1/events", headers={"Accept-Encoding": "identity"})
    assert (packed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert packed.json() == plain.json()
    assert all("Accept-Encoding" in answer.headers["vary"] for answer in (packed, plain))
    assert packed.headers["etag"] == plain.headers["etag"]


def test_an_answer_is_packed_as_its_headers_weigh_it_however_small_and_in_several_lines(api: Running) -> None:
    api.put(*(make_event(f"event {number}") for number in range(20)))
    for path, sent, packed in (
        ("/v1/events", ["gzip;q=0"], False),
        ("/v1/events", ["deflate", "gzip"], True),
        ("/v1/events", ["gzip", "identity;q=0"], True),
        ("/healthz", ["gzip"], False),
        ("/healthz", ["gzip, identity;q=0"], True),
    ):
        answer = api.http.get(path, headers=[("Accept-Encoding", each) for each in sent])
        assert ("content-encoding" in answer.headers) is packed, (path, sent)
