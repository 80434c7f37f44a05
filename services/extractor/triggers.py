"""Finding the words that name events: first on bare words, so that few sentences are parsed, then on the parse.

``may_hold`` answers from the words alone whether a sentence can fulfil any pattern; ``find`` then tests the patterns on
the dependency tree. A token names at most one event: the strongest pattern wins, the earlier row of two equals, which
is the order in which the lexicon has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from spacy.tokens import Doc, Token

from services.extractor.arguments import headline_passive, is_passive, objects, speaker, subjects
from services.extractor.kinds import is_kind, is_verb
from services.extractor.lexicon import Pattern, Test, Wanted, lexicon
from services.extractor.nounphrases import (
    carrier,
    governing_verb,
    head_noun,
    modifiers,
    prepositions,
    relative_verbs,
    widen,
    word,
)

_WORDS = re.compile(r"[^\W_]+(?:[-.'’][^\W_]+)*|[%$€£¥]")
_PARTS = re.compile(r"[^\W_]+")
_ACTORS: Final = frozenset({"country", "org", "polity"})
_STAND_INS: Final = frozenset({"it", "they", "we"})
"""Subjects that a country or an organisation may hide behind."""
_PERSONAL: Final = frozenset({"he", "she", "who"})
"""Subjects that a named person may hide behind."""
MAX_DISTANCE: Final = 12
"""Words between a trigger and what depends on it, at most (of 433 ECB+ sentences with triggers none is lost by it)."""
_MAX_WIDE: Final = 12
"""Joined nouns looked at; lists of more hold nothing new."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A word of a parsed sentence that names an event."""

    token: Token
    pattern: Pattern

    @property
    def type(self) -> str:
        """The event type it names."""
        return self.pattern.type

    @property
    def is_noun(self) -> bool:
        """True where a noun names the event."""
        return self.pattern.pos == "n"


@lru_cache(maxsize=2_048)
def words_of(text: str) -> frozenset[str]:
    """Return the lower-case words of a text, hyphenated ones whole and in parts."""
    found: set[str] = set()
    for match in _WORDS.finditer(text.lower()):
        whole = match.group()
        found.add(whole)
        if not whole.isalnum():
            found.update(_PARTS.findall(whole))
    return frozenset(found)


_SCORE: Final = re.compile(r"\d\s?[-–—:]\s?\d")


def may_hold(text: str) -> bool:
    """True where the words of a sentence can fulfil a pattern; misses almost none in which ``find`` finds one."""
    words = words_of(text)
    index = lexicon().by_form
    near: list[tuple[str, Pattern]] = []
    for each in words:
        for pattern in index.get(each, ()):
            if not _possible(pattern, words) or (pattern.scored and not _SCORE.search(text)):
                continue
            if not pattern.close:
                return True
            near.append((each, pattern))
    if not near:
        return False
    row = _PARTS.findall(text.lower())
    return any(_stands_close(row, each, pattern) for each, pattern in near)


def _possible(pattern: Pattern, words: frozenset[str]) -> bool:
    """True where a sentence has the words that ``pattern`` asks for and none that it forbids."""
    for need in pattern.needs:
        if need.isdisjoint(words):
            return False
    for led in pattern.leads:
        if led.isdisjoint(words):
            return False
    return pattern.bars.isdisjoint(words)


def _stands_close(row: list[str], each: str, pattern: Pattern) -> bool:
    parts = set(_PARTS.findall(each))
    for number, part in enumerate(row):
        if part in parts:
            window = row[max(0, number - MAX_DISTANCE) : number + MAX_DISTANCE + 1]
            around = frozenset(window) | {f"{one}-{two}" for one, two in pairwise(window)}
            if all(not need.isdisjoint(around) for need in pattern.close):
                return True
    return False


