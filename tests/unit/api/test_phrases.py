from __future__ import annotations

import pytest

from services.api import phrases


def move(kind: str, field: str, before: str, after: str) -> str:
    return phrases.change({"kind": kind, "fields": [{"field": field, "before": before, "after": after}]})


def figure(low: float, high: float, **latest: object) -> dict[str, object]:
    return {"measure": "killed", "unit": "dead", "low": low, "high": high, "latest": {"value": high, **latest}}


def test_a_disputed_toll_is_a_range() -> None:
    assert phrases.toll(figure(23, 27)) == "23–27 killed"


def test_an_undisputed_toll_keeps_its_qualifier() -> None:
    assert phrases.toll(figure(12, 12, qualifier="at_least")) == "at least 12 killed"


def test_what_is_counted_is_named_by_its_unit_where_the_measure_does_not_say() -> None:
    quantity = {"measure": "count", "unit": "homes", "low": 2.1e6, "high": 2.1e6, "latest": {"value": 2.1e6}}
    assert phrases.toll(quantity) == "2.1 million homes"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(12.0, "12"), (2100.0, "2,100"), (1.5, "1.5"), (2_100_000.0, "2.1 million"), (3e9, "3 billion")],
)
def test_numbers_are_printed_as_in_newspapers(value: float, shown: str) -> None:
    assert phrases.number(value) == shown


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ({}, ""),
        ({"start": "2031-11-19", "end": "2031-11-19", "granularity": "day"}, "19 Nov 2031"),
        ({"start": "2031-11-19", "end": "2031-11-21", "granularity": "day"}, "19 Nov 2031 – 21 Nov 2031"),
        ({"start": "2031-11-01", "end": "2031-11-30", "granularity": "month"}, "Nov 2031"),
        ({"start": "2031-01-01", "end": "2031-12-31", "granularity": "year"}, "2031"),
        ({"start": "2031-11-19T18:00:00Z", "end": "", "granularity": "hour"}, "19 Nov 2031, 18:00 UTC"),
        ({"start": "soon", "end": "", "granularity": "unknown"}, "soon"),
    ],
)
def test_time_is_told_no_finer_than_it_is_known(time: dict[str, str], shown: str) -> None:
    assert phrases.event_time(time) == shown


def test_a_place_is_told_with_its_country() -> None:
    assert phrases.place({"name": "Kisumu", "country": "KEN"}) == "Kisumu, Kenya"


def test_a_place_that_is_a_country_is_told_once() -> None:
    assert phrases.place({"name": "Kenya", "country": "KEN"}) == "Kenya"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (move("status-changed", "status", '"planned"', '"agreed"'), "Status: planned → agreed"),
        (move("contradicted", "status", '"planned"', '"denied"'), "Sources disagree: Status: planned against denied"),
        (move("created", "status", "", '"agreed"'), "New event"),
        (move("overdue", "overdue", "", "true"), "Overdue: no report says whether it took place"),
        (move("merged", "merged_into", "", '"e1"'), "Merged into another event"),
        (move("merged", "id", '"e2"', '"e1"'), "Found to be the same as another event"),
        (move("corroborated", "independent_sources", '["a"]', '["a","b"]'), "Confirmed by b"),
        (
            move(
                "detail-changed",
                "quantities.killed",
                '{"latest":{"value":12,"qualifier":"at_least"},"low":12,"high":12}',
                '{"latest":{"value":27},"low":23,"high":27}',
            ),
            "Killed: at least 12 → 23–27",
        ),
        (move("detail-changed", "place", "", '{"name":"Kisumu","country":"KEN"}'), "Place: Kisumu, Kenya"),
        (move("detail-changed", "time", '{"start":"2031-11-19","end":""}', ""), "Time: 19 Nov 2031 withdrawn"),
        (move("detail-changed", "odd", '{"x":1}', "not json"), 'Odd: {"x":1} → not json'),
        (move("never-heard-of", "odd", "", ""), "Never heard of"),
    ],
)
def test_a_change_is_told_in_words(told: str, shown: str) -> None:
    assert told == shown


def test_a_new_title_is_not_told_beside_what_it_reflects() -> None:
    fields = [
        {"field": "copies", "before": "", "after": "3"},
        {"field": "title", "before": '"Old"', "after": '"New"'},
    ]
    assert phrases.change({"kind": "detail-changed", "fields": fields}) == "Copies: 3"


def test_a_long_value_is_cut() -> None:
    assert len(move("detail-changed", "title", "", '"' + "x" * 500 + '"')) < 100
