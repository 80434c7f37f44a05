"""How far the first polls of imported feeds are."""

from __future__ import annotations

import io
from typing import Any

import click
import pytest

from services.cli.feed_progress import first_polls, follow

WANTED = [f"https://f{n}.example/feed" for n in range(20)]


def told(asked: int) -> list[dict[str, Any]]:
    """What the API tells once some were asked, and one that nobody waits for."""
    feeds = [
        {"url": url, "condition": "waiting", "errors": 0, "last_error": ""}
        for url in [*WANTED, "https://other.example/"]
    ]
    for feed in feeds[:asked]:
        feed["condition"] = "fine"
    return feeds


def test_feeds_that_nobody_waits_for_do_not_count() -> None:
    feeds = told(3)
    feeds[-1]["condition"] = "failing"
    feeds[-1]["errors"] = 1
    assert (first_polls(feeds, WANTED).asked, first_polls(feeds, WANTED).failing) == (3, ())


def test_one_that_failed_was_asked_and_is_named() -> None:
    feeds = told(0)
    feeds[4] |= {"condition": "failing", "errors": 1, "last_error": "the server answers 404"}
    assert first_polls(feeds, WANTED).failing == ((WANTED[4], "the server answers 404"),)


def test_one_that_is_paused_is_not_waited_for() -> None:
    feeds = told(19)
    feeds[19]["condition"] = "paused"
    assert first_polls(feeds, WANTED).asked == 20


def test_what_is_no_terminal_gets_a_line_for_each_tenth() -> None:
    looks = iter([told(0), told(1), told(2), told(3), told(20)])
    out = io.StringIO()
    follow(lambda: next(looks), WANTED, lambda _: None, out)
    assert [line for line in out.getvalue().splitlines() if " of " in line] == [
        "2 of 20 asked, 0 failing",
        "20 of 20 asked, 0 failing",
    ]


def test_where_no_fetcher_tells_of_the_feeds_nobody_waits_for_ever() -> None:
    with pytest.raises(click.ClickException, match="no fetcher has told of them"):
        follow(list, WANTED, lambda _: None, io.StringIO())
