"""Storylines as a newsroom lives them: what the reports make of an event, from the first word to the last."""

from __future__ import annotations

import pytest

from services.contracts.dateline.v1 import event_pb2
from tests.unit.linker.newsdesk import Desk, article, batch, entity, says

SWAP = ("RUS", "USA")


def killed(event: event_pb2.Event) -> event_pb2.QuantityState:
    return next(q for q in event.quantities if q.measure == "killed")


def test_an_exchange_moves_from_planned_to_agreed_to_occurred() -> None:
    desk = Desk()
    desk.take(
        batch(article("a", "one.example", "2025-05-20"), says("prisoner-exchange", "planned", SWAP)),
        batch(article("b", "two.example", "2025-05-27"), says("prisoner-exchange", "agreed", SWAP)),
        batch(
            article("c", "three.example", "2025-06-03"),
            says("prisoner-exchange", "occurred", SWAP, time="2025-06-02"),
        ),
    )
    (event,) = desk.live()
    assert [move.status for move in event.status_history] == ["planned", "agreed", "occurred"]
    assert (event.status, event.time.start, event.revision) == ("occurred", "2025-06-02", 3)
    assert event.codes.plover == "CONCEDE"
    assert desk.kinds(event.id).count("status-changed") == 2


def test_a_denied_visit_is_not_revived_by_the_claim_it_repeats() -> None:
    desk = Desk()
    who = ("source=Ferenc Varga/HUN/GOV", "target=TUR")
    desk.take(
        batch(article("a", "one.example", "2025-05-20"), says("visit", "planned", who, where="TUR")),
        batch(
            article("b", "two.example", "2025-05-21"),
            says("visit", "denied", who, where="TUR"),
            says("visit", "planned", who, where="TUR"),
        ),
        batch(article("c", "three.example", "2025-05-22"), says("visit", "considered", who, where="TUR")),
    )
    (event,) = desk.live()
    assert event.status == "denied"
    assert [move.status for move in event.status_history] == ["planned", "denied"]


def test_a_summit_is_called_off() -> None:
    desk = Desk()
    desk.take(
        batch(
            article("a", "one.example", "2025-05-20"),
            says("meeting", "planned", ("KEN", "UGA"), where="Nairobi", time="2025-05-28"),
        ),
        batch(article("b", "two.example", "2025-05-25"), says("meeting", "cancelled", ("KEN", "UGA"), where="Nairobi")),
    )
    (event,) = desk.live()
    assert event.status == "cancelled"


def toll(name: str, source: str, hour: str, dead: float, by: str) -> list[event_pb2.Mention]:
    return [
        says("transport-accident", "occurred", where="IDN", time="2025-05-20", killed=dead, by=by,
             sentence=f"{dead:.0f} died when the ferry Bintang Selatan capsized off Kendari, rescuers said")
    ]  # fmt: skip


def test_a_toll_rises_and_two_authorities_disagree() -> None:
    desk = Desk()
    told = [
        ("a", "wire.example", "2025-05-20T06:00", 12, "rescue officials"),
        ("b", "strait.example", "2025-05-20T08:00", 19, "rescue agency"),
        ("c", "wire.example", "2025-05-20T10:00", 23, "rescue agency"),
    ]
    for name, source, hour, dead, by in told:
        desk.take(batch(article(name, source, hour), *toll(name, source, hour, dead, by)))
    (event,) = desk.live()
    assert "contradicted" not in desk.kinds(event.id)
    assert (killed(event).latest.value, killed(event).low, killed(event).high) == (23, 19, 23)

    harbour = toll("d", "harbour.example", "2025-05-20T11:00", 27, "Red Crescent")
    (event,) = desk.take(batch(article("d", "harbour.example", "2025-05-20T11:00"), *harbour))
    change = next(c for c in event.changes if c.kind == "contradicted")
    assert change.fields[0].field == "quantities.killed"
    assert (killed(event).low, killed(event).high) == (19, 27)
    assert {r.source_domain: r.quantity.value for r in killed(event).reports} == {
        "wire.example": 23, "strait.example": 19, "harbour.example": 27,
    }  # fmt: skip

    (event,) = desk.take(
        batch(article("e", "wire.example", "2025-05-20T15:00"), *toll("e", "wire", "", 27, "rescue agency"))
    )
    assert killed(event).latest.value == 27
    assert "contradicted" not in [c.kind for c in event.changes]


