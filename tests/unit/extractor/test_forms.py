from services.extractor.forms import all_forms, noun_forms, verb_forms


def test_a_regular_verb_gets_all_its_forms() -> None:
    assert verb_forms("arrest") >= {"arrest", "arrests", "arrested", "arresting"}


def test_a_final_consonant_is_doubled_after_one_short_vowel() -> None:
    assert {"swapped", "swapping"} <= verb_forms("swap")


def test_a_final_e_and_y_change() -> None:
    assert {"accused", "accusing"} <= verb_forms("accuse")
    assert {"denied", "denies", "denying"} <= verb_forms("deny")


def test_irregular_forms_come_from_the_table() -> None:
    assert {"struck", "stricken"} <= verb_forms("strike")
    assert "thieves" in noun_forms("thief")


def test_plurals_follow_spelling() -> None:
    assert "clashes" in noun_forms("clash")
    assert "embassies" in noun_forms("embassy")


def test_many_lemmas_give_one_set() -> None:
    assert all_forms(["meet", "visit"], verbs=True) >= {"met", "visited"}
