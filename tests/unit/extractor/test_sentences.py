from __future__ import annotations

import pytest

from services.extractor.sentences import (
    MAX_CHARACTERS,
    MAX_SENTENCE_CHARACTERS,
    MAX_SENTENCE_TOKENS,
    MAX_TOKENS,
    MAX_WORD,
    read_sentences,
)


def body(text: str, title: str = "") -> list[str]:
    return [sentence.text for sentence in read_sentences(title, text).body]


def test_offsets_point_at_the_sentence_in_code_points() -> None:
    text = "“Ja,” said 🚀 Łukasz. He left.\nA new paragraph begins here"
    found = read_sentences("", text).body
    assert len(found) == 3
    for sentence in found:
        assert text[sentence.start : sentence.end] == sentence.text


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Mr. Putin met Gen. J. R. Smith of the U.S. Army on Jan. 5 in St. Petersburg. They talked.", 76),
        ("Talks begin at 5 p.m. The ministry said so.", 21),
        ("It sells parts to Norden Ltd. He runs it.", 29),
        ("He was told no. Then he left.", 15),
        ("Asked about plan B. The minister smiled.", 19),
        ("Prisoners were freed.He left the court.", 21),
        ("“Stop.” He left.", 7),
        ("Is it over? Nobody knows.", 11),
        ("He waited... Then he left.", 12),
    ],
)
def test_a_sentence_ends_where_a_reader_sees_its_end(text: str, first: int) -> None:
    assert body(text) == [text[:first], text[first:].strip()]


@pytest.mark.parametrize(
    "text",
    [
        "He rose at 9 a.m. Tuesday and left.",
        "Norden Inc. Chairman Ivo Maric resigned.",
        "Flat No. 5 burned down.",
        "She earned $1.5 million.",
        "The site example.com was hacked.",
        "“Who are you?” he asked.",
        "Peru - and Chile too - agreed.",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_end_it(text: str) -> None:
    assert body(text) == [text]


def test_a_paragraph_ends_a_sentence_without_a_full_stop() -> None:
    assert body("A caption\nThe story.") == ["A caption", "The story."]


def test_a_repeated_sentence_is_read_once_whatever_its_marks() -> None:
    text = "The spy Vera Holm was freed.\nOther news.\nThe spy Vera Holm (pictured) was freed"
    assert body(text) == ["The spy Vera Holm was freed.", "Other news."]


def test_a_body_that_begins_with_its_title_repeats_it() -> None:
    assert body("Spy freed in Oslo\nVera Holm is free.", title="Spy freed in Oslo") == ["Vera Holm is free."]


def test_a_caption_that_says_what_a_sentence_says_is_dropped() -> None:
    text = (
        "The spy Vera Holm was freed in Oslo on Monday\n"
        "After a year in prison the spy Vera Holm was freed in Oslo on Monday, officials said."
    )
    assert body(text) == [text.split("\n")[1]]


def test_a_line_that_says_something_else_stays() -> None:
    text = "The spy Vera Holm was arrested in Oslo on Friday\nThe spy Vera Holm was freed in Oslo on Monday."
    assert body(text) == text.split("\n")


def test_what_newsrooms_print_around_the_news_is_left_out() -> None:
    text = (
        "FILE - Police arrest a man in Oslo in May.\n"
        "Police freed Vera Holm. Sign up for our newsletter.\n"
        "This story has been updated.\n"
        "(Reporting by Ines Costa; Editing by Joao Pires)"
    )
    assert body(text) == ["Police freed Vera Holm."]


def test_words_of_boilerplate_are_mute_and_the_rest_of_the_sentence_is_not() -> None:
    (sentence,) = read_sentences(
        "", "The firm, which fired 500 dockers, did not immediately respond to a request for comment."
    ).body
    assert sentence.telling.split() == ["The", "firm,", "which", "fired", "500", "dockers,", "did", "."]
    assert len(sentence.telling) == len(sentence.text)


def test_an_agency_dateline_is_kept_apart_from_the_sentence() -> None:
    found = read_sentences("", "PANAMA CITY, Nov. 19 (Wire) - Peru and Chile agreed.")
    (sentence,) = found.body
    assert (sentence.text, sentence.start) == ("Peru and Chile agreed.", 30)
    assert found.dateline is not None
    assert found.dateline.place == "PANAMA CITY"


def test_no_text_has_no_sentences() -> None:
    for text in ("", " \n\x00\t ", "—\n…\n***"):
        found = read_sentences(" \x07 ", text)
        assert (found.title, found.body, found.cut) == (None, [], False)


def test_control_characters_become_spaces_and_shift_nothing() -> None:
    assert body("Police\x00arrested\x1ba\u200bman.") == ["Police arrested a man."]


def test_a_huge_text_is_cut_at_the_documented_number_of_words() -> None:
    text = "".join(f"Police number {number} arrested a man. " for number in range(30_000))
    found = read_sentences("", text)
    assert found.cut
    assert found.body[-1].end <= MAX_CHARACTERS
    assert MAX_TOKENS - 10 <= sum(len(sentence.text.split()) + 1 for sentence in found.body) <= MAX_TOKENS


def test_a_text_read_to_its_end_is_not_called_cut() -> None:
    assert not read_sentences("", "Police arrested a man.\n" * 50).cut


def test_a_stretch_without_full_stop_is_cut_into_pieces() -> None:
    pieces = body(" ".join(f"w{number}" for number in range(500)))
    assert max(len(piece.split()) for piece in pieces) == MAX_SENTENCE_TOKENS
    assert sum(len(piece.split()) for piece in pieces) == 500


def test_marks_count_as_words_do() -> None:
    (piece, *_) = body(" ,".join(f"w{number}" for number in range(500)))
    assert piece.count(",") + piece.count("w") == MAX_SENTENCE_TOKENS


def test_no_piece_is_longer_than_what_searches_it_may_search() -> None:
    pieces = body(" ".join("x" * MAX_WORD + str(number) for number in range(3)) + " " + " ".join(["y" * 79] * 90))
    assert max(map(len, pieces)) <= MAX_SENTENCE_CHARACTERS


def test_a_giant_word_is_no_word() -> None:
    assert body("Police arrested " + "x" * 100_000) == ["Police arrested"]
    assert body(f"Police arrested {'x' * (MAX_WORD + 1)} a man.") == ["Police arrested", "a man."]
