"""What many reports make of one event."""

from __future__ import annotations

from services.contracts.dateline.v1 import event_pb2
from services.linker import record
from services.linker.entry import entry_of
from services.linker.merge import EVIDENCE_SHOWN, REPORTS_KEPT, identify, merge, spill
from services.linker.participants import MOST
from services.linker.profiling import profile_of
from services.linker.quantities import conflict
from services.linker.record import Record
from services.linker.report import Report
from tests.unit.linker.newsdesk import article, batch, says


def report(
    number: int, mention: event_pb2.Mention, source: str = "", told: str = "2025-05-20", title: str = ""
) -> Report:
    ref = article(f"a{number}", source or f"s{number}.example", told, title=title)
    value = batch(ref, mention).value
    assert isinstance(value, event_pb2.MentionBatch)
    return Report(number, value.mentions[0])


def test_the_fuller_name_wins_and_most_reports_decide_the_role() -> None:
    event = merge(
        [
            report(1, says("arrest", "occurred", ("target=Fogel",))),
            report(2, says("arrest", "occurred", ("target=Marc Fogel",))),
            report(3, says("arrest", "occurred", ("source=Fogel",))),
        ],
        {},
    )
    assert [(p.entity.name, p.role) for p in event.participants] == [("Marc Fogel", "target")]


def test_one_report_that_names_somebody_twice_tells_of_one_person() -> None:
    event = merge([report(1, says("arrest", "occurred", ("target=Fogel", "target=Marc Fogel", "source=RUS")))], {})
    assert [p.entity.name for p in event.participants if p.entity.kind == "person"] == ["Marc Fogel"]


def test_one_report_keeps_at_most_so_many_participants_as_several_do() -> None:
    many = tuple(f"target=Given Family{number}" for number in range(MOST + 3))
    assert len(merge([report(1, says("arrest", "occurred", many))], {}).participants) == MOST


def test_the_day_that_most_sources_name_wins_over_the_one_told_first() -> None:
    event = merge(
        [
            report(1, says("fire", "occurred", time="2025-05-17"), told="2025-05-19"),
            report(2, says("fire", "occurred", time="2025-05-19"), told="2025-05-20"),
            report(3, says("fire", "occurred", time="2025-05-19"), told="2025-05-21"),
        ],
        {},
    )
    assert event.time.start == "2025-05-19"


def test_the_more_precise_place_wins() -> None:
    event = merge(
        [report(1, says("fire", "occurred", where="PRT")), report(2, says("fire", "occurred", where="Porto"))], {}
    )
    assert event.place.name == "Porto"


def test_words_of_the_text_go_before_the_day_of_the_report_and_narrow_before_wide() -> None:
    reports = [
        report(1, says("fire", "occurred", time="report 2025-05-20")),
        report(2, says("fire", "occurred", time="2025-05")),
        report(3, says("fire", "occurred", time="2025-05-19")),
    ]
    assert merge(reports, {}).time.start == "2025-05-19"
    assert merge(reports[:1], {}).time.start == "2025-05-20"


def test_the_latest_plan_holds_until_the_event_takes_place() -> None:
    planned = report(1, says("meeting", "planned", time="2025-05-28"))
    put_off = report(2, says("meeting", "planned", time="2025-06-02"), told="2025-05-21")
    held = report(3, says("meeting", "occurred", time="2025-06-03"), told="2025-06-03")
    assert merge([planned, put_off], {}).time.start == "2025-06-02"
    assert merge([planned, put_off, held], {}).time.start == "2025-06-03"


def test_sources_count_once_and_raise_the_confidence() -> None:
    told = says("fire", "occurred", confidence=0.5)
    one = merge([report(1, told, "a.example"), report(2, told, "a.example")], {})
    two = merge([report(1, told, "a.example"), report(2, told, "b.example")], {})
    assert (one.confidence, two.confidence) == (0.5, 0.75)
    assert list(two.independent_sources) == ["a.example", "b.example"]


