"""Who a sentence says it from."""

from __future__ import annotations

import pytest

from services.extractor.actors import ActorResolver
from services.extractor.attribution import FoundAttribution, find_attribution
from tests.unit.extractor.parsing import find, sentences, unparsed


def attribution(text: str, word: str) -> FoundAttribution | None:
    resolver = ActorResolver(sentences(text))
    sentence, trigger = find(text, word)
    # The resolver must know the very sentences that are asked about.
    resolver = ActorResolver(list(sentence.doc.sents))
    return find_attribution(sentence, resolver, trigger)


@pytest.mark.parametrize(
    ("text", "word", "speaker", "actor", "verb"),
    [
        ("The army captured the port, the Chadian defence ministry said on Friday.", "captured",
         "the Chadian defence ministry", "Chadian defence ministry", "say"),
        ("Finnish Prime Minister Anna Virtanen told reporters that the border would close.", "close",
         "Finnish Prime Minister Anna Virtanen",
         "Anna Virtanen", "tell"),
        ("According to the Kremlin, the visit was cancelled.", "cancelled", "the Kremlin", "Kremlin", "according"),
        ("The visit was cancelled, according to the Kremlin.", "cancelled", "the Kremlin", "Kremlin", "according"),
        ("“We will not surrender,” General Omar Hassan said.", "surrender",
         "General Omar Hassan", "Omar Hassan", "say"),
        ("Brazil announced that it had recalled its ambassador.", "recalled", "Brazil", "Brazil", "announce"),
        ("Rescuers freed the miners, said police.", "freed", "police", "police", "say"),
    ],
)  # fmt: skip
def test_the_speaker_is_found(text: str, word: str, speaker: str, actor: str, verb: str) -> None:
    found = attribution(text, word)
    assert found is not None
    assert (found.text, found.actor.name if found.actor else None, found.verb) == (speaker, actor, verb)


def test_the_innermost_speaker_wins() -> None:
    found = attribution("Xinhua reported that Li Ming said Nepal would join.", "join")
    assert found is not None
    assert found.text == "Li Ming"


def test_a_speaker_without_a_name_has_no_actor() -> None:
    found = attribution("The deal collapsed, according to individuals familiar with it.", "collapsed")
    assert found is not None
    assert (found.text, found.actor) == ("individuals", None)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("The company announced a merger with its rival.", "merger"),
        ("Rosa Fuentes, who was arrested in May, said it rained.", "arrested"),
        ("A bus crashed in Peru on Monday.", "crashed"),
    ],
)
def test_the_publishers_own_words_have_no_speaker(text: str, word: str) -> None:
    assert attribution(text, word) is None


def test_a_speaker_is_found_without_a_parse() -> None:
    found = unparsed("Norwegian police said two men were arrested.")
    spoken = find_attribution(found[0], ActorResolver(found))
    assert spoken is not None
    assert (spoken.verb, spoken.actor.country if spoken.actor else "") == ("say", "NOR")


@pytest.mark.parametrize("text", ["", " ", "according to", "According to , said", "said said said", "said X"])
def test_odd_input_raises_nothing(text: str) -> None:
    found = unparsed(text)
    result = find_attribution(found[0], ActorResolver(found))
    assert result is None or isinstance(result, FoundAttribution)
