"""What speaks for and against a mention and an event being one."""

from __future__ import annotations

from itertools import combinations

import pytest

from services.contracts.dateline.v1 import event_pb2
from services.linker import profile
from services.linker import weights as w
from services.linker.gist import mention_gist
from services.linker.profile import Profile
from services.linker.score import Rarity, Score, score, specificity
from tests.unit.linker.newsdesk import article, batch, says
from tests.unit.linker.newsstream import stream

RARE = Rarity(lambda key: 1, lambda word: 0)


def facts(mention: event_pb2.Mention, told: str = "2025-05-20") -> Profile:
    value = batch(article("a", "one.example", told), mention).value
    assert isinstance(value, event_pb2.MentionBatch)
    (placed,) = value.mentions
    return profile.of_mention(placed, profile.mention_words(placed))


def compare(
    one: event_pb2.Mention, other: event_pb2.Mention, told: str = "2025-05-20", then: str = "2025-05-20"
) -> Score:
    return score(facts(one, told), facts(other, then), RARE, same_article=False, repeated=False)


def test_a_surname_alone_meets_the_full_name() -> None:
    found = compare(says("arrest", "occurred", ("target=Fogel",)), says("arrest", "occurred", ("target=Marc Fogel",)))
    assert found.participants == w.PERSON


def test_a_name_that_many_events_have_says_less() -> None:
    assert specificity(1) == 1
    assert specificity(1_000) == pytest.approx(0.5)
    assert specificity(10) > specificity(100) > specificity(1_000_000) > 0.3


def test_a_different_person_arrested_is_a_different_arrest() -> None:
    found = compare(
        says("arrest", "occurred", ("target=Gordon Black", "source=RUS")),
        says("arrest", "occurred", ("target=Marc Fogel", "source=RUS")),
    )
    assert found.participants < w.LINK_AT - 4


def test_who_acts_on_whom_matters() -> None:
    straight = says("strike", "occurred", ("source=RUS", "target=UKR"))
    assert compare(straight, straight).participants > 0
    swapped = compare(straight, says("strike", "occurred", ("source=UKR", "target=RUS")))
    assert swapped.participants < compare(straight, straight).participants + w.SWAPPED / 2


@pytest.mark.parametrize(
    ("one", "other", "counts"),
    [
        (("admin1", "Aurora"), ("admin1", "Aurora"), w.SAME_AREA),
        (("admin1", "Aurora"), ("admin1", "Isabela"), w.OTHER_AREA),
        (("region", "Luzon"), ("region", "Mindanao"), w.OTHER_AREA),
        (("region", "Luzon"), ("admin1", "Aurora"), w.SAME_PLACE_COUNTRY),
    ],
)
def test_a_region_may_hold_a_division(one: tuple[str, str], other: tuple[str, str], counts: float) -> None:
    def storm(precision: str, name: str) -> event_pb2.Mention:
        mention = says("storm", "occurred")
        mention.place.CopyFrom(event_pb2.Place(text=name, name=name, country="PHL", precision=precision))
        return mention

    assert compare(storm(*one), storm(*other)).place == counts


def test_two_towns_are_two_places_and_suburbs_one() -> None:
    porto, bursa = says("fire", "occurred", where="Porto"), says("fire", "occurred", where="Bursa")
    suburb = says("fire", "occurred", where="Porto")
    suburb.place.name = suburb.place.text = "Gaia"
    suburb.place.lat += 0.05
    assert compare(porto, porto).place == w.SAME_CITY + w.SAME_PLACE_COUNTRY
    assert compare(porto, bursa).place <= w.OTHER_PLACE_COUNTRY
    assert compare(porto, suburb).place == w.NEAR_CITY


@pytest.mark.parametrize(
    ("one", "other", "told", "then", "fits"),
    [
        (("occurred", "2025-05-20"), ("occurred", "2025-05-20"), "2025-05-20", "2025-05-20", True),
        (("occurred", "2025-02"), ("occurred", "2025-02-11"), "2025-05-27", "2025-02-12", True),
        (("occurred", "2025-05-20"), ("occurred", "2025-05-23"), "2025-05-23", "2025-05-20", False),
        (("occurred", "2025-05-28"), ("planned", "2025-05-28"), "2025-05-28", "2025-05-20", True),
        (("occurred", "2024-05-28"), ("planned", "2025-05-28"), "2025-05-20", "2025-05-20", False),
        (("agreed", ""), ("occurred", "2025-02-11"), "2025-05-27", "2025-02-12", False),
        (("occurred", ""), ("agreed", ""), "2025-06-03", "2025-05-27", True),
        (("occurred", ""), ("agreed", ""), "2026-02-03", "2025-05-27", False),
        (("denied", ""), ("planned", ""), "2025-05-29", "2025-05-27", True),
        (("denied", ""), ("planned", ""), "2025-09-29", "2025-05-27", False),
    ],
)
def test_times_fit_or_do_not(one: tuple[str, str], other: tuple[str, str], told: str, then: str, fits: bool) -> None:
    mention = says("prisoner-exchange", one[0], ("RUS", "USA"), time=one[1])
    event = says("prisoner-exchange", other[0], ("RUS", "USA"), time=other[1])
    assert (compare(mention, event, told, then).time > -0.6) is fits


def test_a_headline_does_not_tie_the_events_of_an_article_together() -> None:
    words = [
        profile.mention_words(says("arrest", "occurred", sentence=sentence))
        for sentence in ("Detectives seized ledgers", "Divers reached the wreck")
    ]
    assert not set(words[0]) & set(words[1])


def test_figures_far_apart_speak_against_one_event() -> None:
    few, many = says("fire", "occurred", killed=3), says("fire", "occurred", killed=80)
    assert compare(few, few).amounts == w.SAME_AMOUNT
    assert compare(few, many).amounts == w.OTHER_AMOUNT


def test_a_surname_taken_for_a_body_is_no_other_person() -> None:
    full = compare(
        says("meeting", "planned", ("Corazon Reyes", "Quoc Hung")), says("meeting", "planned", ("Corazon Reyes",))
    )
    body = compare(
        says("meeting", "planned", ("org:Reyes", "Quoc Hung")), says("meeting", "planned", ("Corazon Reyes",))
    )
    assert body.participants == full.participants > 0


def test_the_same_words_say_less_when_months_lie_between() -> None:
    caught = says("arrest", "occurred", sentence="Warship nabbed pirates aboard a dhow")
    days = ("2025-05-20", "2025-05-30", "2025-06-04", "2025-12-06")
    fits = [compare(caught, caught, then=day).words for day in days]
    assert fits[0] == fits[1] > fits[2] >= fits[3] == w.WORDS_LAST * fits[0] > 0


def test_who_reaches_the_threshold_is_the_same_however_soon_the_others_are_given_up() -> None:
    batches = [item.message.value for item in stream(3, 60, days=20)]
    told = [mention for value in batches if isinstance(value, event_pb2.MentionBatch) for mention in value.mentions]
    profiles = [profile.of_mention(mention, profile.mention_words(mention), mention_gist(mention)) for mention in told]
    reached = 0
    for one, other in combinations(profiles, 2):
        if one.type != other.type:
            continue
        whole = score(one, other, RARE, same_article=False, repeated=False).total
        soon = score(one, other, RARE, same_article=False, repeated=False, least=w.LINK_AT).total
        assert (soon >= w.LINK_AT) == (whole >= w.LINK_AT)
        reached += whole >= w.LINK_AT
    assert reached > 100
