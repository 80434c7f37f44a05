from __future__ import annotations

from datetime import timedelta

import orjson
import pytest

from services.cache.projection import project
from services.cache.representation import summary_of
from services.contracts import redis_model
from services.contracts.dateline.v1.event_pb2 import Entity, Event, Participant
from services.contracts.event_index import ranks_of, state_of, terms_of
from services.contracts.proto_json import to_json
from tests.unit.cache.events import START, make_event


def test_equal_events_give_equal_bytes() -> None:
    first, second = make_event(killed=[("a.example", 3)]), make_event(killed=[("a.example", 3)])
    assert project(first) == project(second)


def index_terms(event: Event) -> frozenset[str]:
    return terms_of(to_json(event))


def test_both_forms_of_a_state_are_those_of_the_event() -> None:
    event = make_event(killed=[("a.example", 3)])
    document = to_json(event)
    state = project(event).state
    assert orjson.loads(state.whole()) == document
    assert orjson.loads(state.summary()) == summary_of(document)


def test_more_sources_stand_above_fewer_and_among_equals_what_changed_last() -> None:
    def rank(sources: int, hours: int) -> float:
        event = make_event(sources=[f"s{n}.example" for n in range(sources)], at=START + timedelta(hours=hours))
        return ranks_of(to_json(event))["sources"]

    assert rank(1, 0) < rank(1, 1) < rank(2, 0)
    assert rank(2, 0) >= 2


def test_an_event_without_a_known_time_or_place_has_no_rank_there() -> None:
    event = make_event()
    event.ClearField("time")
    event.ClearField("place")
    assert not {"time", "lat", "lon"} & ranks_of(to_json(event)).keys()


def test_a_place_is_found_by_name_word_and_geonames_id() -> None:
    assert {"place:new york", "place:york", "place:191245"} <= index_terms(make_event(place="New York"))


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
        "entity:person:jose nunez",
        "entity:jose nunez",
        "entity:jose",
        "entity:nunez",
    } <= set(terms)


def test_an_unresolved_participant_is_found_by_its_words_in_the_text() -> None:
    event = Event(id="x", participants=[Participant(role="target", text="Dairy farmers")])
    assert redis_model.entity_term("dairy FARMERS") in index_terms(event)


def test_title_words_are_found_without_case_accents_and_punctuation() -> None:
    assert redis_model.words("São Paulo’s “Águas” — sao") == ("sao", "paulo", "s", "aguas")


def test_a_merged_event_is_not_live() -> None:
    merged = make_event(merged_into="other")
    assert state_of(to_json(merged)) == "merged"
    assert "state:live" not in index_terms(merged)


def test_a_retracted_event_is_not_live() -> None:
    assert state_of(to_json(make_event(retracted=True))) == "retracted"


def test_no_term_holds_a_line_break_that_would_split_it() -> None:
    event = make_event(title="One\ntwo\r\nthree")
    event.participants.add(text="line\nbreak")
    assert not [term for term in index_terms(event) if "\n" in term or "\r" in term]


def test_each_change_goes_to_the_stream_with_the_event() -> None:
    projection = project(make_event(revision=2))
    (message,) = [orjson.loads(change) for change in projection.changes]
    assert message["revision"] == 2
    assert message["event"]["title"] == "Kenya and Uganda sign fishing accord"


@pytest.mark.parametrize("missing", ["id", "revision", "last_changed"])
def test_an_event_that_could_not_be_found_again_is_refused_by_name(missing: str) -> None:
    event = make_event()
    event.ClearField(missing)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"without {missing}"):
        project(event)
