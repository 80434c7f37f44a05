from dataclasses import replace
from pathlib import Path

import pytest

from services.contracts.dateline.v1.event_pb2 import Entity, EventTime, Mention, Participant, Place, Span
from tests.eval.aligning import align, facts, right_place, right_time
from tests.eval.marked_events import (
    HALVES,
    MarkedArticle,
    MarkedEvent,
    MarkedParticipant,
    MarksError,
    Stretch,
    Telling,
    digest,
    load,
    near,
    stale,
)
from tests.eval.marked_texts import NewsText, detokenised
from tests.eval.marking import event_row, keep, note, numbered

TEXT = NewsText(
    "made/1",
    "Police arrest baker in Leeds",
    "Police arrested Ann Roe on Monday.\nThe baker denied theft. A fire burned in Hull.",
)
READ_TO = len(TEXT.text)


def event(*, optional: bool = False) -> MarkedEvent:
    title = Telling(Stretch(0, 28, in_title=True), digest(TEXT.title), Stretch(7, 13, in_title=True))
    first = Telling(Stretch(0, 34, in_title=False), digest(TEXT.text[:34]), Stretch(7, 15, in_title=False))
    people = (
        MarkedParticipant("source", ("police",), optional=True),
        MarkedParticipant("target", ("Ann Roe", "baker"), optional=False),
    )
    return MarkedEvent(
        types=("arrest",),
        statuses=("occurred",),
        told=(title, first),
        participants=people,
        places=("Leeds", "GBR"),
        time=("2024-05-06", "2024-05-06"),
        background=False,
        optional=optional,
    )


def article(*events: MarkedEvent) -> MarkedArticle:
    return MarkedArticle(TEXT.key, "2024-05-07", digest(TEXT.title, TEXT.text), READ_TO, events)


def mention(kind: str, start: int, *who: tuple[str, str], in_title: bool = False, status: str = "occurred") -> Mention:
    return Mention(
        type=kind,
        status=status,
        trigger_span=Span(start=start, end=start + 5, in_title=in_title),
        participants=[Participant(role=role, text=text) for role, text in who],
    )


def test_a_mention_tells_the_event_of_its_sentence_and_type() -> None:
    found = align(article(event()), [mention("arrest", 7, ("target", "Ann Roe"))])
    assert len(found.told[0]) == 1
    assert not found.loose
    assert not found.spurious


def test_a_near_type_tells_the_event_and_counts_against_the_field() -> None:
    charge = mention("charge", 7)
    assert align(article(event()), [charge]).told[0] == [charge]
    assert facts(event(), [charge])["type"] == [False]


def test_another_type_on_the_marked_word_is_loose_and_elsewhere_spurious() -> None:
    found = align(article(event()), [mention("flood", 7), mention("fire", 61)])
    assert [each.type for each in found.loose] == ["flood"]
    assert [each.type for each in found.spurious] == ["fire"]


def test_the_same_event_in_an_unmarked_sentence_is_loose_only_with_somebody_marked() -> None:
    same = mention("arrest", 40, ("target", "the baker"))
    other = mention("arrest", 40, ("target", "Tom Poe"))
    found = align(article(event()), [same, other])
    assert found.loose == [same]
    assert found.spurious == [other]


def test_what_was_not_read_does_not_count() -> None:
    found = align(article(event()), [mention("fire", READ_TO + 3)])
    assert not found.matched
    assert not found.loose
    assert not found.spurious


def test_participants_are_scored_both_ways_and_by_role() -> None:
    told = [mention("arrest", 7, ("target", "Roe"), ("source", "the mayor"))]
    right = facts(event(), told)
    assert right["participants"] == [True]
    assert right["participants_named"] == [True, False]
    assert right["roles"] == [True]
    assert facts(event(), [mention("arrest", 7, ("source", "Ann Roe"))])["roles"] == [False]


