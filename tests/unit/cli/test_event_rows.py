"""Mentions as rows of an event table."""

from __future__ import annotations

from services.cli.event_rows import COLUMNS, MOST_ROWS, rows_of
from services.contracts.dateline.v1.article_pb2 import ArticleRef
from services.contracts.dateline.v1.event_pb2 import Codes, Entity, EventTime, Mention, Participant, Place


def actor(role: str, name: str, country: str = "", sector: str = "") -> Participant:
    return Participant(role=role, text=name.lower(), entity=Entity(name=name, country=country, sector=sector))


def visit(*participants: Participant) -> Mention:
    return Mention(
        type="visit",
        status="occurred",
        participants=participants,
        place=Place(name="Paris", country="FRA", lat=48.85341, lon=2.3488, geonames_id=2988507),
        time=EventTime(start="2026-03-11", end="2026-03-12", granularity="day"),
        codes=Codes(plover="CONSULT", cameo="042", iptc="politics-government", media_topic="medtop:20000639"),
        confidence=0.875,
        article=ArticleRef(url="https://courier.example/1"),
    )


def rows(mention: Mention) -> list[dict[str, str]]:
    found = list(rows_of(mention))
    assert all(len(row) == len(COLUMNS) for row in found)
    return [dict(zip(COLUMNS, row, strict=True)) for row in found]


def pairs(mention: Mention) -> list[tuple[str, str]]:
    return [(row["Actor1Name"], row["Actor2Name"]) for row in rows(mention)]


def test_a_row_says_who_did_what_to_whom_when_and_where() -> None:
    (row,) = rows(visit(actor("source", "Ana Silva", "PRT", "GOV"), actor("target", "France", "FRA")))
    assert row == {
        "SQLDATE": "20260311",
        "Actor1Code": "PRTGOV", "Actor1Name": "Ana Silva", "Actor1CountryCode": "PRT", "Actor1Type1Code": "GOV",
        "Actor2Code": "FRA", "Actor2Name": "France", "Actor2CountryCode": "FRA", "Actor2Type1Code": "",
        "EventCode": "042", "EventBaseCode": "042", "EventRootCode": "04", "QuadClass": "1", "GoldsteinScale": "1.9",
        "PloverRoot": "CONSULT", "Type": "visit", "Status": "occurred", "MediaTopic": "medtop:20000639",
        "ActionGeo_FullName": "Paris", "ActionGeo_Country": "FRA",
        "ActionGeo_Lat": "48.8534", "ActionGeo_Long": "2.3488", "ActionGeo_GeoNamesID": "2988507",
        "Confidence": "0.875", "SOURCEURL": "https://courier.example/1",
    }  # fmt: skip


def test_compound_actors_each_act_on_each() -> None:
    mention = visit(actor("source", "A"), actor("source", "B"), actor("target", "C"), actor("subject", "D"))
    assert pairs(mention) == [("A", "C"), ("A", "D"), ("B", "C"), ("B", "D")]


def test_a_reciprocal_event_is_coded_in_both_directions() -> None:
    assert pairs(visit(actor("party", "A"), actor("party", "B"))) == [("A", "B"), ("B", "A")]


def test_an_actor_that_is_not_named_is_empty() -> None:
    assert pairs(visit(actor("target", "C"))) == [("", "C")]
    assert pairs(visit(actor("party", "A"))) == [("A", "")]
    assert pairs(visit()) == [("", "")]


def test_who_was_not_recognised_has_the_words_of_the_text() -> None:
    (row,) = rows(visit(Participant(role="source", text="two\tdockers")))
    assert (row["Actor1Name"], row["Actor1Code"]) == ("two dockers", "")


def test_what_the_text_does_not_say_is_empty() -> None:
    mention = visit(actor("source", "A"))
    mention.ClearField("place")
    mention.ClearField("time")
    (row,) = rows(mention)
    empty = {name for name, value in row.items() if not value}
    assert {"SQLDATE", "ActionGeo_FullName", "ActionGeo_Lat", "ActionGeo_Long", "ActionGeo_GeoNamesID"} <= empty


def test_an_event_that_neither_codebook_has_gives_no_row() -> None:
    assert rows(Mention(type="earthquake", status="occurred", codes=Codes(iptc="disaster-accident-emergency"))) == []


def test_an_event_that_only_plover_codes_has_no_cameo_columns() -> None:
    (row,) = rows(Mention(type="murder", status="occurred", codes=Codes(plover="ASSAULT")))
    assert (row["PloverRoot"], row["EventCode"], row["QuadClass"], row["GoldsteinScale"]) == ("ASSAULT", "", "", "")


def test_two_long_lists_do_not_give_every_pair() -> None:
    many = [actor("party", f"Country {number}") for number in range(16)]
    assert len(rows(visit(*many))) == MOST_ROWS
