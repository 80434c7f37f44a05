"""What every referring word of an article stands for: names, pronouns, "the two leaders", "Ukrainian forces".

The article is read once from front to back, as a reader would: each name, office, pronoun or collective noun is
resolved against what came before it and then itself becomes something that later words can refer to. Where a sentence
has a dependency parse, subjects are known exactly; where it has none, the first name that no preposition governs is
taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any, Final, Literal

from services.extractor.coreference import LEADS, Description, NameBook, SentenceView
from services.extractor.entities import Actor, Kind, fold
from services.extractor.gazetteer import Gazetteer, gazetteer, place_tables

Form = Literal["name", "title", "pronoun", "plural", "country", "people", "institution", "organisation", "group"]

PRONOUN_REACH: Final = 3
"""How many sentences back a pronoun may point."""
KINDS_OF_OFFICE: Final = {
    "diplomat": frozenset({"diplomat", "envoy", "ambassador", "foreign minister", "negotiator"}),
    "lawmaker": frozenset({"lawmaker", "senator", "representative", "speaker"}),
    "soldier": frozenset({"soldier", "sergeant", "officer"}),
    "lawyer": frozenset({"lawyer", "prosecutor"}),
}
"""General words for an office and the offices they may stand for."""
CONFIDENT: Final = 4.5
"""From this score on a pronoun tells the gender of the person it means."""
OFFICE_REACH: Final = 300
"""How many references back "the minister" may point; who is meant beyond that is whom the article names most."""
PLURAL_REACH: Final = 4
"""How many sentences back "the two leaders" and "both countries" may point."""

_MALE: Final = frozenset({"he", "him", "his", "himself"})
_FEMALE: Final = frozenset({"she", "her", "hers", "herself"})
_PLURAL: Final = frozenset({"they", "them", "their", "theirs", "themselves"})
_NEUTER: Final = frozenset({"it", "its", "itself"})
_PERSONS_PLURAL: Final = frozenset({
    "leaders", "presidents", "men", "women", "politicians", "premiers", "ministers", "counterparts", "pair", "duo",
    "officials", "diplomats", "monarchs", "chancellors", "statesmen", "candidates", "suspects", "defendants",
})  # fmt: skip
_COUNTRIES_PLURAL: Final = frozenset({
    "countries", "nations", "sides", "parties", "governments", "capitals", "neighbours", "neighbors", "powers",
    "states", "allies", "foes", "rivals", "enemies", "adversaries", "superpowers", "side", "country",
    "delegations",
})  # fmt: skip
_NUMBERS: Final = {"two": 2, "both": 2, "three": 3, "four": 4, "each": 2, "either": 2, "neither": 2}
_EXPLETIVE: Final = frozenset({"appear", "seem", "happen", "be", "rain", "snow", "take", "turn", "look", "become"})
_PREPOSITIONS: Final = frozenset({
    "of", "in", "on", "at", "to", "by", "for", "from", "with", "against", "between", "about", "into", "over",
    "amid", "during", "despite", "following", "after", "before", "under", "near", "via", "than", "like", "as",
})  # fmt: skip
_GAP_WORDS: Final = frozenset({",", "and", "&", "the", "both", "as", "well", "former", "his", "her", "president"})
_PHRASE_ENDS: Final = frozenset({
    "a", "an", "and", "or", "but", "in", "on", "at", "to", "by", "for", "from", "with", "as", "that", "which",
    "who", ",", ";", ":", "(", ")", "“", "”", '"', "‘", "—", "–", "of", "said", "is", "was", "were", "are", "has",
    "had",
})  # fmt: skip
_SINGULAR_BODIES: Final = frozenset(
    {"GOV", "JUD", "LEG", "BUS", "SPY", "PTY", "NGO", "LAB", "MED", "EDU", "OPP", "IGO"}
)
_REPORTING: Final = frozenset(
    {"say", "add", "tell", "write", "state", "insist", "warn", "argue", "explain", "", "note"}
)
_OFFSHOOTS: Final = frozenset({"backed", "based", "born", "linked", "led", "made", "run", "funded", "aligned"})


@dataclass(frozen=True, slots=True)
class Reference:
    """Some words of a sentence and who they stand for. Token numbers count in the sentence's Doc."""

    sentence: int
    start: int
    end: int
    head: int
    form: Form
    actors: tuple[Actor, ...]
    subject: bool
    modifier: bool = False
    """True where the words only qualify another noun: "the *Ukraine* war"."""


