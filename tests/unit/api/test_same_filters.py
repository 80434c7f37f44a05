"""One set of filters means the same wherever it is given: lists and feeds ask the indexes, streams and webhooks look at
each change.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from services.api.change_filters import ChangeFilters, change_selection
from services.api.changes import Entry, read_entry
from services.api.filters import EventFilters, Filters, index_query
from services.cache.projection import project
from services.contracts.dateline.v1.event_pb2 import Event, EventTime
from services.contracts.proto_json import to_json
from services.contracts.redis_model import ACTIVITIES
from tests.unit.cache.events import COUNTRIES, START, make_event

EVENTS = 200
PAIRS = 600

TYPES = ["visit", "agreement", "earthquake"]
STATUSES = ["planned", "agreed", "occurred"]
DOMAINS = ["A.example", "b.example", "c.example"]
PLACES = ["Kisumu", "Lake Victoria", "Cúcuta", "São  Paulo", ""]
TITLES = ["Kenya signs accord", "Accord “signed” in Cúcuta", "O'Brien visits", "第三次会議", ""]
DAYS = ["2031-11-18", "2031-11-19", "2031-11-19T12:00:00Z", "2031-11-20", "soon", ""]
LONGITUDES = [-180.0, -179.5, -5.0, 0.0, 34.75, 170.0, 180.0]
LATITUDES = [-90.0, -0.1, 0.0, 90.0]

FILTERS: Mapping[str, Sequence[str]] = {
    "type": ["visit", "agreement,earthquake"],
    "topic": ["politics-government", "disaster-accident-emergency,sport"],
    "status": ["planned", "agreed,occurred"],
    "country": ["ken", "UGA,COL"],
    "source": ["a.example", "B.EXAMPLE,c.example"],
    "sample": ["true", "false", "all"],
    "entity": ["country:KEN", "Kenya", "kénya", "ken", "x"],
    "place": ["kisumu", "LAKE", "lake  victoria", "cucuta", "191245", "sao paulo", "lake vic"],
    "box": ["30,-5,40,5", "170,-90,-180,90", "-180,-90,180,90", "0,0,0,0", "180,-1,180,1", "-5,-90,34.75,-0.1"],
    "min_sources": ["0", "1", "2", "4"],
    "q": ["accord", "Signs ACCORD", "cucuta “", "o brien", "第三次会議", "third"],
    "activity": ["live", "quiet,archived"],
    "time_from": ["2031-11-18", "2031-11-19", "2031-11-19T12:00:00Z", "2031-11-20T00:00:01Z"],
    "time_to": ["2031-11-19", "2031-11-19T12:00:00Z", "2031-11-20T00:00:01Z"],
}


def an_event(chance: random.Random) -> Event:
    """Return an event that some of the filters may ask for."""
    event = make_event(
        type=chance.choice(TYPES),
        status=chance.choice(STATUSES),
        title="x",
        countries=chance.sample(sorted(COUNTRIES), chance.randrange(4)),
        place=chance.choice(PLACES),
        place_country=chance.choice(["", *COUNTRIES]),
        lon=chance.choice(LONGITUDES),
        lat=chance.choice(LATITUDES),
        sources=chance.sample(DOMAINS, chance.randrange(1, 4)),
        sample=chance.random() < 0.5,
        at=START + timedelta(minutes=chance.randrange(4)),
    )
    event.title = chance.choice(TITLES)
    event.activity = chance.choice(["", *ACTIVITIES])
    event.time.CopyFrom(EventTime(start=chance.choice(DAYS)))
    match chance.randrange(8):
        case 0:
            event.ClearField("place")
        case 1:
            event.ClearField("time")
        case 2:
            event.place.ClearField("lon")
    return event


@pytest.fixture(scope="module")
def told() -> list[tuple[dict[str, Any], Entry]]:
    """Events as lists have them, each with the change that told it as streams have that."""
    chance = random.Random(5)
    events = [an_event(chance) for _ in range(EVENTS)]
    return [(to_json(event), read_entry(b"1-0", project(event).changes[0])) for event in events]


def held(asked: Mapping[str, str], told: Sequence[tuple[dict[str, Any], Entry]]) -> tuple[list[int], list[int]]:
    """Return which events a list and a stream with some filters hold."""
    query = index_query(EventFilters.model_validate({**asked, "state": "all"}))
    selection = change_selection(ChangeFilters.model_validate(dict(asked)))
    listed = [number for number, (event, _) in enumerate(told) if query.takes(event)]
    return listed, [number for number, (_, entry) in enumerate(told) if selection.takes(entry.facets)]


def test_every_filter_that_lists_and_streams_share_is_tried() -> None:
    assert FILTERS.keys() == Filters.model_fields.keys()


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in FILTERS.items() for value in values])
def test_a_filter_holds_the_same_events_in_a_list_and_in_a_stream(name: str, value: str, told: Any) -> None:
    listed, streamed = held({name: value}, told)
    assert listed == streamed


def test_filters_together_hold_the_same_events_in_a_list_and_in_a_stream(told: Any) -> None:
    chance = random.Random(9)
    for _ in range(PAIRS):
        asked = {name: chance.choice(FILTERS[name]) for name in chance.sample(sorted(FILTERS), chance.randrange(2, 4))}
        if asked.get("time_from", "") < asked.get("time_to", "x"):  # a range that ends before it begins is refused
            part = chance.sample(told, 5)
            listed, streamed = held(asked, part)
            assert listed == streamed, (asked, part)


@pytest.mark.parametrize("name", sorted(FILTERS.keys() - {"sample"}))
def test_each_filter_leaves_out_some_of_these_events_and_holds_others(name: str, told: Any) -> None:
    sizes = {len(held({name: value}, told)[0]) for value in FILTERS[name]}
    assert any(0 < size < EVENTS for size in sizes)
