"""Where an event is, out of what the reports say."""

from __future__ import annotations

from services.contracts.dateline.v1 import event_pb2
from services.linker.report import Report
from services.linker.when_and_where import merge_place
from tests.unit.linker.newsdesk import article, batch, says


def reports(*places: tuple[str, str, bool]) -> list[Report]:
    found = []
    for number, (source, where, in_title) in enumerate(places):
        told = says("outage", "occurred", where=where, in_title=in_title)
        value = batch(article(f"{number}", source, "2025-05-20"), told).value
        assert isinstance(value, event_pb2.MentionBatch)
        found.append(Report(number, value.mentions[0]))
    return found


def name(places: list[Report], *, wide: bool) -> str:
    placing = merge_place(places, wide)
    assert placing is not None
    return placing.place.name


def test_the_most_precise_place_holds_for_what_is_in_one_town() -> None:
    told = reports(("one.example", "PRT", False), ("two.example", "Porto", False))
    assert name(told, wide=False) == "Porto"


def test_a_wide_event_lies_where_more_than_half_of_the_sources_see_it() -> None:
    told = reports(("one.example", "PRT", False), ("two.example", "Porto", False))
    assert name(told, wide=True) == "Portugal"
    assert name([*told, *reports(("three.example", "Porto", False))], wide=True) == "Porto"


def test_the_headline_places_a_wide_event_that_one_source_tells() -> None:
    told = reports(("one.example", "Porto", False), ("one.example", "PRT", True))
    assert name(told, wide=True) == "Portugal"
