"""Titles made of an event's fields read as a person would write them, at every status and for every type."""

from __future__ import annotations

from itertools import product

import pytest

from services.contracts.dateline.v1 import event_pb2
from services.contracts.ontology import STATUSES, event_types
from services.linker.title_grammar import dangling
from services.linker.title_making import LONGEST, make
from tests.unit.linker.newsdesk import entity, place

FOGEL, POLICE, CHAD = "Marc Fogel/USA", "org:Kenya Police", "USA"


def event(event_type: str, status: str, *who: str, where: str = "", **figures: float) -> event_pb2.Event:
    """An event; ``who`` lists "role=name", and "role~text" for somebody without a name."""
    made = event_pb2.Event(type=event_type, status=status)
    for item in who:
        if "~" in item:
            role, _, text = item.partition("~")
            made.participants.add(role=role, text=text, entity=event_pb2.Entity(kind="group"))
        else:
            role, _, name = item.partition("=")
            named = entity(name)
            made.participants.add(role=role, text=named.name, entity=named)
    if where:
        made.place.CopyFrom(place(where))
    for measure, value in figures.items():
        made.quantities.add(measure=measure).latest.MergeFrom(
            event_pb2.Quantity(measure=measure, value=value, qualifier="exactly")
        )
    return made


def title(event_type: str, status: str, *who: str, where: str = "", **figures: float) -> str:
    return make(event(event_type, status, *who, where=where, **figures)).text


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("considered", "Kenya and Uganda consider talks"),
        ("requested", "Kenya and Uganda ask for talks"),
        ("planned", "Kenya and Uganda plan talks"),
        ("agreed", "Kenya and Uganda agree on talks"),
        ("ongoing", "Kenya and Uganda hold talks"),
        ("occurred", "Kenya and Uganda hold talks"),
        ("denied", "Kenya and Uganda deny talks"),
        ("cancelled", "Kenya and Uganda call off talks"),
    ],
)
def test_a_title_says_how_far_two_sides_are_in_whatever_order_they_are_named(status: str, told: str) -> None:
    for sides in (("party=KEN", "party=UGA"), ("party=UGA", "party=KEN")):
        assert title("negotiations", status, *sides) == told


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("considered", "Kenya may impose sanctions on Uganda"),
        ("requested", "Sanctions on Uganda by Kenya sought"),
        ("planned", "Kenya plans sanctions on Uganda"),
        ("agreed", "Kenya agrees to impose sanctions on Uganda"),
        ("ongoing", "Kenya imposes sanctions on Uganda"),
        ("occurred", "Kenya imposes sanctions on Uganda"),
        ("denied", "Kenya denies sanctions on Uganda"),
        ("cancelled", "Kenya calls off sanctions on Uganda"),
    ],
)
def test_a_title_says_how_far_who_does_it_is(status: str, told: str) -> None:
    assert title("sanctions", status, "source=KEN", "target=UGA") == told


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("considered", "Marc Fogel may be arrested in Porto"),
        ("requested", "Arrest of Marc Fogel sought in Porto"),
        ("planned", "Marc Fogel to be arrested in Porto"),
        ("agreed", "Arrest of Marc Fogel agreed in Porto"),
        ("ongoing", "Marc Fogel arrested in Porto"),
        ("occurred", "Marc Fogel arrested in Porto"),
        ("denied", "Arrest of Marc Fogel denied in Porto"),
        ("cancelled", "Arrest of Marc Fogel called off in Porto"),
    ],
)
def test_a_title_says_what_becomes_of_whom_it_is_done_to(status: str, told: str) -> None:
    assert title("arrest", status, f"target={FOGEL}", where="Porto") == told


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("considered", "Storm possible in Porto"),
        ("planned", "Storm expected in Porto"),
        ("occurred", "Storm hits Porto"),
    ],
)
def test_of_nature_nothing_is_planned(status: str, told: str) -> None:
    assert title("storm", status, where="Porto") == told


