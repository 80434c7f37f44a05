"""What reports say that cannot all be right stands side by side, with who says it."""

from __future__ import annotations

import pytest

from services.contracts.dateline.v1 import event_pb2
from services.linker.merge import merge
from services.linker.report import Report
from tests.unit.linker.newsdesk import article, batch, entity, says


def event(*told: tuple[str, str, event_pb2.Mention]) -> event_pb2.Event:
    """What (source, time, mention) make, in whatever order."""
    reports = []
    for number, (source, when, mention) in enumerate(told):
        value = batch(article(f"a{number}", source, when), mention).value
        assert isinstance(value, event_pb2.MentionBatch)
        reports.append(Report(number, value.mentions[0]))
    state = merge(reports, {})
    assert merge(reports[::-1], {}) == state, "the order of arrival has no part in it"
    return state


def stated(state: event_pb2.Event) -> dict[str, list[tuple[str, list[str]]]]:
    return {c.field: [(value.text, list(value.sources)) for value in c.values] for c in state.contradictions}


def by_country(mention: event_pb2.Mention, country: str) -> event_pb2.Mention:
    mention.attribution.text = country
    mention.attribution.entity.CopyFrom(entity(country))
    return mention


def test_who_says_it_happened_and_who_denies_it() -> None:
    state = event(
        ("one.example", "2025-05-20T08:00", says("strike", "occurred", ("source=RUS", "target=UKR"), where="Odesa")),
        ("two.example", "2025-05-20T09:00", by_country(says("strike", "denied", ("source=RUS",)), "RUS")),
        ("six.example", "2025-05-20T10:00", says("strike", "occurred", ("source=RUS",), where="Odesa")),
    )
    assert state.status == "occurred"
    assert stated(state) == {
        "status": [("occurred", ["one.example", "six.example"]), ("denied", ["two.example"])],
    }
    (shown, denied) = state.contradictions[0].values
    assert (shown.shown, denied.shown) == (True, False)
    assert denied.value == '"denied"'
    assert denied.article_url == "https://two.example/a1"
    assert {shown.mention_id, denied.mention_id} <= {e.mention_id for e in state.evidence}


def test_a_denied_plan_keeps_who_reported_it() -> None:
    state = event(
        ("one.example", "2025-05-20T08:00", says("visit", "planned", ("source=CAN", "target=TUR"))),
        ("two.example", "2025-05-20T09:00", by_country(says("visit", "denied", ("source=CAN", "target=TUR")), "CAN")),
    )
    assert stated(state) == {"status": [("denied", ["two.example"]), ("planned", ["one.example"])]}


def test_a_plan_called_off_is_no_contradiction() -> None:
    state = event(
        ("one.example", "2025-05-20T08:00", says("visit", "planned", ("source=CAN",))),
        ("two.example", "2025-05-20T09:00", says("visit", "cancelled", ("source=CAN",))),
    )
    assert not state.contradictions


def test_the_place_most_sources_give_is_shown_with_the_other_one_beside_it() -> None:
    state = event(
        ("one.example", "2025-05-20T08:00", says("fire", "occurred", where="Lyon")),
        ("two.example", "2025-05-20T09:00", says("fire", "occurred", where="Porto")),
        ("six.example", "2025-05-20T10:00", says("fire", "occurred", where="PRT")),
    )
    assert state.place.name == "Porto"
    assert stated(state)["place"] == [
        ("Porto, Portugal", ["two.example", "six.example"]),
        ("Lyon, France", ["one.example"]),
    ]


def test_a_place_that_the_sentence_does_not_name_contradicts_nothing() -> None:
    written_in = says("fire", "occurred", where="Lyon")
    written_in.place.origin = "dateline"
    state = event(
        ("one.example", "2025-05-20T08:00", written_in),
        ("two.example", "2025-05-20T09:00", says("fire", "occurred", where="Porto")),
        ("six.example", "2025-05-20T10:00", says("fire", "occurred", where="Porto")),
    )
    assert not state.contradictions


