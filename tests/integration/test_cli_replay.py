"""`dateline replay` through all three stages: what each kind of line holds. One run, because the model loads slowly."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from services.cli.replay import command
from services.contracts.ontology import STATUSES, TOPIC_FAMILIES, event_types

Records = list[dict[str, Any]]


def article(url: str, source: str, day: int, title: str, text: str) -> dict[str, str]:
    return {
        "url": url, "source": source, "published_at": f"2026-03-{day:02d}T09:00:00Z", "language": "en",
        "title": title, "text": text,
    }  # fmt: skip


SIGNED = (
    "Kenya and Uganda signed an accord on fishing rights in Lake Victoria on Tuesday, officials said. "
    "The accord was signed in Kisumu by the ministers of both countries."
)
ARTICLES = [
    article("https://one.example/1", "one.example", 11, "Kenya and Uganda sign fishing accord", SIGNED),
    article("https://two.example/1", "two.example", 11, "Kenya and Uganda sign fishing accord", SIGNED),
    article(
        "https://three.example/1", "three.example", 12, "Uganda and Kenya seal lake accord",
        "Uganda and Kenya signed the fishing accord for Lake Victoria in Kisumu on Tuesday. "
        "Crews from either shore may now fish in all of the lake.",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def records() -> Records:
    lines = b"\n".join([orjson.dumps(ARTICLES[0]), b"{oops", *(orjson.dumps(each) for each in ARTICLES[1:])])
    result = CliRunner().invoke(command, ["-"], input=lines, catch_exceptions=False)
    assert result.exit_code == 1, "one line is none"
    assert result.stderr.startswith("standard input:2: no JSON")
    return [orjson.loads(line) for line in result.stdout_bytes.splitlines()]


def of_kind(records: Records, kind: str) -> Records:
    found = [record for record in records if record["kind"] == kind]
    assert found, f"nothing of kind {kind} was printed"
    return found


def test_every_line_has_one_of_the_kinds_that_are_promised(records: Records) -> None:
    assert {record["kind"] for record in records} == {"verdict", "mention", "change", "event"}


def test_events_come_last_one_line_each(records: Records) -> None:
    kinds = [record["kind"] for record in records]
    first = kinds.index("event")
    assert set(kinds[first:]) == {"event"}
    ids = [record["id"] for record in records[first:]]
    assert len(ids) == len(set(ids))


def test_each_good_line_has_its_verdict_in_order(records: Records) -> None:
    verdicts = of_kind(records, "verdict")
    assert [verdict["article_url"] for verdict in verdicts] == [each["url"] for each in ARTICLES]
    assert [verdict["decision"] for verdict in verdicts] == ["unique", "exact-copy", "unique"]
    assert [(verdict["of_url"], verdict["similarity"]) for verdict in verdicts[:2]] == [
        ("", 0),
        (ARTICLES[0]["url"], 1),
    ]


def test_a_mention_says_where_it_stands_and_carries_the_codes(records: Records) -> None:
    texts = {each["url"]: each for each in ARTICLES}
    for mention in of_kind(records, "mention"):
        told = texts[mention["article_url"]]
        span = mention["sentence_span"]
        text = told["title"] if span["in_title"] else told["text"]
        assert text[span["start"] : span["end"]] == mention["sentence"]
        assert set(mention["codes"]) == {"plover", "cameo", "iptc", "media_topic"}
        assert mention["codes"]["media_topic"].startswith("medtop:")
        assert mention["codes"]["iptc"] in TOPIC_FAMILIES
        assert mention["type"] in event_types()
        assert mention["status"] in STATUSES


def test_a_copy_brings_no_mentions_of_its_own(records: Records) -> None:
    assert ARTICLES[1]["url"] not in {mention["article_url"] for mention in of_kind(records, "mention")}


def test_a_change_says_what_kind_of_change_it_is(records: Records) -> None:
    changes = of_kind(records, "change")
    assert changes[0]["change_kind"] == "created"
    events = {event["id"] for event in of_kind(records, "event")}
    assert {change["event_id"] for change in changes} <= events


def test_an_event_is_proved_by_the_sentences_of_its_articles(records: Records) -> None:
    texts = {each["url"]: each for each in ARTICLES}
    accord = max(of_kind(records, "event"), key=lambda event: int(event["evidence_total"]))
    assert accord["type"] == "agreement"
    assert {evidence["article_url"] for evidence in accord["evidence"]} == {ARTICLES[0]["url"], ARTICLES[2]["url"]}
    for evidence in accord["evidence"]:
        told = texts[evidence["article_url"]]
        text = told["title"] if evidence["span"]["in_title"] else told["text"]
        assert text[evidence["span"]["start"] : evidence["span"]["end"]] == evidence["text"]


def test_outlets_count_once_by_their_own_words_and_copies_apart(records: Records) -> None:
    accord = max(of_kind(records, "event"), key=lambda event: int(event["evidence_total"]))
    assert accord["independent_sources"] == ["one.example", "three.example"]
    assert accord["copies"] == 1