def test_two_fires_in_two_cities_on_one_day_stay_two() -> None:
    desk = Desk()
    for name, source, city, dead in (
        ("a", "wire.example", "Porto", 5),
        ("b", "wire.example", "Bursa", 8),
        ("c", "post.example", "Porto", 5),
        ("d", "gazette.example", "Bursa", 8),
    ):
        told = says(
            "fire", "occurred", where=city, time="2025-05-20", killed=dead,
            sentence=f"A fire at a factory on the outskirts of {city} killed workers of the night shift",
        )  # fmt: skip
        desk.take(batch(article(name, source, "2025-05-20", title="Fire at factory kills workers"), told))
    assert sorted((e.place.name, len(e.independent_sources)) for e in desk.live()) == [("Bursa", 2), ("Porto", 2)]


def test_six_outlets_tell_one_ceasefire() -> None:
    desk = Desk()
    for number in range(6):
        told = says(
            "ceasefire",
            "occurred",
            ("UGA", "org:Northern Front"),
            time="2025-05-20",
            sentence=f"Truce, version {number}",
        )
        desk.take(batch(article(f"a{number}", f"outlet{number}.example", "2025-05-20"), told))
    (event,) = desk.live()
    assert len(event.independent_sources) == 6
    assert desk.kinds(event.id) == ["created"] + ["corroborated"] * 5
    assert event.confidence == 0.99


def test_a_background_sentence_of_may_joins_the_release_of_february() -> None:
    desk = Desk()
    (first,) = desk.take(
        batch(
            article("b", "wire.example", "2025-02-12"),
            says("release", "occurred", ("target=Marc Fogel/USA", "source=RUS"), time="2025-02-11"),
        )
    )
    (second,) = desk.take(
        batch(
            article("a", "mail.example", "2025-05-27"),
            says("release", "occurred", ("target=Fogel/USA", "USA", "RUS"), time="2025-02"),
        )
    )
    assert first.id == second.id
    assert (second.time.start, second.participants[0].entity.name) == ("2025-02-11", "Marc Fogel")


def test_exchanges_of_the_same_parties_months_apart_stay_two() -> None:
    desk = Desk()
    occurred = says(
        "prisoner-exchange", "occurred", (*SWAP, "Marc Fogel/USA", "Alexander Vinnik/RUS"), time="2025-02-11"
    )
    agreed = says(
        "prisoner-exchange", "agreed", (*SWAP, "Vladimir Putin/RUS/GOV", "Donald Trump/USA/GOV"), time="2025-05-27"
    )
    other = says("prisoner-exchange", "occurred", ("RUS", "UKR"), time="2025-05-23")
    desk.take(
        batch(article("b", "wire.example", "2025-02-12"), occurred),
        batch(article("a", "mail.example", "2025-05-27"), agreed, other),
    )
    assert len(desk.live()) == 3
    backwards = Desk()
    backwards.take(
        batch(article("a", "mail.example", "2025-05-27"), agreed, other),
        batch(article("b", "wire.example", "2025-02-12"), occurred),
    )
    assert len(backwards.live()) == 3


def test_calls_of_one_president_with_two_others_stay_two() -> None:
    desk = Desk()
    putin, trump, biden = "Vladimir Putin/RUS/GOV", "Donald Trump/USA/GOV", "Joe Biden/USA/GOV"
    for biden_time in ("2022-02", ""):
        desk.take(
            batch(
                article(f"b{biden_time}", "wire.example", "2025-02-12"),
                says("phone-call", "occurred", (putin, trump), time="2025-02-12"),
                says("phone-call", "occurred", (putin, biden), time=biden_time),
            )
        )
    assert all(
        not {"Donald Trump", "Joe Biden"} <= {p.entity.name for p in event.participants} for event in desk.live()
    )


