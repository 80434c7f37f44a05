"""Kill -9 of any process while news come in: it comes back, and the result is that of an undisturbed run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
from google.protobuf.json_format import MessageToDict

from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.redis_model import Keys
from services.contracts.state_codec import Codec
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, ARTICLES_UNIQUE, EVENTS, MENTIONS, Topic
from services.runtime.stage import Unavailable
from services.runtime.stream_log import StreamLog, connect
from services.runtime.valkey import redis_url
from tests.e2e.running import Dateline, Newsroom, free_port, wait_for

ARTICLES = 24
VICTIMS = {3: "dedup", 6: "extractor-0", 9: "linker", 12: "cache", 15: "fetcher", 18: "valkey", 21: "api"}
"""After which article which process is killed."""

WATCHED = (ARTICLES_RAW, ARTICLES_UNIQUE, ARTICLES_DUPLICATES, MENTIONS, EVENTS)
CLOCK_FIELDS = ("first_seen", "last_changed", "first_seen_at", "at", "changes")
"""When Dateline saw something differs between two runs; what it saw must not."""


def test_a_run_with_every_process_killed_once_ends_like_an_undisturbed_one(tmp_path: Path) -> None:
    port = free_port()
    undisturbed = run(tmp_path / "undisturbed", port, victims={})
    disturbed = run(tmp_path / "disturbed", port, victims=VICTIMS)
    assert len(undisturbed["articles"]) == ARTICLES
    assert disturbed["articles"] == undisturbed["articles"]
    assert disturbed["verdicts"] == undisturbed["verdicts"]
    assert disturbed["mentions"] == undisturbed["mentions"]
    assert len(undisturbed["mentions"]) > ARTICLES
    assert disturbed["events"].keys() == undisturbed["events"].keys()
    for event_id, state in undisturbed["events"].items():
        assert disturbed["events"][event_id] == state
    for result in (undisturbed, disturbed):
        assert result["in_redis"] == {event_id: event["revision"] for event_id, event in result["events"].items()}


def run(folder: Path, port: int, victims: dict[int, str]) -> dict[str, Any]:
    """Release articles one by one, each once the one before is in the log, and kill the victims meanwhile."""
    folder.mkdir()
    newsroom = Newsroom(folder / "newsroom", port)  # the port stands in every URL, and so in every id
    opml = folder / "feeds.opml"
    hosts = newsroom.opml(opml)
    env = {"DATELINE_FETCH_ALLOW_HOSTS": ",".join(hosts), "DATELINE_FETCH_SAMPLE_MAX_INTERVAL_S": "1"}
    dateline = Dateline(folder / "data", "--feeds", str(opml), env=env)
    try:
        dateline.wait_until_up()
        log = StreamLog(connect(redis_url(folder / "data")), source="test")
        for topic in WATCHED:  # a group that never reads: nothing is trimmed
            log.client.xgroup_create(log.stream(topic), "watch", id="0", mkstream=True)
        for number in range(1, ARTICLES + 1):
            newsroom.release()
            if number in victims:
                dateline.kill(victims[number])
            wait_for(lambda n=number: sent(log, ARTICLES_RAW) >= n, f"article {number}", dateline.notes)
        wait_for(lambda: settled(log), "everything to be answered", dateline.notes)
        return outcome(log)
    finally:
        dateline.close()
        newsroom.close()


def sent(log: StreamLog, topic: Topic) -> int:
    try:
        return log.sent(topic)
    except Unavailable:
        return 0


def settled(log: StreamLog) -> bool:
    """True when every stage has answered everything: no reader is behind, nothing is pending."""
    try:
        for topic in WATCHED:
            last = log.client.xinfo_stream(log.stream(topic))["last-generated-id"]
            for group in log.client.xinfo_groups(log.stream(topic)):
                if group["name"] != b"watch" and (group["pending"] or group["last-delivered-id"] != last):
                    return False
    except Unavailable:
        return False
    return True


def messages(log: StreamLog, topic: Topic) -> Iterable[Any]:
    rows = log.client.xrange(log.stream(topic))
    return [log.entry(topic, position, fields).message().value for position, fields in rows]


def outcome(log: StreamLog) -> dict[str, Any]:
    """Everything the run made, in a form that two runs can be compared in."""
    events: dict[str, Event] = {event.id: event for event in messages(log, EVENTS)}
    keys = Keys()
    return {
        "articles": sorted((each.url, each.revision, each.id) for each in messages(log, ARTICLES_RAW)),
        "verdicts": sorted(
            [(item.article.id, item.verdict.decision) for item in messages(log, ARTICLES_UNIQUE)]
            + [(item.article_id, item.decision) for item in messages(log, ARTICLES_DUPLICATES)]
        ),
        "mentions": sorted(mention.id for batch in messages(log, MENTIONS) for mention in batch.mentions),
        "events": {event_id: comparable(event) for event_id, event in events.items()},
        "in_redis": {event_id: revision_at(log.client.get(keys.event(event_id))) for event_id in events},
    }


def revision_at(value: bytes | None) -> int:
    return Codec().unpack(value).revision if value else 0


def comparable(event: Event) -> dict[str, Any]:
    """The state without the times at which this run saw things."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: strip(part) for name, part in value.items() if name not in CLOCK_FIELDS}
        if isinstance(value, list):
            return [strip(part) for part in value]
        return value

    state: dict[str, Any] = strip(MessageToDict(event, preserving_proto_field_name=True))
    return orjson.loads(orjson.dumps(state, option=orjson.OPT_SORT_KEYS))
