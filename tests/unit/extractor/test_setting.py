"""Events whose own sentence does not say where or when: what a careful reader carries over from the other sentences."""

from __future__ import annotations

import pytest

from services.contracts.dateline.v1.event_pb2 import Mention
from services.extractor.stage import Extractor
from tests.unit.extractor.articles import mentions


def _of(found: list[Mention], kind: str) -> list[Mention]:
    return [mention for mention in found if mention.type == kind]


def _where(mention: Mention) -> tuple[str, str, str]:
    return mention.place.name, mention.place.country, mention.place.origin


def test_all_sentences_about_an_event_share_its_place_and_its_day(extractor: Extractor) -> None:
    found = mentions(
        extractor,
        "A powerful earthquake shook the city of Bursa on Sunday. The quake lasted almost a minute.",
        title="Quake kills three",
    )
    quakes = _of(found, "earthquake")
    assert len(quakes) == 3
    assert {mention.place.name for mention in quakes} == {"Bursa"}
    assert len({(mention.time.start, mention.time.origin) for mention in quakes}) == 1


def test_another_event_of_the_kind_shares_nothing(extractor: Extractor) -> None:
    found = mentions(
        extractor,
        "An explosion tore through a market in Lahore on Sunday. In 2019, a similar explosion killed five people.",
    )
    first, second = _of(found, "explosion")
    assert first.time.start != second.time.start
    assert second.place.name != "Lahore"


def test_the_same_district_is_that_of_the_event_before(extractor: Extractor) -> None:
    found = mentions(
        extractor,
        "A train derailed near Nantes on Sunday. A crash in the same district killed three people in 2019.",
    )
    assert {mention.place.name for mention in _of(found, "transport-accident")} == {"Nantes"}


@pytest.mark.parametrize(
    ("text", "kind", "name", "country"),
    [
        ("The Indiana governor signed the bill.", "legislation", "Indiana", "USA"),
        ("Kenyan police arrested two men.", "arrest", "Kenya", "KEN"),
        ("A Portuguese court sentenced the former banker to six years in prison.", "sentencing", "Portugal", "PRT"),
    ],
)
def test_officials_act_at_home(extractor: Extractor, text: str, kind: str, name: str, country: str) -> None:
    (found,) = _of(mentions(extractor, text), kind)
    assert _where(found) == (name, country, "article")
    assert found.place.precision in ("admin1", "country")


def test_soldiers_act_anywhere(extractor: Extractor) -> None:
    for found in mentions(extractor, "The Spanish navy freed twelve sailors."):
        assert not found.HasField("place")
    text = "A tanker sank in the Red Sea on Monday. The Spanish navy rescued twelve sailors."
    (rescue,) = _of(mentions(extractor, text), "rescue")
    assert _where(rescue) == ("Red Sea", "", "article")


def test_what_follows_the_lead_happens_where_the_lead_is_set(extractor: Extractor) -> None:
    found = mentions(
        extractor, "A flood swept through the city of Dresden on Sunday. Firefighters rescued eleven people."
    )
    (rescue,) = _of(found, "rescue")
    assert _where(rescue) == ("Dresden", "DEU", "article")


def test_events_in_several_towns_leave_only_their_country(extractor: Extractor) -> None:
    found = mentions(
        extractor,
        "A fire destroyed a school in Lyon on Sunday. Another fire damaged a hotel in Marseille on Sunday. "
        "Firefighters rescued eleven people.",
    )
    (rescue,) = _of(found, "rescue")
    assert (rescue.place.country, rescue.place.precision) == ("FRA", "country")


def test_where_a_tremor_was_felt_is_not_where_the_earth_shook(extractor: Extractor) -> None:
    found = mentions(extractor, "A strong earthquake hit Nepal on Sunday. The tremor was felt in New Delhi.")
    assert {mention.place.country for mention in _of(found, "earthquake")} == {"NPL"}


@pytest.mark.parametrize(
    "text",
    [
        "Japan and Chile signed a trade agreement.",
        "The United States imposed sanctions on Belarus.",
    ],
)
def test_some_events_have_no_place_worth_assuming(extractor: Extractor, text: str) -> None:
    for found in mentions(extractor, text):
        assert not found.HasField("place")


def test_a_meeting_of_others_lends_neither_place_nor_day(extractor: Extractor) -> None:
    found = mentions(
        extractor,
        "Ana Silva met Paul Green in Lima on Tuesday. Ana Silva and Omar Brown reached an agreement to meet.",
    )
    planned = [told for told in _of(found, "meeting") if told.status != "occurred"]
    assert planned
    assert all(told.time.origin != "text" and told.place.name != "Lima" for told in planned)
