"""Who belongs to a verb or noun in a parsed sentence: its logical subjects and objects, whatever the grammar.

Covers active and passive clauses, agents with "by", relative clauses, reduced relatives, infinitives under other
verbs and nouns, participles and shared subjects of joined verbs. Labels are those of ClearNLP, as in spaCy's English
models.
"""

from __future__ import annotations

from typing import Final

from spacy.tokens import Token

from services.extractor.forms import verb_forms
from services.extractor.kinds import is_adjective, is_person, is_verb
from services.extractor.lexicon import word_classes
from services.extractor.nounphrases import governing_verb, prepositions
from services.extractor.statuswords import controls_object, status_words

_SUBJECT: Final = frozenset({"nsubj", "csubj", "expl"})
_PASSIVE: Final = frozenset({"nsubjpass", "csubjpass"})
_OBJECT: Final = frozenset({"dobj", "obj", "dative"})
_BECOMING: Final = frozenset({"hostage", "prisoner", "captive"})
"""What somebody is taken: "taken hostage" names nobody else."""
_BLAMING: Final = frozenset(
    form
    for lemma in ("accuse", "suspect", "convict", "acquit", "clear", "charge", "absolve", "blame", "fine", "find")
    for form in verb_forms(lemma)
)
"""Verbs whose object is who did what follows: "accused the army of having shelled"."""
_RELATIVE: Final = frozenset({"who", "which", "that", "whom", "whose", "where", "when"})
_HEADLINE_WORDS: Final = 25
_MAX_STEPS: Final = 6
"""How many verbs or nouns up a subject is looked for; deeper nestings are parse errors more often than sentences."""


def is_passive(verb: Token) -> bool:
    """True where what is grammatically the subject (or the noun modified) is what the verb happens to."""
    if verb.tag_ not in ("VBN", "VBD") or _mistaken(verb):
        return False
    labels = {child.dep_ for child in verb.children}
    if labels & {"auxpass", "nsubjpass"} or ("agent" in labels and not labels & (_OBJECT | {"aux"})):
        return True
    if verb.tag_ == "VBN" and verb.dep_ in ("acl", "amod") and not labels & {"aux", "nsubj"}:
        return True
    if is_fronted(verb) and not labels & ({"aux", "nsubj"} | _OBJECT):
        return True
    if verb.dep_ == "conj" and verb.tag_ == "VBN" and not labels & (_SUBJECT | {"aux"} | _OBJECT):
        return is_passive(verb.head)
    return False


def is_fronted(verb: Token) -> bool:
    """True for a participle that describes the subject of the clause it hangs on: "Freed on Tuesday, she flew home"."""
    if verb.tag_ != "VBN" or verb.dep_ != "advcl" or not is_verb(verb.head):
        return False
    return not any(child.dep_ in ("mark", "auxpass") for child in verb.children)


def _mistaken(verb: Token) -> bool:
    """True for the main verb of a sentence that the parser took for a description: "A paper called on Arabs to unite".

    A sentence whose head is a noun has no other verb; an object of its own tells that this one is active.
    """
    if verb.dep_ != "acl" or verb.doc[-1].text != ".":
        return False
    root = next((token for token in verb.ancestors if token.dep_ not in ("pobj", "prep", "conj")), verb.head)
    if root.dep_ != "ROOT" or not root.tag_.startswith("NN"):
        return False
    joined = [verb, *(child for child in verb.children if child.dep_ == "conj" and is_verb(child))]
    labels = {child.dep_ for each in joined for child in each.children}
    calls = verb.lower_ == "called" and any(child.lower_ in ("on", "for") for child in verb.children)
    return (calls or bool(labels & {"dobj", "dative", "ccomp", "prt"})) and not labels & {"agent", "aux", "auxpass"}


def _main_subject(verb: Token) -> list[Token]:
    return [token for token in verb.ancestors if token.dep_ == "ROOT"]


def same_clause(one: Token, other: Token) -> bool:
    """False where a semicolon stands between two words: parsers hang one headline of a pair on the other."""
    return not any(token.text == ";" for token in one.doc[min(one.i, other.i) : max(one.i, other.i)])


def in_headline(token: Token) -> bool:
    """True where no full stop or quotation mark ends what ``token`` stands in."""
    return token.doc[-1].text not in (".", "!", "?", "”", '"')


def headline_passive(verb: Token) -> bool:
    """True where an auxiliary may be left out: "Two men arrested in Leeds"; the subject may then be the object."""
    if verb.tag_ not in ("VBN", "VBD") or verb.i > _HEADLINE_WORDS or len(verb.doc) > _HEADLINE_WORDS:
        return False
    labels = {child.dep_ for child in verb.children}
    return not labels & ({"aux", "xcomp", "ccomp"} | _OBJECT) and in_headline(verb)


