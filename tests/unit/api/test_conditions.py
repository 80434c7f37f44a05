from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from services.api.change_filters import facets_of
from services.api.conditions import ConditionError, Subject, read_condition
from services.cache.projection import project
from services.contracts.dateline.v1.event_pb2 import Event
from tests.unit.cache.events import START, make_event


def subject(event: Event, since: datetime = datetime(2000, 1, 1, tzinfo=UTC)) -> Subject:
    change = orjson.loads(project(event).changes[0])
    return Subject(
        change["event"], facets_of(change), frozenset(f["field"] for f in change["fields"]), change["kind"], since
    )


EVENT = make_event(
    "a",
    status="occurred",
    countries=("KEN", "COL"),
    sources=("a.example", "b.example", "c.example"),
    killed=[("a.example", 12.0)],
    fields=[("place", "", '{"name":"Kisumu","country":"KEN"}')],
    revision=2,
    kind="detail-changed",
)


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({"field": "status", "is": "occurred"}, True),
        ({"field": "status", "in": ["planned", "agreed"]}, False),
        ({"field": "sources", "gte": 3}, True),
        ({"field": "sources", "gt": 3}, False),
        ({"field": "country", "is": "col"}, True),
        ({"field": "country", "is": "UKR"}, False),
        ({"field": "entity", "is": "KENYA"}, True),
        ({"field": "place", "is": "kisumu"}, True),
        ({"field": "source", "in": ["x.example", "B.example"]}, True),
        ({"field": "title", "contains": "accord, Uganda"}, True),
        ({"field": "title", "contains": "accord Peru"}, False),
        ({"field": "position", "inside": [30, -5, 40, 5]}, True),
        ({"field": "position", "inside": [170, -5, -170, 5]}, False),
        ({"field": "quantities.killed", "gte": 10}, True),
        ({"field": "quantities.injured", "gte": 0}, False),
        ({"field": "overdue", "is": False}, True),
        ({"field": "kind", "is": "detail-changed"}, True),
        ({"field": "changed", "is": "place"}, True),
        ({"field": "changed", "is": "time"}, False),
        ({"field": "status", "becomes": "occurred"}, True),
        ({"field": "status", "becomes": "occurred", "from": ["planned"]}, True),
        ({"field": "status", "becomes": "occurred", "from": ["agreed"]}, False),
        ({"field": "status", "becomes": "occurred", "from": "planned"}, True),
        ({"field": "status", "becomes": ["agreed", "occurred"]}, True),
        ({"field": "status", "becomes": ["occurred", "agreed"]}, True),
        ({"field": "status", "becomes": ["agreed", "ongoing"]}, False),
        ({"not": {"field": "status", "is": "denied"}}, True),
        ({"all": [{"field": "sources", "gte": 3}, {"field": "country", "is": "UKR"}]}, False),
        ({"any": [{"field": "sources", "gte": 9}, {"field": "country", "is": "KEN"}]}, True),
    ],
)
def test_a_condition_is_met_by_what_it_says_and_nothing_else(condition: Any, met: bool) -> None:
    assert read_condition(condition)(subject(EVENT)) is met


def test_a_status_that_was_reached_before_the_rule_was_made_did_not_become_so() -> None:
    condition = read_condition({"field": "status", "becomes": "occurred"})
    assert condition(subject(EVENT, since=START))
    assert not condition(subject(EVENT, since=START + timedelta(seconds=1)))


@pytest.mark.parametrize(
    ("condition", "path", "says"),
    [
        ([], "", "an object such as"),
        ({}, "", "here stands nothing"),
        ({"all": []}, "all", "at least one"),
        ({"al": [{}]}, "", "here stands 'al'"),
        ({"all": [{"field": "sources", "gte": "3"}]}, "all.0.gte", "is a number"),
        ({"not": {"field": "statsu", "is": "x"}}, "not.field", "did you mean status"),
        ({"field": "status", "gte": 3}, "gte", "use one of is, in, becomes"),
        ({"field": "country", "is": "UA"}, "is", "did you mean UKR?"),
        ({"field": "entity", "is": "  "}, "is", "names nothing"),
        ({"field": "event", "in": ["e1"]}, "in", "32 digits"),
        ({"field": "changed", "is": "stats"}, "is", "a field of an event, such as status"),
        ({"field": "confidence", "gte": 50}, "gte", "from 0 to 1"),
        ({"field": "status", "is": "ocurred"}, "is", "did you mean occurred"),
        ({"field": "status"}, "", "takes one operator"),
        ({"field": "sources", "gte": 1, "lt": 3}, "", "here stand 2"),
        ({"field": "status", "is": "occurred", "from": ["planned"]}, "from", "beside becomes"),
        ({"field": "country", "is": "UA"}, "is", "unknown"),
        ({"field": "overdue", "is": "yes"}, "is", "true or false"),
        ({"field": "sources", "is": True}, "is", "is a number"),
        ({"field": "position", "inside": [0, 0, 200, 0]}, "inside", "from -180 to 180"),
        ({"field": "entity", "in": "Kenya"}, "in", "a list of texts"),
    ],
)
def test_a_wrong_condition_is_refused_where_it_is_wrong(condition: Any, path: str, says: str) -> None:
    with pytest.raises(ConditionError, match=says) as caught:
        read_condition(condition)
    assert caught.value.path == path


def test_conditions_may_not_stand_without_end_in_one_another() -> None:
    condition: Any = {"field": "sample", "is": True}
    for _ in range(8):
        condition = {"not": condition}
    with pytest.raises(ConditionError, match="8 deep"):
        read_condition(condition)


def test_a_rule_of_too_many_conditions_is_refused() -> None:
    with pytest.raises(ConditionError, match="several rules"):
        read_condition({"any": [{"field": "sample", "is": True}] * 100})