class _Surroundings:
    """What stands around one token, looked up once."""

    def __init__(self, token: Token, words: frozenset[str], detainees: Collection[str] | None) -> None:
        self._token, self._words, self._detainees = token, words, detainees
        self._cache: dict[str, list[Token]] = {}
        self._after: dict[str, list[Token]] | None = None

    def fulfil(self, pattern: Pattern) -> bool:
        """True where the words that ``pattern`` asks for are there and all its tests hold."""
        for need in pattern.needs:
            if need.isdisjoint(self._words):
                return False
        return all(map(self._passes, pattern.tests))

    def _passes(self, test: Test) -> bool:
        """True where the test holds, its negation taken into account."""
        wanted = test.wanted
        if test.negated and wanted.kinds and self._detainees is None:
            return True
        for key in test.keys:
            if self._holds(key, wanted):
                return not test.negated
        return test.negated

    def _holds(self, key: str, wanted: Wanted) -> bool:
        if key == "near":
            return not wanted.words.isdisjoint(self._words) or any(
                is_kind(token, kind, self._detainees) for kind in wanted.kinds for token in self._token.doc
            )
        if key == "voice":
            return is_verb(self._token) and (is_passive(self._token) or headline_passive(self._token))
        if key == "num":
            return self._token.tag_ in ("NNS", "NNPS")
        tokens = self._cache.get(key)
        if tokens is None:
            tokens = self._cache[key] = list(self._tokens(key))[:_MAX_WIDE]
        if key == "subj":
            if "unsaid" in wanted.kinds and not tokens and is_verb(self._token) and is_passive(self._token):
                return True  # "shoppers have been warned"
            if any(token.lower_ in _stand_ins(wanted) for token in tokens):
                return True
            tokens = [*tokens, *(noun for token in tokens if (noun := _meant(token)) is not None)]
        return any(self._fits(token, wanted) for token in tokens)

    def _fits(self, token: Token, wanted: Wanted) -> bool:
        if token.tag_.startswith("JJ") and _negated(token):
            return False  # who pleads not guilty makes no guilty plea
        if wanted.anything or token.lower_ in wanted.words or word(token) in wanted.words:
            return True
        return any(is_kind(token, kind, self._detainees) for kind in wanted.kinds)

    def _tokens(self, key: str) -> Iterator[Token]:
        simple = _SIMPLE.get(key)
        if simple is not None:
            yield from simple(self._token)
            return
        if self._after is None:
            self._after = {}
            for token in self._holders():
                for preposition, found in prepositions(token).items():
                    self._after.setdefault(preposition, []).extend(found)
        for found in self._after.get(key, ()):
            yield from widen(found)

    def _holders(self) -> Iterator[Token]:
        """Yield the tokens a preposition of the event may hang on: parsers attach it to the verb or to the noun."""
        token = self._token
        yield token
        if is_verb(token):
            for child in token.children:
                if child.dep_ in ("dobj", "nsubjpass", "prt", "advmod", "prep", "acomp") and child.i > token.i - 8:
                    yield child
            return
        head = carrier(token)
        if head != token:
            yield head
        if head.dep_ == "pobj" and head.head.lower_ == "of" and head.head.head.tag_.startswith("NN"):
            yield head.head.head
        verb = governing_verb(token)
        if verb is not None:
            yield verb


def _negated(adjective: Token) -> bool:
    """Tell whether "not" stands right before, as a word of its own or joined by a hyphen."""
    at, doc = adjective.i - 1, adjective.doc
    if at > 0 and doc[at].text == "-":
        at -= 1
    return at >= 0 and bool(doc[at].lower_ == "not")


@lru_cache(maxsize=4_096)
def _stand_ins(wanted: Wanted) -> frozenset[str]:
    """Return the pronouns that may stand for what is wanted."""
    found = _STAND_INS if wanted.kinds & _ACTORS else frozenset()
    return found | _PERSONAL if "name" in wanted.kinds else found


def _meant(pronoun: Token) -> Token | None:
    """Return whom "they" or "he" as a subject means where the same sentence names them: "shot students as they"."""
    if pronoun.lower_ not in ("they", "he", "she", "it"):
        return None
    if (noun := speaker(pronoun)) is not None:
        return noun
    verb = pronoun.head
    outer = verb.head if verb.dep_ in ("advcl", "relcl", "conj") and is_verb(verb.head) else None
    if outer is None or pronoun.lower_ != "they":
        return None
    named = [word for word in (*objects(outer), *subjects(outer)) if word.i < pronoun.i]
    return next((each for word in named for each in widen(word) if each.tag_ in ("NNS", "NNPS")), None)


def _particles(token: Token) -> Iterator[Token]:
    for child in token.children:
        if child.dep_ in ("prt", "advmod", "prep", "npadvmod", "acomp", "oprd"):
            yield child


def _complements(token: Token) -> Iterator[Token]:
    for child in token.children:
        # "calls to resign": parsers take some infinitives after a noun for relative clauses.
        clause = child.dep_ in ("xcomp", "ccomp", "acl", "advcl") or (child.dep_ == "relcl" and child.tag_ == "VB")
        if clause and is_verb(child) and child.i > token.i:
            yield child
            yield from (other for other in child.children if other.dep_ == "conj" and is_verb(other))
        elif child.dep_ == "prep":
            yield from (other for other in child.children if other.dep_ == "pcomp")


def _complements_auxiliaries(token: Token) -> Iterator[Token]:
    for verb in _complements(token):
        yield from (child for child in verb.children if child.dep_ == "aux")


def _complements_subjects(token: Token) -> Iterator[Token]:
    for verb in _complements(token):
        for child in verb.children:
            if child.dep_ in ("nsubj", "nsubjpass"):
                yield from widen(child)