def _antecedent(token: Token) -> Token:
    """Return what a relative pronoun stands for."""
    if token.lower_ not in _RELATIVE:
        return token
    clause = token.head
    for _ in range(3):
        if clause.dep_ == "relcl":
            return _personal(clause.head) if token.lower_ in ("who", "whom") else clause.head
        if clause.dep_ == "ROOT":
            break
        clause = clause.head
    return token


def _personal(noun: Token) -> Token:
    """Return whom "who" means: in "workers of a charity who were freed" the workers, though the charity is nearer."""
    above = noun.head.head
    if noun.dep_ != "pobj" or is_person(noun) or not is_person(above) or noun.head.lower_ not in ("of", "from", "at"):
        return noun
    return above


def _own(verb: Token, labels: frozenset[str]) -> list[Token]:
    return [_antecedent(child) for child in verb.children if child.dep_ in labels]


def _agents(verb: Token) -> list[Token]:
    found = []
    for child in verb.children:
        if child.dep_ in ("agent", "prep") and child.lower_ == "by" and is_passive(verb):
            found += [grandchild for grandchild in child.children if grandchild.dep_ == "pobj"]
    return found


def _noun_agents(noun: Token) -> list[Token]:
    """Return who a plan, agreement or invitation belongs to: possessor, subject of its verb, or "to" whom."""
    found = [child for child in noun.children if child.dep_ == "poss"]
    for child in noun.children:
        if child.dep_ == "prep" and child.lower_ in ("to", "by", "for", "between") and not found:
            found += [grandchild for grandchild in child.children if grandchild.dep_ == "pobj"]
    if found:
        return found
    verb = governing_verb(noun)
    if verb is None:
        return []
    if controls_object(noun.lower_, noun=True):
        for child in verb.children:
            if child.dep_ in ("dative", "prep") and child.lower_ == "to":
                return [grandchild for grandchild in child.children if grandchild.dep_ == "pobj"]
            if child.dep_ == "dative":
                return [child]
    return subjects(verb)


def subjects(verb: Token, steps: int = _MAX_STEPS) -> list[Token]:
    """Return who does it, as heads of noun phrases (joined ones are reached with ``widen``)."""
    if is_passive(verb):
        return _agents(verb)
    own = _own(verb, _SUBJECT)
    if own or steps == 0:
        return own
    if _mistaken(verb):
        return _main_subject(verb)
    head, label = verb.head, verb.dep_
    if label in ("xcomp", "ccomp", "advcl", "pcomp", "dep", "prep"):
        return _controller(verb, steps)
    if label == "acomp" and is_verb(head):
        return subjects(head, steps - 1)
    if label == "conj" and is_verb(head):
        said = _said_before(verb, head)
        if said is not None:
            return subjects(said, steps - 1)
        return subjects(head, steps - 1) if not is_passive(head) else objects(head)
    if label == "acl":
        if head.lower_ in word_classes()["statement"]:
            return _noun_agents(head) or [head]
        if verb.tag_ == "VBG" or (head.lower_, "n") not in status_words():
            return [head]
        return _noun_agents(head)
    if label == "relcl":
        return [head] if not any(child.dep_ in _SUBJECT for child in verb.children) else []
    return []


def _said_before(verb: Token, head: Token) -> Token | None:
    """Return the verb of saying that ``verb`` is really joined with: "said they had hit a depot, and accused Kyiv".

    Parsers join with the nearest verb; its auxiliary, which the other one lacks, tells that it is not meant.
    """
    told = head.head
    if head.dep_ != "ccomp" or not is_verb(told) or told.tag_ != "VBD" or verb.tag_ not in ("VBD", "VBN"):
        return None
    auxiliaries = [child for child in head.children if child.dep_ in ("aux", "auxpass")]
    own = [child for child in verb.children if child.dep_ in ("aux", "auxpass", "nsubj", "nsubjpass")]
    if not auxiliaries or own or auxiliaries[0].lower_ not in ("had", "would", "will", "has", "have"):
        return None
    commas = [child for child in head.children if child.text == "," and head.i < child.i < verb.i]
    return told if commas else None


def speaker(pronoun: Token) -> Token | None:
    """Return whom "it", "they", "he" or "its" stands for in "X said it would withdraw", "X reneged on its promise".

    That is the subject of a verb above, if it agrees in number and gender; None where it does not.
    """
    token = pronoun
    for _ in range(_MAX_STEPS):
        if token.dep_ == "ROOT" or token.dep_ in ("relcl", "advcl"):
            return None
        token = token.head
        if not is_verb(token):
            continue
        for child in token.children:
            if child.dep_ in ("nsubj", "nsubjpass") and child.i < pronoun.i and not child.tag_.startswith("PRP"):
                return child if _agrees(pronoun, child) else None
    return None


def _agrees(pronoun: Token, noun: Token) -> bool:
    person = noun.ent_type_ == "PERSON" or noun.lower_ in word_classes()["leader"]
    if pronoun.lower_ in ("he", "she", "him", "her", "his", "hers"):
        return person
    if not noun.tag_.startswith("NN") or noun.lower_ in _RELATIVE:
        return False
    if pronoun.lower_ in ("it", "its"):
        return not person and noun.tag_ in ("NN", "NNP")
    return pronoun.lower_ in ("they", "them", "their") and (noun.tag_ in ("NNS", "NNPS") or not person)


