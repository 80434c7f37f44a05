"""A revision is a text that says something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.fetcher.dates import Dated
from services.fetcher.feed_model import FeedItem
from services.fetcher.revisions import content_hash, listing_signature

TEXT = ["The dam broke on Tuesday, the mayor said.", "“Nobody was hurt,” he added."]


@pytest.mark.parametrize(
    "other",
    [
        ["The dam broke on Tuesday, the mayor said.", '"Nobody was hurt," he added.'],
        ["The  dam broke on Tuesday, the mayor said.", "“Nobody was hurt”, he added."],
        [*TEXT, "37 comments"],
        ["Updated 5 minutes ago", *TEXT],
        [*TEXT, "Read more: Ten dams to see before you die"],
    ],
)
def test_a_cosmetic_change_is_none(other: list[str]) -> None:
    assert content_hash("Dam breaks", other) == content_hash("Dam breaks", TEXT)


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Dam breaks, two hurt", TEXT),
        ("Dam breaks", ["The dam broke on Monday, the mayor said.", TEXT[1]]),
        ("Dam breaks", TEXT[:1]),
    ],
)
def test_other_words_are_a_change(title: str, other: list[str]) -> None:
    assert content_hash(title, other) != content_hash("Dam breaks", TEXT)


def test_the_listing_counts_as_changed_when_the_feed_says_it_was_updated() -> None:
    item = FeedItem("T", "", "g", "s", "", (), Dated(), Dated("2026-11-22T10:00:00Z"), "")
    assert listing_signature(item) != listing_signature(replace(item, updated=Dated("2026-11-22T11:00:00Z")))
    assert listing_signature(item) == listing_signature(replace(item, guid="other", link="https://x.example/"))
