from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from services.api.board import update
from services.api.change_filters import ChangeFilters, ChangeSelection, Facets, change_selection
from services.api.changes import read_entry
from services.api.pages import Pages
from services.api.values import CHANGE_KINDS
from services.cache.projection import project
from tests.unit.cache.events import make_event

FACETS = Facets(
    event_id="e1" * 16,
    type="visit",
    topic="politics-government",
    status="planned",
    kind="created",
    sample=True,
    countries=frozenset({"KEN", "UGA"}),
    sources=frozenset({"a.example"}),
    entities=frozenset({"country:ken", "kenya", "jose nunez", "jose", "nunez"}),
    places=frozenset({"lake victoria", "lake", "victoria", "191245"}),
    point=(34.75, -0.1),
    independent_sources=3,
    words=frozenset({"kenya", "signs", "accord"}),
    begins_us=1_952_845_200_000_000,
)


def test_without_filters_every_change_is_taken() -> None:
    assert ChangeSelection().takes(FACETS)


@pytest.mark.parametrize(
    ("parameter", "fitting", "other"),
    [
        ("type", "visit", "meeting"),
        ("topic", "politics-government", "health"),
        ("status", "planned", "denied"),
        ("kind", "created", "merged"),
        ("country", "UGA", "RUS"),
        ("source", "A.example", "b.example"),
        ("sample", "true", "false"),
        ("event", "E1" * 16, "e2" * 16),
        ("activity", "live", "quiet,archived"),
        ("time_from", "2031-11-19", "2031-11-20"),
        ("time_to", "2031-11-19T09:00:01Z", "2031-11-19T09:00:00Z"),
        ("entity", "country:KEN", "country:KE"),
        ("entity", "José  NÚÑEZ", "Nuñez José"),
        ("place", "VICTORIA", "lake vic"),
        ("box", "30,-5,40,5", "30,0,40,5"),
        ("min_sources", "3", "4"),
        ("q", "Accord, Kenya", "accord uganda"),
    ],
)
def test_each_filter_takes_what_fits_and_nothing_else(parameter: str, fitting: str, other: str) -> None:
    assert change_selection(ChangeFilters.model_validate({parameter: fitting})).takes(FACETS)
    assert not change_selection(ChangeFilters.model_validate({parameter: other})).takes(FACETS)


def test_all_filters_must_fit() -> None:
    wanted = change_selection(ChangeFilters.model_validate({"type": "visit", "status": "denied"}))
    assert not wanted.takes(FACETS)


QUIET = replace(FACETS, kind="activity-changed")


def test_that_nothing_was_heard_of_an_event_is_told_to_those_alone_who_ask_for_it() -> None:
    assert not change_selection(ChangeFilters()).takes(QUIET)
    assert change_selection(ChangeFilters(kind=["activity-changed"])).takes(QUIET)


@pytest.mark.parametrize("kind", [kind for kind in CHANGE_KINDS if kind != "activity-changed"])
def test_every_other_kind_of_change_is_told_unasked(kind: str) -> None:
    assert change_selection(ChangeFilters()).takes(replace(FACETS, kind=kind))


def test_a_board_drops_no_event_for_a_kind_of_change_that_it_does_not_ask_for() -> None:
    event = make_event("a", kind="activity-changed")
    assert update(read_entry(b"1-0", project(event).changes[0]), change_selection(ChangeFilters()), Pages()) is None


@pytest.mark.parametrize(("lon", "inside"), [(175.0, True), (-175.0, True), (0.0, False)])
def test_a_box_may_lie_across_the_antimeridian(lon: float, inside: bool) -> None:
    selection = change_selection(ChangeFilters(box="170,-20,-170,-10"))
    facets = Facets("e", "visit", "sport", "planned", "created", False, point=(lon, -15.0))
    assert selection.takes(facets) is inside


def test_an_event_without_coordinates_lies_in_no_box() -> None:
    selection = change_selection(ChangeFilters(box="-180,-90,180,90"))
    assert not selection.takes(Facets("e", "visit", "sport", "planned", "created", False))


@pytest.mark.parametrize(
    ("parameter", "value", "says"),
    [
        ("box", "1,2,3", "west,south,east,north"),
        ("box", "0,10,5,5", "south before north"),
        ("box", "0,nan,5,5", "south before north"),
        ("entity", " ", "nothing to look for"),
        ("q", "…", "no word to look for"),
        ("event", "e1", "no id of an event"),
        ("time_to", "2031-02-30", "not an instant"),
        ("min_sources", "-1", "greater than or equal to 0"),
    ],
)
def test_a_wrong_filter_of_changes_is_refused_with_what_it_may_be(parameter: str, value: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        ChangeFilters.model_validate({parameter: value})


def test_a_change_as_the_cache_writes_it_has_every_facet() -> None:
    event = make_event("a", countries=("KEN", "COL"), sources=("a.example", "b.example"), place="Lake Victoria")
    facets = read_entry(b"1-0", project(event).changes[0]).facets
    assert facets.countries == {"KEN", "COL"}
    assert facets.entities == {"country:ken", "country:col", "kenya", "colombia"}
    assert facets.places == {"lake victoria", "lake", "victoria", "191245"}
    assert facets.point == (34.75, -0.1)
    assert facets.independent_sources == 2
    assert {"fishing", "accord"} < facets.words
