from __future__ import annotations

from typing import Any

import orjson
import pytest

from services.api.pages import Pages
from services.api.view import card, detail, quote, safe_url
from services.cache.projection import project
from tests.unit.cache.events import make_event


def document(**changes: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads(project(make_event(**changes)).state.whole())
    return loaded


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//example.org/x",
        "/etc/passwd",
        "http://",
        "http://[broken",
        "",
    ],
)
def test_only_web_addresses_are_linked(url: str) -> None:
    assert safe_url(url) is None


def test_a_web_address_is_linked_unchanged() -> None:
    assert safe_url("https://meridian.example/a?b=c#d") == "https://meridian.example/a?b=c#d"


def test_the_trigger_of_a_quote_is_cut_out_by_its_offsets() -> None:
    shown = quote(document()["evidence"][0])
    assert (shown.before, shown.trigger, shown.after) == (
        "Kenya and Uganda sign fishing ",
        "accord",
        " on Wednesday.",
    )


@pytest.mark.parametrize(
    "trigger", [{"start": 0, "end": 5}, {"start": 105, "end": 102}, {"start": 100, "end": 9_999}, {"in_title": True}]
)
def test_offsets_outside_the_sentence_leave_it_whole_and_without_highlight(trigger: dict[str, Any]) -> None:
    evidence = document()["evidence"][0]
    evidence["trigger_span"].update(trigger)
    shown = quote(evidence)
    assert shown.before == evidence["text"]
    assert shown.trigger == shown.after == ""


def test_a_card_counts_what_it_does_not_show() -> None:
    shown = card(document(sources=[f"{letter}.example" for letter in "abcdefg"]))
    assert (len(shown.sources), shown.more_sources, shown.source_count) == (4, 3, 7)


def test_a_card_is_made_from_a_summary_too() -> None:
    summary = orjson.loads(project(make_event(killed=[("a.example", 3), ("b.example", 4)])).state.summary())
    assert card(summary).tolls == ("3–4 killed",)


@pytest.mark.parametrize(
    ("changes", "state"), [({}, "live"), ({"merged_into": "e"}, "merged"), ({"retracted": True}, "retracted")]
)
def test_a_card_knows_whether_its_event_lives(changes: dict[str, Any], state: str) -> None:
    assert card(document(**changes)).state == state


def test_an_event_without_place_time_and_title_still_has_a_card() -> None:
    bare = document(title="x")
    del bare["place"], bare["time"]
    bare["title"] = ""
    shown = card(bare)
    assert (shown.title, shown.place, shown.time) == ("agreement", "", "")


def test_the_timeline_is_newest_first_and_knows_whether_it_is_whole() -> None:
    history = [orjson.loads(project(make_event(revision=number)).changes[0]) for number in (1, 2)]
    assert [told.kind for told in detail(document(), history).timeline] == ["detail-changed", "created"]
    assert detail(document(), history).timeline_whole
    assert not detail(document(), history[1:]).timeline_whole


def test_a_move_of_the_status_names_who_tells_it_and_why_it_was_believed() -> None:
    event = document()
    event["status_history"] = [
        {
            "status": "planned",
            "article_url": "https://a.example/1",
            "source": {"domain": "a.example"},
            "basis": "first",
        },
        {
            "status": "cancelled",
            "article_url": "javascript:x",
            "origin": "Agency",
            "attribution": {"text": "the ministry"},
            "basis": "outweighed",
        },
    ]
    first, second = card(event).moves
    assert (first.origin, first.said_by, first.because) == ("a.example", "", "")
    assert (second.origin, second.said_by, second.url) == ("Agency", "the ministry", None)
    assert second.because == "more sources say so than said otherwise"


def test_what_reports_differ_on_stands_side_by_side_with_who_says_so() -> None:
    event = document()
    event["contradictions"] = [
        {
            "field": field,
            "values": [
                {"text": "15", "sources": ["A"], "article_url": "https://a.example/1", "shown": True},
                {"text": "at least 12", "sources": ["B", "C"], "article_url": "", "shown": False},
            ],
        }
        for field in ("quantities.killed", "participants.source", "place")
    ]
    shown = detail(event, [])
    assert [dispute.name for dispute in shown.disputes] == ["Killed", "Who did it", "Place"]
    assert [(said.text, said.sources, said.shown) for said in shown.disputes[0].values] == [
        ("15", ("A",), True),
        ("at least 12", ("B", "C"), False),
    ]
    page = Pages().detail(shown, "1-0")
    assert "Where reports differ" in page
    assert "at least 12" in page
