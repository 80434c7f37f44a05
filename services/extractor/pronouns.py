"""Whom "he", "her", "it", "they" and "who" stand for.

Scores candidates by nearness and grammatical role, subjects first, after Lappin and Leass (1994); an object pronoun
never means the subject of its own verb (principle B of binding theory).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.extractor.entities import Actor
from services.extractor.persons import NameMention, Person
from services.extractor.references import POSSESSIVES, PREPOSITIONS, History, Reference, governors, subject_heads
from services.extractor.views import SentenceView

PRONOUN_REACH: Final = 3
"""How many sentences back a pronoun may point."""
CONFIDENT: Final = 4.5
"""From this score on a pronoun tells the gender of the person it means."""
MALE: Final = frozenset({"he", "him", "his", "himself"})
FEMALE: Final = frozenset({"she", "her", "hers", "herself"})
PLURAL: Final = frozenset({"they", "them", "their", "theirs", "themselves"})
NEUTER: Final = frozenset({"it", "its", "itself"})
_EXPLETIVE: Final = frozenset({"appear", "seem", "happen", "be", "rain", "snow", "take", "turn", "look", "become"})
_REPORTING: Final = frozenset(
    {"say", "add", "tell", "write", "state", "insist", "warn", "argue", "explain", "", "note"}
)


class Pronouns:
    """Resolves pronouns against the history of one article."""

    def __init__(self, history: History, persons: Mapping[str, Person], mentions: tuple[NameMention, ...]) -> None:
        self._history = history
        self._persons = persons
        self._mentions: dict[int, list[NameMention]] = {}
        for mention in mentions:
            self._mentions.setdefault(mention.sentence, []).append(mention)

    def read(self, sentence: SentenceView, number: int) -> bool:
        """Resolve word ``number`` if it is a pronoun; False where it is none."""
        lower = sentence.lower[number]
        if lower in POSSESSIVES and self._relative(sentence, number):
            return True
        if lower in MALE or lower in FEMALE:
            self._singular(sentence, number, "m" if lower in MALE else "f")
        elif lower in PLURAL:
            self._they(sentence, number)
        elif lower in NEUTER:
            self._it(sentence, number)
        elif lower == "who":
            self._who(sentence, number)
        else:
            return False
        return True

    def _singular(self, sentence: SentenceView, number: int, gender: str) -> None:
        at = sentence.start + number
        token = sentence.span[number]
        lower = sentence.lower[number]
        verbs = governors(token)
        subjects = [frozenset(subject_heads(verb)) for verb in verbs[:4]]
        closed = self._quote_before(sentence, number)
        oblique = lower in ("him", "her") and token.dep_ not in ("poss", "")
        reflexive = lower.endswith("self")
        best, best_score = None, 0.0
        for reference in self._history.recent(sentence.index, PRONOUN_REACH):
            actor = reference.actors[0]
            unnamed = reference.form == "title" and actor.kind == "group"
            if len(reference.actors) != 1 or (actor.kind != "person" and not unnamed):
                continue
            if reference.sentence == sentence.index and reference.start < closed:
                continue
            if self._history.genders.get(actor.entity_id, gender) != gender:
                continue
            same = reference.sentence == sentence.index
            depth = self._depth(sentence, reference, subjects) if same else -1
            if same and oblique and depth == 0:
                continue
            score = (3.0, 2.0, 1.0, 0.5)[min(sentence.index - reference.sentence, 3)]
            score += (0.9 if oblique else 1.5) if reference.subject else 0.4 if not reference.modifier else 0.7
            if same:
                score += 2.5 / (depth + 1) if depth >= 0 else 0.0
                score += 3.0 if reflexive and depth == 0 else 0.0
                score += reference.start / (at + 1) * 0.3
            person = self._persons.get(actor.entity_id)
            score += min(person.count, 10) * 0.03 if person is not None else 0.0
            score += 0.4 if actor.entity_id in self._history.genders else 0.0
            if oblique and subjects and self._named_by(sentence, subjects[0], actor):
                continue  # "Mrs Adams met the mayor. She praised |him|": who "she" is cannot be "him"
            if score > best_score:
                best, best_score = actor, score
        chosen = self._cataphor(sentence, number) or best
        if chosen is not None:
            if best_score >= CONFIDENT:
                self._history.genders.setdefault(chosen.entity_id, gender)
            self._history.refer(sentence, number, number + 1, "pronoun", (chosen,))

    def _relative(self, sentence: SentenceView, number: int) -> bool:
        """Resolve "X, which raised |its| own levies": whose it is, is who the clause is about."""
        token = sentence.span[number]
        if token.dep_ != "poss":
            return False
        lower = sentence.lower[number]
        for verb in governors(token)[:2]:
            subjects = [child for child in verb.children if child.dep_ in ("nsubj", "nsubjpass")]
            if any(child.lower_ in ("who", "which", "that") for child in subjects) and verb.dep_ == "relcl":
                found = self._history.at(sentence.span.doc, verb.head.i)
                fits = found is not None and len(found.actors) == 1 and self._may_be(lower, found.actors[0])
                if found is not None and fits:
                    self._history.refer(sentence, number, number + 1, "pronoun", found.actors)
                    return True
            if subjects:
                break
        return False

    def _may_be(self, pronoun: str, actor: Actor) -> bool:
        if pronoun in ("his", "her"):
            gender = "m" if pronoun == "his" else "f"
            return actor.kind == "person" and self._history.genders.get(actor.entity_id, gender) == gender
        return actor.kind == ("group" if pronoun == "their" else actor.kind) and actor.kind != "person"

    def _named_by(self, sentence: SentenceView, heads: frozenset[int], actor: Actor) -> bool:
        """True where one of the words ``heads`` already stands for ``actor`` alone."""
        found = [self._history.at(sentence.span.doc, head) for head in heads]
        return any(one is not None and one.actors == (actor,) for one in found)

    @staticmethod
    def _depth(sentence: SentenceView, reference: Reference, subjects: list[frozenset[int]]) -> int:
        """Return of which verb above the pronoun a reference is the subject, 0 for the nearest; -1 for none."""
        token = sentence.span.doc[reference.head]
        while token.dep_ in ("conj", "compound", "appos", "poss") and token.head.i != token.i:
            if token.dep_ == "poss":
                return -1
            token = token.head
        return next((depth for depth, heads in enumerate(subjects) if token.i in heads), -1)

    @staticmethod
    def _quote_before(sentence: SentenceView, number: int) -> int:
        """Return the token number up to which a quotation runs that ends right before word ``number``; else 0.

        In "'The president is mistaken,' he said" the one who speaks is not one whom the quotation names.
        """
        before = sentence.words[number - 1] if number else ""
        if before not in ("’", "”", '"', "'", "''") or sentence.span[number].head.lemma_ not in _REPORTING:
            return 0
        return sentence.start + number

    def _cataphor(self, sentence: SentenceView, number: int) -> Actor | None:
        """Return the subject that follows a pronoun in a fronted phrase: "At the time of |his| arrest, Fogel ..."."""
        if any(reference.actors[0].kind == "person" for reference in self._history.recent(sentence.index, 0)):
            return None
        if sentence.lower[0] not in PREPOSITIONS and sentence.lower[0] not in ("when", "while", "in", "since", "if"):
            return None
        try:
            comma = sentence.words.index(",", number)
        except ValueError:
            return None
        for mention in self._mentions.get(sentence.index, ()):
            if 0 <= mention.lead - sentence.start - comma - 1 <= 1:
                return mention.person.actor
        return None

    def _who(self, sentence: SentenceView, number: int) -> None:
        token = sentence.span[number]
        if token.dep_ in ("nsubj", "nsubjpass") and token.head.dep_ == "relcl":
            found = self._history.at(sentence.span.doc, token.head.head.i)
            if found is not None:
                self._history.refer(sentence, number, number + 1, "pronoun", found.actors)
            return
        for reference in reversed(self._history.recent(sentence.index, 0)):
            gap = sentence.start + number - reference.end
            if 0 <= gap <= 4 and reference.form != "pronoun" and not reference.modifier:
                self._history.refer(sentence, number, number + 1, "pronoun", reference.actors)
                return

    def _it(self, sentence: SentenceView, number: int) -> None:
        token = sentence.span[number]
        if sentence.lower[number] == "it" and token.dep_ == "nsubj" and token.head.lemma_ in _EXPLETIVE:
            return
        verbs = governors(token)
        own = frozenset(subject_heads(verbs[0])) if verbs and token.dep_ not in ("nsubj", "nsubjpass", "poss") else ()
        best, best_score = None, 0.0
        for reference in self._history.recent(sentence.index, 1):
            actor = reference.actors[0]
            if len(reference.actors) != 1 or actor.kind not in ("country", "organisation") or reference.modifier:
                continue
            if reference.sentence == sentence.index and reference.head in own:
                continue
            score = (2.0 if reference.sentence == sentence.index else 1.5) + (1.5 if reference.subject else 0.0)
            if score > best_score:
                best, best_score = actor, score
        # A thing is far likelier than an institution unless one was just the subject.
        if best is not None and best_score >= 3.0:
            self._history.refer(sentence, number, number + 1, "pronoun", (best,))

    def _they(self, sentence: SentenceView, number: int) -> None:
        token = sentence.span[number]
        verbs = governors(token)
        oblique = sentence.lower[number] == "them" and bool(verbs)
        own = frozenset(subject_heads(verbs[0])) if oblique else frozenset()
        plural = [
            reference
            for reference in self._history.recent(sentence.index, 2)
            if reference.form in ("people", "group", "plural") or reference.actors[0].kind == "group"
        ]
        best: tuple[Actor, ...] = ()
        best_score = 0.0
        for reference in [*self._history.coordinations, *plural, *self._history.recent(sentence.index, 0)]:
            distance = sentence.index - reference.sentence
            if distance > 2 or (reference.modifier and reference.form != "plural"):
                continue
            if distance == 0 and reference.head in own:
                continue
            single = len(reference.actors) == 1 and reference.actors[0].kind not in ("group", "country")
            if single and (reference.actors[0].kind == "person" or not reference.subject):
                continue
            if distance and not reference.subject and len(reference.actors) == 1:
                continue
            score = 2.0 - distance * 0.8 + (1.2 if reference.subject else 0.0)
            score += 0.4 if len(reference.actors) > 1 else -0.6 if reference.form in ("country", "institution") else 0.0
            if score > best_score:
                best, best_score = reference.actors, score
        if best:
            self._history.refer(sentence, number, number + 1, "pronoun", best)
