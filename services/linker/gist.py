"""The gist of an article: the names and telling title words by which two articles show that they tell one story.

Names of people, places and bodies are what articles of one story share and articles of others do not, however either
is worded. A gist speaks about articles, not events: an article tells several events, and all of them share its gist.
So it weighs little beside what tells the event itself (see ``score``), but separates what only looks alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.contracts.namewords import name_words
from services.linker.words import most_shared, telling_words, without_dateline, word_number

GIST_WORDS: Final = 40
"""Words kept of a gist; those of headline and lead come first."""
GIST_KEPT: Final = 24
"""Words kept of the gist of an article that told its names itself, with each of its reports. Pairs of ECB+ articles
that meet, with 16, 20, 24 and 32: precision .983 each and recall .623, .636, .647, .648; where every event kept but the
gist of its own sentences .969 and .589."""


@lru_cache(maxsize=16_384)
def names_in(text: str) -> tuple[int, ...]:
    """Return the numbers of the words written like names, each once, in the order of reading.

    The first word of a sentence has its capital from there, so it does not count.
    """
    return tuple(dict.fromkeys(_numbers(name_words(text))))


def _numbers(names: Iterable[str]) -> Iterator[int]:
    return (number for number in map(word_number, names) if number is not None)


@cache
def _everyday() -> frozenset[int]:
    lines = files("services.linker").joinpath("headline_words.tsv").read_text(encoding="utf-8").splitlines()
    return frozenset(telling_words(*(line for line in lines if line and not line.startswith("#")), most=len(lines)))


@lru_cache(maxsize=65_536)
def _country(code: str) -> int:
    number = word_number(f"country {code}")
    assert number is not None
    return number


def mention_gist(mention: event_pb2.Mention) -> tuple[int, ...]:
    """Return the gist as far as one mention shows it: its headline, its sentence, and the countries it is about."""
    countries = (p.entity.country for p in mention.participants)
    return gist_of(mention.article.title, mention.sentence, (*countries, mention.place.country))


def gist_of(title: str, sentence: str, countries: Iterable[str]) -> tuple[int, ...]:
    """Return the same of what was read out of a mention already."""
    return _gist(title, sentence, tuple(sorted(filter(None, set(countries)))))


@lru_cache(maxsize=32_768)
def _gist(title: str, sentence: str, countries: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(dict.fromkeys((*_of_title(title), *names_in(without_dateline(sentence)), *map(_country, countries))))[
        :GIST_WORDS
    ]


@lru_cache(maxsize=16_384)
def _of_title(title: str) -> tuple[int, ...]:
    everyday = _everyday()
    return tuple(word for word in telling_words(title) if word not in everyday)


def article_gist(gists: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the gist of an article by those of its mentions: what several show first, then in their order."""
    return _shared_most(gists)


def gist_by_names(title: str, names: Iterable[str], countries: Iterable[str]) -> tuple[int, ...]:
    """Return the gist of an article that tells the names in it (``MentionBatch.names``), and of which countries."""
    known = map(_country, sorted(set(filter(None, countries))))
    return tuple(dict.fromkeys((*_of_title(title), *_numbers(names), *known)))[:GIST_KEPT]


def event_gist(gists: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the gist of the articles that tell an event by those of its mentions: what most articles share first.

    What is the same for several mentions is that of one article, which counts once.
    """
    return _shared_most(tuple(dict.fromkeys(gists)))


def _shared_most(gists: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    if len(gists) == 1:
        return gists[0]
    return most_shared(gists, GIST_WORDS)
