"""Feeds of events from a real Valkey."""

from __future__ import annotations

from collections.abc import Iterator

import feedparser
import pytest

from tests.integration.api_fixture import Running, running_api
from tests.integration.valkey_fixture import valkey
from tests.unit.cache.events import make_event


@pytest.fixture(scope="module")
def api() -> Iterator[Running]:
    with valkey() as url, running_api(url) as running:
        running.put(*(make_event(f"event {number}", title=f"Event {number}") for number in range(3)))
        running.put(make_event("denied", status="denied", title="A denial"))
        yield running


def test_a_feed_takes_the_filters_of_events_and_leads_to_its_next_page(api: Running) -> None:
    first = feedparser.parse(api.http.get("/v1/events.atom", params={"status": "agreed", "limit": 2}).content)
    (following,) = (link.href for link in first.feed.links if link.rel == "next")
    second = feedparser.parse(api.http.get(following).content)
    titles = [entry.title for entry in (*first.entries, *second.entries)]
    assert sorted(titles) == ["Event 0", "Event 1", "Event 2"]
    assert first.feed.id == second.feed.id, "pages of one feed have its id"


@pytest.mark.parametrize(
    ("path", "media_type"), [("/v1/events.atom", "application/atom+xml"), ("/v1/events.json", "application/feed+json")]
)
def test_a_reader_that_has_it_already_gets_304(api: Running, path: str, media_type: str) -> None:
    answer = api.http.get(path)
    assert answer.headers["content-type"].startswith(media_type)
    again = api.http.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_board_names_its_feeds(api: Running) -> None:
    page = api.http.get("/", params={"status": "denied"}).text
    assert 'type="application/atom+xml" href="/v1/events.atom?status=denied"' in page
    assert 'type="application/feed+json" href="/v1/events.json?status=denied"' in page
