"""Headlines tell in the present what is sure to have been done by whoever stands before the verb."""

from __future__ import annotations

import pytest

from services.linker.title_marks import OPEN, SHUT
from services.linker.title_tense import present
from tests.unit.linker.test_title_sentence import mention


def told(sentence: str, who: str = "source=Kenya>KEN") -> str:
    """The sentence, whose event the words in brackets name, as the present tells it."""
    marked = sentence.replace("[", OPEN).replace("]", SHUT)
    return present(marked, mention(sentence, who)).replace(OPEN, "").replace(SHUT, "")


@pytest.mark.parametrize(
    ("who", "before", "verb", "shown"),
    [
        ("source=Kenya>KEN", "Kenya ", "freed", "frees"),
        ("source=Kenya>KEN", "Kenya ", "barred", "bars"),
        ("source=Kenya>KEN", "Kenya ", "carried", "carries"),
        ("source=Kenya>KEN", "Kenya ", "took", "takes"),
        ("source=Kenya>KEN", "Kenya ", "cut", "cuts"),
        ("source=Ann Okello", "Minister Ann Okello ", "freed", "frees"),
        ("source=Ann Okello", "The minister, Ann Okello, ", "freed", "frees"),
        ("party=Uganda>UGA", "Kenya and Uganda ", "signed", "sign"),
        ("source=Kenya>KEN", "Officials in Kenya ", "freed", "free"),
        ("source=org:Kenya Police>org:Kenya Police", "Kenya Police ", "freed", "free"),
        ("source=org:Porto Lions>org:Porto Lions", "The Porto Lions ", "signed", "sign"),
        ("source=org:Lionworks>org:Lionworks", "Lionworks ", "signed", "signed"),
        ("target=Ann Okello", "Ann Okello ", "freed", "freed"),
        ("source=his>Ann Okello", "Of his ", "cut", "cut"),
        ("source=Kenya>KEN", "Kenya ", "glarbed", "glarbed"),
        ("source=Kenya>KEN", "Kenya ", "recaptured", "recaptures"),
        ("source=Kenya>KEN", "Kenya flatly ", "rejected", "rejects"),
        ("target=Ann Okello", "Ann Okello ", "died", "dies"),
        ("source=two countries>KEN", "The two countries ", "closed", "close"),
        ("source=Ann Banks", "Ann Banks, mayor of Porto, ", "took", "takes"),
        ("", "Kenya, Uganda and Oman, all three, ", "took", "took"),
        ("", "Mount Porto ", "erupted", "erupts"),
        ("", "Shares in the brewery ", "fell", "fall"),
        ("", "The price of shares ", "rose", "rises"),
        ("", "Gas ", "rose", "rises"),
        ("", "Storm and flood ", "took", "take"),
        ("party=org:Lionworks>org:Lionworks", "Lionworks ", "took", "took"),
        ("", "The mill that guards built ", "collapsed", "collapsed"),
        ("", "It ", "collapsed", "collapsed"),
    ],
)
def test_a_verb_follows_its_subject(who: str, before: str, verb: str, shown: str) -> None:
    assert told(f"{before}[{verb}] twelve sailors", who) == f"{before}{shown} twelve sailors"


@pytest.mark.parametrize(
    "after",
    [
        " the sailors and was free",
        " the sailors, and two were jailed",
        " the sailors in 2021",
        " the sailors two years ago",
        " the sailors twice since May",
    ],
)
def test_a_verb_beside_another_or_long_ago_stays_in_the_past(after: str) -> None:
    assert told(f"Kenya [freed]{after}") == f"Kenya freed{after}"


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Kenya [caught] and freed the sailors", "Kenya catches and frees the sailors"),
        ("Kenya caught and [freed] the sailors", "Kenya catches and frees the sailors"),
        ("Kenya [freed] the sailors and jailed the captain", "Kenya frees the sailors and jails the captain"),
    ],
)
def test_verbs_joined_to_each_other_change_together(sentence: str, shown: str) -> None:
    assert told(sentence) == shown


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Guards warned that the [release] was near", "Guards warn that the release was near"),
        ("Newly appointed Minister Ann Okello [denied] it", "Newly appointed Minister Ann Okello denied it"),
        ("The [reject] proposed Ugandan changes", "The reject proposed Ugandan changes"),
        ("Officials threatened to [free] all", "Officials threaten to free all"),
        ("Officials forced to [free] all", "Officials forced to free all"),
        ("Kenya renamed the lake, [freed] sailors and left", "Kenya renamed the lake, freed sailors and left"),
        ("Sailors [jailed] in Porto", "Sailors jailed in Porto"),
        ("A man called Okello was [freed]", "A man called Okello was freed"),
        ("A number of guards [denied] the charge", "A number of guards denied the charge"),
        ("Guards who denied the charge were [freed]", "Guards who denied the charge were freed"),
    ],
)
def test_a_verb_before_whom_it_was_done_to_is_no_passive(sentence: str, shown: str) -> None:
    assert told(sentence, "") == shown


def test_what_went_on_meanwhile_is_left_out_where_enough_is_told_without() -> None:
    enough = "Kenya [freed] the twelve sailors of the two fishing boats as their captain waited"
    assert told(enough) == "Kenya frees the twelve sailors of the two fishing boats"
    assert told("Kenya [freed] them all as their captain waited") == "Kenya freed them all as their captain waited"
