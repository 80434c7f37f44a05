"""Which words of an article are written like names."""

from __future__ import annotations

from services.contracts.namewords import MOST_NAMES, name_words, names_of_article


def test_a_capital_that_begins_a_sentence_or_a_quotation_makes_no_name() -> None:
    line = "Divers reached the Bintang Selatan. Rescuers said: “Nothing moves off Muna's coast.” Many wept in Kendari."
    assert name_words(line) == ["Bintang", "Selatan", "Muna", "Kendari"]


def test_a_line_set_in_capitals_has_no_names() -> None:
    assert name_words("In Lisbon The Night Watch Found Nothing Strange") == []


def test_what_an_article_repeats_comes_first_then_what_it_says_first() -> None:
    text = "The ship left Kendari for Muna.\nOff Muna it sank, and in Muna and Raha nobody slept."
    assert names_of_article(text) == ["Muna", "Kendari", "Raha"]


def test_an_article_full_of_names_tells_no_more_than_the_most() -> None:
    places = [f"Ab{chr(97 + one)}{chr(97 + two)}" for one in range(10) for two in range(10)]
    assert names_of_article("\n".join(f"they went to {place} by road" for place in places)) == places[:MOST_NAMES]


def test_what_an_article_names_far_below_is_not_what_it_is_about() -> None:
    long = "all is quiet along the river and on the hills\n" * 200
    assert names_of_article(f"it began in Porto today\n{long}and ended in Bursa at night") == ["Porto"]


def test_a_text_without_letters_of_two_cases_tells_no_names() -> None:
    assert names_of_article("昨日の夜 東京駅で 火災が発生\n" + "\x00 12 34 \ud800") == []
