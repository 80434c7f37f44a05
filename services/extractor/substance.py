"""Whether a draft tells enough to be an event: who, whom, where or when, or at least a whole clause of hard news."""

from __future__ import annotations

from typing import Final

from spacy.tokens import Token

from services.contracts.ontology import event_types
from services.extractor.drafts import Draft, FoundParticipant
from services.extractor.lexicon import word_classes

_NATURE: Final = frozenset({"disaster-accident-emergency", "weather", "environment", "health"})
"""Nobody does these; that they are named beside a place is enough."""
_PRIVATE: Final = frozenset({"phone-call", "meeting", "dispute", "visit"})
"""Anybody makes calls and visits: news are those between two named parties or of officials."""
_PUBLIC: Final = frozenset({"agreement", "pledge", "concession", "endorsement", "cooperation", "accusation"})
"""Anybody promises and agrees: news are promises and agreements of states, organisations and officials."""
_BODIES: Final = ("org", "leader", "legislature", "court", "group", "police")
"""Word classes of those who act in public though no gazetteer knows them: "the council", "a rebel faction"."""
_HARM: Final = frozenset({"murder", "death", "attack", "shooting", "human-rights-abuse"})
_ANYBODY: Final = frozenset({"people", "civilians", "others", "everyone", "anyone", "children", "women", "lives"})
_JUDGING: Final = frozenset({"needless", "senseless", "unnecessary", "pointless", "endless", "wanton"})
_TALK: Final = frozenset({"politics-government"})
_SURE: Final = 3
"""Weight of triggers that name their event by themselves."""
_USUAL: Final = 2
_TOLD_AS_FACT: Final = frozenset({"occurred", "ongoing"})
_DEFINITE: Final = frozenset({"the", "this", "that", "these", "those", "such"})
_PERFECT: Final = frozenset({"have", "has", "'ve", "’ve"})


def has_substance(draft: Draft) -> bool:
    """True where the sentence tells more than the bare word."""
    if draft.type in _PUBLIC and draft.trigger.pattern.weight == 1 and not any(map(is_public, draft.participants)):
        return False
    weak = draft.trigger.pattern.weight == 1
    if weak and not draft.actors and not any(map(is_public, draft.participants)):
        return False
    named = any(map(is_public, draft.participants)) or (draft.status.explicit and draft.place is not None)
    if draft.type in _PRIVATE and len(draft.participants) < 2 and not named:
        return False
    if draft.trigger.is_noun and _is_rhetoric(draft):
        return False
    told = bool(draft.participants) or draft.place is not None or draft.dated or bool(draft.quantities)
    if event_types()[draft.type].topic in _NATURE:
        placed = any(entity.label_ in ("GPE", "LOC", "FAC") for entity in draft.trigger.token.doc.ents)
        return told or placed or _is_hard_news(draft)
    if not told or (draft.trigger.is_noun and not draft.status.explicit):
        concrete = draft.place is not None or draft.dated or bool(draft.quantities)
        if told and (bool(draft.actors) or concrete or any(map(is_public, draft.participants))):
            return True
        return _is_hard_news(draft)
    return True


def _is_hard_news(draft: Draft) -> bool:
    """True for a whole clause that tells of something done or happening, if to nobody named: "Shots were fired".

    That somebody spoke is news only where it is told who or to whom.
    """
    token, weight = draft.trigger.token, draft.trigger.pattern.weight
    if (
        event_types()[draft.type].topic in _TALK
        or weight < (_USUAL if draft.trigger.is_noun else _SURE)
        or draft.status.value not in _TOLD_AS_FACT
    ):
        return False
    if draft.trigger.is_noun:
        told = bool(draft.participants) or not any(child.lower_ in _DEFINITE for child in token.children)
        return told and token.dep_ in ("nsubj", "nsubjpass") and _tells_once(token.head)
    nouns = (child for child in token.children if child.dep_ in ("nsubj", "nsubjpass") and child.tag_.startswith("NN"))
    return any(True for _ in nouns) and (draft.sentence.in_title or _tells_once(token))


def _tells_once(verb: Token) -> bool:
    """True for what happened, has happened or is happening; the simple present tells what happens again and again."""
    auxiliaries = [child for child in verb.children if child.dep_.startswith("aux")]
    past = any(word.tag_ == "VBD" or word.lower_ in _PERFECT for word in (verb, *auxiliaries))
    return past or (verb.tag_ == "VBG" and any(word.tag_ in ("VBZ", "VBP") for word in auxiliaries))


def _is_rhetoric(draft: Draft) -> bool:
    """True for a noun of harm to nobody in particular, nowhere and never: "the needless killing of a lot of people"."""
    if draft.type not in _HARM or draft.dated or draft.quantities:
        return False
    judged = any(child.lower_ in _JUDGING for child in draft.trigger.token.children)
    if draft.place is not None and not judged:
        return False
    told = [found for found in draft.participants if not judged or found.role != "source"]
    heads = {found.text.rpartition(" ")[2].lower() for found in told}
    return bool(heads) and heads <= _ANYBODY


def is_public(found: FoundParticipant) -> bool:
    """True for a state, an organisation or an official, and for a noun that means one: "the council"."""
    actor = found.actor
    if actor is None:
        last = found.text.rpartition(" ")[2].lower()
        return any(last in word_classes()[name] for name in _BODIES)
    return actor.kind in ("country", "organisation") or actor.sector in ("GOV", "IGO", "MIL")
