from __future__ import annotations

from datetime import timedelta

import orjson
import pytest

from services.cache.projection import index_terms, project, state_of
from services.contracts import redis_model
from services.contracts.dateline.v1.event_pb2 import Entity, Event, Participant
from tests.unit.cache.events import START, make_event


def test_equal_events_give_equal_bytes() -> None:
    first, second = make_event(killed=[("a.example", 3)]), make_event(killed=[("a.example", 3)])
    assert project(first) == project(second)


def test_members_sort_by_the_time_of_the_last_change() -> None:
    earlier = project(make_event("zzz", at=START)).member
    later = project(make_event("aaa", at=START + timedelta(microseconds=1))).member
    assert earlier.encode() < later.encode()


def test_the_member_gives_back_the_event_id() -> None:
    event = make_event()
    assert redis_model.event_id_of(project(event).member) == event.id


def test_an_event_is_found_by_type_topic_status_country_source_and_sample() -> None:
    terms = index_terms(make_event(sample=True))
    for term in (
        "all",
        "type:agreement",
        "topic:politics-government",
        "status:agreed",
        "country:KEN",
        "country:UGA",
        "source:meridian.example",
        "sample:true",
        "state:live",
    ):
        assert term in terms


def test_the_country_of_the_place_counts_when_no_participant_is_from_there() -> None:
    assert "country:IDN" in index_terms(make_event(place_country="IDN"))


def test_a_person_is_found_by_id_whole_name_and_each_word_of_the_name() -> None:
    event = Event(
        id="x",
        participants=[Participant(role="subject", entity=Entity(id="person:josé núñez", name="José Núñez"))],
    )
    terms = index_terms(event)
    assert {
        "participant:person:jose nunez",
        "participant:jose nunez",
        "participant:jose",
        "participant:nunez",
    } <= set(terms)


def test_an_unresolved_participant_is_found_by_its_words_in_the_text() -> None:
    event = Event(id="x", participants=[Participant(role="target", text="Dairy farmers")])
    assert redis_model.participant_term("dairy FARMERS") in index_terms(event)


def test_title_words_are_found_without_case_accents_and_punctuation() -> None:
    assert redis_model.words("São Paulo’s “Águas” — sao") == ("sao", "paulo", "s", "aguas")


def test_a_merged_event_is_not_live() -> None:
    merged = make_event(merged_into="other")
    assert state_of(merged) == "merged"
    assert "state:live" not in index_terms(merged)


def test_a_retracted_event_is_not_live() -> None:
    assert state_of(make_event(retracted=True)) == "retracted"


def test_no_term_holds_a_line_break_that_would_split_it() -> None:
    event = make_event(title="One\ntwo\r\nthree")
    event.participants.add(text="line\nbreak")
    assert not [term for term in index_terms(event) if "\n" in term or "\r" in term]


def test_each_change_goes_to_the_stream_with_the_event() -> None:
    projection = project(make_event(revision=2))
    (message,) = [orjson.loads(change) for change in projection.changes]
    assert message["revision"] == 2
    assert message["event"]["title"] == "Kenya and Uganda sign fishing accord"
    assert "event" not in orjson.loads(projection.history[0])


@pytest.mark.parametrize("missing", ["id", "revision", "last_changed"])
def test_an_event_that_could_not_be_found_again_is_refused_by_name(missing: str) -> None:
    event = make_event()
    event.ClearField(missing)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"without {missing}"):
        project(event)
