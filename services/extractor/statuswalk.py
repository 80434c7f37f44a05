"""What a walk from a trigger up the tree gathers: the effects of verb forms, negations and governing words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from spacy.tokens import Token

from services.extractor.statuswords import status_words

TELLING: Final = frozenset({"announce", "announced", "announces", "announcing", "declare", "declared", "declares"})
"""Who announces that something happens need not take part in it; who announces it ("announced sanctions") does."""
BE: Final = frozenset({"be", "is", "are", "was", "were", "'s", "’s", "'re", "’re", "been", "being", "am"})
_CONDITION: Final = frozenset({"if", "unless", "whether", "lest", "provided", "should"})
_GENERALLY: Final = frozenset({"rarely", "seldom", "usually", "sometimes", "typically", "normally"})
"""What happens so is a habit and no event."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A word that has a say in how far along an event is."""

    word: Token
    effect: str
    """A status, an effect of ``status_words.tsv``, or negation, would, hypothetical, past-progressive, amid."""


@dataclass(slots=True)
class Walk:
    """What the walk gathered, from the trigger upwards."""

    effects: list[str] = field(default_factory=list)
    path: list[Token] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    negations: int = 0
    given: bool = False
    """True for what is counted in money: "pledged a million dollars in aid"."""
    helps: bool = False
    """True for aid: to cut it is to withdraw it."""
    answered: bool = False
    """True for what is said to somebody, who may deny it: it was said all the same."""
    said: bool = False
    """True where an infinitive tells the outcome: who blocks a road "to demand" something demands it."""
    explicit: bool = False

    def note(self, effect: str, word: Token) -> None:
        """Take ``effect``, which ``word`` has, unless it is empty."""
        if effect:
            self.effects.append(effect)
            self.reasons.append(Reason(word, effect))
            self.explicit = True

    def negate(self, word: Token) -> None:
        """Count a negation."""
        self.negations += 1
        self.reasons.append(Reason(word, "negation"))

    def report(self) -> None:
        """Take "would" for the plan that it is in reported speech: "said he would visit"."""
        self.effects = ["planned" if effect == "would" else effect for effect in self.effects]
        self.reasons = [Reason(each.word, "planned") if each.effect == "would" else each for each in self.reasons]


_PERHAPS: Final = frozenset({"likely", "probably", "possibly", "perhaps", "maybe", "conceivably"})
"""Adverbs that make a forecast of a plan, and a guess of a fact."""


def auxiliaries_of(verb: Token) -> dict[str, Token]:
    """Return the auxiliaries of a verb by their lower-case words."""
    return {child.lower_: child for child in verb.children if child.dep_ in ("aux", "auxpass")}


def note_mood(verb: Token, walk: Walk) -> None:
    """Note what the form of a verb says."""
    auxiliaries = auxiliaries_of(verb)

    def one_of(words: Collection[str]) -> Token | None:
        return next((token for lower, token in auxiliaries.items() if lower in words), None)

    for child in verb.children:
        negation = child.dep_ == "neg" or (
            child.dep_ in ("advmod", "preconj") and child.lower_ in ("never", "neither", "hardly")
        )
        if negation and not _only_until(verb):
            walk.negate(child)
        if child.dep_ == "advmod" and child.lower_ in _GENERALLY:
            walk.note("hypothetical", child)
        if child.dep_ == "advmod" and child.lower_ in _PERHAPS:
            walk.note("considered", child)
        if child.dep_ in ("mark", "advmod") and child.lower_ in _CONDITION:
            walk.note("considered", child)
        if child.dep_ == "advmod" and child.lower_ == "longer" and any(word.lower_ == "no" for word in child.children):
            walk.negate(child)
        if child.dep_ == "advcl":
            for mark in (word for word in child.children if word.lower_ == "unless" and word.dep_ == "mark"):
                walk.note("threatened", mark)
    if word := one_of(("will", "'ll", "’ll", "shall", "wo")):
        walk.note("planned", word)
    elif word := one_of(("would", "'d", "’d")):
        walk.note("hypothetical" if "have" in auxiliaries else "would", word)
    elif word := one_of(("could", "may", "might", "can")):
        walk.note("hypothetical" if "have" in auxiliaries and "could" in auxiliaries else "considered", word)
    elif word := one_of(("should", "must", "ought")):
        walk.note("requested", word)
    elif (verb.tag_ == "VBG" and (word := one_of(BE))) or (word := one_of(("being",))):
        walk.note("past-progressive" if one_of(("was", "were")) else "ongoing", word)


def _only_until(verb: Token) -> bool:
    """True for "did not search it until October": it did then."""
    until = any(child.lower_ == "until" and child.dep_ == "prep" for child in verb.children)
    return until and any(child.lower_ == "did" for child in verb.children if child.dep_ == "aux")


def is_infinitive(verb: Token) -> bool:
    """True for an infinitive with "to"."""
    auxiliaries = auxiliaries_of(verb)
    return "to" in auxiliaries and (verb.tag_ == "VB" or (verb.tag_ == "VBN" and "have" not in auxiliaries))


def govern(word: Token, pos: str, walk: Walk) -> str:
    """Note what a governing word does to the event; return its control."""
    meaning = status_words().get((word.lower_, pos))
    walk.path.append(word)
    if meaning is None:
        return ""
    walk.note(meaning.effect, word)
    # "held talks", "launched a raid": who carries something out says that it takes place.
    carried = pos == "v" and meaning.control == "agent" and word.lower_ not in BE and word.lower_ not in TELLING
    walk.explicit = walk.explicit or carried
    return meaning.control or "none"
