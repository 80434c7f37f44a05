"""An article as sentences with their offsets, before anything is parsed.

Paragraphs end sentences. News pages repeat sentences as picture captions, and a repeated sentence is no second report,
so it is dropped, and so is what newsrooms print around the news. A rule-based splitter is enough here and forty times
as fast as a parser.

Whatever the text, its sentences are few and short: every limit below cuts by counting, so that the same text is always
cut at the same place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from services.extractor.boilerplate import hinted, matches, mute_words
from services.extractor.datelines import Dateline, find_dateline
from services.extractor.tables import rows

MAX_CHARACTERS: Final = 100_000
"""Characters of an article that are looked at."""
MAX_TOKENS: Final = 7_000
"""Words and marks of an article that are read; news is shorter, and a megabyte of text must not hold up the others."""
MAX_SENTENCE_TOKENS: Final = 150
"""Longer stretches without a full stop (tables, lists) are cut: parsing takes time and memory; no clause is so long."""
MAX_SENTENCE_CHARACTERS: Final = 1_500
"""So long may the words of a piece be together; what searches a sentence never searches more."""
MAX_PARAGRAPH: Final = 1_000
"""Characters of the longest caption or credit; longer paragraphs are text."""
MAX_WORD: Final = 80
"""Characters of a word: longer ones are addresses, keys or noise, and end the piece they stand in."""
MIN_CAPTION_WORDS: Final = 5
"""Shorter lines are headings."""
MAX_CAPTION_WORDS: Final = 60
"""Longer ones are paragraphs whose full stop was lost."""
CAPTION_OVERLAP: Final = 0.85
"""Share of the words of a line without full stop that one sentence must hold for the line to be its repetition."""
_MAX_COMPARED: Final = 8
"""Sentences that a line is compared with for each of its two rarest words."""

_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+\s+"
    r"|(?<=[a-zà-ÿ]{3})[.!?][\"”’]?(?=[\"“‘]?(?:The|A|An|He|She|It|They|We|In|On|But|And|At|This|That|His|Her)\s)"
)
"""What may end a sentence; pages also lose the space after it ("was freed.He left")."""
_OPENING = re.compile(r"[\"'“‘«(\[¿¡]*[A-Z0-9À-ÞА-ЯЁ]")
_STARTER = re.compile(
    r"[\"'“‘«(\[]*(?:The|An?|He|She|It|They|We|You|But|And|In|On|At|This|That|These|Those|There|His|Her|Their|Its|If|As"
    r"|When|While|After|Before|Police|Officials|Authorities|Some|Both|No|One|Two|Many|Most|However|Meanwhile|Earlier)\b"
)
"""Words that begin sentences far more often than names that go on after an abbreviation."""
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\S+")
_LONG_WORD = re.compile(rf"\S{{{MAX_WORD + 1},}}")
_LETTERS = re.compile(r"\w+")
_PARAGRAPH = re.compile(r"[^\n]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_ENDED: Final = (".", "!", "?", "…", "”", '"', "’", ":", ")")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; offsets are Unicode code points into Article.text, or into the title."""

    text: str
    start: int
    in_title: bool = False
    mute: tuple[tuple[int, int], ...] = ()
    """Spans of ``text`` whose words name no event ("declined to comment"), as offsets [start, end)."""

    @property
    def end(self) -> int:
        """Offset after its last character."""
        return self.start + len(self.text)

    @property
    def telling(self) -> str:
        """The text with spaces for the words that name no event, every offset kept."""
        told = self.text
        for start, end in self.mute:
            told = told[:start] + " " * (end - start) + told[end:]
        return told


@dataclass(slots=True)
class Sentences:
    """What of an article is read."""

    title: Sentence | None
    body: list[Sentence] = field(default_factory=list)
    dateline: Dateline | None = None
    cut: bool = False
    """True where the text is longer than what is read of it."""


@cache
def _abbreviations() -> dict[str, str]:
    """Return abbreviations with what their full stop may mean: before, number or any; see the table."""
    found: dict[str, str] = {}
    for words, kind in rows("en/abbreviations.tsv", columns=2):
        found |= dict.fromkeys(words.split(), kind)
    return found


def _key(text: str) -> str:
    # The spaces inside words that captions carry ("Russia ‘s") and their "(pictured)" must not make two of one.
    return "".join(_LETTERS.findall(text.replace("(pictured)", "").casefold()))


