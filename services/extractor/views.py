"""The words of one sentence with the gazetteer names in it, read from spaCy once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from spacy.tokens import Span

from services.extractor.entities import fold
from services.extractor.gazetteer import Entry, Gazetteer, Title, lowered
from services.extractor.leaders import LeaderName, leaders

STOPS: Final = frozenset({
    "a", "an", "and", "or", "but", "in", "on", "at", "to", "by", "for", "from", "with", "as", "that", "which",
    "who", "is", "was", "were", "are", "be", "been", "has", "had", "have", "said", "says", "told", "after", "when",
    "while", "if", "than", "then", "against", "between", "over", "about", "into", "during", "since", "because",
    "where", ",", ";", ":", "(", ")", "“", "”", '"', "‘", "—", "–", "...", "…",
})  # fmt: skip
"""Words that end a noun phrase."""
_ORGANISED: Final = frozenset({"ORG", "NORP"})
"""Labels of a tagger that settle that a doubtful name is an organisation's."""


@dataclass(slots=True)
class SentenceView:
    """The words of one sentence, read from spaCy once."""

    index: int
    span: Span
    start: int
    """Token number of the first word in the sentence's Doc."""
    words: list[str]
    lower: list[str]
    offsets: list[int]
    """Offset of each word in ``text``."""
    text: str
    entries: dict[int, tuple[int, Entry]] = field(default_factory=dict)
    """Gazetteer names by the sentence's own word number: (end, entry)."""
    inside: set[int] = field(default_factory=set)
    """Word numbers that lie in a gazetteer name."""
    leaders: dict[int, tuple[int, LeaderName]] = field(default_factory=dict)
    """Names of heads of state and government by word number: (end, name)."""


def view(index: int, span: Span, names: Gazetteer) -> SentenceView:
    """Read one sentence: its words and the gazetteer names in it."""
    tokens, base = list(span), span.start_char
    words = [token.text for token in tokens]
    offsets = [token.idx - base for token in tokens]
    text = span.text
    sentence = SentenceView(index, span, span.start, words, [word.lower() for word in words], offsets, text)
    lower = lowered(text)
    skip_to = 0
    for number, word in enumerate(words):
        if offsets[number] < skip_to or not (word[:1].isupper() or word[:2].lower() == "al"):
            continue
        found = names.match(lower, text, offsets[number])
        if found is None or (found[1].doubtful and span[number].ent_type_ not in _ORGANISED):
            continue
        end = number + 1
        while end < len(words) and offsets[end] < found[0]:
            end += 1
        sentence.entries[number] = (end, found[1])
        sentence.inside.update(range(number, end))
        skip_to = found[0]
    _find_leaders(sentence)
    return sentence


def _find_leaders(sentence: SentenceView) -> None:
    """Note the names of heads of state and government: capitalised words that spell one."""
    table, number = leaders(), 0
    while number < len(sentence.words):
        if sentence.words[number][:1].isupper():
            for name in table.starting_with(fold(bare_word(sentence.words[number]))):
                end = spelt_at(sentence, number, name.words)
                if end:
                    sentence.leaders[number] = (end, name)
                    number = end - 1
                    break
        number += 1


def spelt_at(sentence: SentenceView, number: int, parts: tuple[str, ...]) -> int:
    """Return where the folded words ``parts``, spelt from word ``number`` on, end; 0 where they are not spelt."""
    at = number
    for part in parts:
        built = ""
        while at < len(sentence.words) and len(built) < len(part):
            built += fold(bare_word(sentence.words[at]) or sentence.words[at])
            at += 1
        if built != part and built != part.rstrip("."):
            return 0
    return at


def title_ending(sentence: SentenceView, at: int, names: Gazetteer) -> tuple[Title | None, int]:
    """Return the longest title whose last word is word ``at``, and where it begins."""
    if sentence.lower[at] not in names.last_title_words:
        return None, at
    for length in (5, 4, 3, 2):
        begin = at - length + 1
        if begin >= 0:
            title = names.titles.get(" ".join(sentence.lower[begin : at + 1]))
            if title is not None:
                return title, begin
    if at > 1 and sentence.lower[at - 1] == "-":
        joined = names.titles.get("".join(sentence.lower[at - 2 : at + 1]))
        if joined is not None:
            return joined, at - 2
    title = names.titles.get(sentence.lower[at])
    if title is not None and title.capital and not sentence.words[at][:1].isupper():
        return None, at
    return title, at


@lru_cache(maxsize=16_384)
def bare_word(word: str) -> str:
    """Return ``word`` without a possessive ending or quotes around it."""
    word = word.strip("‘’“”\"'`.,;:()[]")
    for ending in ("'s", "’s", "‘s", "`s"):
        word = word.removesuffix(ending)
    return word


def is_former(sentence: SentenceView, begin: int) -> bool:
    """True where the title that begins at word ``begin`` is one that somebody held before: "former US |president|"."""
    for at in range(begin - 1, max(begin - 5, -1), -1):
        if sentence.lower[at] in ("former", "ex", "late", "onetime", "ousted", "deposed"):
            return True
        if sentence.lower[at] in STOPS or sentence.lower[at] in ("the", "'s", "’s"):
            return False
    return False
