"""What every referring word of an article stands for: names, pronouns, "the two leaders", "Ukrainian forces".

The article is read once from front to back, as a reader would: each name, office, pronoun or collective noun is
resolved against what came before it and then itself becomes something that later words can refer to. Where a sentence
has a dependency parse, subjects are known exactly; where it has none, the first name that no preposition governs is
taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from services.extractor.coreference import NameBook
from services.extractor.entities import Actor, Kind, fold
from services.extractor.gazetteer import Entry, Gazetteer, gazetteer
from services.extractor.geography import place_tables
from services.extractor.groups import Groups, singular
from services.extractor.holders import Holders
from services.extractor.persons import Description
from services.extractor.plurals import NUMBERS, Plurals
from services.extractor.pronouns import Pronouns
from services.extractor.references import POSSESSIVES, Form, History, Reference, is_modifier, is_subject
from services.extractor.views import SentenceView, bare_word, spelt_at


class Discourse:
    """All references of one article, resolved in reading order."""

    def __init__(self, sentences: Sequence[SentenceView], book: NameBook) -> None:
        self._names: Gazetteer = gazetteer()
        self._book = book
        self.countries = book.countries.copy()
        """How often the article names each country (ISO alpha-3) or somewhere in it."""
        self._history = History()
        self._history.genders.update(
            {person.actor.entity_id: person.gender for person in book.persons if person.gender}
        )
        self._groups = Groups(self._history, self.countries)
        self.home = self._groups.home
        """The country that the article is about; empty where there is none or several are."""
        self._holders = Holders(self._history, book, self.home)
        self._pronouns = Pronouns(
            self._history, {person.actor.entity_id: person for person in book.persons}, book.mentions
        )
        self._plurals = Plurals(self._history)
        names: dict[int, list[Reference]] = {}
        for found in book.mentions:
            sentence = sentences[found.sentence]
            names.setdefault(found.sentence, []).append(
                Reference(
                    found.sentence,
                    found.lead,
                    found.end,
                    found.end - 1,
                    "name",
                    (found.person.actor,),
                    is_subject(sentence, found.end - 1, found.lead),
                    is_modifier(sentence, found.end - 1),
                )
            )
        self._organisation_names: dict[str, set[tuple[str, ...]]] = {}
        self._learn_organisations(sentences)
        described: dict[int, list[Description]] = {}
        for description in book.descriptions:
            described.setdefault(description.sentence, []).append(description)
        for sentence in sentences:
            self._read(sentence, names.get(sentence.index, []), described.get(sentence.index, []))

    @property
    def references(self) -> Sequence[Reference]:
        """All references in reading order."""
        return self._history.references

    def at(self, doc: Any, token: int) -> Reference | None:
        """Return the reference that covers token number ``token`` of ``doc``."""
        return self._history.at(doc, token)

    def _read(self, sentence: SentenceView, names: list[Reference], described: list[Description]) -> None:
        taken: dict[int, Reference | Description] = {}
        for found in names:
            taken.update(dict.fromkeys(range(found.start, found.end), found))
        for description in described:
            if not any(at in taken for at in range(description.start, description.end)):
                taken.update(dict.fromkeys(range(description.start, description.end), description))
        organisations = {
            entity.start: entity
            for entity in sentence.span.ents
            if self._is_organisation(entity)
            and not any(at in taken for at in range(entity.start, entity.end))
            and not self._known_institution(sentence, entity)
        }
        organisations.update(self._untagged_organisations(sentence, taken, organisations))
        number, begin = 0, len(self._history.references)
        while number < len(sentence.words):
            at = sentence.start + number
            known = taken.get(at)
            if known is not None:
                inner = known.start
                self._read_inside(sentence, known)
                if isinstance(known, Description) and sentence.lower[number] in POSSESSIVES:
                    self._pronouns.read(sentence, number)
                reference = known if isinstance(known, Reference) else self._holders.resolve(sentence, known)
                if reference is not None:
                    self._history.add(sentence, reference)
                number = max(known.end, inner + 1) - sentence.start
                continue
            number = self._read_word(sentence, number, organisations)
        self._history.coordinations.extend(self._history.joined(sentence, self._history.references[begin:]))

    def _learn_organisations(self, sentences: Sequence[SentenceView]) -> None:
        """Learn the names that a tagger takes for organisations somewhere, and mostly there."""
        found: Counter[tuple[str, ...]] = Counter()
        other: Counter[tuple[str, ...]] = Counter()
        for sentence in sentences:
            for entity in sentence.span.ents:
                name = tuple(fold(bare_word(token.text)) for token in entity if bare_word(token.text))
                (found if self._is_organisation(entity) else other)[name] += 1
        for name, count in found.items():
            words = tuple(word for word in name if word != "the")
            sure = count >= other[name] if len(words) > 1 else not other[name] and len(name[0]) > 3
            if words and sure:
                self._organisation_names.setdefault(words[0], set()).add(words)

    def _untagged_organisations(
        self, sentence: SentenceView, taken: Mapping[int, object], tagged: Mapping[int, Any]
    ) -> dict[int, Any]:
        """Return the organisations of the article that the tagger missed in this sentence, by first token number."""
        covered = {at for entity in tagged.values() for at in range(entity.start, entity.end)}
        found: dict[int, Any] = {}
        for number, word in enumerate(sentence.words):
            at = sentence.start + number
            if not word[:1].isupper() or at in covered or at in taken or number in sentence.inside:
                continue
            for words in sorted(self._organisation_names.get(fold(bare_word(word)), ()), key=len, reverse=True):
                end = spelt_at(sentence, number, words)
                after = sentence.words[end] if end and end < len(sentence.words) else ""
                if end and not after[:1].isupper():
                    found[at] = sentence.span.doc[at : sentence.start + end]
                    break
        return found

    def _is_organisation(self, entity: Any) -> bool:
        """True for a name tagged as an organisation's, or as a person's where the words tell another thing."""
        if entity.label_ != "PERSON":
            return bool(entity.label_ == "ORG")
        name = str(entity.text).removesuffix("'s").removesuffix("’s").strip()
        words = name.split()
        return fold(name) in self._book.bodies or (len(words) > 1 and bool(self._names.ending(words[-1])))

    @staticmethod
    def _known_institution(sentence: SentenceView, entity: Any) -> bool:
        first, last = entity.start - sentence.start, entity.end - sentence.start
        return any(
            found[1].kind in ("institution", "country") and found[0] >= last - 1
            for at in range(max(first, 0), min(first + 2, last))
            if (found := sentence.entries.get(at)) is not None
        )

    def _read_inside(self, sentence: SentenceView, known: Reference | Description) -> None:
        """Remember the countries named inside a title: "the |US| president" makes the US salient."""
        for at in range(known.start, known.end):
            found = sentence.entries.get(at - sentence.start)
            if found is not None and found[1].kind in ("country", "adjective", "institution") and found[1].country:
                actor = self._names.country_actor(found[1].country)
                self._history.references.append(
                    Reference(
                        sentence.index, at, sentence.start + found[0], at, "country", (actor,), False, modifier=True
                    )
                )

    def _read_word(self, sentence: SentenceView, number: int, organisations: dict[int, Any]) -> int:
        """Resolve what begins at word ``number`` and return the number of the word to go on with."""
        entry = sentence.entries.get(number)
        if entry is not None and not self._belongs_elsewhere(sentence, number, entry[1]):
            return self._read_entry(sentence, number, *entry)
        if self._pronouns.read(sentence, number):
            return number + 1
        lower = sentence.lower[number]
        if lower in NUMBERS or lower == "the":
            end = self._holders.aged(sentence, number) or self._plurals.read(sentence, number)
            if end:
                return end
        group = self._groups.read(sentence, number)
        if group:
            return group
        entity = organisations.get(sentence.start + number)
        if entity is not None:
            last = int(entity.end) - sentence.start
            if self._is_body(sentence, number, last):
                return number + 1
            self._organisation(sentence, entity)
            return last
        return number + 1

    def _is_body(self, sentence: SentenceView, first: int, last: int) -> bool:
        """True for a country's own body, "The Russian Defence Ministry": its parts tell more than its name."""
        countries = any(entry.country for at, (_, entry) in sentence.entries.items() if first <= at < last)
        return countries and self._names.group_sector(singular(sentence.lower[last - 1])) is not None

    def _belongs_elsewhere(self, sentence: SentenceView, number: int, entry: Entry) -> bool:
        """True for a body that every state has, "Congress", where it is another country's than the gazetteer says."""
        if entry.kind != "institution" or self._names.group_sector(sentence.lower[number]) is None:
            return False
        owners = [
            owner.country
            for begin, (end, owner) in sentence.entries.items()
            if end <= number and number - end <= 1 and begin < number and owner.country
        ]
        if owners:
            return owners[-1] != entry.country
        return bool(self.home) and self.home != entry.country and not self.countries[entry.country]

    def _read_entry(self, sentence: SentenceView, number: int, end: int, entry: Entry) -> int:
        at, stop = sentence.start + number, sentence.start + end
        head = stop - 1
        modifier = is_modifier(sentence, head)
        start = at - 1 if number and sentence.lower[number - 1] == "the" else at
        if entry.kind == "institution":
            sort: Kind = "organisation"
            actor = Actor(f"org:{fold(entry.name)}", entry.name, sort, entry.country, entry.sector)
            form: Form = "institution"
        elif entry.kind == "people" and start == at:
            name = sentence.words[number]
            country = self._names.countries[entry.country]
            actor = Actor(f"group:{entry.country.lower()} people", name, "group", country.alpha3, "CVL")
            form = "people"
        elif entry.kind == "adjective":
            # "the British" are a people; before a noun the word only qualifies it and the noun is the actor.
            actor, form = self._names.country_actor(entry.country), "country"
            modifier = modifier or not self._ends_phrase(sentence, end)
        else:
            actor, form = self._names.country_actor(entry.country), "country"
        reference = Reference(
            sentence.index,
            start,
            stop,
            head,
            form,
            (actor,),
            not modifier and is_subject(sentence, head, start),
            modifier,
        )
        self._history.add(sentence, reference)
        return end

    @staticmethod
    def _ends_phrase(sentence: SentenceView, end: int) -> bool:
        if end >= len(sentence.words):
            return True
        after = sentence.span[end]
        return not (after.pos_ in ("NOUN", "PROPN", "ADJ", "NUM") or sentence.lower[end] == "-")

    def _organisation(self, sentence: SentenceView, entity: Any) -> None:
        name = entity.text.strip(" '\"‘’“”.,;:-")
        for ending in ("'s", "’s", "‘s"):
            name = name.removesuffix(ending).rstrip()
        if name[:4].lower() == "the ":
            name = name[4:]
        if len(name) < 2 or not any(mark.isupper() for mark in name):
            return
        if name.isupper() and sentence.index == 0 and fold(name) in place_tables().cities:
            return  # The dateline of a wire: "INDIANAPOLIS (AP)".
        country = ""
        for number in range(entity.start - sentence.start, entity.end - sentence.start):
            found = sentence.entries.get(number)
            first = number <= entity.start - sentence.start + (sentence.lower[entity.start - sentence.start] == "the")
            if found is not None and found[1].country and (first or sentence.lower[number - 1] in ("of", "the", "in")):
                country = found[1].country
                break
        sector = (
            self._names.ending(name.split()[-1]) or self._names.group_sector(singular(name.split()[-1].lower())) or ""
        )
        actor = Actor(f"org:{fold(name)}", name, "organisation", country, sector)
        head = entity.root.i if sentence.span.doc.has_annotation("DEP") else entity.end - 1
        first, last = entity.start - sentence.start, entity.end - sentence.start
        self._history.refer(sentence, first, last, "organisation", (actor,), head)
