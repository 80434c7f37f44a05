from services.extractor.sentences import LEAD_SENTENCES, MAX_SENTENCE_WORDS, MAX_WORDS, sentences, title_sentence


def test_offsets_point_at_the_sentence_in_code_points() -> None:
    text = "“Ja,” said 🚀 Łukasz. He left.\nA new paragraph begins here"
    for sentence in sentences(text):
        assert text[sentence.start : sentence.end] == sentence.text
    assert len(sentences(text)) == 3


def test_titles_initials_and_abbreviations_end_no_sentence() -> None:
    text = "Mr. Putin met Gen. J. R. Smith of the U.S. Army on Jan. 5 in St. Petersburg. They talked."
    assert [sentence.text for sentence in sentences(text)] == [text[:-13].strip(), "They talked."]


def test_a_paragraph_ends_a_sentence_without_a_full_stop() -> None:
    assert [sentence.text for sentence in sentences("A caption\nThe story.")] == ["A caption", "The story."]


def test_a_repeated_sentence_is_read_once_whatever_its_marks() -> None:
    text = "The spy Vera Holm was freed.\nOther news.\nThe spy Vera Holm (pictured) was freed"
    assert [sentence.text for sentence in sentences(text)] == ["The spy Vera Holm was freed.", "Other news."]


def test_an_agency_dateline_is_not_part_of_the_sentence() -> None:
    (sentence,) = sentences("PANAMA CITY, Nov. 19 (Wire) - Peru and Chile agreed.")
    assert sentence.text == "Peru and Chile agreed."
    assert sentence.start == 30


def test_a_sentence_with_a_dash_keeps_its_beginning() -> None:
    (sentence,) = sentences("Peru - and Chile too - agreed.")
    assert sentence.text == "Peru - and Chile too - agreed."


def test_no_text_has_no_sentences() -> None:
    assert sentences("") == []
    assert sentences(" \n\x00\t ") == []
    assert title_sentence(" \x07 ") is None


def test_control_characters_become_spaces_and_shift_nothing() -> None:
    (sentence,) = sentences("Police\x00arrested\x1ba man.")
    assert sentence.text == "Police arrested a man."


def test_a_huge_text_is_cut_at_the_documented_number_of_words() -> None:
    text = "".join(f"Police number {number} arrested a man. " for number in range(30_000))
    words = sum(len(sentence.text.split()) for sentence in sentences(text))
    assert MAX_WORDS - 10 <= words <= MAX_WORDS


def test_a_stretch_without_full_stop_is_cut_into_pieces() -> None:
    found = sentences(" ".join(f"w{number}" for number in range(500)))
    assert max(len(sentence.text.split()) for sentence in found) == MAX_SENTENCE_WORDS


def test_the_lead_is_as_short_as_asked_for() -> None:
    assert len(sentences("\n".join(f"Sentence {number}." for number in range(20)), LEAD_SENTENCES)) == LEAD_SENTENCES
