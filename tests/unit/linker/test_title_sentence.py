"""A sentence that tells an event is cut to a headline that is as true, and left alone where it does not read."""

from __future__ import annotations

import pytest

from services.contracts.dateline.v1 import event_pb2
from services.linker.title_length import LONGEST
from services.linker.title_sentence import Cut, cut
from tests.unit.linker.newsdesk import entity


def mention(sentence: str, *who: str, said_by: str = "") -> event_pb2.Mention:
    """A mention; words in brackets name the event. ``who`` lists "role=text>name", as newsdesk names them."""
    first, last = sentence.index("["), sentence.index("]")
    made = event_pb2.Mention(sentence=sentence.replace("[", "").replace("]", ""), type="arrest", status="occurred")
    made.sentence_span.start, made.sentence_span.end = 40, 40 + len(made.sentence)
    made.trigger_span.start, made.trigger_span.end = 40 + first, 40 + last - 1
    for item in who:
        role, _, rest = item.partition("=")
        text, _, name = rest.partition(">")
        made.participants.add(role=role, text=text, entity=entity(name or text))
    if said_by:
        made.attribution.text, made.attribution.verb = said_by, "say"
    return made


def shown(sentence: str, *who: str, said_by: str = "") -> str:
    return cut(mention(sentence, *who, said_by=said_by)).text


@pytest.mark.parametrize(
    ("sentence", "headline"),
    [
        ("Guards [shot] at a bus in Porto on Monday evening.", "Guards shot at a bus in Porto"),
        ("Guards late Tuesday [shot] at a bus in Porto.", "Guards shot at a bus in Porto"),
        ("Guards [shot] at a bus in Porto last week.", "Guards shot at a bus in Porto"),
        ("Porto stays [shut] until Monday.", "Porto stays shut until Monday"),
        ("Mourners of Monday's [shooting] in Porto gather.", "Mourners of shooting in Porto gather"),
    ],
)
def test_days_that_only_the_date_of_the_article_explains_are_left_out(sentence: str, headline: str) -> None:
    assert shown(sentence) == headline


@pytest.mark.parametrize(
    ("sentence", "headline"),
    [
        ("Guards [shot] at a bus in Porto, police said on Friday.", "Guards shot at a bus in Porto"),
        ("Guards [shot] at a bus in Porto, according to the mayor.", "Guards shot at a bus in Porto"),
        ("Tugs [freed] the crew, the navy said, but the ship sank.", "Tugs free the crew but the ship sank"),
        ("Police said on Friday that guards [shot] at a bus in Porto.", "Guards shot at a bus in Porto"),
        ("Police said they [shot] at a bus in Porto.", "Police say they shot at a bus in Porto"),
        ("Police confirmed the raid and said guards [shot].", "Police confirmed the raid and said guards shot"),
        ("Police said Friday it [shot] at a bus in Porto.", "Police say it shot at a bus in Porto"),
        ("Police said on Friday it [shot] at a bus in Porto.", "Police say it shot at a bus in Porto"),
    ],
)
def test_who_said_it_is_left_out_where_the_rest_reads_without(sentence: str, headline: str) -> None:
    assert shown(sentence, said_by="police") == headline


@pytest.mark.parametrize(
    ("sentence", "headline"),
    [
        ("Ann Okello, 44, of Porto, [shot] at a bus.", "Ann Okello shot at a bus"),
        ("Ann Okello (a guard) [shot] at a bus.", "Ann Okello shot at a bus"),
        ("Ann Okello, who lives in Porto, [shot] at a bus.", "Ann Okello shot at a bus"),
        ("Ann Okello, hired by the mayor in May, [shot] at a bus.", "Ann Okello shot at a bus"),
        ("Ann Okello [shot] at a bus, which was empty.", "Ann Okello shot at a bus"),
        ("Guards [shot] at a bus, which held people, including two boys, from Porto.", "Guards shot at a bus"),
    ],
)
def test_what_is_told_of_somebody_on_the_side_is_left_out(sentence: str, headline: str) -> None:
    assert shown(sentence) == headline