def test_two_days_for_one_fact() -> None:
    state = event(
        ("one.example", "2025-05-20T08:00", says("fire", "occurred", where="Porto", time="2025-05-19")),
        ("two.example", "2025-05-20T09:00", says("fire", "occurred", where="Porto", time="2025-05-16")),
        ("six.example", "2025-05-20T10:00", says("fire", "occurred", where="Porto", time="2025-05-19")),
    )
    assert stated(state) == {
        "time": [("2025-05-19", ["one.example", "six.example"]), ("2025-05-16", ["two.example"])],
    }


def test_a_plan_put_off_is_news_and_no_contradiction() -> None:
    state = event(
        ("one.example", "2025-05-20T08:00", says("meeting", "planned", time="2025-05-28")),
        ("two.example", "2025-05-21T09:00", says("meeting", "planned", time="2025-06-02")),
    )
    assert not state.contradictions


def test_who_did_it_by_each_side() -> None:
    state = event(
        ("one.example", "2025-05-20T08:00", by_country(says("strike", "occurred", ("source=RUS",)), "UKR")),
        ("two.example", "2025-05-20T09:00", by_country(says("strike", "occurred", ("source=UKR",)), "RUS")),
        ("six.example", "2025-05-20T10:00", says("strike", "occurred", ("source=RUS",))),
    )
    assert stated(state) == {
        "participants.source": [("Russia", ["one.example", "six.example"]), ("Ukraine", ["two.example"])],
    }


@pytest.mark.parametrize(
    ("event_type", "together"), [("strike", ("source=RUS", "source=UKR")), ("sanctions", ("source=RUS",))]
)
def test_several_may_have_done_it(event_type: str, together: tuple[str, ...]) -> None:
    state = event(
        ("one.example", "2025-05-20T08:00", says(event_type, "occurred", ("source=RUS",))),
        ("two.example", "2025-05-20T09:00", says(event_type, "occurred", ("source=UKR",))),
        ("six.example", "2025-05-20T10:00", says(event_type, "occurred", together)),
    )
    assert not state.contradictions


def test_the_toll_more_sources_agree_on_is_shown() -> None:
    state = event(
        ("one.example", "2025-05-20T08:00", says("fire", "occurred", killed=15, qualifier="at_least")),
        ("two.example", "2025-05-20T09:00", says("fire", "occurred", killed=15)),
        ("six.example", "2025-05-20T10:00", says("fire", "occurred", killed=12)),
    )
    assert stated(state) == {
        "quantities.killed": [("15", ["two.example"]), ("12", ["six.example"])],
    }
    (killed,) = state.quantities
    assert (killed.latest.value, killed.low, killed.high) == (15, 12, 15)


@pytest.mark.parametrize(("value", "qualifier"), [(14, "at_least"), (20, "up_to"), (10, "more_than")])
def test_a_bound_that_holds_of_an_exact_toll_takes_nothing_back_from_it(value: int, qualifier: str) -> None:
    state = event(
        ("one.example", "2025-05-20T08:00", says("fire", "occurred", killed=15)),
        ("two.example", "2025-05-20T09:00", says("fire", "occurred", killed=value, qualifier=qualifier)),
    )
    assert not state.contradictions
    (killed,) = state.quantities
    assert (killed.latest.value, killed.low, killed.high) == (15, min(15, value), max(15, value))


@pytest.mark.parametrize(("value", "qualifier"), [(15, "more_than"), (23, "at_least")])
def test_a_bound_above_an_exact_toll_is_the_newer_one(value: int, qualifier: str) -> None:
    state = event(
        ("one.example", "2025-05-20T08:00", says("fire", "occurred", killed=15)),
        ("two.example", "2025-05-20T19:00", says("fire", "occurred", killed=value, qualifier=qualifier)),
    )
    assert (state.quantities[0].latest.value, state.quantities[0].latest.qualifier) == (value, qualifier)


def test_a_toll_that_rises_is_news_and_no_contradiction() -> None:
    state = event(
        ("one.example", "2025-05-20T08:00", says("fire", "occurred", killed=12, qualifier="at_least")),
        ("two.example", "2025-05-20T19:00", says("fire", "occurred", killed=15)),
    )
    assert not state.contradictions
    assert state.quantities[0].latest.value == 15