@pytest.mark.parametrize(
    ("who", "told"),
    [
        (("source~police",), "Police arrest Marc Fogel"),
        (("source=org:Kenya Police",), "Kenya Police arrest Marc Fogel"),
        (("source=KEN",), "Kenya arrests Marc Fogel"),
        (("source=USA",), "The United States arrests Marc Fogel"),
        (("source=KEN", "source=UGA"), "Kenya and Uganda arrest Marc Fogel"),
        (("source=KEN", "source=UGA", "source=CHL"), "Kenya, Uganda and others arrest Marc Fogel"),
        (("source~a 34-year-old officer",), "34-year-old officer arrests Marc Fogel"),
        (("source~two officers who had followed him",), "Two officers arrest Marc Fogel"),
        (("source~officers", "source=KEN"), "Kenya arrests Marc Fogel"),
        (("source~men",), "Marc Fogel arrested"),
        (("source~they",), "Marc Fogel arrested"),
        (("source~his wife",), "Marc Fogel arrested"),
        (("source~one of the best known and most feared officers ever",), "Marc Fogel arrested"),
        (("source=KEN", "target~two women"), "Kenya arrests Marc Fogel"),
        (("source=KEN", "target=UGA"), "Kenya arrests Marc Fogel"),
    ],
)
def test_verbs_agree_and_names_go_before_descriptions(who: tuple[str, ...], told: str) -> None:
    assert title("arrest", "occurred", *who, f"target={FOGEL}") == told


@pytest.mark.parametrize(
    ("event_type", "status", "who", "where", "told"),
    [
        ("visit", "planned", ("source=Ann Okello", "target=USA"), "USA", "Ann Okello to visit the United States"),
        ("visit", "cancelled", ("source=Ann Okello", "target=KEN"), "", "Ann Okello calls off visit to Kenya"),
        ("visit", "denied", ("target=KEN",), "", "Visit to Kenya denied"),
        ("visit", "occurred", ("source=Ann Okello",), "Porto", "Ann Okello visits Porto"),
        (
            "meeting",
            "occurred",
            ("party=Ann Okello", "party=Jo Banda"),
            "Porto",
            "Ann Okello and Jo Banda meet in Porto",
        ),
        ("arrest", "occurred", ("source=KEN", f"target={FOGEL}"), "KEN", "Kenya arrests Marc Fogel"),
        ("endorsement", "occurred", ("source=Ann Okello", "target=KEN"), "Porto", "Ann Okello backs Kenya"),
        ("death", "occurred", ("subject=Ann Okello",), "Porto", "Ann Okello dies in Porto"),
        ("death", "denied", ("subject=Ann Okello",), "", "Death of Ann Okello denied"),
        ("agreement", "agreed", ("party=KEN", "party=UGA"), "", "Kenya and Uganda reach agreement"),
        ("withdrawal", "occurred", ("source=RUS", "target=UKR"), "", "Russia withdraws from Ukraine"),
        ("withdrawal", "occurred", ("source=RUS", "target~troops"), "", "Russia withdraws"),
        ("resignation", "planned", ("source=Ann Okello",), "", "Ann Okello to resign"),
        ("rate-decision", "occurred", ("source=org:Kenya Bank",), "", "Kenya Bank sets interest rates"),
        ("cyberattack", "occurred", ("source=KEN",), "", "Kenya launches cyberattack"),
        ("raid", "occurred", ("source=KEN",), "", "Kenya carries out raid"),
        ("death", "occurred", ("subject=Ann Okello/KEN",), "KEN", "Ann Okello dies"),
        ("arrest", "occurred", ("target=KEN",), "Porto", "Arrest made in Porto"),
        ("fire", "occurred", ("subject=org:Mat Mill",), "", "Mat Mill hit by fire"),
    ],
)
def test_the_place_is_told_where_it_adds_something(
    event_type: str, status: str, who: tuple[str, ...], where: str, told: str
) -> None:
    assert title(event_type, status, *who, where=where) == told


@pytest.mark.parametrize(
    ("event_type", "who", "figures", "told"),
    [
        ("fire", (), {"killed": 15}, "15 killed in fire in Porto"),
        ("fire", (), {"injured": 3}, "3 injured in fire in Porto"),
        ("fire", (), {"killed": 0}, "Fire breaks out in Porto"),
        ("earthquake", (), {"magnitude": 6.1}, "Magnitude 6.1 earthquake hits Porto"),
        ("earthquake", (), {"magnitude": 6.1, "killed": 2}, "2 killed in magnitude 6.1 earthquake in Porto"),
        ("shooting", ("source=Ann Okello",), {"killed": 2}, "2 killed as Ann Okello opens fire in Porto"),
        ("rescue", (), {"killed": 15}, "Rescue carried out in Porto"),
        ("arrest", (), {"detained": 11}, "11 people arrested in Porto"),
        ("displacement", ("target~residents",), {"displaced": 340}, "340 people displaced in Porto"),
    ],
)
def test_figures_lead_the_title_of_what_kills_and_stand_for_those_without_a_name(
    event_type: str, who: tuple[str, ...], figures: dict[str, float], told: str
) -> None:
    assert title(event_type, "occurred", *who, where="Porto", **figures) == told