def test_arrests_of_different_people_in_one_country_stay_apart() -> None:
    desk = Desk()
    for person in ("Gordon Black/USA", "Marc Fogel/USA", "Ksenia Karelina/USA"):
        desk.take(
            batch(
                article(person, "wire.example", "2025-05-27", story="s"),
                says("arrest", "occurred", (f"target={person}", "source=RUS"), where="RUS"),
            )
        )
    assert len(desk.live()) == 3


def test_sanctions_of_two_countries_on_one_company_stay_two() -> None:
    desk = Desk()
    for country in ("USA", "CAN"):
        told = says(
            "sanctions", "occurred", (f"source={country}", "target=org:Blue Anchor Shipping"), time="2025-05-20",
            sentence="sanctions on the shipping group over grain transports and forged papers",
        )  # fmt: skip
        desk.take(batch(article(country, "wire.example", "2025-05-20", story="s"), told))
    assert len(desk.live()) == 2


def test_a_correction_changes_the_figure_and_adds_no_source() -> None:
    desk = Desk()
    first = article("a", "post.example", "2025-05-20T08:00")
    (before,) = desk.take(batch(first, *toll("a", "post.example", "", 21, "police")))
    second = article("a", "post.example", "2025-05-20T09:00", revision=2)
    (after,) = desk.take(batch(second, *toll("a", "post.example", "", 12, "police"), supersedes=first.id))
    assert after.id == before.id
    assert (list(after.independent_sources), after.evidence_total, after.revision) == (["post.example"], 1, 2)
    assert (killed(after).latest.value, killed(after).high) == (12, 12)
    assert [c.kind for c in after.changes] == ["detail-changed"]
    assert [e.article_id for e in after.evidence] == [second.id]


def test_what_a_revision_no_longer_says_is_retracted() -> None:
    desk = Desk()
    first = article("a", "post.example", "2025-05-20T08:00")
    desk.take(batch(first, *toll("a", "post.example", "", 21, "police")))
    second = article("a", "post.example", "2025-05-20T09:00", revision=2)
    (after,) = desk.take(batch(second, topic="disaster-accident-emergency", supersedes=first.id))
    assert after.retracted
    assert [c.kind for c in after.changes] == ["retracted"]
    assert not desk.live()
    assert not [key for key in desk.stored if key.startswith("e:")]


def test_a_withdrawn_report_leaves_the_others_standing() -> None:
    desk = Desk()
    first = article("a", "post.example", "2025-05-20T08:00")
    desk.take(batch(first, *toll("a", "post.example", "", 21, "police")))
    desk.take(batch(article("b", "wire.example", "2025-05-20T08:30"), *toll("b", "wire.example", "", 12, "police")))
    second = article("a", "post.example", "2025-05-20T09:00", revision=2)
    (after,) = desk.take(batch(second, topic="disaster-accident-emergency", supersedes=first.id))
    assert list(after.independent_sources) == ["wire.example"]
    assert (killed(after).low, killed(after).high) == (12, 12)


def test_a_revision_that_overtakes_its_first_text_counts_alone() -> None:
    desk = Desk()
    first = article("a", "post.example", "2025-05-20T08:00")
    second = article("a", "post.example", "2025-05-20T09:00", revision=2)
    desk.take(
        batch(second, *toll("a", "post.example", "", 12, "police"), supersedes=first.id),
        batch(first, *toll("a", "post.example", "", 21, "police")),
    )
    (event,) = desk.live()
    assert killed(event).latest.value == 12


