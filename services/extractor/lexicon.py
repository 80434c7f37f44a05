"""The lexicon of event triggers, read from ``triggers.tsv``: which words name an event, and in what surroundings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Final, Literal

from services.contracts.ontology import STATUSES, event_types
from services.extractor.forms import all_forms
from services.extractor.statuswords import status_words
from services.extractor.tables import rows

KINDS: Final = frozenset(
    (
        "person",
        "name",
        "country",
        "place",
        "city",
        "org",
        "money",
        "number",
        "percent",
        "score",
        "verb",
        "detainee",
        "group",
        "people",
        "polity",
        "unsaid",
    )
)
"""What a test may ask of a token beside its word; see ``arguments.is_kind``."""

_KEYS: Final = frozenset(
    (
        "obj",
        "subj",
        "prt",
        "child",
        "comp",
        "comp-aux",
        "comp-subj",
        "mod",
        "mod-of",
        "poss",
        "gov",
        "near",
        "voice",
        "num",
        "subj-gov",
    )
)
_WEIGHED: Final = frozenset({"pardon", "investigation", "election", "asylum", "meeting", "visit", "aid", "trial"})
"""Types whose nouns may also stand under any verb of planning or refusing, not only under those that carry them out."""
_VERB_KEYS: Final = frozenset({"gov", "comp"})
_TEXT_KEYS: Final = frozenset({"near", "prt", "voice", "num", "comp-aux"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a test accepts: any token, words (in all their forms) or kinds of names."""

    words: frozenset[str]
    kinds: frozenset[str]
    anything: bool = False


@dataclass(frozen=True, slots=True)
class Test:
    """One condition on what stands around a trigger: any of ``keys`` holds any of what is wanted."""

    keys: tuple[str, ...]
    wanted: Wanted
    negated: bool

    @property
    def lexical(self) -> bool:
        """True where only certain words can fulfil it: a sentence without any of them need not be parsed."""
        return (
            not self.negated
            and not self.wanted.anything
            and not self.wanted.kinds
            and self.keys not in (("voice",), ("num",))
        )


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row of the table."""

    number: int
    """Position in the table: the earlier of two equally strong patterns wins."""
    type: str
    pos: Literal["v", "n"]
    tests: tuple[Test, ...]
    weight: int
    """3 unambiguous, 2 usual, 1 weak."""
    roles: str
    example: str
    needs: tuple[frozenset[str], ...]
    """The sentence must hold a word of each of these."""
    close: tuple[frozenset[str], ...]
    """Those of ``needs`` that depend on the trigger, so that they stand near it."""
    leads: tuple[frozenset[str], ...]
    """The prepositions of which the sentence must hold one of each."""
    bars: frozenset[str]
    """The sentence must hold none of these."""
    scored: bool
    """True where the sentence must hold the score of a match."""

    @property
    def rank(self) -> tuple[int, int]:
        """Which of two patterns that both hold is meant: the heavier, then the one that asks for more."""
        return self.weight, sum(
            1 for test in self.tests if not test.negated and not test.wanted.anything and test.keys != ("voice",)
        )


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All patterns and the index that finds them by a word of the text."""

    patterns: tuple[Pattern, ...]
    by_form: Mapping[str, tuple[Pattern, ...]]
    """Lower-case form of a trigger to the patterns it may fulfil, the strongest first, of equals the earlier row."""


@cache
def word_classes() -> Mapping[str, frozenset[str]]:
    """Return the classes of ``classes.tsv``: name to all forms of its words."""
    return MappingProxyType({name: all_forms(words.split()) for name, words in rows("en/classes.tsv", columns=2)})


def _wanted(values: str, keys: tuple[str, ...], where: str) -> Wanted:
    words: set[str] = set()
    kinds: set[str] = set()
    for value in values.split("|"):
        if value.startswith("%") and value != "%":
            name = value[1:]
            if name not in KINDS and name not in word_classes():
                raise ValueError(f"{where}: {value} is neither a class of classes.tsv nor a kind of name")
            if name in KINDS:
                kinds.add(name)
            words |= word_classes().get(name, frozenset())
        elif value != "*":
            words |= {value} if keys[0] in _TEXT_KEYS else all_forms([value], verbs=bool(_VERB_KEYS & set(keys)))
    return Wanted(frozenset(words), frozenset(kinds), "*" in values.split("|"))


@cache
def _weighing_verbs() -> frozenset[str]:
    """Return verbs that may govern events of public life: who can grant a pardon can consider, demand or refuse it."""
    return frozenset(form for (form, pos), word in status_words().items() if pos == "v" and word.effect in STATUSES)


def _tests(text: str, where: str, kind: str) -> tuple[Test, ...]:
    tests = []
    for part in text.split() if text != "-" else ():
        key, colon, values = part.removeprefix("!").partition(":")
        keys = tuple(key.split("|"))
        if not colon or not values or not all(name in _KEYS or name.isalpha() for name in keys):
            raise ValueError(f"{where}: test {part!r} is not of the form key:value")
        wanted, negated = _wanted(values, keys, where), part.startswith("!")
        if "gov" in keys and not negated and kind in _WEIGHED:
            wanted = replace(wanted, words=wanted.words | _weighing_verbs())
        tests.append(Test(keys, wanted, negated))
    return tuple(tests)


def _by_strength(patterns: list[Pattern]) -> tuple[Pattern, ...]:
    return tuple(sorted(patterns, key=lambda pattern: (*(-part for part in pattern.rank), pattern.number)))


@cache
def lexicon() -> Lexicon:
    """Return the lexicon, read once. Raises ValueError, naming the row, where the table is at fault."""
    patterns: list[Pattern] = []
    index: defaultdict[str, list[Pattern]] = defaultdict(list)
    for number, (kind, pos, heads, tests_text, weight, roles, example) in enumerate(rows("en/triggers.tsv", columns=7)):
        where = f"triggers.tsv, row of {kind} with {heads!r}"
        if kind not in event_types():
            raise ValueError(f"{where}: the ontology has no such type")
        if pos not in ("v", "n"):
            raise ValueError(f"{where}: pos must be v or n, not {pos!r}")
        tests = _tests(tests_text, where, kind)
        needs = tuple(test.wanted.words for test in tests if test.lexical)
        close = tuple(test.wanted.words for test in tests if test.lexical and test.keys != ("near",))
        led = tuple(frozenset(test.keys) for test in tests if not test.negated and not _KEYS & set(test.keys))
        part: Literal["v", "n"] = "v" if pos == "v" else "n"
        near = [test for test in tests if test.keys == ("near",)]
        bars = frozenset().union(*(test.wanted.words for test in near if test.negated))
        scored = any(test.wanted.kinds == {"score"} and not test.wanted.words for test in near if not test.negated)
        pattern = Pattern(number, kind, part, tests, int(weight), roles, example, needs, close, led, bars, scored)
        patterns.append(pattern)
        for form in all_forms(heads.split("|"), verbs=pos == "v"):
            index[form].append(pattern)
    return Lexicon(tuple(patterns), MappingProxyType({form: _by_strength(found) for form, found in index.items()}))