def purpose_noun(verb: Token) -> Token | None:
    """Return the plan or invitation whose content an infinitive is, though the parser hung it on the verb.

    "Extended an invitation to Baker to visit" is about an invitation to visit, not about extending in order to visit.
    """
    head = verb.head
    if verb.dep_ != "advcl" or verb.tag_ != "VB" or not is_verb(head) or verb.i < head.i:
        return None
    for child in head.children:
        if child.dep_ == "dobj" and head.i < child.i < verb.i and (child.lower_, "n") in status_words():
            return child
    return None


def _controller(verb: Token, steps: int) -> list[Token]:
    noun = purpose_noun(verb)
    if noun is not None:
        return _noun_agents(noun)
    head = verb.head
    behind_for = False
    for _ in range(3):
        if head.dep_ not in ("prep", "advmod", "prt", "pcomp") or is_verb(head):
            break
        behind_for = behind_for or head.lower_ in ("for", "of", "from", "with")
        head = head.head
    if not is_verb(head):
        if is_adjective(head):
            return _own(head.head, _SUBJECT) or _own(head, _SUBJECT)
        if verb.dep_ == "pcomp" and head.dep_ in ("dobj", "nsubjpass") and head.head.lower_ in _BLAMING:
            return [head]
        return _noun_agents(head)
    if verb.dep_ == "xcomp" or behind_for:
        direct = [child for child in head.children if child.dep_ in _OBJECT]
        if not direct and not is_passive(head) and controls_object(head.lower_, noun=False):
            after = prepositions(head)  # "called on the minister to resign"
            direct = [thing for name in ("on", "upon", "to", "with", "for") for thing in after.get(name, ())]
            direct = [thing for thing in direct if thing.i < verb.i and thing.ent_type_ not in ("DATE", "TIME")]
        if direct and (behind_for or controls_object(head.lower_, noun=False)):
            return direct
    if is_passive(head):
        return _own(head, _PASSIVE) or objects(head)
    return subjects(head, steps - 1)


def objects(verb: Token) -> list[Token]:
    """Return what it is done to, as heads of noun phrases."""
    if is_passive(verb):
        own = _own(verb, _PASSIVE)
        if own:
            return own + [child for child in verb.children if child.dep_ == "oprd" and child.lower_ not in _BECOMING]
        if verb.dep_ in ("acl", "amod", "relcl"):
            return [verb.head]
        if is_fronted(verb):
            return objects(verb.head) if is_passive(verb.head) else subjects(verb.head)
        if verb.dep_ == "conj":
            return objects(verb.head)
        return _own(verb, _SUBJECT) or ([] if verb.dep_ == "ROOT" else _controller(verb, 2))
    found = [child for child in verb.children if child.dep_ in _OBJECT]
    if len(found) > 1:
        found = [child for child in found if child.lower_ not in _RELATIVE]
    found = [_antecedent(child) for child in found]
    if not found and verb.dep_ == "relcl" and any(child.dep_ in _SUBJECT for child in verb.children):
        # "the meeting (that) they held": the object is what the clause describes.
        subject_words = {child.lower_ for child in verb.children if child.dep_ in _SUBJECT}
        if not subject_words & _RELATIVE:
            found = [verb.head]
    if not found and verb.dep_ == "amod" and any(child.dep_ == "nsubj" for child in verb.children):
        found = [verb.head]
    if not found:
        found = _shared(verb)
    if not found:
        found = _up_to(verb)
    if not found and headline_passive(verb):
        found = _own(verb, _SUBJECT)
    # A small clause makes the object the subject of what follows: "let prisoners go", "called him mad".
    for child in verb.children:
        if child.dep_ == "ccomp" and child.i > verb.i and not any(word.dep_ == "mark" for word in child.children):
            found += [word for word in child.children if word.dep_ == "nsubj" and not is_verb(child)]
    return found


def _shared(verb: Token) -> list[Token]:
    """Return the object of "struck and badly hurt a woman", which the parser gives to the second verb alone."""
    for other in verb.children:
        near = other.dep_ == "conj" and verb.i < other.i <= verb.i + 3 and other.tag_ == verb.tag_
        if near and not any(child.dep_ in _SUBJECT | _PASSIVE for child in other.children):
            return [child for child in other.children if child.dep_ in _OBJECT]
    return []


def _up_to(verb: Token) -> list[Token]:
    """Return the object of "kidnapped up to 16 advisers", which the parser reads as "up" and "to"."""
    after = verb.doc[verb.i + 1 : verb.i + 4]
    if [word.lower_ for word in after[:2]] != ["up", "to"] or len(after) < 3 or after[2].dep_ != "nummod":
        return []
    return [after[2].head]
