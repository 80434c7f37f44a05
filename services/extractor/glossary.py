"""A language as data: what its words are in English, read from ``ontology/<language>/``.

``rendered_triggers.tsv`` has the words that name events, by type; ``rendered_words.tsv`` all others;
``country_names.tsv`` countries, peoples and towns; ``grammar.tsv`` what universal labels leave open;
``beginnings.tsv`` how forms begin that a lemma does not show. The tables are checked when they are loaded.
"""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import pycountry

from services.contracts.ontology import event_types
from services.extractor.gazetteer import gazetteer
from services.extractor.tables import rows

ENGLISH: Final = "en"
"""The language that the rules read as it is."""
CLASSES: Final = frozenset("vnarpcxdmtq")
"""Verb, noun, adjective, adverb, preposition, conjunction, pronoun, determiner, number, time, qualifier of a number."""
SLOTS: Final = frozenset({"<n>", "<d>", "<m>", "<p>"})
"""What a pattern may leave open: a number, a weekday, a month, a possessive."""
GRAMMAR: Final = frozenset({
    "reflexive", "lasting", "dative", "negation", "negation_particle", "near_future", "modal", "infinitive_mark",
    "perfect", "participle_ending", "infinitive_ending", "plural_article", "to_before_article", "perfect_adjective",
    "short_form", "bare_determiner", "from_after_verb", "place", "conditional_is_hearsay", "decimal", "thousands",
})  # fmt: skip
_CONDITION: Final = re.compile(r"\[([^\]]*)\]$")
_APOSTROPHES: Final = str.maketrans("’‘`´", "''''")
_MIN_STEM: Final = 3
_MIN_VERB_STEM: Final = 5
"""Shorter beginnings are those of too many words."""
_MAX_ENDING: Final = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """What some words of the language are in English."""

    kind: str
    """One of CLASSES."""
    english: tuple[str, ...]
    """Words; "0" stands for what filled the pattern's slot."""
    pattern: tuple[str, ...]
    """Lemmas, forms and slots, in a row."""
    needs: frozenset[str] = frozenset()
    """Lemmas or forms of which one must depend on the word."""
    reflexive: bool = False
    """True where the verb has a reflexive clitic."""
    type: str = ""
    """The event type that the word may name; empty for other words."""
    country: str = ""
    """ISO 3166-1 alpha-3, for countries and peoples."""


def plain(word: str) -> str:
    """Return ``word`` in lower case with plain apostrophes, as the tables are matched."""
    return word.lower().translate(_APOSTROPHES)


def without_accents(text: str) -> str:
    """Return ``text`` in lower case without accents, as the beginnings of words are compared."""
    return "".join(mark for mark in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(mark))


def has_tables(language: str) -> bool:
    """True where a trigger file for ``language`` (ISO 639) exists."""
    folder = files("services.extractor").joinpath("ontology", language)
    name = "triggers.tsv" if language == ENGLISH else "rendered_triggers.tsv"
    return language.isalpha() and folder.joinpath(name).is_file()


class Grammar:
    """``grammar.tsv`` of one language."""

    def __init__(self, language: str) -> None:
        self._values: dict[str, tuple[str, ...]] = {}
        for key, values in rows(f"{language}/grammar.tsv", columns=2):
            if key not in GRAMMAR:
                raise ValueError(f"{language}/grammar.tsv: {key!r} is none of {', '.join(sorted(GRAMMAR))}")
            self._values[key] = tuple(values.split())
        self.short_forms: Mapping[str, str] = self.pairs("short_form")

    def words(self, key: str) -> frozenset[str]:
        """Return the words of ``key``; none where the language has no row for it."""
        return frozenset(self._values.get(key, ()))

    def pairs(self, key: str) -> dict[str, str]:
        """Return the "word=meaning" pairs of ``key``."""
        found = {}
        for value in self._values.get(key, ()):
            word, _, meaning = value.partition("=")
            found[word] = meaning
        return found

    def value(self, key: str) -> str:
        """Return the one value of ``key``; empty where the language has no row for it."""
        return next(iter(self._values.get(key, ())), "")