def test_a_headline_that_tells_the_event_becomes_its_title_else_its_fields_make_one() -> None:
    told = says("prisoner-exchange", "agreed", ("RUS", "USA"))
    assert (
        merge([report(1, told, title="Markets slip")], {}).title
        == "Russia and the United States agree on prisoner exchange"
    )
    told.sentence_span.in_title = True
    assert merge([report(1, told, title="Prisoner swap agreed")], {}).title == "Prisoner swap agreed"


def test_the_codes_are_those_of_the_status() -> None:
    reports = [
        report(1, says("prisoner-exchange", "agreed", confidence=0.9)),
        report(2, says("prisoner-exchange", "occurred", confidence=0.5)),
    ]
    assert merge(reports[:1], {}).codes.plover == "AGREE"
    assert merge(reports, {}).codes.plover == "CONCEDE"


def test_evidence_is_capped_with_every_source_heard_first() -> None:
    told = [report(n, says("fire", "occurred"), "loud.example" if n < 30 else "") for n in range(34)]
    event = merge(told, {})
    assert (len(event.evidence), event.evidence_total) == (EVIDENCE_SHOWN, 34)
    assert len({e.source.domain for e in event.evidence}) == 5


def test_reports_beyond_the_cap_stay_counted_and_the_moves_stay_known() -> None:
    told = [report(0, says("meeting", "planned")), report(1, says("meeting", "occurred"))]
    told += [report(n, says("meeting", "occurred"), f"s{n % 50}.example") for n in range(2, 90)]
    kept, spilled = spill(told, {})
    assert len(kept) == REPORTS_KEPT
    event = merge(kept, spilled)
    assert event.evidence_total == 90
    assert set(event.independent_sources) == {f"s{n}.example" for n in range(50)}
    assert [move.status for move in event.status_history] == ["planned", "occurred"]


def test_articles_only_counted_bear_out_what_was_called_off_if_they_were_told_after_that() -> None:
    told = [report(n, says("meeting", "planned"), f"plan{n}.example", "2025-05-20") for n in range(30)]
    told += [report(n, says("meeting", "cancelled"), f"off{n}.example", "2025-05-22") for n in range(30, 90)]
    kept, spilled = spill(told, {})
    event = merge(kept, spilled)
    assert (event.status, len(event.origins)) == ("cancelled", 90)
    assert sorted(event.independent_sources) == sorted(f"off{n}.example" for n in range(30, 90))


def test_figures_conflict_only_where_no_reading_reconciles_them() -> None:
    def figure(value: float, qualifier: str) -> event_pb2.Quantity:
        return event_pb2.Quantity(value=value, qualifier=qualifier)

    assert conflict(figure(23, "exactly"), figure(27, "exactly"))
    assert not conflict(figure(12, "at_least"), figure(27, "exactly"))
    assert not conflict(figure(100, "about"), figure(108, "exactly"))
    assert conflict(figure(10, "up_to"), figure(12, "exactly"))


def test_a_record_survives_being_stored() -> None:
    told = (report(1, says("fire", "occurred", where="Porto")), report(2, says("fire", "occurred")))
    event = merge(told, {})
    kept = Record(event, profile_of(identify(told), told), told)
    for archived in (False, True):
        entry = entry_of(kept.profile, "disaster", first_seen_us=1, changed_day=2, next_day=3, archived=archived)
        stored = record.encode(kept, entry)
        read = record.decode(stored)
        assert record.read_entry(stored) == entry
        assert (read.reports, read.spilled, list(read.event.evidence)) == (told, {}, [])
        assert record.encode(read, entry) == stored


def test_a_surname_that_one_article_takes_for_a_body_is_the_person_another_names() -> None:
    for names in (("org:Reyes", "Reyes", "Corazon Reyes"), ("Corazon Reyes", "org:Reyes")):
        event = merge([report(n, says("meeting", "planned", (name,))) for n, name in enumerate(names)], {})
        assert [(p.entity.name, p.entity.kind) for p in event.participants] == [("Corazon Reyes", "person")]
