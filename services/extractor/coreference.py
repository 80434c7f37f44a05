"""Who is who in one article: full names behind surnames, offices, countries and gender of the persons in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Final

from services.extractor.actortables import rows
from services.extractor.countrycontext import country_counts
from services.extractor.introductions import Introductions
from services.extractor.namecollector import NameCollector
from services.extractor.namefinder import NameFinder
from services.extractor.offices import assign_leaders, describe
from services.extractor.persons import LEADS, Description, Known, NameMention, Person
from services.extractor.views import SentenceView

HOME_SHARE: Final = 0.7
"""An officer of an unnamed state is of the country that makes up this share of all that the article names."""
_OF_STATE: Final = LEADS | {
    "foreign minister", "defence minister", "finance minister", "interior minister", "justice minister",
    "health minister", "minister", "governor", "mayor", "lawmaker", "senator", "representative", "army chief",
    "police chief", "general", "admiral", "prosecutor", "speaker", "deputy", "crown prince", "chief minister",
    "sheriff",
}  # fmt: skip
"""Offices of a state whose holders news introduces without a country at home; envoys are read of abroad."""


class NameBook:
    """Every person that one article names."""

    def __init__(self, sentences: Sequence[SentenceView], title: str = "", on: date | None = None) -> None:
        """Read all sentences; ``on``, the day of publication, tells who was in office."""
        self.year = on.year if on is not None else 0
        """Year of publication; 0 where it is unknown."""
        people = NameCollector(sentences, title, self.year)
        finder = NameFinder(people)
        found = [each for sentence in sentences for each in finder.find(sentence)]
        introductions = Introductions(sentences, people.known, found)
        for each in found:
            introductions.read(each)
        self.bodies = frozenset(people.bodies)
        """Folded names that a tagger takes for persons but that the text tells to be organisations."""
        self.descriptions: tuple[Description, ...] = tuple(
            description
            for sentence in sentences
            for description in describe(sentence, found, in_title=sentence.index == 0 and sentence.text == title)
        )
        assign_leaders(people.known, self.descriptions)
        self.countries = countries = country_counts(sentences)
        """How often the article names each country (ISO alpha-3) or somewhere in it."""
        home = max(countries, key=lambda code: countries[code]) if countries else ""
        home = home if home and countries[home] >= HOME_SHARE * sum(countries.values()) else ""
        persons = {key: _person(known, self.year, home) for key, known in people.known.items()}
        self.persons: tuple[Person, ...] = tuple(
            sorted((person for person in persons.values() if person.count), key=lambda person: -person.count)
        )
        """Most often named first."""
        self.mentions: tuple[NameMention, ...] = tuple(
            NameMention(each.sentence, each.start, each.end, each.lead, persons[each.key]) for each in found
        )


@cache
def given_names() -> Mapping[str, str]:
    """Return the gender, m or f, that each given name tells."""
    return MappingProxyType({row[0]: row[1] for row in rows("given_names")})


def _person(known: Known, year: int, home: str) -> Person:
    name = known.name()
    gender = known.genders.most_common(1)[0][0] if known.genders else given_names().get(name.partition(" ")[0], "")
    return Person(
        name,
        known.country() or (home if known.offices & _OF_STATE else ""),
        known.sector(year),
        gender,
        frozenset(known.offices),
        known.count,
        known.age,
    )
