from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message

from services.contracts.dateline.v1.article_pb2 import Article
from services.contracts.dateline.v1.event_pb2 import Change, Event, Mention, Place, Quantity
from services.contracts.dateline.v1.runtime_pb2 import DeadLetter
from services.contracts.proto_json import to_json
from tests.unit.cache.events import make_event


def long_integers_as_numbers(document: Any) -> Any:
    """Take back what ProtoJSON does to the 64-bit fields."""
    if isinstance(document, dict):
        return {
            name: int(value) if name in ("revision", "geonames_id") else long_integers_as_numbers(value)
            for name, value in document.items()
        }
    return [long_integers_as_numbers(item) for item in document] if isinstance(document, list) else document


@pytest.mark.parametrize(
    "message",
    [
        make_event(killed=[("a.example", 12), ("b.example", 19)], fields=[("status", '"planned"', '"agreed"')]),
        Event(),
        Mention(),
        Article(title="x", authors=["a", "b"], revision=2),
        Place(lat=0.0, name="Null Island"),
    ],
)
def test_it_gives_what_the_library_gives_but_for_long_integers(message: Message) -> None:
    library = MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
    assert to_json(message) == long_integers_as_numbers(library)


@pytest.mark.parametrize("nanos", [0, 1, 1_000, 120_000_000, 331_514_000, 999_999_999])
def test_instants_have_as_many_digits_as_the_library_gives(nanos: int) -> None:
    event = Event()
    event.first_seen.seconds = 1_953_000_000
    event.first_seen.nanos = nanos
    assert to_json(event)["first_seen"] == event.first_seen.ToJsonString()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_does_not_know_are_words(value: float) -> None:
    assert to_json(Quantity(value=value))["value"] == MessageToDict(Quantity(value=value))["value"]


def test_fields_stand_in_the_order_of_their_declaration() -> None:
    names = [field.name for field in Event.DESCRIPTOR.fields]
    written = list(to_json(make_event()))
    assert written == [name for name in names if name in written]


def test_bytes_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match="value"):
        to_json(DeadLetter())


def test_json_of_an_event_parses_back_to_the_same_event() -> None:
    event = make_event(killed=[("a.example", 12), ("b.example", 19)], fields=[("status", '"planned"', '"agreed"')])
    assert ParseDict(to_json(event), Event()) == event


def test_revisions_and_geonames_ids_are_numbers() -> None:
    document = to_json(make_event(revision=7))
    assert document["revision"] == 7
    assert document["changes"][0]["revision"] == 7
    assert document["place"]["geonames_id"] == 191245


def test_fields_are_there_even_when_empty() -> None:
    document = to_json(Event(id="x"))
    assert document["copies"] == 0
    assert document["sample"] is False
    assert document["merged_into"] == ""
    assert document["evidence"] == []


def test_an_event_without_place_has_no_place_in_json() -> None:
    assert "place" not in to_json(Event(id="x"))


def test_a_change_parses_back_to_the_same_change() -> None:
    change = make_event(revision=3).changes[0]
    assert ParseDict(to_json(change), Change()) == change
