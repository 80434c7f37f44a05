"""One story keeps one identity, whatever its feed does to its names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.fetcher.dates import Dated
from services.fetcher.feed_model import FeedItem
from services.fetcher.identity import identify, recognise
from services.fetcher.web_address import address_key, source_domain, without_trackers

STORY = FeedItem("Title", "https://news.example/a/story", "https://news.example/?p=7", "", "", (), Dated(), Dated(), "")


def same(before: FeedItem, after: FeedItem, *others: FeedItem) -> bool:
    """Whether ``after``, listed beside ``others``, is recognised as ``before``."""
    known = dict.fromkeys(identify([before, *others], "feed")[0].keys, "lineage")
    return recognise(identify([after, *others], "feed")[0], known.get) == "lineage"


@pytest.mark.parametrize(
    "change",
    [
        {"guid": "http://news.example/?p=7"},
        {"guid": "drawn-anew-8812"},
        {"link": "http://www.news.example/a/story/"},
        {"link": "https://news.example/a/story?utm_source=rss&at_medium=RSS&fbclid=1#top"},
        {"link": "https://amp.news.example/a/story"},
        {"link": "https://news.example/a/story/amp"},
        {"link": "https://news.example/a/story-with-a-new-headline", "title": "New"},
        {"title": "A new headline"},
    ],
)
def test_a_story_is_recognised_when_its_feed_changes(change: dict[str, str]) -> None:
    assert same(STORY, replace(STORY, **change))  # type: ignore[arg-type]


def test_another_story_is_another() -> None:
    assert not same(STORY, replace(STORY, link="https://news.example/a/other", guid="https://news.example/?p=8"))


def test_items_that_share_a_link_are_told_apart_by_guid() -> None:
    live = [replace(STORY, guid=f"entry-{n}") for n in range(3)]
    assert len({identity.primary for identity in identify(live, "feed")}) == 3


def test_items_that_share_a_guid_are_told_apart_by_link() -> None:
    stories = [replace(STORY, guid="template", link=f"https://news.example/{n}") for n in range(3)]
    assert len({identity.primary for identity in identify(stories, "feed")}) == 3
    assert all(len(identity.keys) == 1 for identity in identify(stories, "feed"))


def test_items_that_link_to_the_front_page_are_told_apart_by_what_they_say() -> None:
    quakes = [replace(STORY, link="https://quakes.example/", guid="", title=f"M 6.{n}") for n in range(3)]
    assert len({identity.primary for identity in identify(quakes, "feed")}) == 3


def test_guids_of_different_feeds_do_not_meet() -> None:
    item = replace(STORY, link="", guid="2026-001")
    assert identify([item], "one")[0].primary != identify([item], "two")[0].primary


def test_trackers_are_removed_and_the_rest_of_the_query_is_kept_as_it_was() -> None:
    url = "https://news.example/a?id=7&utm_medium=rss&b=%20x&UTM_Source=y"
    assert without_trackers(url) == "https://news.example/a?id=7&b=%20x"


def test_the_order_of_parameters_does_not_matter() -> None:
    assert address_key("https://news.example/a?x=1&y=2") == address_key("https://news.example/a?y=2&x=1")


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://feeds.bbci.co.uk/x", "bbci.co.uk"),
        ("https://a.b.example.com/", "example.com"),
        ("https://one.blogspot.com/", "one.blogspot.com"),
        ("http://harbour.localhost:8090/x", "harbour.localhost"),
        ("http://127.0.0.1:8090/x", "127.0.0.1:8090"),
        ("http://[::1]:80/", "[::1]:80"),
    ],
)
def test_the_source_is_the_registered_domain(url: str, domain: str) -> None:
    assert source_domain(url) == domain
