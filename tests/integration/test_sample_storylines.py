"""The sample newsroom through the real stages: each storyline becomes what its README promises on the board."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from deploy.sample.articles import Article, fill_dates, load_articles
from services.cli.replay import command

START = datetime(2026, 3, 11, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    """What `dateline replay` prints for all sample articles in the order of their release."""
    articles = sorted(load_articles(), key=lambda each: (each.release_s, each.id))
    slugs = {each.id: each.slug for each in articles}
    lines = b"\n".join(orjson.dumps(line(each, slugs)) for each in articles)
    result = CliRunner().invoke(command, ["-"], input=lines, catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return [orjson.loads(each) for each in result.stdout.splitlines()]


def line(article: Article, slugs: dict[str, str]) -> dict[str, str]:
    slug = slugs[article.revision_of] if article.revision_of else article.slug
    published = START + timedelta(seconds=article.release_s)
    return {
        "url": f"http://{article.outlet}.localhost/news/{slug}",
        "source": f"{article.outlet}.localhost",
        "title": fill_dates(article.title, START.date()),
        "text": "\n".join(fill_dates(part, START.date()) for part in article.paragraphs),
        "published_at": published.isoformat().replace("+00:00", "Z"),
        "language": "en",
    }


def events(records: list[dict[str, Any]], event_type: str, *names: str) -> Iterator[dict[str, Any]]:
    """Live events of a type that name all of ``names`` among participants or place."""
    for record in records:
        if record["kind"] != "event" or record["type"] != event_type or record["retracted"] or record["merged_into"]:
            continue
        told = orjson.dumps([record["participants"], record.get("place"), record["title"]]).decode().lower()
        if all(name.lower() in told for name in names):
            yield record


def main_event(records: list[dict[str, Any]], event_type: str, *names: str) -> dict[str, Any]:
    """The one of them with most evidence."""
    found = sorted(events(records, event_type, *names), key=lambda each: each["evidence_total"])
    assert found, f"no {event_type} event names {names}"
    return found[-1]


def statuses(event: dict[str, Any]) -> list[str]:
    return [move["status"] for move in event["status_history"]]


def toll(event: dict[str, Any], measure: str) -> tuple[float, float]:
    (found,) = [each for each in event["quantities"] if each["measure"] == measure]
    return found["low"], found["high"]


def test_a_wire_story_in_three_other_outlets_counts_once(records: list[dict[str, Any]]) -> None:
    copies = [each for each in records if each["kind"] == "verdict" and each["decision"] == "near-copy"]
    assert {each["of_url"].rsplit("/")[-1] for each in copies} == {"kenya-uganda-sign-lake-victoria-accord"}
    assert len(copies) == 3
    accord = main_event(records, "agreement", "kenya", "uganda")
    assert accord["copies"] == 3
    assert len(accord["independent_sources"]) == 3


def test_an_article_that_is_updated_twice_is_one_source(records: list[dict[str, Any]]) -> None:
    decisions = [each["decision"] for each in records if each["kind"] == "verdict"]
    assert decisions.count("revision") == 2
    outage = main_event(records, "outage", "chile")
    assert sorted(outage["independent_sources"]) == ["continental-post.localhost", "potomac-courier.localhost"]
    assert not [each for each in outage["evidence"] if "2.1 million" in each["text"]], "the correction withdrew it"


def test_a_toll_rises_and_outlets_disagree_on_it(records: list[dict[str, Any]]) -> None:
    sinking = main_event(records, "transport-accident", "sulawesi")
    low, high = toll(sinking, "killed")
    assert high == 27
    assert low < 27
    assert len(sinking["independent_sources"]) >= 4
    changes = [each for each in records if each["kind"] == "change" and each["event_id"] == sinking["id"]]
    assert "contradicted" in {each["change_kind"] for each in changes}


def test_a_plan_becomes_fact(records: list[dict[str, Any]]) -> None:
    exchange = main_event(records, "prisoner-exchange", "colombia", "venezuela")
    assert exchange["status"] == "occurred"
    assert statuses(exchange)[0] in ("considered", "planned")
    assert "agreed" in statuses(exchange)


def test_a_reported_plan_is_denied(records: list[dict[str, Any]]) -> None:
    visit = main_event(records, "visit", "turkey")
    assert visit["status"] == "denied"
    assert statuses(visit)[0] in ("planned", "considered")


def test_an_announced_meeting_is_cancelled(records: list[dict[str, Any]]) -> None:
    summit = [each for each in events(records, "meeting", "vietnam") if each["status"] == "cancelled"]
    assert summit
    assert any("planned" in statuses(each) or "agreed" in statuses(each) for each in summit)


def test_two_fires_on_one_day_stay_two(records: list[dict[str, Any]]) -> None:
    porto, bursa = main_event(records, "fire", "porto"), main_event(records, "fire", "bursa")
    assert porto["id"] != bursa["id"]
    assert toll(porto, "killed") == (5, 5)
    assert toll(bursa, "killed") == (8, 8)
    assert len(porto["independent_sources"]) == len(bursa["independent_sources"]) == 2


def test_one_ceasefire_told_by_six_outlets_is_one_event(records: list[dict[str, Any]]) -> None:
    ceasefire = main_event(records, "ceasefire", "chad")
    assert len(ceasefire["independent_sources"]) >= 5
