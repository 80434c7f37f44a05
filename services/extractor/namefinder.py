"""Where an article names its persons: every later word that equals a known surname is that person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer
from services.extractor.namecollector import NOT_NAMES, NameCollector
from services.extractor.views import STOPS, SentenceView, bare_word, spelt_at

MAX_PREFIX_WORDS: Final = 8
"""How far left of a name its titles and country are looked for."""
_JOINTS: Final = frozenset({"'s", "’s", "‘s", "'", "’", "-"})


@dataclass(frozen=True, slots=True)
class Found:
    """A place where somebody is named; token numbers count in the sentence's Doc."""

    sentence: int
    start: int
    end: int
    lead: int
    """Where the titles before the name begin; equal to ``start`` where it has none."""
    key: str
    """Of the person among those collected."""


class NameFinder:
    """Finds the mentions of the persons that were collected."""

    def __init__(self, people: NameCollector) -> None:
        self._gazetteer = gazetteer()
        self._people = people
        self._latest: dict[str, str] = {}
        """Who was named last, by surname."""

    def find(self, sentence: SentenceView) -> Iterator[Found]:
        """Yield the mentions in ``sentence``; call it for the sentences of an article in reading order."""
        number = 0
        while number < len(sentence.words):
            word = sentence.words[number]
            if not word[:1].isupper() and word[:1] not in "‘'’“\"":
                number += 1
                continue
            found = self._match(sentence, number)
            if found is None:
                number += 1
                continue
            end, key = found
            self._people.known[key].count += 1
            self._latest[key.rsplit(" ", 1)[-1]] = key
            lead = self._lead(sentence, number)
            yield Found(sentence.index, sentence.start + number, sentence.start + end, sentence.start + lead, key)
            number = end

    def _match(self, sentence: SentenceView, number: int) -> tuple[int, str] | None:
        word = fold(bare_word(sentence.words[number]))
        if not word:
            return None
        for variant, key in self._people.full.get(word, ()):
            end = spelt_at(sentence, number, variant)
            if end:
                return end, key
        keys = self._people.by_surname.get(word)
        weak = keys is None
        if keys is None:
            keys = self._people.by_part.get(word)
        if keys is None or (number in sentence.inside and self._elsewhere(sentence, number)):
            return None
        if not self._stands_alone(sentence, number, weak):
            return None
        key = keys[0]
        if len(set(keys)) > 1:
            if weak:
                return None
            key = self._choose(sentence, number, word, keys)
        return number + 1, key

    def _elsewhere(self, sentence: SentenceView, number: int) -> bool:
        """True where the word belongs to a longer gazetteer name or names a country itself."""
        before = sentence.lower[number - 1] if number else ""
        return before.rstrip(".") not in ("mr", "mrs", "ms", "dr", "president", "minister", "sen")

    def _stands_alone(self, sentence: SentenceView, number: int, weak: bool) -> bool:
        """True where a surname is not just a word of another name: "Black Sea", "Trump Tower", "Black smoke"."""
        words, token = sentence.words, sentence.span[number]
        word = words[number]
        if number + 1 < len(words) and bare_word(word) == word:
            after = words[number + 1]
            if (
                after[:1].isupper()
                and after.isalpha()
                and sentence.lower[number + 1] not in self._gazetteer.title_words
            ):
                known = fold(after) in self._people.by_surname or number + 1 in sentence.inside
                if (
                    not known
                    and token.ent_type_ != "PERSON"
                    and sentence.span[number + 1].pos_ in ("PROPN", "", "NOUN")
                ):
                    return False
        if number:
            before = words[number - 1]
            lower = sentence.lower[number - 1]
            if before[:1].isupper() and before.isalpha() and len(before) > 1 and number - 1 > 0:
                fits = lower in self._gazetteer.title_words or number - 1 in sentence.inside or lower in NOT_NAMES
                if (
                    not fits
                    and not before.isupper()
                    and sentence.span[number - 1].ent_type_ in ("PERSON", "ORG", "FAC")
                ) and token.ent_iob_ == "I":
                    return False
        if weak and token.ent_type_ not in ("PERSON", "ORG"):
            return False
        lone = number == 0 or words[number - 1] in ("“", "‘", '"')
        return not (lone and not token.ent_type_ and token.pos_ in ("ADJ", "ADV", "DET", "ADP", "PRON", "SCONJ"))

    def _choose(self, sentence: SentenceView, number: int, word: str, keys: list[str]) -> str:
        title = self._gazetteer.title(sentence.lower[number - 1]) if number else None
        if title is not None and title.gender:
            fitting = [key for key in keys if self._may_be(key, title.gender)]
            if len(set(fitting)) == 1:
                return fitting[0]
        return self._latest.get(word) or max(keys, key=lambda key: sum(self._people.known[key].variants.values()))

    def _may_be(self, key: str, gender: str) -> bool:
        """True unless the words before the person's full name tell another gender: "his wife, |Jamie Lassiter|"."""
        known = self._people.known[key].genders
        return not known or gender in known

    def _lead(self, sentence: SentenceView, number: int) -> int:
        """Return where the words that introduce the name begin: "Russian foreign minister |Sergey Lavrov"."""
        lead = at = number
        while at > 0 and number - at < MAX_PREFIX_WORDS:
            at -= 1
            lower = sentence.lower[at]
            if lower in STOPS or lower == "the":
                break
            if at in sentence.inside or lower in self._gazetteer.title_words or lower == ".":
                lead = at
            elif (not lower.isalpha() and lower not in _JOINTS) or sentence.span[at].pos_ in ("VERB", "AUX", "ADP"):
                break
        return lead