def _governors(token: Token) -> Iterator[Token]:
    verb = governing_verb(token)
    if verb is not None:
        yield verb
        if verb.dep_ in ("xcomp",) and is_verb(verb.head):
            yield verb.head
        if verb.lower_ in ("is", "are", "was", "were"):
            # "900 jobs are to go"
            yield from (child for child in verb.children if child.dep_ == "xcomp" and is_verb(child))
    yield from relative_verbs(token)


def _governors_subjects(token: Token) -> Iterator[Token]:
    for verb in _governors(token):
        for subject in subjects(verb):
            yield from widen(subject)


def _subjects(token: Token) -> list[Token]:
    """Return who does it; parsers take "A block crumbled" for a block that was crumbled."""
    found = subjects(token)
    head = token.head
    if not found and token.dep_ == "acl" and token.tag_ == "VBN" and head.dep_ == "ROOT" and head.tag_.startswith("NN"):
        return [head]
    return found


def _wide(find: Callable[[Token], list[Token]]) -> Callable[[Token], Iterator[Token]]:
    def found(token: Token) -> Iterator[Token]:
        for each in find(token):
            yield from widen(each)

    return found


_SIMPLE: Final[dict[str, Callable[[Token], Iterator[Token]]]] = {
    "obj": _wide(objects),
    "subj": _wide(_subjects),
    "subj-gov": _governors_subjects,
    "prt": _particles,
    "child": lambda token: iter(token.children),
    "comp": _complements,
    "comp-aux": _complements_auxiliaries,
    "comp-subj": _complements_subjects,
    "mod": modifiers,
    "mod-of": lambda token: iter([head] if (head := head_noun(token)) is not None else []),
    "poss": lambda token: (child for child in token.children if child.dep_ == "poss"),
    "gov": _governors,
}


def _fits_verb(token: Token) -> bool:
    if token.dep_ == "amod":
        # "convicted criminals" tells no event; a verb with a subject of its own is one that the parser mistook.
        return token.tag_.startswith("VB") and any(child.dep_ == "nsubj" for child in token.children)
    return token.tag_.startswith("VB") and token.dep_ not in ("compound", "aux", "auxpass")


def _fits_noun(token: Token) -> bool:
    if token.tag_ == "JJ":
        return token.dep_ in ("nsubj", "nsubjpass", "dobj", "pobj")
    return token.tag_.startswith("NN") or (token.tag_ == "VBG" and token.dep_ in ("nsubj", "dobj", "pobj", "compound"))


def find(doc: Doc, detainees: Collection[str] | None = ()) -> list[Trigger]:
    """Return the triggers of a parsed sentence in order. ``detainees``: lower-case surnames known to be held or freed.

    With None any name may be one: the answer then holds all that a later call with names can find.
    """
    index = lexicon().by_form
    words = words_of(doc.text)
    tokens = list(doc)
    lower = [token.lower_ for token in tokens]
    found = []
    for token, plain in zip(tokens, lower, strict=True):
        whole = word(token) if token.i > 1 and lower[token.i - 1] == "-" else plain
        candidates = index.get(whole) or index.get(plain)
        if not candidates or (whole not in index and whole in _NOT_TRIGGERS):
            continue
        if (token.ent_type_ in ("DATE", "TIME") and not _dated(token)) or (token.text == "March" and token.i):
            continue
        if token.tag_.startswith("NNP") and token.dep_ == "compound" and token.head.lower_ in _BODIES:
            continue  # "the Ceasefire Violations Committee" is somebody
        # "choke-slammed" is another verb than "slammed".
        as_verb = (whole in index or whole == plain) and _fits_verb(token)
        as_noun = _fits_noun(token)
        around = _Surroundings(token, words, detainees)
        for pattern in candidates:
            if (as_verb if pattern.pos == "v" else as_noun) and around.fulfil(pattern):
                found.append(Trigger(token, pattern))
                break
    return found


def _dated(noun: Token) -> bool:
    """True for an event that a tagger took for a part of its date: "a December 30 |raid|"."""
    last = noun.i + 1 == len(noun.doc) or noun.nbor(1).ent_iob_ != "I"
    return last and noun.tag_ == "NN" and noun.i > 0 and noun.nbor(-1).like_num and noun.lower_ not in _PERIODS


_PERIODS: Final = frozenset({"spring", "fall", "quarter", "season", "term", "run", "deadline"})
_BODIES: Final = frozenset(
    {"agency", "authority", "board", "bureau", "commission", "committee", "council", "court", "department", "fund"}
    | {"ministry", "mission", "office", "organisation", "organization", "service", "tribunal", "union"}
)
"""Last words of bodies that are named after what they deal with."""
_NOT_TRIGGERS: Final = frozenset({"cease-fire", "crossfire", "cross-fire"})
"""Whole words whose last part names another event; they have rows of their own."""