def test_events_founded_apart_become_one_when_a_report_names_both() -> None:
    desk = Desk()
    (older,) = desk.take(
        batch(
            article("a", "one.example", "2025-05-20"),
            says("arrest", "occurred", ("target=Rusdi Mappanyompa", "source=org:Harbour Police"), time="2025-05-20"),
        )
    )
    # Its report knows neither the name nor the police, only the town, the day and the story's words.
    words = "captain ferry detained negligence mortuary lifejackets"
    (younger,) = desk.take(
        batch(
            article("b", "two.example", "2025-05-20", story="s"),
            says("arrest", "occurred", where="Porto", time="2025-05-20", sentence=words),
        )
    )
    assert older.id != younger.id
    desk.take(
        batch(
            article("c", "three.example", "2025-05-21", story="s"),
            says(
                "arrest", "occurred", ("target=Rusdi Mappanyompa", "source=org:Harbour Police"),
                time="2025-05-20", where="Porto", sentence=words,
            ),
        ),
    )  # fmt: skip
    (event,) = desk.live()
    assert event.id == older.id
    assert desk.events[younger.id].merged_into == older.id
    assert "merged" in desk.kinds(older.id)
    assert desk.kinds(younger.id)[-1] == "merged"
    # The younger one's id goes on standing for the event: a copy of its article counts there.
    (copied,) = desk.take(
        batch(
            article("e", "four.example", "2025-05-21"),
            topic="crime-law-justice",
            copy_of=article("b", "two.example", "2025-05-20").id,
        )
    )
    assert (copied.id, copied.copies) == (older.id, 1)


def test_copies_count_once_and_are_no_sources() -> None:
    desk = Desk()
    original = article("a", "wire.example", "2025-05-20T08:00")
    desk.take(batch(original, *toll("a", "wire.example", "", 12, "police")))
    notice = batch(
        article("b", "gazette.example", "2025-05-20T09:00"), topic="disaster-accident-emergency", copy_of=original.id
    )
    desk.take(notice, notice)
    (event,) = desk.live()
    assert (event.copies, list(event.independent_sources)) == (1, ["wire.example"])
    assert [c.kind for c in event.changes] == ["detail-changed"]
    assert event.changes[0].fields[0].field == "copies"


def test_events_of_one_story_about_the_same_country_are_related() -> None:
    desk = Desk()
    (crash,) = desk.take(
        batch(
            article("a", "one.example", "2025-05-20", story="ferry"),
            says("arrest", "occurred", ("target=Rusdi Mappanyompa/IDN",), where="IDN"),
        )
    )
    (charge,) = desk.take(
        batch(
            article("b", "two.example", "2025-05-21", story="ferry"),
            says("charge", "occurred", ("target=Rusdi Mappanyompa/IDN",), where="IDN"),
        )
    )
    assert [(r.event_id, r.relation) for r in charge.related] == [(crash.id, "same-story")]


def test_a_correction_takes_back_the_status_and_the_toll_that_it_no_longer_tells() -> None:
    desk = Desk()
    first = article("a", "post.example", "2025-05-20T08:00")
    said = says("meeting", "occurred", ("RUS", "USA"), killed=3)
    desk.take(batch(article("b", "wire.example", "2025-05-20T07:00"), says("meeting", "planned", ("RUS", "USA"))))
    (event,) = desk.take(batch(first, said))
    assert [move.status for move in event.status_history] == ["planned", "occurred"]
    assert len(event.quantities) == 1
    second = article("a", "post.example", "2025-05-20T09:00", revision=2)
    (event,) = desk.take(batch(second, says("meeting", "planned", ("RUS", "USA")), supersedes=first.id))
    assert [move.status for move in event.status_history] == ["planned"]
    assert (event.status, len(event.quantities)) == ("planned", 0)
    assert event.status_history[0].source.domain == "wire.example"