@lru_cache(maxsize=8_192)
def singular(noun: str) -> str:
    """Return the singular of a lower-case English noun as far as collective nouns need it."""
    if noun in ("people", "police", "children"):
        return {"children": "child"}.get(noun, noun)
    if (noun.endswith("men") and len(noun) > 4) or noun == "men":
        return noun[:-3] + "man"
    if noun.endswith("thieves"):
        return "thief"
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith(("sses", "ches", "shes", "xes")):
        return noun[:-2]
    if noun.endswith("s") and not noun.endswith(("ss", "us", "is", "cs")):
        return noun[:-1]
    return noun


class Discourse:
    """All references of one article, resolved in reading order."""

    def __init__(self, sentences: Sequence[SentenceView], book: NameBook) -> None:
        self._names: Gazetteer = gazetteer()
        self._book = book
        self._persons = {person.actor.entity_id: person for person in book.persons}
        self._genders = {person.actor.entity_id: person.gender for person in book.persons if person.gender}
        """Gender by entity id: from titles first, then from the first pronoun that can mean nobody else."""
        self._history: list[Reference] = []
        self._by_token: dict[tuple[int, int], Reference] = {}
        self._coordinations: list[Reference] = []
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
                    self._is_subject(sentence, found.end - 1, found.lead),
                    self._is_modifier(sentence, found.end - 1),
                )
            )
        described: dict[int, list[Description]] = {}
        for description in book.descriptions:
            described.setdefault(description.sentence, []).append(description)
        for sentence in sentences:
            self._read(sentence, names.get(sentence.index, []), described.get(sentence.index, []))

    @property
    def references(self) -> Sequence[Reference]:
        """All references in reading order."""
        return self._history

    def at(self, doc: Any, token: int) -> Reference | None:
        """Return the reference that covers token number ``token`` of ``doc``."""
        return self._by_token.get((id(doc), token))

    # Reading --------------------------------------------------------------------------------------------------------

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
            if entity.label_ == "ORG"
            and not any(at in taken for at in range(entity.start, entity.end))
            and not self._known_institution(sentence, entity)
        }
        number, begin = 0, len(self._history)
        while number < len(sentence.words):
            at = sentence.start + number
            known = taken.get(at)
            if known is not None:
                inner = known.start
                self._read_inside(sentence, known)
                reference = known if isinstance(known, Reference) else self._from_description(sentence, known)
                if reference is not None:
                    self._remember(sentence, reference)
                number = max(known.end, inner + 1) - sentence.start
                continue
            number = self._read_word(sentence, number, organisations)
        self._coordinations.extend(self._coordinated(sentence, self._history[begin:]))

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
                self._history.append(
                    Reference(
                        sentence.index, at, sentence.start + found[0], at, "country", (actor,), False, modifier=True
                    )
                )

    def _remember(self, sentence: SentenceView, reference: Reference) -> None:
        self._history.append(reference)
        doc = id(sentence.span.doc)
        for at in range(reference.start, reference.end):
            self._by_token.setdefault((doc, at), reference)

    def _read_word(self, sentence: SentenceView, number: int, organisations: dict[int, Any]) -> int:
        """Resolve what begins at word ``number`` and return the number of the word to go on with."""
        lower = sentence.lower[number]
        at = sentence.start + number
        entry = sentence.entries.get(number)
        if entry is not None:
            return self._read_entry(sentence, number, *entry)
        if lower in _MALE or lower in _FEMALE:
            self._pronoun(sentence, number, "m" if lower in _MALE else "f")
            return number + 1
        if lower in _PLURAL:
            self._they(sentence, number)
            return number + 1
        if lower in _NEUTER:
            self._it(sentence, number)
            return number + 1
        if lower == "who":
            self._who(sentence, number)
            return number + 1
        if lower in _NUMBERS or lower == "the":
            end = self._plural(sentence, number)
            if end:
                return end
        group = self._group(sentence, number)
        if group:
            return group
        entity = organisations.get(at)
        if entity is not None:
            self._organisation(sentence, entity)
            return int(entity.end) - sentence.start
        return number + 1

    def _read_entry(self, sentence: SentenceView, number: int, end: int, entry: Any) -> int:
        at, stop = sentence.start + number, sentence.start + end
        head = stop - 1
        modifier = self._is_modifier(sentence, head)
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
            not modifier and self._is_subject(sentence, head, start),
            modifier,
        )
        self._remember(sentence, reference)
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
            if found is not None and found[1].country:
                country = found[1].country
                break
        sector = self._names.group_sector(singular(name.split()[-1].lower())) or ""
        actor = Actor(f"org:{fold(name)}", name, "organisation", country, sector)
        head = entity.root.i if sentence.span.doc.has_annotation("DEP") else entity.end - 1
        self._remember(
            sentence,
            Reference(
                sentence.index,
                entity.start,
                entity.end,
                head,
                "organisation",
                (actor,),
                self._is_subject(sentence, head, entity.start),
                self._is_modifier(sentence, head),
            ),
        )

    # Collective nouns -----------------------------------------------------------------------------------------------

    def _group(self, sentence: SentenceView, number: int) -> int:
        """Resolve a collective noun that begins at ``number``: "forces", "foreign ministry"; 0 where there is none."""
        lower = sentence.lower[number]
        if not lower.isalpha():
            return 0
        end, noun, sector = number + 1, singular(lower), None
        several = lower in self._names.group_starts
        if not several and noun not in self._names.group_nouns:
            return 0
        for length in (3, 2) if several else ():
            if number + length <= len(sentence.lower):
                phrase = sentence.lower[number : number + length]
                joined = " ".join([*phrase[:-1], singular(phrase[-1])])
                sector = self._names.group_sector(joined)
                if sector is not None:
                    end, noun = number + length, joined
                    break
        if sector is None:
            sector = self._names.group_sector(noun)
        if sector is None or sentence.span[end - 1].pos_ in ("VERB", "ADJ", "ADV", "AUX"):
            return 0
        last = end - 1
        if sentence.span[last].ent_type_ in ("GPE", "LOC", "FAC") and sentence.words[last][:1].isupper():
            return 0  # "the West Bank"
        if self._is_modifier(sentence, sentence.start + last):
            return 0
        start, country, owner = self._phrase(sentence, number, end)
        words = " ".join(sentence.words[start:end])
        plural = singular(sentence.lower[last]) != sentence.lower[last] or noun in ("police", "people")
        actor = self._group_actor(noun, sector, country, owner, words, plural)
        head = sentence.start + last
        self._remember(
            sentence,
            Reference(
                sentence.index,
                sentence.start + start,
                sentence.start + end,
                head,
                "group",
                (actor,),
                self._is_subject(sentence, head, sentence.start + start),
            ),
        )
        return end

    def _phrase(self, sentence: SentenceView, number: int, end: int) -> tuple[int, str, str]:
        """Return where the phrase around a collective noun begins, its country and whom it belongs to."""
        country, owner, start = "", "", number
        at = number
        while at > 0 and number - at < 5:
            at -= 1
            lower = sentence.lower[at]
            if lower in _PHRASE_ENDS or lower in ("the", "his", "her", "their", "its", "some", "many", "several"):
                break
            found = self._by_token.get((id(sentence.span.doc), sentence.start + at))
            first = next((back for back in range(at, max(at - 4, -1), -1) if back in sentence.entries), -1)
            entry = sentence.entries[first] if first >= 0 and sentence.entries[first][0] > at else None
            if entry is not None and entry[1].country:
                joint = sentence.lower[entry[0] : entry[0] + 2]
                if not (len(joint) == 2 and joint[0] == "-" and joint[1] in _OFFSHOOTS):
                    country = entry[1].country
                    owner = entry[1].name if entry[1].kind == "institution" else ""
                return first, country, owner
            party = self._names.parties.get(lower)
            if party and sentence.words[at][:1].isupper():
                return at, party, sentence.words[at]
            if found is not None and found.form in ("name", "title"):
                return at, found.actors[0].country, found.actors[0].name.split()[-1]
            token = sentence.span[at]
            if token.pos_ in ("VERB", "AUX", "ADP", "PRON", "NUM") and lower not in ("'s", "’s"):
                break
            if sentence.words[at][:1].isupper() and at:
                return at, "", sentence.words[at]
            start = at if token.pos_ in ("ADJ", "NOUN", "PROPN") and number - at <= 2 else start
        if sentence.lower[end : end + 1] == ["of"] or sentence.lower[end : end + 1] == ["in"]:
            after = end + 1 + (sentence.lower[end + 1 : end + 2] == ["the"])
            entry = sentence.entries.get(after)
            if entry is not None and entry[1].kind in ("country", "capital") and sentence.lower[end] == "of":
                country = entry[1].country
        return start, country, owner

    def _group_actor(self, noun: str, sector: str, country: str, owner: str, words: str, plural: bool) -> Actor:
        demonym = self._names.countries[country].demonym if country else ""
        label = f"{noun}s" if plural and noun not in ("police", "people") else noun
        label = {"forcess": "forces", "mans": "men", "womans": "women", "childs": "children"}.get(label, label)
        if label.endswith("ys") and not label.endswith(("ays", "eys", "oys")):
            label = label[:-2] + "ies"
        if label.endswith("mans"):
            label = label[:-4] + "men"
        name = f"{owner or demonym} {label}".strip()
        body = not plural and sector in _SINGULAR_BODIES
        if noun in ("country", "nation", "state") and country:
            return self._names.country_actor(country)
        if body:
            return Actor(f"org:{fold(name)}", name, "organisation", country, sector)
        # "Ukrainian troops" and "Ukrainian forces" are one actor: state forces are named by country and sector.
        key = (
            f"{country.lower()} {sector.lower()}" if country and sector in ("MIL", "COP") and not owner else fold(name)
        )
        return Actor(f"group:{key}", name or words, "group", country, sector)

    # Titles ---------------------------------------------------------------------------------------------------------

    def _from_description(self, sentence: SentenceView, found: Description) -> Reference | None:
        if found.definite and self._numbered(sentence, found):
            return None
        actors: tuple[Actor, ...] = self._renamed(sentence, found)
        if not actors and found.definite:
            person = self._holder(found)
            actors = (person,) if person is not None else ()
        bare_title = sentence.lower[found.start - sentence.start] not in ("a", "an", "the", "one", "another")
        if not actors and not found.country and bare_title:
            return None
        if not actors and found.office != "counterpart" and (found.country or not found.definite):
            words = " ".join(sentence.words[found.start - sentence.start : found.end - sentence.start])
            bare = words.split(" ", 1)[-1] if words.split(" ", 1)[0].lower() in ("the", "a", "an") else words
            sort: Kind = "person" if found.definite else "group"
            prefix = "person" if found.definite else "group"
            demonym = self._names.countries[found.country].demonym if found.country else ""
            name = f"{demonym} {bare.split()[-1].lower()}".strip() if found.definite else bare
            actors = (Actor(f"{prefix}:{fold(name)}", name, sort, found.country, found.title.sector),)
        if not actors:
            return None
        if found.title.gender:
            self._genders.setdefault(actors[0].entity_id, found.title.gender)
        head = found.end - 1
        return Reference(
            found.sentence,
            found.start,
            found.end,
            head,
            "title",
            actors,
            self._is_subject(sentence, head, found.start),
            self._is_modifier(sentence, head),
        )

    def _renamed(self, sentence: SentenceView, found: Description) -> tuple[Actor, ...]:
        """Return the person whom an apposition describes: "Steve Witkoff, |a special envoy|"."""
        at = found.start - sentence.start - 1
        if at < 1 or sentence.words[at] != ",":
            return ()
        if sentence.words[at - 1].isdigit() and at > 2 and sentence.words[at - 2] == ",":
            at -= 2
        if sentence.words[at - 1] == ")":
            at = max(sentence.words.index("(") if "(" in sentence.words[:at] else at, 1)
        before = self.at(sentence.span.doc, sentence.start + at - 1)
        after = sentence.lower[found.end - sentence.start : found.end - sentence.start + 1]
        if before is None or before.form != "name" or after == ["and"]:
            return ()
        return before.actors

    @staticmethod
    def _numbered(sentence: SentenceView, found: Description) -> bool:
        first = found.start - sentence.start
        return any(word in _NUMBERS for word in sentence.lower[first : found.end - sentence.start])

    def _holder(self, found: Description) -> Actor | None:
        """Return the person an office stands for: the last named one whose office and country fit."""
        fitting = LEADS if found.office in LEADS else KINDS_OF_OFFICE.get(found.office, frozenset({found.office}))
        counterpart = found.office == "counterpart"

        def fits(actor: Actor) -> bool:
            person = self._persons.get(actor.entity_id)
            if person is None or (found.country and person.country != found.country):
                return False
            if counterpart:
                return bool(found.country) and person.sector in ("GOV", "MIL", "LEG", "")
            gender = self._genders.get(actor.entity_id, "")
            if found.title.gender and gender and gender != found.title.gender:
                return False
            if found.office in ("man", "woman"):
                return not found.country
            return bool(person.offices & fitting) or any(
                office.endswith(f" {found.office}") for office in person.offices
            )

        reach = 1 if found.office in ("man", "woman") else 10_000
        for reference in islice(reversed(self._history), OFFICE_REACH):
            if found.sentence - reference.sentence > reach:
                return None
            single = reference.form in ("name", "title", "pronoun") and len(reference.actors) == 1
            if single and fits(reference.actors[0]):
                return reference.actors[0]
        if reach > 1:
            for person in self._book.persons:
                if fits(person.actor):
                    return person.actor
        return None

    # Pronouns -------------------------------------------------------------------------------------------------------

    def _pronoun(self, sentence: SentenceView, number: int, gender: str) -> None:
        at = sentence.start + number
        best, best_score = None, 0.0
        governors = self._governors(sentence, number)
        lower = sentence.lower[number]
        closed = self._quote_before(sentence, number)
        oblique = lower in ("him", "her") and sentence.span[number].dep_ not in ("poss", "")
        for reference in self._recent(sentence.index, PRONOUN_REACH):
            actor = reference.actors[0]
            unnamed = reference.form == "title" and actor.kind == "group"
            if len(reference.actors) != 1 or (actor.kind != "person" and not unnamed):
                continue
            if reference.sentence == sentence.index and reference.start < closed:
                continue
            person = self._persons.get(actor.entity_id)
            if self._genders.get(actor.entity_id, gender) != gender:
                continue
            score = (3.0, 2.0, 1.0, 0.5)[min(sentence.index - reference.sentence, 3)]
            same = reference.sentence == sentence.index
            if same and oblique and governors and self._subject_of(sentence, reference, governors[0]):
                continue
            score += (0.9 if oblique else 1.5) if reference.subject else 0.4 if not reference.modifier else 0.7
            if same:
                for depth, governor in enumerate(governors[:4]):
                    if self._subject_of(sentence, reference, governor):
                        score += 2.5 / (depth + 1)
                        break
                score += reference.start / (at + 1) * 0.3
            else:
                score += 0.01 * (reference.start - sentence.start) / 1000
            if person is not None:
                score += min(person.count, 10) * 0.03
            score += 0.1 if actor.entity_id in self._genders else 0.0
            if score > best_score:
                best, best_score = actor, score
        ahead = self._cataphor(sentence, number)
        chosen = ahead if ahead is not None else best
        if chosen is not None:
            if best_score >= CONFIDENT:
                self._genders.setdefault(chosen.entity_id, gender)
            self._refer(sentence, number, "pronoun", (chosen,))

    @staticmethod
    def _quote_before(sentence: SentenceView, number: int) -> int:
        """Return the token number up to which a quotation runs that ends right before word ``number``; else 0.

        In "'The president is mistaken,' he said" the one who speaks is not one whom the quotation names.
        """
        before = sentence.words[number - 1] if number else ""
        if before not in ("’", "”", '"', "'", "''") or sentence.span[number].head.lemma_ not in _REPORTING:
            return 0
        return sentence.start + number

    def _refer(self, sentence: SentenceView, number: int, form: Form, actors: tuple[Actor, ...]) -> None:
        at = sentence.start + number
        self._remember(
            sentence,
            Reference(
                sentence.index,
                at,
                at + 1,
                at,
                form,
                actors,
                self._is_subject(sentence, at, at),
                self._is_modifier(sentence, at),
            ),
        )

    def _cataphor(self, sentence: SentenceView, number: int) -> Actor | None:
        """Return the subject that follows a pronoun in a fronted phrase: "At the time of |his| arrest, Fogel ..."."""
        if any(
            reference.sentence == sentence.index and reference.actors[0].kind == "person"
            for reference in self._recent(sentence.index, 0)
        ):
            return None
        if sentence.lower[0] not in _PREPOSITIONS and sentence.lower[0] not in ("when", "while", "in", "since", "if"):
            return None
        try:
            comma = sentence.words.index(",", number)
        except ValueError:
            return None
        for mention in self._book.mentions:
            if mention.sentence == sentence.index and 0 <= mention.lead - sentence.start - comma - 1 <= 1:
                return mention.person.actor
        return None

    @staticmethod
    def _governors(sentence: SentenceView, number: int) -> list[int]:
        token = sentence.span[number]
        if not token.dep_:
            return []
        return [ancestor.i for ancestor in token.ancestors if ancestor.tag_.startswith("VB")]

    @staticmethod
    def _subject_of(sentence: SentenceView, reference: Reference, verb: int) -> bool:
        token = sentence.span.doc[reference.head]
        while token.dep_ in ("conj", "compound", "appos", "poss") and token.head.i != token.i:
            token = token.head
        return bool(token.dep_ in ("nsubj", "nsubjpass") and token.head.i == verb)

    def _who(self, sentence: SentenceView, number: int) -> None:
        token = sentence.span[number]
        if token.dep_ in ("nsubj", "nsubjpass") and token.head.dep_ == "relcl":
            found = self.at(sentence.span.doc, token.head.head.i)
            if found is not None:
                self._refer(sentence, number, "pronoun", found.actors)
            return
        for reference in reversed(self._recent(sentence.index, 0)):
            gap = sentence.start + number - reference.end
            if 0 <= gap <= 4 and reference.form != "pronoun" and not reference.modifier:
                self._refer(sentence, number, "pronoun", reference.actors)
                return

    def _it(self, sentence: SentenceView, number: int) -> None:
        token = sentence.span[number]
        if sentence.lower[number] == "it" and token.dep_ == "nsubj" and token.head.lemma_ in _EXPLETIVE:
            return
        best, best_score = None, 0.0
        for reference in self._recent(sentence.index, 1):
            actor = reference.actors[0]
            if len(reference.actors) != 1 or actor.kind not in ("country", "organisation") or reference.modifier:
                continue
            score = (2.0 if reference.sentence == sentence.index else 1.5) + (1.5 if reference.subject else 0.0)
            if score > best_score:
                best, best_score = actor, score
        # A thing is far likelier than an institution unless one was just the subject.
        if best is not None and best_score >= 3.0:
            self._refer(sentence, number, "pronoun", (best,))

    def _they(self, sentence: SentenceView, number: int) -> None:
        best: tuple[Actor, ...] = ()
        best_score = 0.0
        plural = [
            reference
            for reference in self._recent(sentence.index, 2)
            if reference.form in ("people", "group", "plural") or reference.actors[0].kind == "group"
        ]
        for reference in [*self._coordinations, *plural, *self._recent(sentence.index, 0)]:
            distance = sentence.index - reference.sentence
            if distance > 2 or (reference.modifier and reference.form != "plural"):
                continue
            single = len(reference.actors) == 1 and reference.actors[0].kind not in ("group", "country")
            if single and reference.actors[0].kind == "person":
                continue
            score = 2.0 - distance * 0.8 + (1.2 if reference.subject else 0.0)
            score += 0.4 if len(reference.actors) > 1 else -0.6 if reference.form in ("country", "institution") else 0.0
            if score > best_score:
                best, best_score = reference.actors, score
        if best:
            self._refer(sentence, number, "pronoun", best)

    # Several at once ------------------------------------------------------------------------------------------------

    def _plural(self, sentence: SentenceView, number: int) -> int:
        """Resolve "the two leaders", "both countries", "each side", "the leaders"; 0 where there is no such phrase."""
        lower = sentence.lower
        at, wanted = number, 0
        if lower[at] == "the":
            at += 1
        if at < len(lower) and lower[at] in _NUMBERS:
            wanted = _NUMBERS[lower[at]]
            at += 1
            if lower[at : at + 1] == ["of"] or lower[at : at + 1] == ["the"]:
                at += 1
        end = at
        while end < len(lower) and end - at < 3:
            word = lower[end]
            if word in _PERSONS_PLURAL or word in _COUNTRIES_PLURAL:
                break
            if end in sentence.inside or not (word.isalpha() or word == "-") or word in _PHRASE_ENDS:
                end = len(lower)
                break
            end += 1
        bare = end >= len(lower) or end - at >= 3
        if bare:
            if wanted and lower[number] == "the" and sentence.span[at - 1].dep_ in ("nsubj", "pobj", "nsubjpass"):
                actors = self._salient("person", wanted, sentence)
                if actors:
                    self._refer_span(sentence, number, at, actors)
                    return at
            return 0
        noun = lower[end]
        if not wanted:
            if (end != at and noun not in ("nations", "countries", "sides", "leaders")) or noun in ("side", "country"):
                return 0
            wanted = 2
        if noun in ("pair", "duo") and wanted == 2 and lower[number] != "the":
            return 0
        sort: Kind = "person" if noun in _PERSONS_PLURAL else "country"
        actors = self._salient(sort, wanted, sentence)
        if not actors and noun in ("sides", "parties", "rivals", "allies", "enemies", "foes", "side"):
            actors = self._salient("organisation", wanted, sentence)
        if not actors:
            return 0
        self._refer_span(sentence, number, end + 1, actors)
        return end + 1

    def _refer_span(self, sentence: SentenceView, first: int, last: int, actors: tuple[Actor, ...]) -> None:
        head = sentence.start + last - 1
        self._remember(
            sentence,
            Reference(
                sentence.index,
                sentence.start + first,
                sentence.start + last,
                head,
                "plural",
                actors,
                self._is_subject(sentence, head, sentence.start + first),
                self._is_modifier(sentence, head),
            ),
        )

    def _salient(self, sort: Kind, wanted: int, sentence: SentenceView) -> tuple[Actor, ...]:
        """Return the ``wanted`` most salient actors of a kind that were named before; empty where there are fewer."""
        index = sentence.index
        here = [reference for reference in self._recent(index, 0) if reference.sentence == index]
        for coordination in reversed([*self._coordinations, *self._coordinated(sentence, here)]):
            if index - coordination.sentence > 2:
                break
            if len(coordination.actors) == wanted and all(
                actor.kind == sort or (sort == "organisation" and actor.kind == "country")
                for actor in coordination.actors
            ):
                return coordination.actors
        scores: dict[str, float] = {}
        actors: dict[str, Actor] = {}
        for reference in self._recent(index, PLURAL_REACH):
            weight = 1.0 / (1 + index - reference.sentence)
            weight *= 1.6 if reference.subject else 0.6 if reference.modifier else 1.0
            for actor in reference.actors:
                for fitting, share in self._as_kind(actor, sort):
                    actors[fitting.entity_id] = fitting
                    scores[fitting.entity_id] = scores.get(fitting.entity_id, 0.0) + weight * share
        if len(scores) < wanted:
            return ()
        best = sorted(scores, key=lambda key: -scores[key])[:wanted]
        return tuple(actors[key] for key in best)

    def _as_kind(self, actor: Actor, sort: Kind) -> Iterable[tuple[Actor, float]]:
        if sort == "person":
            if actor.kind == "person" and actor.sector in ("GOV", "", "MIL", "LEG", "OPP", "REB", "PTY", "IGO"):
                yield actor, 1.0
        elif sort == "country":
            if actor.kind == "country":
                yield actor, 1.0
            elif actor.country and actor.sector in ("GOV", "MIL"):
                yield self._names.country_actor(actor.country), 0.8
        elif actor.kind in ("organisation", "country"):
            yield actor, 1.0

    def _recent(self, index: int, reach: int) -> list[Reference]:
        found: list[Reference] = []
        for reference in reversed(self._history):
            if index - reference.sentence > reach:
                break
            found.append(reference)
        found.reverse()
        return found

    def _coordinated(self, sentence: SentenceView, references: Sequence[Reference]) -> list[Reference]:
        """Join "X and Y" of one sentence, for "they" and "both" after it."""
        joined: list[Reference] = []
        run: list[Reference] = []
        ordered = [reference for reference in references if not (reference.modifier and reference.form == "country")]
        for reference in [*ordered, None]:
            if run and reference is not None and self._joined(sentence, run[-1], reference):
                run.append(reference)
                continue
            if len(run) > 1:
                actors = tuple(dict.fromkeys(actor for part in run for actor in part.actors))
                if len(actors) > 1:
                    joined.append(replace(run[0], end=run[-1].end, form="plural", actors=actors, modifier=False))
            run = [reference] if reference is not None else []
        return joined

    def _joined(self, sentence: SentenceView, left: Reference, right: Reference) -> bool:
        if left.actors[0].kind != right.actors[0].kind and "group" not in (left.actors[0].kind, right.actors[0].kind):
            return False
        gap = sentence.lower[left.end - sentence.start : right.start - sentence.start]
        if not gap or len(gap) > 6 or "and" not in gap:
            return False
        return all(word in _GAP_WORDS or word in self._names.title_words for word in gap)

    # Syntax, as far as it is known -----------------------------------------------------------------------------------

    @staticmethod
    def _is_subject(sentence: SentenceView, head: int, start: int) -> bool:
        token = sentence.span.doc[head]
        if token.dep_:
            for _ in range(4):
                if token.dep_ in ("conj", "appos", "compound", "flat", "nmod") and token.head.i != token.i:
                    token = token.head
                else:
                    break
            return bool(token.dep_ in ("nsubj", "nsubjpass", "csubj"))
        before = start - 1 - sentence.start
        return before < 0 or (start - sentence.start <= 6 and sentence.lower[before] not in _PREPOSITIONS)

    @staticmethod
    def _is_modifier(sentence: SentenceView, head: int) -> bool:
        token = sentence.span.doc[head]
        if token.dep_:
            return bool(token.dep_ in ("poss", "compound", "amod", "nmod") and token.head.i > token.i)
        after = head + 1 - sentence.start
        return after < len(sentence.words) and sentence.lower[after] in ("'s", "’s", "‘s")
