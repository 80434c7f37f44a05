"""Which words of a sentence may name a place: capitalised runs behind prepositions of place and verbs that hit one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from spacy.tokens import Span

from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer
from services.extractor.geography import place_tables, us_states
from services.extractor.placelookup import known_site
from services.extractor.placewords import (
    BEFORE_NAMES,
    DIRECTED,
    DIRECTIONS,
    HITTING,
    HOLDING,
    LOCATING,
    REGION_HEADS,
    SITES,
)

MAX_WORDS: Final = 6
"""Longest place name that is looked up, in words."""


@dataclass(frozen=True, slots=True)
class NameRun:
    """A run of words that may name a place. Token numbers count in the Doc."""

    first: int
    last: int
    """Number after the last word."""
    preposition: int
    """Token number of the preposition that governs it; -1 where it is a verb's object."""


def name_runs(sentence: Span) -> Iterator[NameRun]:
    doc = sentence.doc
    at = sentence.start
    while at < sentence.end:
        token = doc[at]
        lower = token.lower_
        if lower in LOCATING or lower in DIRECTED or lower == "between":
            first = _skip(sentence, at + 1)
            last = run_end(sentence, first)
            if last > first and (lower != "on" or _on_place(sentence, at, first, last)):
                yield NameRun(first, last, at)
                nested = _after_comma(sentence, last)
                at = max(last, nested)
                continue
            capital = _capital(sentence, at + 1, first)
            if capital is not None:
                yield NameRun(capital, capital + 2, at)
                at = capital + 2
                continue
        elif token.pos_ == "VERB" and token.lemma_.lower() in HOLDING:
            first = _skip(sentence, at + 1)
            last = run_end(sentence, first)
            if last > first and not _is_actor_object(sentence, first, last):
                yield NameRun(first, last, -1)
                at = last
                continue
            capital = _capital(sentence, at + 1, first)
            if capital is not None:
                yield NameRun(capital, capital + 2, -1)
                at = capital + 2
                continue
        at += 1


def _skip(sentence: Span, first: int) -> int:
    """Skip what stands before the name itself: "the |Swiss| city of", "northern", "the outskirts of"."""
    doc = sentence.doc
    begin = first
    while first < sentence.end and first - begin < 8:
        token = doc[first]
        if token.text[:1].isupper() and token.lower_ not in ("the",):
            if token.lower_ in DIRECTIONS and doc[first + 1 : first + 3].text == "District of":
                first += 3  # courts of the United States: "the Southern District of New York"
                continue
            entry = gazetteer().lookup(token.text)
            following = doc[first + 1] if first + 1 < sentence.end else None
            directed = token.lower_ in DIRECTIONS and following is not None and gazetteer().country_of(following.text)
            if directed and not _known_as_whole(doc[first : first + 2].text):
                first += 1  # "in Western Cambodia", but not "in South Korea"
                continue
            if entry is None or entry.kind != "adjective" or following is None or following.text[:1].isupper():
                break
        elif token.lower_ not in BEFORE_NAMES and token.lower_ not in DIRECTIONS:
            break
        first += 1
    return first


def _capital(sentence: Span, first: int, last: int) -> int | None:
    """Return where "|Omani capital|" begins among skipped words; None where they hold none."""
    doc = sentence.doc
    for at in range(first, min(last, sentence.end - 1)):
        if doc[at + 1].lower_ == "capital" and doc[at].text[:1].isupper() and gazetteer().country_of(doc[at].text):
            return at
    return None


def _known_as_whole(name: str) -> bool:
    tables, key = place_tables(), fold(name)
    return gazetteer().lookup(name) is not None or key in tables.regions or key in tables.cities


def _on_place(sentence: Span, at: int, first: int, last: int) -> bool:
    """True where "on" tells a place: "on the island of Crete", "an attack on Kharkiv"; not "sanctions on Iran"."""
    doc = sentence.doc
    if any(doc[number].lower_ in BEFORE_NAMES - {"the", "of", "a", "an"} for number in range(at + 1, first)):
        return True
    governor = doc[at].head if doc[at].dep_ else doc[max(at - 1, sentence.start)]
    return governor.lemma_.lower() in HITTING or known_site(doc[first:last].text) is not None


def _is_actor_object(sentence: Span, first: int, last: int) -> bool:
    after = sentence.doc[last] if last < sentence.end else None
    return after is not None and after.lower_ in ("'s", "’s", "troops", "forces", "officials")


def run_end(sentence: Span, first: int) -> int:
    """Return where the capitalised words that begin at ``first`` end; ``first`` where there are none."""
    doc = sentence.doc
    last = first
    while last < sentence.end and last - first < MAX_WORDS:
        word = doc[last].text
        if word[:1].isupper() or (
            last > first
            and word.lower()
            in ("-", "de", "la", "el", "al", "of", "the", "del", "du", "da", "es", "et", "upon", "on", "and")
            and last + 1 < sentence.end
            and doc[last + 1].text[:1].isupper()
            and (word.lower() not in ("and", "on", "of", "the") or _joined(sentence, first, last))
        ):
            last += 1
            continue
        if last > first and word in ("'s", "’s", "‘s") and last + 1 < sentence.end and doc[last + 1].text[:1].isupper():
            last += 1
            continue
        if last > first and word.lower() in SITES | REGION_HEADS:
            last += 1
        break
    return last


def _joined(sentence: Span, first: int, at: int) -> bool:
    """True where a function word is part of one name: "Gulf of Aden", "King's Cross"."""
    doc = sentence.doc
    for last in range(at + 2, min(at + 4, sentence.end) + 1):
        name = fold(doc[first:last].text)
        if name in place_tables().cities or name in place_tables().regions or name in place_tables().sites:
            return True
        if gazetteer().lookup(doc[first:last].text) is not None:
            return True
    return False


def _after_comma(sentence: Span, last: int) -> int:
    """Skip ", Pennsylvania" behind a town, which belongs to the town."""
    doc = sentence.doc
    if last + 1 < sentence.end and doc[last].text == "," and doc[last + 1].text[:1].isupper():
        end = run_end(sentence, last + 1)
        name = doc[last + 1 : end].text
        if fold(name) in us_states() or gazetteer().country_of(name):
            return end
    return last