@pytest.mark.parametrize("late", [False, True])
def test_a_revision_that_repeats_a_claim_does_not_make_it_younger(late: bool) -> None:
    desk = Desk()
    first = article("a", "post.example", "2025-05-20T06:00")
    second = article("a", "post.example", "2025-05-20T09:00", revision=2)
    other = batch(article("b", "wire.example", "2025-05-20T07:00"), says("meeting", "planned", ("RUS", "USA")))
    original = batch(first, says("meeting", "planned", ("RUS", "USA")))
    revision = batch(second, says("meeting", "planned", ("RUS", "USA")), supersedes=first.id)
    for message in (other, revision, original) if late else (original, other, revision):
        desk.take(message)
    (event,) = desk.live()
    assert [origin.name for origin in event.origins] == ["post.example", "wire.example"]
    assert event.origins[0].first_told_at == first.published_at
    assert event.status_history[0].told_at == first.published_at
    assert event.status_history[0].source.domain == "post.example"


def test_the_talks_of_may_do_not_take_in_those_agreed_in_february_because_one_man_holds_both() -> None:
    desk = Desk()
    trump, putin = "party=Donald Trump/USA/GOV", "party=Vladimir Putin/RUS/GOV"
    february = says("negotiations", "agreed", (trump, putin), where="UKR")
    offered = says("negotiations", "considered", (trump,))
    held = says("negotiations", "occurred", (trump,), where="UKR", time="2025-05-26")
    (agreed,) = desk.take(batch(article("a", "one.example", "2025-02-12"), february))
    desk.take(batch(article("b", "two.example", "2025-05-27"), offered, held))
    assert len(desk.live()) == 2
    assert len(desk.events[agreed.id].evidence) == 1


def test_talks_of_may_do_not_carry_out_what_was_agreed_in_february_for_one_name_in_common() -> None:
    agreed = batch(
        article("a", "wire.example", "2025-02-12"),
        says("negotiations", "agreed", ("Ferenc Varga/HUN", "Ann Oyelaran/UGA"), sentence="They will begin to talk"),
    )
    ongoing = batch(
        article("b", "mail.example", "2025-05-27"),
        says("negotiations", "ongoing", ("Ferenc Varga/HUN",), time="2025-05-26", sentence="Varga is at the table"),
    )
    for order in ((agreed, ongoing), (ongoing, agreed)):
        desk = Desk()
        desk.take(*order)
        assert len(desk.live()) == 2


def test_the_day_a_deal_was_cleared_does_not_contradict_the_day_it_was_agreed() -> None:
    desk = Desk()
    sides = ("source=org:Nordhavn Line", "target=org:Castellan Shipping")
    words = "takeover carriers ships fleet"
    desk.take(
        batch(
            article("a", "one.example", "2025-03-10"),
            says("merger", "agreed", sides, time="2025-03-10", sentence=words),
        ),
        batch(
            article("b", "two.example", "2025-04-18"),
            says("merger", "agreed", (*sides, "source=org:Trade Commission"), time="2025-04-18", sentence=words),
        ),
        batch(
            article("c", "three.example", "2025-05-06"),
            says("merger", "occurred", sides, time="2025-05-05", sentence=words),
        ),
    )
    (event,) = desk.live()
    assert [move.status for move in event.status_history] == ["agreed", "occurred"]
    assert "contradicted" not in desk.kinds(event.id)


def test_a_contradiction_is_told_once_and_stands_in_the_state_from_then_on() -> None:
    desk = Desk()
    for number, day in enumerate(("2025-03-04", "2025-03-04", "2025-03-09", "2025-03-09")):
        told = says("arrest", "occurred", ("target=Ida Lund", "source=org:Coast Guard"), where="Hamburg", time=day)
        desk.take(batch(article(f"a{number}", f"{number}.example", "2025-03-10"), told))
        (event,) = desk.live()
        held = [change for change in desk.changes if change.kind == "contradicted"]
        assert len(held) == len(event.contradictions) == (number > 1)
    (change,) = held
    assert [(each.field, "2025-03-04" in each.before, "2025-03-09" in each.after) for each in change.fields] == [
        ("time", True, True)
    ]


