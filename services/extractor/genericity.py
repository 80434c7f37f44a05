"""What is said of a kind of thing rather than of one event: "when two captains meet at night, somebody must answer".

Generic and habitual sentences stand in the simple present, speak of nobody in particular, and are tied to no place and
day (Krifka et al. 1995, Genericity: an introduction; "generic" and "habitual" situations in the annotation of Friedrich
and Palmer 2014). Headlines tell news in the same tense, so they are left out of this.
"""

from __future__ import annotations

from typing import Final

from spacy.tokens import Token

from services.extractor.kinds import is_verb
from services.extractor.nounphrases import governing_verb
from services.extractor.triggers import Trigger

_WHENEVER: Final = frozenset({"when", "whenever", "wherever", "once", "if", "unless"})
_PRESENT: Final = frozenset({"VBP", "VBZ"})
_BE: Final = frozenset({"is", "are", "'s", "'re", "’s", "’re", "gets", "get"})
_DO: Final = frozenset({"do", "does"})
_WILL: Final = frozenset({"will", "'ll", "’ll", "wo", "shall", "would"})
_INDEFINITE: Final = frozenset({"a", "an", "any", "every", "each", "no", "some", "all"})
_SUBJECTS: Final = ("nsubj", "nsubjpass")
_NAMED: Final = frozenset({"PERSON", "ORG", "GPE", "NORP", "LOC", "FAC", "DATE", "EVENT", "PRODUCT"})


def is_generic(trigger: Trigger) -> bool:
    """Tell whether a word in the text, not in the headline, speaks of what happens whenever its like happens.

    The caller knows that neither place nor day is told.
    """
    verb = trigger.token if is_verb(trigger.token) else governing_verb(trigger.token)
    if verb is None or not _in_general(verb):
        return False
    if trigger.is_noun and not _nobody_in_particular(trigger.token):
        return False
    # "When a fire breaks out, people are evacuated": what follows is as general as the condition.
    return _conditional(verb) or any(
        child.dep_ == "advcl" and _in_general(child) and _conditional(child) for child in verb.children
    )


def _in_general(verb: Token) -> bool:
    subjects = [child for child in verb.children if child.dep_ in _SUBJECTS]
    named = any(word.ent_type_ in _NAMED for word in verb.subtree)
    return not named and _simple_present(verb) and bool(subjects) and all(map(_nobody_in_particular, subjects))


def _simple_present(verb: Token) -> bool:
    auxiliaries = [child for child in verb.children if child.dep_ in ("aux", "auxpass")]
    if verb.tag_ == "VBN":
        return len(auxiliaries) == 1 and auxiliaries[0].lower_ in _BE
    return (verb.tag_ in _PRESENT and not auxiliaries) or (
        verb.tag_ == "VB" and bool(auxiliaries) and all(each.lower_ in _DO for each in auxiliaries)
    )


def _nobody_in_particular(noun: Token) -> bool:
    """True for "a captain", "two captains", "captains"; not for "the captains", "his captain", a name or a pronoun."""
    if noun.tag_ not in ("NN", "NNS"):
        return False
    determiners = [child for child in noun.children if child.dep_ in ("det", "poss", "predet")]
    if determiners:
        return all(child.lower_ in _INDEFINITE for child in determiners)
    return bool(noun.tag_ == "NNS")


def _conditional(verb: Token) -> bool:
    """True in a clause that begins with "when", "whenever", "if" and their like."""
    if verb.dep_ not in ("advcl", "conj", "ccomp", "ROOT"):
        return False
    clause = verb.head if verb.dep_ == "conj" and verb.head.dep_ == "advcl" else verb
    if any(child.dep_ == "aux" and child.lower_ in _WILL for child in clause.head.children):
        # "If protesters block the road again, police will arrest them" foretells.
        return False
    return any(child.dep_ in ("advmod", "mark") and child.lower_ in _WHENEVER for child in clause.children)