def test_a_place_is_right_by_name_and_by_country_only_where_it_claims_no_more() -> None:
    assert right_place(("Leeds", "GBR"), Place(text="Leeds", name="Leeds", country="GBR", precision="city"))
    assert right_place(("Leeds", "GBR"), Place(text="Britain", country="GBR", precision="country"))
    assert not right_place(("Leeds", "GBR"), Place(text="Hull", name="Hull", country="GBR", precision="city"))


@pytest.mark.parametrize(
    ("start", "end", "right"),
    [("2024-05-06", "2024-05-06", True), ("2024-05-01", "2024-05-31", False), ("2024-05-07", "", False)],
)
def test_a_time_is_right_when_it_overlaps_and_is_as_exact(start: str, end: str, right: bool) -> None:
    assert right_time(("2024-05-06", "2024-05-06"), EventTime(start=start, end=end)) is right


def test_a_country_is_known_by_its_code() -> None:
    who = Participant(role="source", text="Lima", entity=Entity(name="Peru", kind="country", country="PER"))
    wanted = MarkedParticipant("source", ("PER",), optional=False)
    marked = replace(event(), types=("demand",), participants=(wanted,))
    told = mention("demand", 7)
    told.participants.append(who)
    assert facts(marked, [told])["participants"] == [True]


def test_a_text_that_changed_is_noticed() -> None:
    assert stale(article(event()), TEXT) == ""
    assert "another text" in stale(article(event()), NewsText(TEXT.key, TEXT.title, TEXT.text + " More."))
    assert "not in" in stale(article(event()), None)


def test_notes_become_marks_and_marks_notes(tmp_path: Path) -> None:
    line = "arrest/raid|o|t=arrest;1=arrested|S? Police;T Ann Roe/baker|Leeds/GBR|2024-05-06..2024-05-07|bg opt"
    keep("open", ["@ made/1 2024-05-07", line], {TEXT.key: TEXT}, tmp_path)
    keep("open", ["@ made/1 2024-05-07", line], {TEXT.key: TEXT}, tmp_path)
    (article_row,) = (tmp_path / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    (row,) = (tmp_path / "open.jsonl").read_text(encoding="utf-8").splitlines()
    assert '"sentences": 3' in article_row
    assert "Police arrested Ann Roe" not in row
    assert note(load("open", tmp_path)[0].events[0], TEXT) == line


@pytest.mark.parametrize("line", ["arrest|o|9=x|||", "arrest|o|1=absent||||", "arrest|z|1=Police||||"])
def test_a_wrong_note_is_told(line: str) -> None:
    with pytest.raises(MarksError, match=r"made/1"):
        event_row(TEXT.key, line, numbered(TEXT))


def test_the_marks_are_well_formed() -> None:
    halves = {half: load(half) for half in HALVES}
    assert [len(articles) for articles in halves.values()] == [20, 20]
    for articles in halves.values():
        for each in articles:
            assert all(
                told.trigger.in_title or told.trigger.end <= each.read_to for e in each.events for told in e.told
            )


def test_wrong_marks_are_told(tmp_path: Path) -> None:
    with pytest.raises(MarksError, match="open or held-out"):
        load("other")
    (tmp_path / "articles.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "open.jsonl").write_text(
        '{"article": "a", "types": ["no-type"], "statuses": ["occurred"], "participants": []}\n', encoding="utf-8"
    )
    with pytest.raises(MarksError, match=r"line 1: type no-type"):
        load("open", tmp_path)


def test_near_types_are_known_and_mutual() -> None:
    assert near("strike", "bombing")
    assert near("bombing", "strike")
    assert not near("strike", "earnings")


@pytest.mark.parametrize(
    ("tokens", "printed"),
    [
        ("`` It is n't ours , '' she said at 3 : 30 p . m .", '"It isn\'t ours," she said at 3:30 p.m.'),
        ("a 90 - day stay for $ 1 , 000 ( paid )", "a 90-day stay for $1,000 (paid)"),
    ],
)
def test_tokens_are_put_together_as_printed(tokens: str, printed: str) -> None:
    assert detokenised(tokens) == printed
