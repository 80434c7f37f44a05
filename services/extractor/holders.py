"""Whom an office stands for: "the US president", "his Russian counterpart", "the 72-year-old".

The article decides first: the last person named who holds the office. Only for an article that names nobody does the
table of heads of state and government, which must know who held the office in the year of publication.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Final

from services.extractor.coreference import NameBook
from services.extractor.entities import Actor, Kind, fold
from services.extractor.gazetteer import gazetteer
from services.extractor.leaders import leaders
from services.extractor.persons import LEADS, Description, Person
from services.extractor.plurals import NUMBERS
from services.extractor.references import POSSESSIVES, History, Reference, is_modifier, is_subject
from services.extractor.views import SentenceView

KINDS_OF_OFFICE: Final = {
    "diplomat": frozenset({"diplomat", "envoy", "ambassador", "foreign minister", "negotiator"}),
    "lawmaker": frozenset({"lawmaker", "senator", "representative", "speaker"}),
    "soldier": frozenset({"soldier", "sergeant", "officer"}),
    "lawyer": frozenset({"lawyer", "prosecutor"}),
}
"""General words for an office and the offices they may stand for."""
OFFICE_REACH: Final = 300
"""How many references back "the minister" may point; beyond that it is whom the article names most."""
AGE_REACH: Final = 3
"""How many sentences back "the 72-year-old" may point where the article gives nobody that age."""
_ANY_TITLE: Final = {"premier": "prime minister"}
"""Titles by their other name in the table of leaders."""
_OF_STATE: Final = frozenset({"GOV", "MIL", "LEG", "JUD", "COP", "SPY"})
_AGED: Final = re.compile(r"(?P<age>\d{1,3})-year-old\b")


class Holders:
    """Resolves offices and ages of one article."""

    def __init__(self, history: History, book: NameBook, home: str) -> None:
        """``home``: the country that the article is about, whose president "the president" is; empty where unknown."""
        self._history = history
        self._book = book
        self._home = home
        self._names = gazetteer()
        self._persons: Mapping[str, Person] = {person.actor.entity_id: person for person in book.persons}

    def resolve(self, sentence: SentenceView, found: Description) -> Reference | None:
        """Return the reference that ``found`` is; None where it stands for nobody in particular."""
        if found.definite and any(
            word in NUMBERS for word in sentence.lower[found.start - sentence.start : found.end - sentence.start]
        ):
            return None
        found = self._possessed(sentence, found)
        actors = self._renamed(sentence, found) or (self._definite(found) if found.definite else ())
        bare_title = sentence.lower[found.start - sentence.start] not in ("a", "an", "the", "one", "another")
        if not actors and not found.country and bare_title:
            return None
        if not actors and (found.country or (found.office != "counterpart" and not found.definite)):
            actors = (self._unnamed(sentence, found),)
        if not actors:
            return None
        if found.title.gender:
            self._history.genders.setdefault(actors[0].entity_id, found.title.gender)
        head = found.end - 1
        return Reference(
            found.sentence,
            found.start,
            found.end,
            head,
            "title",
            actors,
            is_subject(sentence, head, found.start),
            is_modifier(sentence, head),
        )

    def _possessed(self, sentence: SentenceView, found: Description) -> Description:
        """Give "|its| foreign minister" the country that the pronoun stands for."""
        at = found.start - sentence.start
        first = at if sentence.lower[at] in POSSESSIVES else at - 1
        if found.country or first < 0 or sentence.lower[first] not in POSSESSIVES:
            return found
        owner = self._history.at(sentence.span.doc, sentence.start + first)
        if owner is None or len(owner.actors) != 1 or found.title.sector not in _OF_STATE:
            return found
        country = owner.actors[0].country if owner.actors[0].kind == "country" else ""
        return replace(found, country=country, definite=True) if country else found

    def _definite(self, found: Description) -> tuple[Actor, ...]:
        person = self._holder(found) or self._from_table(found)
        return (person,) if person is not None else ()

    def _unnamed(self, sentence: SentenceView, found: Description) -> Actor:
        words = " ".join(sentence.words[found.start - sentence.start : found.end - sentence.start])
        bare = words.split(" ", 1)[-1] if words.split(" ", 1)[0].lower() in ("the", "a", "an") else words
        one = found.definite or found.office == "counterpart"
        sort: Kind = "person" if one else "group"
        demonym = self._names.countries[found.country].demonym if found.country else ""
        title = found.words or bare.split()[-1].lower()
        name = f"{demonym} {title}".strip() if one else bare
        return Actor(f"{sort}:{fold(name)}", name, sort, found.country, found.title.sector)

    def _from_table(self, found: Description) -> Actor | None:
        country = found.country or self._home
        leader = leaders().holder(country, _ANY_TITLE.get(found.words, found.words), self._book.year)
        if leader is None or found.office not in LEADS:
            return None
        return Actor(f"person:{fold(leader.name)}", leader.name, "person", country, leader.sector(self._book.year))

    def _renamed(self, sentence: SentenceView, found: Description) -> tuple[Actor, ...]:
        """Return the person whom an apposition describes: "Steve Witkoff, |a special envoy|"."""
        at = found.start - sentence.start - 1
        if at < 1 or sentence.words[at] != ",":
            return ()
        if sentence.words[at - 1].isdigit() and at > 2 and sentence.words[at - 2] == ",":
            at -= 2
        if sentence.words[at - 1] == ")":
            at = max(sentence.words.index("(") if "(" in sentence.words[:at] else at, 1)
        before = self._history.at(sentence.span.doc, sentence.start + at - 1)
        after = sentence.lower[found.end - sentence.start : found.end - sentence.start + 1]
        if before is None or before.form != "name" or after == ["and"]:
            return ()
        return before.actors

    def _holder(self, found: Description) -> Actor | None:
        """Return the person an office stands for: the last named one whose office and country fit."""
        reach = 1 if found.office in ("man", "woman") else 10_000
        for reference in islice(reversed(self._history.references), OFFICE_REACH):
            if found.sentence - reference.sentence > reach:
                return None
            single = reference.form in ("name", "title", "pronoun") and len(reference.actors) == 1
            if single and self._fits(found, reference.actors[0]):
                return reference.actors[0]
        if reach > 1:
            for person in self._book.persons:
                if self._fits(found, person.actor):
                    return person.actor
        return None

    def _fits(self, found: Description, actor: Actor) -> bool:
        person = self._persons.get(actor.entity_id)
        if person is None or (found.country and person.country != found.country):
            return False
        if found.office == "counterpart":
            return bool(found.country) and person.sector in ("GOV", "MIL", "LEG", "")
        gender = self._history.genders.get(actor.entity_id, "")
        if found.title.gender and gender and gender != found.title.gender:
            return False
        if found.office in ("man", "woman"):
            return not found.country
        offices = LEADS if found.office in LEADS else KINDS_OF_OFFICE.get(found.office, frozenset({found.office}))
        if person.offices & offices:
            return True
        former = found.office.startswith("former ")
        return not former and any(
            office.endswith(f" {found.office}") and not office.startswith("former ") for office in person.offices
        )

    def aged(self, sentence: SentenceView, number: int) -> int:
        """Resolve "the 72-year-old" that begins at word ``number``; return where it ends, 0 where there is none."""
        if sentence.lower[number] != "the" or number + 1 >= len(sentence.words):
            return 0
        match = _AGED.match(sentence.text, sentence.offsets[number + 1])
        if match is None:
            return 0
        end = number + 1
        while end < len(sentence.words) and sentence.offsets[end] < match.end():
            end += 1
        if end < len(sentence.words) and sentence.span[end].pos_ in ("NOUN", "PROPN", "ADJ"):
            return 0
        named = self._identified(sentence, end)
        if named is not None:
            self._history.refer(sentence, number, end, "title", (named,))
            return end
        age = int(match["age"])
        known = [person.actor for person in self._book.persons if person.age == age]
        if len(known) != 1:
            known = [
                reference.actors[0]
                for reference in reversed(self._history.recent(sentence.index, AGE_REACH))
                if reference.subject
                and len(reference.actors) == 1
                and reference.actors[0].kind == "person"
                and not self._age(reference.actors[0])
            ]
        if not known:
            return 0
        self._history.refer(sentence, number, end, "title", (known[0],))
        return end

    def _identified(self, sentence: SentenceView, end: int) -> Actor | None:
        """Return who "the 44-year-old, |identified as| Marc Delcourt," is."""
        words = [word for word in sentence.lower[end : end + 4] if word != ","]
        if words[:2] not in (["identified", "as"], ["named", "as"]):
            return None
        at = sentence.start + sentence.lower.index(words[1], end) + 1
        fitting = (each for each in self._book.mentions if each.sentence == sentence.index)
        return next((each.person.actor for each in fitting if each.lead <= at < each.end), None)

    def _age(self, actor: Actor) -> int:
        person = self._persons.get(actor.entity_id)
        return person.age if person is not None else 0
