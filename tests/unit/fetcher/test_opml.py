"""Lists of feeds are read with caution and written so that they read the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.fetcher.opml import OpmlError, read_opml, write_opml
from services.fetcher.subscriptions import Subscription, valid_feed_url
from tests.conftest import REPO


def opml(body: str) -> bytes:
    return (
        f'<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>{body}</body></opml>'.encode()
    )


def test_groups_become_categories_and_sample_feeds_are_marked() -> None:
    listed = read_opml(
        opml(
            '<outline text="Region"><outline text="Africa"><outline text="A" xmlUrl="https://a.example/f"/>'
            "</outline></outline>"
            '<outline title="B" xmlUrl="http://b.localhost:1/f" category="/Sample/Wire" dateline-sample="true"/>'
        )
    )
    assert listed.title == "Mine"
    assert listed.subscriptions == (
        Subscription("https://a.example/f", "A", "Region/Africa", False),
        Subscription("http://b.localhost:1/f", "B", "Sample/Wire", True),
    )


def test_what_is_written_is_read_back_the_same() -> None:
    subscriptions = [
        Subscription("https://a.example/f?x=1&y=2", 'A "quoted" <name>', "Region/Africa"),
        Subscription("https://b.example/f", "", "", True),
        Subscription("https://c.example/f", "Ünï", "Region/Africa"),
    ]
    assert set(read_opml(write_opml(subscriptions, "List")).subscriptions) == set(subscriptions)


def test_a_bad_outline_is_left_out_and_named_with_its_line() -> None:
    listed = read_opml(
        opml('\n<outline xmlUrl="file:///etc/passwd"/>\n<outline xmlUrl="https://a.example/f"/>'), "mine.opml"
    )
    assert [subscription.url for subscription in listed.subscriptions] == ["https://a.example/f"]
    assert listed.problems[0].startswith("mine.opml, line 2: not a feed address")


def test_a_feed_listed_twice_is_kept_once() -> None:
    twice = '<outline text="One" xmlUrl="https://a.example/f"/><outline text="Two" xmlUrl="https://A.example/f#x"/>'
    assert [subscription.title for subscription in read_opml(opml(twice)).subscriptions] == ["One"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<opml><body>\n<outline></body></opml>", "mine.opml, line 2: not well-formed"),
        (b"<rss/>", "an <opml> document with a <body> is expected, <rss> was found"),
        (b"", "line 1"),
        (b'<!DOCTYPE o [<!ENTITY a "b">]><opml><body/></opml>', "defines entities"),
        (b"<opml><body>" + b"<outline>" * 100_000, "line 1: not well-formed"),
    ],
)
def test_what_is_no_list_is_an_error_that_names_file_and_line(data: bytes, says: str) -> None:
    with pytest.raises(OpmlError, match=r"^mine\.opml") as caught:
        read_opml(data, "mine.opml")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        (" https://a.example/f#x ", "https://a.example/f"),
        ("feed://a.example/f", "https://a.example/f"),
        ("feed:http://a.example/f", "http://a.example/f"),
        ("a.example/f", "https://a.example/f"),
        ("HTTPS://A.Example:443/f", "https://a.example/f"),
    ],
)
def test_an_address_is_understood_as_people_paste_it(pasted: str, kept: str) -> None:
    assert valid_feed_url(pasted) == kept


@pytest.mark.parametrize("text", ["", "news", "javascript:alert(1)", "file:///x", "https://u:p@a.example/"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a feed address"):
        valid_feed_url(text)


def test_the_list_of_world_news_is_sound() -> None:
    listed = read_opml((REPO / "deploy" / "feeds" / "world.opml").read_bytes())
    assert listed.problems == ()
    assert len(listed.subscriptions) >= 60
    assert all(s.title and s.category and not s.sample and s.url.startswith("https://") for s in listed.subscriptions)


@pytest.mark.shared_data
def test_lists_from_elsewhere_are_read(shared: Path) -> None:
    for path in (shared / "data" / "opml").glob("*.opml"):
        assert read_opml(path.read_bytes(), path.name).subscriptions


def test_a_feed_in_several_folders_keeps_all_of_them_as_tags() -> None:
    outline = '<outline text="A" xmlUrl="https://a.example/f"/>'
    (feed,) = read_opml(
        opml(f'<outline text="World">{outline}</outline><outline text="Daily">{outline}</outline>')
    ).subscriptions
    assert (feed.category, feed.tags, feed.places) == ("World", ("Daily",), ("World", "Daily"))


def test_a_category_attribute_lists_places_with_commas() -> None:
    (feed,) = read_opml(
        opml('<outline text="A" xmlUrl="https://a.example/f" category="/Region/Africa, daily"/>')
    ).subscriptions
    assert feed.places == ("Region/Africa", "daily")


def test_tags_and_folders_with_commas_are_written_and_read_back_the_same() -> None:
    subscriptions = (
        Subscription("https://a.example/f", "A", "Politics, Economy/EU", False, ("Daily", "Region/Africa")),
        Subscription("https://b.example/f", "B"),
    )
    assert set(read_opml(write_opml(subscriptions, "List")).subscriptions) == set(subscriptions)