def test_who_only_denies_what_happened_bears_it_out_for_nobody() -> None:
    desk = Desk()
    who = ("source=UGA", "target=org:Ennedi Front")
    claim = says("strike", "occurred", who, where="UGA", time="2025-05-20", sentence="jets struck a camp at dawn")
    denial = says("strike", "denied", who, where="UGA", time="2025-05-20", sentence="no jets struck a camp at dawn")
    denial.attribution.entity.CopyFrom(entity("org:Camp Council"))
    desk.take(batch(article("a", "one.example", "2025-05-20T06:00"), claim))
    sure = desk.live()[0].confidence
    desk.take(batch(article("b", "two.example", "2025-05-20T08:00"), denial))
    (event,) = desk.live()
    assert (event.status, list(event.independent_sources), event.confidence) == ("occurred", ["one.example"], sure)
    assert [each.name for each in event.origins] == ["one.example", "two.example"]
    assert desk.kinds(event.id) == ["created", "contradicted"]
    desk.take(batch(article("c", "two.example", "2025-05-20T10:00"), claim))
    assert list(desk.live()[0].independent_sources) == ["one.example", "two.example"]
    assert desk.kinds(event.id)[-1] == "corroborated"


@pytest.mark.parametrize("end", ["denied", "cancelled"])
def test_what_is_off_is_borne_out_by_those_who_say_so_and_not_by_those_who_announced_it(end: str) -> None:
    desk = Desk()
    who = ("source=Ferenc Varga/HUN/GOV", "target=TUR")
    plan = says("visit", "planned", who, where="TUR", confidence=0.9)
    off = says("visit", end, who, where="TUR", confidence=0.6)
    desk.take(*(batch(article(f"a{n}", f"{n}.example", f"2025-05-20T0{n}:00"), plan) for n in range(4)))
    desk.take(batch(article("b", "ministry.example", "2025-05-21"), off))
    (event,) = desk.live()
    assert (event.status, list(event.independent_sources), event.confidence) == (end, ["ministry.example"], 0.6)
    assert [each.name for each in event.origins] == [*(f"{n}.example" for n in range(4)), "ministry.example"]
    desk.take(batch(article("c", "late.example", "2025-05-21T05:00"), plan))
    assert list(desk.live()[0].independent_sources) == ["ministry.example"]
    desk.take(batch(article("d", "0.example", "2025-05-21T06:00"), off))
    (event,) = desk.live()
    assert list(event.independent_sources) == ["0.example", "ministry.example"]
    told = [kind for kind in desk.kinds(event.id) if kind != "contradicted"]
    assert told == ["created", *["corroborated"] * 3, "status-changed", "corroborated"]


def test_when_the_status_turns_the_sources_turn_with_it_and_nothing_is_corroborated() -> None:
    desk = Desk()
    who = ("source=Ferenc Varga/HUN/GOV", "target=TUR")
    desk.take(
        batch(article("a", "one.example", "2025-05-20"), says("visit", "planned", who, where="TUR")),
        batch(article("b", "two.example", "2025-05-21"), says("visit", "denied", who, where="TUR")),
        batch(article("c", "three.example", "2025-05-23"), says("visit", "occurred", who, where="TUR")),
    )
    (event,) = desk.live()
    assert (event.status, list(event.independent_sources)) == ("occurred", ["one.example", "three.example"])
    turns = [
        {field.field: (field.before, field.after) for field in change.fields}
        for change in desk.changes
        if change.kind == "status-changed"
    ]
    assert turns == [
        {"status": ('"planned"', '"denied"'), "independent_sources": ('["one.example"]', '["two.example"]')},
        {
            "status": ('"denied"', '"occurred"'),
            "independent_sources": ('["two.example"]', '["one.example","three.example"]'),
        },
    ]
    assert "corroborated" not in desk.kinds(event.id)
