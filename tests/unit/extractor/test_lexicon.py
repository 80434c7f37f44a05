from services.contracts.ontology import event_types
from services.extractor.lexicon import lexicon


def test_every_type_of_the_ontology_has_words() -> None:
    assert set(event_types()) == {pattern.type for pattern in lexicon().patterns}


def test_patterns_are_found_by_every_form_of_their_head() -> None:
    assert any(pattern.type == "arrest" for pattern in lexicon().by_form["arresting"])


def test_a_pattern_that_needs_certain_words_says_so() -> None:
    swap = next(pattern for pattern in lexicon().patterns if pattern.type == "prisoner-exchange")
    assert any("prisoners" in need for need in swap.needs)
