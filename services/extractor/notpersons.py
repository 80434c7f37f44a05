"""What a tagger takes for a person though the words tell another thing: companies, teams, ships, storms, adjectives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer
from services.extractor.geography import place_tables
from services.extractor.views import STOPS, SentenceView

MIN_TEAM_TOWN: Final = 200_000
"""Inhabitants of a town that has teams; smaller ones are given names too often."""
_PERSONAL: Final = frozenset({"mr", "mrs", "ms", "dr", "president", "minister", "sir"})
_OWNED: Final = frozenset({"shares", "stock", "employees", "customers", "shareholders", "stores", "products"})
"""Nouns whose owner is a company: "Acme shares"."""
_RUNS: Final = frozenset({"owner", "executive", "chief", "boss", "founder", "owned", "worker", "employee"})
"""Nouns that make a person of a company: "a bank |executive|"."""


def company_names(sentence: SentenceView) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of names tagged as persons that own shares or are called a company in the same breath."""
    for entity in sentence.span.ents:
        if entity.label_ != "PERSON":
            continue
        first, last = entity.start - sentence.start, entity.end - sentence.start
        after = sentence.lower[last : last + 8]
        if after and after[0] in ("'s", "’s"):
            after = after[1:]
        owns = bool(after) and after[0] in _OWNED
        owned = first >= 2 and sentence.lower[first - 1] == "of" and sentence.lower[first - 2] in _OWNED
        called = len(after) > 2 and after[0] == "," and _is_company(after[1:])
        if (owns or owned or called) and (first == 0 or sentence.lower[first - 1].rstrip(".") not in _PERSONAL):
            yield first, last


def _is_company(words: Sequence[str]) -> bool:
    """True for "a chip maker based in", "the Danish shipping company": a noun phrase that ends in a business."""
    if words[0] not in ("a", "an", "the"):
        return False
    for number, word in enumerate(words[1:], start=1):
        if word in STOPS or not word.replace("-", "").isalpha():
            return False
        if gazetteer().group_sector(word) == "BUS" and word not in _RUNS and word != "investor":
            return not _RUNS.intersection(words[number + 1 : number + 2])
    return False


def is_thing(sentence: SentenceView, first: int) -> bool:
    """True for names of ships, storms and mountains: "the tanker |Sirius Star|", "|MV Gibe|"."""
    before = sentence.lower[first - 1] if first else ""
    return sentence.lower[first] in gazetteer().name_starts or before in gazetteer().name_starts


def only_begins(sentence: SentenceView, number: int) -> bool:
    """True for an adjective with a capital letter because it begins the sentence: "|Mountainous| Nepal"."""
    token = sentence.span[0]
    return number == 0 and token.tag_ in ("JJ", "JJR", "JJS", "RB") and token.ent_iob_ != "I"


def is_team(words: Sequence[str]) -> bool:
    """True for "Miami Dolphins": a large town and a plural."""
    towns = place_tables().cities.get(fold(" ".join(words[:-1])), ())
    return words[-1].endswith("s") and bool(towns) and towns[0].population >= MIN_TEAM_TOWN
