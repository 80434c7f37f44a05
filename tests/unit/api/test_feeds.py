from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import feedparser
import orjson
import pytest
from lxml import etree

from services.api.feeds import NOTHING_YET, Links, atom, entry_id, json_feed
from services.cache.projection import project
from services.contracts.dateline.v1.event_pb2 import Event
from tests.unit.cache.events import START, make_event

SELF = "https://d.example/v1/events.atom?q=a&b"
LINKS = Links(SELF, SELF, "https://d.example/next?cursor=x&y", "https://d.example/")
NAMES = {"a": "http://www.w3.org/2005/Atom"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def shown(event: Event) -> Any:
    return orjson.loads(project(event).changes[0])["event"]


EVENTS = [
    shown(
        make_event("b", title="Fish & <chips>\x0b “talks”", at=START + timedelta(hours=1), killed=[("a.example", 3.0)])
    ),
    shown(make_event("a")),
]


def test_every_element_that_rfc_4287_asks_for_is_there() -> None:
    feed = etree.fromstring(atom(EVENTS, "T & U", LINKS))
    for node in (feed, *feed.findall("a:entry", NAMES)):
        assert len(node.findall("a:id", NAMES)) == len(node.findall("a:title", NAMES)) == 1
        (updated,) = node.findall("a:updated", NAMES)
        assert INSTANT.fullmatch(updated.text)
    assert len(feed.findall("a:author/a:name", NAMES)) == 1
    assert [(link.get("rel"), link.get("href")) for link in feed.findall("a:link", NAMES)] == [
        ("self", LINKS.self), ("alternate", LINKS.home), ("next", LINKS.next),
    ]  # fmt: skip


def test_a_feed_reader_finds_nothing_wrong_and_reads_what_was_written() -> None:
    feed = feedparser.parse(atom(EVENTS, "T", LINKS))
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == ["Fish & <chips> “talks”", EVENTS[1]["title"]]
    assert feed.entries[0].link == f"https://d.example/events/{EVENTS[0]['id']}"
    assert "3" in feed.entries[0].summary


def test_a_feed_was_updated_when_its_newest_entry_was() -> None:
    feed = etree.fromstring(atom(EVENTS, "T", LINKS))
    assert datetime.fromisoformat(feed.findtext("a:updated", namespaces=NAMES)) == START + timedelta(hours=1)


@pytest.mark.parametrize("render", [atom, json_feed])
def test_a_new_revision_keeps_the_id_of_its_entry_and_moves_its_date(render: Any) -> None:
    later = shown(make_event("a", revision=2, status="denied", at=START + timedelta(days=1)))
    before, after = (render([event], "T", LINKS).decode() for event in (EVENTS[1], later))
    urn = entry_id(EVENTS[1]["id"])
    assert urn in before
    assert urn in after
    assert "2031-11-20" in after
    assert "2031-11-20" not in before


def test_an_id_is_a_urn_that_says_the_events_own() -> None:
    assert entry_id("fc996fd11af25861fd22e9d9f73102d6") == "urn:uuid:fc996fd1-1af2-5861-fd22-e9d9f73102d6"


def test_a_json_feed_has_what_its_version_asks_for() -> None:
    feed = orjson.loads(json_feed(EVENTS, "T", LINKS))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["feed_url"], feed["next_url"], feed["title"]) == (LINKS.self, LINKS.next, "T")
    for item in feed["items"]:
        assert item["id"].startswith("urn:uuid:")
        assert item["content_text"]
        assert INSTANT.fullmatch(item["date_modified"])


def test_a_feed_without_events_is_valid_and_does_not_change() -> None:
    empty = atom([], "T", Links(SELF, SELF, "", "https://d.example/"))
    assert NOTHING_YET in empty.decode()
    assert b'rel="next"' not in empty