def test_a_title_too_long_loses_its_place_then_all_names_but_one() -> None:
    long, whom = "source=Bartholomew Featherstonehaugh Cholmondeley", "target=Maximiliana Throckmorton Wriothesley"
    shown = "Bartholomew Featherstonehaugh Cholmondeley arrests Maximiliana Throckmorton"
    assert title("arrest", "occurred", long, whom, where="Porto") == f"{shown} Wriothesley"
    others = ("target=Maximiliana Throckmorton", "target=Jo Banda-Okello")
    assert title("arrest", "occurred", long, *others) == f"{shown} and others"


@pytest.mark.parametrize(
    ("event_type", "who", "telling"),
    [
        ("arrest", ("target~two men",), False),
        ("arrest", (f"target={FOGEL}",), True),
        ("criticism", ("source=KEN",), False),
        ("criticism", ("source=KEN", "target=UGA"), True),
        ("market-move", ("source=KEN",), False),
    ],
)
def test_a_title_without_names_or_content_is_not_telling(event_type: str, who: tuple[str, ...], telling: bool) -> None:
    assert make(event(event_type, "occurred", *who)).telling is telling


def test_where_the_report_was_written_is_not_where_those_named_did_it() -> None:
    told = event("arrest", "occurred", f"target={FOGEL}", where="Porto")
    assert make(told, placed=False).text == "Marc Fogel arrested"
    assert make(told).text == "Marc Fogel arrested in Porto"


def test_a_wish_is_not_ascribed_to_those_without_a_name() -> None:
    assert title("court-ruling", "requested", "source~lawyers", where="Porto") == "Court ruling sought in Porto"
    assert title("visit", "requested", "source=Ann Okello", "target=KEN") == "Visit to Kenya by Ann Okello sought"


def test_a_title_that_names_only_the_kind_says_so() -> None:
    assert make(event("fire", "occurred")).bare
    assert not make(event("fire", "occurred", where="Porto")).bare


def test_a_house_that_is_where_they_meet_takes_no_part_in_the_meeting() -> None:
    told = event("meeting", "occurred", "party=Ann Okello", "party=Jo Banda", "party=org:Porto", where="Porto")
    assert make(told).text == "Ann Okello and Jo Banda meet in Porto"


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("source~militiamen", "Militiamen arrest Marc Fogel"),
        ("source~Israelis", "Israelis arrest Marc Fogel"),
        ("source~a crisis team", "Crisis team arrests Marc Fogel"),
    ],
)
def test_many_are_told_by_the_form_of_the_word(who: str, told: str) -> None:
    assert title("arrest", "occurred", who, f"target={FOGEL}") == told


def test_a_country_does_not_resign() -> None:
    assert not make(event("resignation", "occurred", "source=KEN")).telling


CASTS = (
    (),
    ("source=KEN", "target=USA"),
    (
        "source=Ann Okello/KEN",
        "source=org:Red Crescent",
        "source=UGA",
        f"target={FOGEL}",
        "target~those men",
        "party=KEN",
    ),
    ("party=KEN", "party=UGA", "party=Ann Okello/CHL"),
    ("target~men of", "subject~a", "source~  ", "party~None of the"),
    ("source~" + "member of the very long committee " * 6, "target~police, who said that they would"),
    ("source=" + "Wolfeschlegelsteinhausen " * 4, "target=" + "Bergerdorff " * 5, "target=USA"),
)


@pytest.mark.parametrize("event_type", sorted(event_types()))
def test_every_title_is_whole_short_and_clean(event_type: str) -> None:
    for status, who, where, figures in product(STATUSES, CASTS, ("", "USA", "Porto"), ({}, {"killed": 4.0})):
        told = title(event_type, status, *who, where=where, **figures)
        assert 0 < len(told) <= LONGEST, told
        assert told[0].isupper() or told[0].isdigit(), told
        assert told == " ".join(told.split()), told
        assert not any(mark in told for mark in ("{", "}", "None", " ,", "  ")), told
        assert not dangling(told), told
        assert told.count("United States") < 2, told
