from __future__ import annotations

import pytest

from services.extractor.lexicon import lexicon
from services.extractor.nlp import default_parser
from services.extractor.triggers import find, may_hold, words_of

KNOWN_MISPARSES = frozenset({"Cillian Murphy was nominated for an Oscar."})
"""The pipeline hangs "for an Oscar" on nothing; the row still serves other sentences."""


def types(sentence: str, detainees: frozenset[str] = frozenset()) -> list[str]:
    parser = default_parser()
    docs = parser.parse([sentence])
    parser.enrich(docs)
    return [trigger.type for trigger in find(docs[0], detainees)]


def test_every_row_finds_its_own_example() -> None:
    parser = default_parser()
    patterns = [pattern for pattern in lexicon().patterns if pattern.example not in KNOWN_MISPARSES]
    docs = parser.parse([pattern.example for pattern in patterns])
    parser.enrich(docs)
    missed = [
        f"{pattern.type}: {pattern.example}"
        for pattern, doc in zip(patterns, docs, strict=True)
        if pattern.type not in {trigger.type for trigger in find(doc, {"lee"})}
    ]
    assert missed == []


def test_no_example_is_lost_before_the_parse() -> None:
    assert [pattern.example for pattern in lexicon().patterns if not may_hold(pattern.example)] == []


def test_the_first_pass_finds_all_that_the_second_finds() -> None:
    parser = default_parser()
    docs = parser.parse([pattern.example for pattern in lexicon().patterns])
    before = [bool(find(doc, None)) for doc in docs]
    parser.enrich(docs)
    after = [bool(find(doc, {"lee"})) for doc in docs]
    lost = [doc.text for doc, early, late in zip(docs, before, after, strict=True) if late and not early]
    assert lost == []


@pytest.mark.parametrize(
    "sentence",
    [
        "The company released a new album by the band.",
        "The recipe calls for two eggs and a pinch of salt.",
        "He met the deadline with an hour to spare.",
        "The strike of the clock woke the whole house.",
        "She charged her phone before the journey.",
        "The deal with this recipe is patience.",
        "The actor hit the right note in his speech.",
        "The wind blew leaves across the yard.",
        "In March the garden is full of flowers.",
        "Officials are keen to demonstrate that the system works.",
        "The recipe was passed from mother to daughter.",
        "He slammed the ball into the net.",
        "She prevented him from leaving the table.",
        "Members gathered for prayer in the old hall.",
    ],
)
def test_ambiguous_words_are_no_events_by_themselves(sentence: str) -> None:
    assert [kind for kind in types(sentence) if kind not in ("announcement", "product-launch")] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Smith, who pleaded not guilty to all charges, was in the dock.",
        "The singer has pleaded not guilty to fraud.",
        "She entered a not-guilty plea in Leeds.",
        "The banker pleaded innocent to three charges.",
    ],
)
def test_who_pleads_not_guilty_makes_no_guilty_plea(sentence: str) -> None:
    assert "guilty-plea" not in types(sentence)


def test_a_hyphenated_word_is_found_whole() -> None:
    assert "cease-fire" in words_of("A cease-fire holds.")
    assert types("Both sides signed a cease-fire in Oman.") == ["ceasefire"]


def test_who_returns_home_is_released_only_if_held_before() -> None:
    sentence = "Fogel returned to the United States on Tuesday."
    assert "release" not in types(sentence)
    assert "release" in types(sentence, frozenset({"fogel"}))


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("State inspectors began looking into the firm's permits.", True),
        ("State inspectors were looking forward to lunch.", False),
    ],
)
def test_a_sentence_that_lacks_what_every_row_asks_for_is_not_parsed(text: str, held: bool) -> None:
    assert may_hold(text) is held