def _ends_sentence(text: str, begin: int, mark: re.Match[str]) -> bool:
    if not _OPENING.match(text, mark.end()):
        return False
    if text[mark.start()] != ".":
        return True
    # Looking back a few words only keeps the search linear on long paragraphs.
    before = text[max(begin, mark.start() - 40) : mark.start()].split()
    bare = before[-1].lstrip("(\"'“‘[").lower() if before else ""
    kind = _abbreviations().get(bare)
    if kind == "before":
        return False
    if kind == "number":
        return not text[mark.end()].isdigit()
    if kind == "any" or (len(bare) == 1 and bare.isalpha()) or (len(bare) == 3 and bare[1] == "."):
        return _STARTER.match(text, mark.end()) is not None
    return True


def _stretches(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Leave out words that are none: nobody writes more than MAX_WORD characters without a space."""
    if end - begin > MAX_WORD:
        for long in _LONG_WORD.finditer(text, begin, end):
            yield begin, long.start()
            begin = long.end()
    yield begin, end


def _pieces(text: str, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Cut a stretch into pieces that are no longer than allowed: (start, end, tokens), no white space around them."""
    for first, last in _stretches(text, begin, end):
        if last - first <= MAX_SENTENCE_CHARACTERS:
            tokens = len(_TOKEN.findall(text, first, last))
            if tokens <= MAX_SENTENCE_TOKENS:  # as nearly all are
                if tokens:
                    piece = text[first:last]
                    yield last - len(piece.lstrip()), first + len(piece.rstrip()), tokens
                continue
        start = stop = count = 0
        for token in _TOKEN.finditer(text, first, last):
            if count == MAX_SENTENCE_TOKENS or (count and token.end() - start > MAX_SENTENCE_CHARACTERS):
                yield start, stop, count
                count = 0
            if count == 0:
                start = token.start()
            stop = token.end()
            count += 1
        if count:
            yield start, stop, count


def _split(text: str, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    for mark in _END.finditer(text, begin, end):
        if _ends_sentence(text, begin, mark):
            yield from _pieces(text, begin, mark.end())
            begin = mark.end()
    yield from _pieces(text, begin, end)


def _readable(text: str) -> str:
    # Control characters become spaces, one for one, so that offsets stay what they are.
    return _CONTROL.sub(" ", text)


def _title(title: str) -> Sentence | None:
    readable = _readable(title[:MAX_CHARACTERS])
    piece = next(_pieces(readable, 0, len(readable)), None)
    if piece is None:
        return None
    return Sentence(readable[piece[0] : piece[1]], piece[0], in_title=True)


def read_sentences(title: str, text: str) -> Sentences:
    """Return the sentences of an article that tell something, each once, up to the limits of this module."""
    found = Sentences(_title(title))
    readable = _readable(text[:MAX_CHARACTERS])
    found.cut = len(text) > MAX_CHARACTERS
    seen = {_key(found.title.text)} if found.title is not None else set()
    tokens = 0
    for paragraph in _PARAGRAPH.finditer(readable):
        begin, end = paragraph.span()
        rows_hinted = hinted(paragraph.group())
        if rows_hinted and end - begin <= MAX_PARAGRAPH and matches(paragraph.group(), "paragraph", rows_hinted):
            continue
        dateline = find_dateline(readable, begin, end)
        if dateline is not None:
            begin = dateline.end
            found.dateline = found.dateline or dateline
        for start, stop, count in _split(readable, begin, end):
            piece = readable[start:stop]
            key = _key(piece)
            if not key or key in seen:
                continue
            seen.add(key)
            tokens += count
            if tokens > MAX_TOKENS:
                found.cut = True
                return _without_captions(found)
            if not rows_hinted:
                found.body.append(Sentence(piece, start))
            elif not matches(piece, "sentence", rows_hinted):
                found.body.append(Sentence(piece, start, mute=mute_words(piece, rows_hinted)))
    return _without_captions(found)


def _without_captions(found: Sentences) -> Sentences:
    """Drop lines without a full stop whose words one sentence repeats: pictures are captioned with the text's words."""
    lines = [
        number
        for number, sentence in enumerate(found.body)
        if not sentence.text.endswith(_ENDED) and MIN_CAPTION_WORDS <= sentence.text.count(" ") + 1 <= MAX_CAPTION_WORDS
    ]
    if not lines:
        return found
    words = [frozenset(_LETTERS.findall(sentence.text.casefold())) for sentence in found.body]
    holding: dict[str, list[int]] = {}
    for number, held in enumerate(words):
        for word in held:
            holding.setdefault(word, []).append(number)
    dropped: set[int] = set()
    for number in lines:
        # Two rare words of the line are enough to find whatever repeats most of it.
        rare = sorted(words[number], key=lambda word: (len(holding[word]), word))[:2]
        for other in {each for word in rare for each in holding[word][:_MAX_COMPARED]} - dropped - {number}:
            if len(words[number] & words[other]) >= CAPTION_OVERLAP * len(words[number]):
                dropped.add(number)
                break
    found.body = [sentence for number, sentence in enumerate(found.body) if number not in dropped]
    return found