@pytest.mark.parametrize(
    ("sentence", "headline"),
    [
        ("But Kenya [freed] the twelve sailors.", "Kenya frees the twelve sailors"),
        ("Meanwhile, Kenya [freed] the twelve sailors.", "Kenya frees the twelve sailors"),
        ("After talks in Porto, Kenya [freed] the twelve sailors.", "Kenya frees the twelve sailors"),
        ("The next day, after talks, Kenya [freed] the twelve sailors.", "Kenya frees the twelve sailors"),
        ("When Fogel came, Kenya [freed] the sailors for him.", "Kenya frees the sailors"),
        ("In 2018, Kenya [freed] the twelve sailors.", "Kenya freed the twelve sailors in 2018"),
        ("In Porto, Kenya [freed] the twelve sailors.", "Kenya frees the twelve sailors in Porto"),
        ("A guard [shot] at a bus.", "Guard shot at a bus"),
        ("Kenya has [freed] the twelve sailors.", "Kenya frees the twelve sailors"),
        ("Twelve sailors were [freed] in Porto.", "Twelve sailors freed in Porto"),
        ("Kenya left, and the sailors were [freed].", "Kenya left, and the sailors were freed"),
        ("Kenya will [free] the twelve sailors.", "Kenya to free the twelve sailors"),
        ("Ann Okello tells how she was [freed] in Porto.", "Ann Okello tells how she was freed in Porto"),
        ("Kenya, however, has [freed] the twelve sailors.", "Kenya frees the twelve sailors"),
        ("Kenya has [freed] one and has jailed twelve sailors.", "Kenya has freed one and has jailed twelve sailors"),
    ],
)
def test_headlines_do_without_what_leads_in_and_what_helps(sentence: str, headline: str) -> None:
    assert shown(sentence) == headline


@pytest.mark.parametrize(
    ("sentence", "who", "headline"),
    [
        ("He was [freed] in Porto.", "target=He>Marc Fogel", "Marc Fogel freed in Porto"),
        ("Fogel was [freed] in Porto.", "target=Fogel>Marc Fogel", "Marc Fogel freed in Porto"),
        ("His [arrest] angers Porto.", "target=His>Marc Fogel", "Marc Fogel’s arrest angers Porto"),
        ("He's [held] in Porto jail.", "target=He>Marc Fogel", "Marc Fogel is held in Porto jail"),
        ("Marc Fogel was [freed] in Porto.", "target=Fogel>Marc Fogel", "Marc Fogel freed in Porto"),
    ],
)
def test_names_stand_for_the_pronouns_and_surnames_that_begin_a_sentence(
    sentence: str, who: str, headline: str
) -> None:
    assert shown(sentence, who) == headline


def test_a_relative_clause_that_tells_the_event_becomes_the_headline() -> None:
    sentence = "Many remain, including Marc Fogel, 61, who was [jailed] for fourteen years, and two of his friends."
    assert shown(sentence) == "Marc Fogel jailed for fourteen years"


@pytest.mark.parametrize(
    ("sentence", "headline"),
    [
        (
            "Kenya [rejected] the plea of its neighbour to open the harbour of the lake to all boats that fish there.",
            "Kenya rejects the plea of its neighbour to open the harbour of the lake to all boats that fish there",
        ),
        (
            "Kenya [rejected] the plea of its neighbour to open the harbour to all boats, because nobody had asked it "
            "about the fish.",
            "Kenya rejects the plea of its neighbour to open the harbour to all boats",
        ),
        (
            "Typhoon Ida [struck] the north of the islands with winds of up to 195 km an hour in it, tearing roofs "
            "from houses and trees from the ground.",
            "Typhoon Ida strikes the north of the islands with winds of up to 195 km an hour in it",
        ),
        (
            "Ann Okello [demanded] that the owner of the mill, Lionworks, in the harbour of Porto, let inspectors of "
            "the harbour into its halls.",
            "",
        ),
        (
            "Guards [held] the harbour of Porto, the office of the mayor shut its gates, and boats of all who fish "
            "there left for the sea.",
            "Guards hold the harbour of Porto, the office of the mayor shut its gates",
        ),
        (
            "Kenya's foreign minister will [visit] the old harbour of Porto in June, the first of all the many "
            "ministers of the lake to do so.",
            "Kenya's foreign minister to visit the old harbour of Porto in June",
        ),
        (
            "Ann Okello [called] the mayor of the old harbour town of Porto on the lake to discuss the many new "
            "efforts to end war on it.",
            "Ann Okello called the mayor of the old harbour town of Porto on the lake",
        ),
        (
            "Kenya [rejected] the repeated plea of its southern neighbour that was made in the strongest of terms "
            "with a letter and a call.",
            "Kenya rejects the repeated plea of its southern neighbour that was made in the strongest of terms",
        ),
        (
            "Kenya [freed] the twelve sailors on Friday after talks with its…",
            "Kenya frees the twelve sailors after talks",
        ),
    ],
)
def test_a_long_sentence_ends_with_a_clause_or_a_phrase(sentence: str, headline: str) -> None:
    assert shown(sentence) == headline
    assert len(headline) <= LONGEST


