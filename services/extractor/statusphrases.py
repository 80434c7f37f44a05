"""What the words right at a verb or noun say of an event's status: particles, adjectives, "is under way"."""

from __future__ import annotations

from typing import Final

from spacy.tokens import Token

from services.extractor.forms import verb_forms
from services.extractor.nounphrases import modifiers
from services.extractor.statuswalk import Walk
from services.extractor.statuswords import status_words

CALL: Final = frozenset({"call", "calls", "called", "calling"})
_PHRASAL: Final = (
    (CALL, frozenset({"off"}), "cancelled"),
    (frozenset({"put", "puts", "putting"}), frozenset({"off"}), "cancelled"),
    (frozenset({"rule", "rules", "ruled", "ruling"}), frozenset({"out"}), "denied"),
    (frozenset({"turn", "turns", "turned", "turning"}), frozenset({"down"}), "denied"),
    (frozenset({"knock", "knocks", "knocked", "knocking"}), frozenset({"back"}), "denied"),
    (frozenset({"walk", "walks", "walked", "walking"}), frozenset({"away"}), "cancelled"),
    (frozenset({"push", "pushes", "pushed", "put", "puts"}), frozenset({"back"}), "cancelled"),
    (frozenset(verb_forms("commit")), frozenset({"to"}), "agreed"),
    (frozenset({"go", "goes", "went", "gone", "going"}), frozenset({"ahead"}), ""),
    (frozenset({"carry", "carries", "carried", "carrying"}), frozenset({"out"}), ""),
)
_PHASE: Final = frozenset({"underway", "ongoing", "imminent", "pending", "under"})


def describe_noun(noun: Token, walk: Walk) -> None:
    """Note what stands before a noun: "a possible swap", "no talks"."""
    words = list(modifiers(noun)) + [child for child in noun.children if child.dep_ == "det"]
    for word in words:
        if word.i and word.nbor(-1).text == "-":
            continue  # "long-threatened" describes what has come to pass
        if word.lower_ == "no":
            walk.negate(word)
        meaning = status_words().get((word.lower_, "a"))
        if meaning is not None:
            walk.note(meaning.effect, word)
    for child in noun.children:
        if child.dep_ == "acl" and child.tag_ in ("VBN", "VBD"):
            # "a summit planned for June", "talks called off"
            particles = {word.lower_ for word in child.children if word.dep_ in ("prt", "advmod")}
            if not phrasal(child, particles, walk):
                meaning = status_words().get((child.lower_, "v"))
                if meaning is not None and meaning.effect in ("planned", "cancelled", "denied"):
                    walk.note(meaning.effect, child)


def particles_of(verb: Token) -> set[str]:
    return {child.lower_ for child in verb.children if child.dep_ in ("prt", "advmod", "prep")}


def phrasal(verb: Token, particles: set[str], walk: Walk) -> bool:
    """Note what a verb with its particle does to an event: "call off", "rule out"; False for other verbs."""
    for verbs, wanted, effect in _PHRASAL:
        if verb.lower_ in verbs and particles & wanted:
            walk.path.append(verb)
            walk.note(effect, verb)
            return True
    return False


def note_refusal(verb: Token, walk: Walk) -> None:
    """Note what the event's own verb says against it: "rejected the drug", "postponed the match"."""
    particles = {child.lower_ for child in verb.children if child.dep_ in ("prt", "advmod", "prep")}
    if phrasal(verb, particles, walk):
        return
    meaning = status_words().get((verb.lower_, "v"))
    if meaning is not None and meaning.effect in ("denied", "cancelled"):
        walk.note(meaning.effect, verb)


def in_phase(verb: Token, walk: Walk) -> bool:
    """Note "is under way", "is due", "are ongoing" said of the event; True where something was."""
    for child in verb.children:
        if child.dep_ == "prep" and child.lower_ == "out" and any(word.lower_ == "question" for word in child.subtree):
            walk.note("denied", child)
            return True
        if child.dep_ in ("acomp", "advmod", "prep", "oprd", "attr") and child.lower_ in _PHASE:
            walk.note("ongoing" if child.lower_ in ("underway", "ongoing", "under") else "planned", child)
            return True
        if child.dep_ == "acomp":
            meaning = status_words().get((child.lower_, "j")) or status_words().get((child.lower_, "a"))
            if meaning is not None:
                walk.note(meaning.effect, child)
                return True
    return False
