"""Who counts as one source: outlets of one owner, and all who print one agency's report."""

from __future__ import annotations

import pytest

from services.contracts.dateline.v1 import event_pb2
from services.extractor.boilerplate import agencies
from services.linker import record
from services.linker.entry import entry_of
from services.linker.merge import REPORTS_KEPT, identify, merge, spill
from services.linker.origins import Origin, origin_of, read_owners
from services.linker.profiling import profile_of
from services.linker.record import Record
from services.linker.report import Report
from tests.unit.linker.newsdesk import Desk, article, at, batch, says


def report(number: int, source: str, agency: str = "", told: str = "") -> Report:
    ref = article(f"a{number}", source, told or f"2025-05-20T{number % 24:02}:00")
    ref.agency = agency
    value = batch(ref, says("fire", "occurred", confidence=0.5)).value
    assert isinstance(value, event_pb2.MentionBatch)
    return Report(number, value.mentions[0])


def test_outlets_of_one_owner_are_one_source() -> None:
    event = merge([report(1, "usatoday.com"), report(2, "freep.com"), report(3, "post.example")], {})
    assert [(o.name, o.kind, list(o.domains)) for o in event.origins] == [
        ("Gannett", "group", ["usatoday.com", "freep.com"]),
        ("post.example", "outlet", ["post.example"]),
    ]
    assert list(event.independent_sources) == ["usatoday.com", "post.example"]
    assert event.confidence == pytest.approx(0.75)


def test_whoever_prints_an_agency_has_the_agency_for_its_source() -> None:
    event = merge([report(1, "one.example", "AP"), report(2, "two.example", "AP"), report(3, "apnews.com")], {})
    assert [(o.name, list(o.domains)) for o in event.origins] == [
        ("Associated Press", ["one.example", "two.example", "apnews.com"])
    ]
    assert len(event.independent_sources) == 1


def test_the_first_source_stands_first_and_the_time_to_the_next_can_be_told() -> None:
    late, early = report(1, "one.example", told="2025-05-20T12:00"), report(2, "two.example", told="2025-05-20T09:30")
    event = merge([late, early], {})
    assert [origin.name for origin in event.origins] == ["two.example", "one.example"]
    times = [origin.first_told_at.ToDatetime(tzinfo=at("2025-05-20").tzinfo) for origin in event.origins]
    assert (times[1] - times[0]).total_seconds() == 2.5 * 3600


def test_reports_that_are_only_counted_keep_their_origin_and_their_time() -> None:
    reports = [report(n, f"{n}.example", "AP", f"2025-05-{1 + n // 3:02}") for n in range(REPORTS_KEPT + 5)]
    before = merge(reports, {})
    kept, spilled = spill(reports, {})
    assert spilled
    profile = profile_of(identify(kept), kept)
    entry = entry_of(profile, "disaster", first_seen_us=1, changed_day=2, next_day=3)
    stored = record.decode(record.encode(Record(before, profile, kept, spilled), entry))
    after = merge(stored.reports, stored.spilled)
    assert [(o.name, o.first_told_at) for o in after.origins] == [(o.name, o.first_told_at) for o in before.origins]
    assert set(after.origins[0].domains) == set(before.origins[0].domains)


def test_a_second_outlet_of_an_owner_confirms_nothing() -> None:
    desk = Desk()
    told = says("fire", "occurred", where="Porto", time="2025-05-20")
    for number, source in enumerate(("mirror.co.uk", "express.co.uk", "post.example")):
        desk.take(batch(article(f"a{number}", source, "2025-05-20"), told))
    (event,) = desk.live()
    assert [origin.name for origin in event.origins] == ["Reach", "post.example"]
    assert [change.kind for change in event.changes] == ["corroborated"]


def test_every_news_agency_that_datelines_name_has_an_owner() -> None:
    for byline, kind in agencies().items():
        if kind == "news":
            assert origin_of("outlet.example", byline).kind == "agency", byline


def test_an_outlet_of_nobody_known_stands_for_itself() -> None:
    assert origin_of("post.example", "") == origin_of("post.example", "Nobody") == Origin("post.example", "outlet")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("A\tgroup\ta.example", "line 1: expected"),
        ("A\touterwear\ta.example\t", "line 1: expected"),
        ("A\tgroup\ta.example\tAP", "must be an agency"),
        ("A\tgroup\ta.example,a.example\t", "belongs to A already"),
    ],
)
def test_a_wrong_line_is_named(line: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_owners([line])