@pytest.mark.parametrize(
    "sentence",
    [
        "We [freed] the twelve sailors in Porto.",
        "They [freed] the twelve sailors in Porto.",
        "Several [freed] the twelve sailors in Porto.",
        "Who [freed] the twelve sailors in Porto?",
        "“Kenya [freed] the twelve sailors.",
        "Kenya [freed] them in the harbour of Porto.",
        "Ann Okello of Porto [called] her “the best”.",
        "After they [freed] the sailors in Porto, the navy left.",
        "When Fogel came, he [freed] the sailors of Porto.",
        "kenya [freed] the twelve sailors in Porto.",
        "Updated 9:41 pm EST Kenya [freed] the twelve sailors.",
        "Kenya [freed].",
    ],
)
def test_a_sentence_that_does_not_read_by_itself_makes_no_headline(sentence: str) -> None:
    assert shown(sentence) == ""


@pytest.mark.parametrize(
    "begun", ["Several sailors were", "Some 400 sailors were", "One sailor was", "All sailors were"]
)
def test_a_number_of_somebody_reads_by_itself(begun: str) -> None:
    assert shown(f"{begun} [freed] in Porto.") != ""


@pytest.mark.parametrize(
    ("sentence", "main"),
    [
        ("Kenya [freed] the sailors after talks.", True),
        ("Kenya agreed that the sailors be [freed].", True),
        ("Talks began when they [freed] the sailors.", False),
        ("Kenya, which [freed] the sailors, began talks.", True),
        ("The boats that Kenya [freed] are old.", False),
        ("Kenya began talks, hoping for [release] of the sailors.", False),
    ],
)
def test_what_a_sentence_tells_in_the_first_place_is_told_from_what_it_says_on_the_side(
    sentence: str, main: bool
) -> None:
    assert cut(mention(sentence), on_the_side=True).main is main
    assert bool(cut(mention(sentence)).text) is main


@pytest.mark.parametrize(
    ("sentence", "headline"),
    [
        (
            "Talks began days after Kenya [freed] the sailors of the lake, who left.",
            "Kenya frees the sailors of the lake",
        ),
        ("When guards [shot] at the bus, its driver stopped, police said.", "Guards shot at the bus"),
        ("Crowds came out as the armies [exchanged] fire for a day.", "Armies exchanged fire for a day"),
        ("Ann Okello left as the guards [stormed] her house.", "Ann Okello left as the guards stormed her house"),
        ("Talks began as absurd and [failed] at once.", "Talks began as absurd and failed at once"),
        ("The envoy left after [freeing] the sailors in Porto.", "Envoy left after freeing the sailors in Porto"),
        ("Talks began when they [freed] the sailors.", "Talks began when they freed the sailors"),
    ],
)
def test_of_what_is_told_on_the_side_its_own_clause_is_the_headline_where_it_reads(
    sentence: str, headline: str
) -> None:
    assert cut(mention(sentence), on_the_side=True).text == headline
    assert shown(sentence) == ""


def test_a_sentence_that_begins_with_the_short_name_of_a_country_points_to_nobody() -> None:
    assert shown("US has [freed] the twelve sailors.") == "US frees the twelve sailors"


def test_what_the_event_led_to_is_told_from_the_event() -> None:
    assert cut(mention("The [dismissal] sparked anger in Porto.")).about
    assert not cut(mention("Kenya [freed] the sailors of Porto.")).about


@pytest.mark.parametrize("date", ["2013-09-26", "09 / 26 / 2013", "Sept. 26, 2013 05:40 PM ET"])
def test_the_date_of_a_page_is_no_part_of_its_first_sentence(date: str) -> None:
    assert shown(f"{date} Kenya [freed] the twelve sailors.") == "Kenya frees the twelve sailors"


def test_somebody_whom_only_the_article_explains_is_not_named() -> None:
    assert not cut(mention("The company [freed] the sailors.")).named
    assert cut(mention("The company of Ann Okello [freed] the sailors.")).named


def test_a_sentence_whose_words_cannot_be_found_makes_no_headline() -> None:
    told = mention("Kenya [freed] the twelve sailors.")
    told.trigger_span.start, told.trigger_span.end = 0, 5
    assert isinstance(cut(told), Cut)