class Glossary:
    """All tables of one language. Raises ValueError, naming the row, where one is at fault."""

    def __init__(self, language: str, tokenize: Callable[[str], Sequence[str]]) -> None:
        """Read the tables of ``language``; ``tokenize`` cuts a text as its pipeline does."""
        self.language = language
        self.grammar = Grammar(language)
        self._tokenize = tokenize
        self._by_first: defaultdict[str, list[Entry]] = defaultdict(list)
        self._beginnings: dict[str, tuple[str, ...]] = {
            lemma: tuple(beginnings.split()) for lemma, beginnings in rows(f"{language}/beginnings.tsv", columns=2)
        }
        stems: set[str] = set()
        for entry in self._entries():
            self._by_first[entry.pattern[0]].append(entry)
            if entry.type:
                stems |= set(self._stems(entry))
        for entries in self._by_first.values():
            # The longer first, then those that ask for something; else the order of the tables.
            entries.sort(key=lambda entry: (-len(entry.pattern), not entry.needs, not entry.reflexive))
        self._verbs = _verbs(entry for entries in self._by_first.values() for entry in entries)
        self._longest = max(map(len, self._verbs), default=0)
        self._stem_lengths = sorted({len(stem) for stem in stems})
        self._all_stems = frozenset(stems)

    def starting(self, word: str) -> Sequence[Entry]:
        """Return the entries whose first word is ``word`` (see ``plain``), the most demanding first."""
        return self._by_first.get(word, ())

    def lemma(self, form: str) -> str:
        """Return the verb of the tables that ``form`` is most likely a form of; empty where none is likely."""
        endings, infinitives = self.grammar.words("participle_ending"), self.grammar.words("infinitive_ending")
        for length in range(1, 4):
            if form[-length:] in endings:
                for infinitive in sorted(infinitives):
                    candidate = form[:-length] + infinitive
                    if any(entry.kind == "v" for entry in self.starting(candidate)):
                        return candidate
        plainer = without_accents(form)
        irregular = [
            (len(beginning), lemma)
            for lemma, beginnings in self._beginnings.items()
            for beginning in beginnings
            if plainer.startswith(beginning) and len(plainer) - len(beginning) <= _MAX_ENDING
        ]
        if irregular:
            return max(irregular)[1]
        likely = self._beginning(form)
        return likely[0].pattern[0] if likely else ""

    def _beginning(self, word: str) -> Sequence[Entry]:
        """Return the verbs that begin as ``word`` does, for forms whose lemma is not known; the closest first."""
        form = without_accents(word)
        for length in range(min(len(form), self._longest), _MIN_VERB_STEM - 1, -1):
            found = self._verbs.get(form[:length])
            if found and len(form) - length <= _MAX_ENDING:
                return found
        return ()

    def may_hold(self, text: str) -> bool:
        """True where a word of ``text`` begins as a trigger does; only such sentences are worth a parse."""
        for word in re.findall(r"[^\W\d_]+", without_accents(text)):
            if any(word[:length] in self._all_stems for length in self._stem_lengths if length <= len(word)):
                return True
        return False

    def _entries(self) -> Iterable[Entry]:
        yield from self._triggers()
        yield from self._names()
        for kind, english, alternatives in rows(f"{self.language}/rendered_words.tsv", columns=3):
            where = f"{self.language}/rendered_words.tsv, row of {english!r}"
            if kind not in CLASSES:
                raise ValueError(f"{where}: {kind!r} is none of the word classes {''.join(sorted(CLASSES))}")
            yield from self._alternatives(kind, english, alternatives, where)

    def _triggers(self) -> Iterable[Entry]:
        for kind, pos, english, alternatives, _ in rows(f"{self.language}/rendered_triggers.tsv", columns=5):
            where = f"{self.language}/rendered_triggers.tsv, row of {kind} with {english!r}"
            if kind not in event_types():
                raise ValueError(f"{where}: the ontology has no such type")
            if pos not in ("v", "n", "a"):
                raise ValueError(f"{where}: pos must be v, n or a, not {pos!r}")
            yield from self._alternatives(pos, english, alternatives, where, kind)

    def _alternatives(self, kind: str, english: str, alternatives: str, where: str, named: str = "") -> Iterable[Entry]:
        reflexive_words = self.grammar.words("reflexive")
        for alternative in alternatives.split("|"):
            condition = _CONDITION.search(alternative)
            bare = _CONDITION.sub("", alternative)
            pattern = self._pattern(bare)
            reflexive = kind == "v" and len(pattern) > 1 and pattern[0] in reflexive_words
            pattern = pattern[1:] if reflexive else pattern
            if not pattern or not english.strip():
                raise ValueError(f"{where}: {alternative!r} has no words")
            needs = frozenset(plain(word) for word in condition[1].split("/")) if condition else frozenset()
            yield Entry(kind, tuple(english.split()), pattern, needs, reflexive, named)

    def _pattern(self, text: str) -> tuple[str, ...]:
        found: list[str] = []
        for part in re.split(r"(<\w>)", text):
            if part in SLOTS:
                found.append(part)
            elif part.startswith("<"):
                raise ValueError(f"{self.language}: {text!r} has a slot that is none of {', '.join(sorted(SLOTS))}")
            else:
                found += [self.bare(plain(word)) for word in self._tokenize(part.strip()) if word.strip()]
        return tuple(found)

    def bare(self, word: str) -> str:
        """Return what an elided or contracted form stands for, else the word itself."""
        return self.grammar.short_forms.get(word, word)

    def _names(self) -> Iterable[Entry]:
        known = gazetteer()
        listed: set[str] = set()
        for alpha3, names, adjectives, towns in rows(f"{self.language}/country_names.tsv", columns=4):
            if alpha3 not in known.countries:
                raise ValueError(f"{self.language}/country_names.tsv: {alpha3!r} is no country's alpha-3 code")
            listed.add(alpha3)
            country = known.countries[alpha3]
            english = tuple(country.name.removeprefix("the ").split())
            for name in names.split(";"):
                yield Entry("n", english, self._pattern(name), country=alpha3)
            for adjective in adjectives.split(";") if adjectives != "-" else ():
                forms = (adjective, adjective if adjective.endswith(("s", "x")) else adjective + "s")
                for form in dict.fromkeys(forms):
                    yield Entry("a", tuple(country.demonym.split()), self._pattern(form), country=alpha3)
            for town in towns.split(";") if towns != "-" else ():
                name, _, own = town.partition("=")
                yield Entry("n", tuple(own.split()), self._pattern(name))
        yield from self._short_names(listed)

    def _short_names(self, listed: set[str]) -> Iterable[Entry]:
        try:
            names = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[self.language])
        except OSError:
            return
        for record in pycountry.countries:
            if record.alpha_3 not in listed:
                name = names.gettext(getattr(record, "common_name", record.name)).partition(",")[0]
                english = gazetteer().countries[record.alpha_3].name
                yield Entry("n", tuple(english.split()), self._pattern(name), country=record.alpha_3)

    def _stems(self, entry: Entry) -> Iterable[str]:
        word = max((each for each in entry.pattern if each not in SLOTS), key=len)
        word = entry.pattern[0] if entry.kind == "v" and word == entry.pattern[0] else word
        folded = without_accents(word)
        own = self._beginnings.get(word)
        parts = re.findall(r"[^\W\d_]+", folded) or [folded]
        longest = max(parts, key=len)
        if own is not None:
            yield from (without_accents(each) for each in own)
        cut = 2 if entry.kind == "v" and len(entry.pattern) == 1 else 1
        yield longest[: max(len(longest) - cut, min(len(longest), _MIN_STEM))]


def _verbs(entries: Iterable[Entry]) -> Mapping[str, Sequence[Entry]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind == "v" and len(entry.pattern) == 1 and len(entry.pattern[0]) > _MIN_VERB_STEM + 1:
            found[without_accents(entry.pattern[0])[:-2]].append(entry)
    return found


@cache
def languages_with_tables() -> tuple[str, ...]:
    """Return the languages that have a trigger file, in order."""
    folders = files("services.extractor").joinpath("ontology").iterdir()
    return tuple(sorted(folder.name for folder in folders if len(folder.name) == 2 and has_tables(folder.name)))
