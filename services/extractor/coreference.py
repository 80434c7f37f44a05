"""Who is who in one article: full names behind surnames, offices, countries and gender of the persons in it.

A small model tags "Trump" as a verb and "Lavrov" as an organisation, but an article introduces nearly everybody once by
full name or title. So names are collected over the whole article first and every later token that equals a known
surname is that person. Works on words and entities alone: sentences need no dependency parse.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from spacy.tokens import Span

from services.extractor.entities import Actor, fold
from services.extractor.gazetteer import Entry, Gazetteer, Title, gazetteer, lowered, place_tables, us_states

MAX_PREFIX_WORDS: Final = 8
"""How far left of a name its titles and country are looked for."""
MAX_APPOSITION_WORDS: Final = 14
"""How many words between the commas after a name are read as its description."""
MIN_TOWN_NAMESAKE: Final = 3
"""A lone name that is also a town's must be tagged as a person this often: taggers take "Wasilla" for one."""
LEADS: Final = frozenset({"chief", "leader", "monarch"})
"""Offices that name who leads a country; any of them can stand for another."""
_ABROAD: Final = frozenset({"envoy", "ambassador", "negotiator"})
"""Offices that a country's *name* points at instead of employing: "the Ukraine envoy" is rarely a Ukrainian."""
_OWN_ENVOYS: Final = frozenset({"us", "u.s.", "uk", "u.k.", "un", "u.n.", "eu"})

_PARTICLES: Final = frozenset({
    "de", "del", "della", "der", "den", "di", "da", "do", "dos", "du", "la", "le", "van", "von", "bin", "ibn",
    "bint", "al", "el", "ul", "ould", "abu", "ter", "ten", "zu", "y", "ben", "af", "st.",
})  # fmt: skip
_BODIES: Final = frozenset({"ORG", "FAC", "GPE", "LAW", "EVENT"})
_ALWAYS_PERSONAL: Final = frozenset({"president", "mr", "mr.", "mrs", "mrs.", "ms", "ms."})
_SUFFIXES: Final = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
_STOPS: Final = frozenset({
    "a", "an", "and", "or", "but", "in", "on", "at", "to", "by", "for", "from", "with", "as", "that", "which",
    "who", "is", "was", "were", "are", "be", "been", "has", "had", "have", "said", "says", "told", "after", "when",
    "while", "if", "than", "then", "against", "between", "over", "about", "into", "during", "since", "because",
    "where", ",", ";", ":", "(", ")", "“", "”", '"', "‘", "—", "–", "...", "…",
})  # fmt: skip
_JOINTS: Final = frozenset({"'s", "’s", "‘s", "'", "’", "-"})
_NOT_NAMES: Final = frozenset({
    "the", "a", "an", "this", "that", "these", "those", "it", "he", "she", "they", "we", "i", "you", "his", "her",
    "their", "our", "my", "its", "in", "on", "at", "by", "for", "from", "with", "after", "before", "but", "and",
    "or", "if", "as", "when", "while", "also", "however", "monday", "tuesday", "wednesday", "thursday", "friday",
    "saturday", "sunday", "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december", "god", "christmas", "easter", "ramadan", "congress", "parliament",
    "department", "ministry", "party", "street", "war", "house", "court", "university", "says", "said", "of", "to",
    "who", "what", "why", "how", "not", "no", "yes", "more", "new", "former", "late", "senior", "deputy", "photo",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the article as far as the article tells."""

    name: str
    """Canonical name: "Vladimir Putin"; only the surname where the article gives no more."""
    country: str
    """ISO 3166-1 alpha-3; empty where the article does not tell."""
    sector: str
    gender: str
    """m, f or empty."""
    offices: frozenset[str]
    """Offices the person is introduced with: {"chief", "senator"}."""
    count: int
    """How often the article names the person."""

    @property
    def actor(self) -> Actor:
        """The person as an actor."""
        return Actor(f"person:{fold(self.name)}", self.name, "person", self.country, self.sector)


@dataclass(frozen=True, slots=True)
class NameMention:
    """A place in a sentence where a person is named; token numbers count in the sentence's Doc."""

    sentence: int
    start: int
    end: int
    lead: int
    """Where the titles before the name begin; equal to ``start`` where it has none."""
    person: Person


@dataclass(frozen=True, slots=True)
class Description:
    """A person referred to by office: "the US president". Token numbers count in the sentence's Doc."""

    sentence: int
    start: int
    end: int
    office: str
    title: Title
    country: str
    definite: bool


@dataclass(slots=True)
class SentenceView:
    """The words of one sentence, read from spaCy once."""

    index: int
    span: Span
    start: int
    """Token number of the first word in the sentence's Doc."""
    words: list[str]
    lower: list[str]
    offsets: list[int]
    """Offset of each word in ``text``."""
    text: str
    entries: dict[int, tuple[int, Entry]] = field(default_factory=dict)
    """Gazetteer names by the sentence's own word number: (end, entry)."""
    inside: set[int] = field(default_factory=set)
    """Word numbers that lie in a gazetteer name."""


def view(index: int, span: Span, names: Gazetteer) -> SentenceView:
    """Read one sentence: its words and the gazetteer names in it."""
    words, offsets = [], []
    base = span.start_char
    for token in span:
        words.append(token.text)
        offsets.append(token.idx - base)
    text = span.text
    sentence = SentenceView(index, span, span.start, words, [word.lower() for word in words], offsets, text)
    lower = lowered(text)
    skip_to = 0
    for number, word in enumerate(words):
        if offsets[number] < skip_to or not (word[:1].isupper() or word[:2].lower() == "al"):
            continue
        found = names.match(lower, text, offsets[number])
        if found is None:
            continue
        end = number + 1
        while end < len(words) and offsets[end] < found[0]:
            end += 1
        sentence.entries[number] = (end, found[1])
        sentence.inside.update(range(number, end))
        skip_to = found[0]
    return sentence


@dataclass(slots=True)
class _Known:
    """What is gathered about one person while the article is read."""

    variants: Counter[str] = field(default_factory=Counter)
    countries: Counter[str] = field(default_factory=Counter)
    sectors: Counter[str] = field(default_factory=Counter)
    genders: Counter[str] = field(default_factory=Counter)
    offices: set[str] = field(default_factory=set)
    employers: list[str] = field(default_factory=list)
    count: int = 0
    order: int = 0

    def name(self) -> str:
        return max(self.variants, key=lambda name: (self.variants[name], -len(name)))

    def country(self) -> str:
        return self.countries.most_common(1)[0][0] if self.countries else ""


def bare_word(word: str) -> str:
    """Return ``word`` without a possessive ending or quotes around it."""
    word = word.strip("‘’“”\"'`.,;:()[]")
    for ending in ("'s", "’s", "‘s", "`s"):
        word = word.removesuffix(ending)
    return word


def _surname(words: Sequence[str]) -> int:
    """Return where the surname of a full name begins (as word number), particles included."""
    at = len(words) - 1
    while at > 1 and words[at - 1].lower() in _PARTICLES:
        at -= 1
    return at


class NameBook:
    """Every person that one article names."""

    def __init__(self, sentences: Sequence[SentenceView], title: str = "") -> None:
        self._names = gazetteer()
        self._sentences = sentences
        self._known: dict[str, _Known] = {}
        self._by_surname: dict[str, list[str]] = {}
        self._by_part: dict[str, list[str]] = {}
        self._singles: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._titled: set[str] = set()
        self._pairs: dict[str, Counter[tuple[str, ...]]] = {}
        self._full: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for sentence in sentences:
            self._collect(sentence)
        self._collect_title(title)
        self._settle_singles()
        raw = [found for sentence in sentences for found in self._scan(sentence)]
        self._read_contexts(raw)
        self.descriptions: tuple[Description, ...] = tuple(
            found for sentence in sentences for found in self._describe(sentence, raw)
        )
        self._assign_leaders()
        persons = {key: self._finish(key) for key in self._known}
        self.persons: tuple[Person, ...] = tuple(
            sorted((person for person in persons.values() if person.count), key=lambda person: -person.count)
        )
        """Most often named first."""
        self.mentions: tuple[NameMention, ...] = tuple(
            NameMention(number, start, end, lead, persons[key]) for number, start, end, lead, key in raw
        )

    # Collecting names -------------------------------------------------------------------------------------------

    def _collect(self, sentence: SentenceView) -> None:
        if not sentence.span.doc.has_annotation("ENT_IOB"):
            self._collect_pairs(sentence)
        for entity in sentence.span.ents:
            first, last = entity.start - sentence.start, entity.end - sentence.start
            if entity.label_ == "PERSON":
                if not sentence.inside.issuperset(range(first, last)):
                    self._take(self._trim(sentence, first, self._with_particles(sentence, last)))
            elif entity.label_ in ("ORG", "GPE", "WORK_OF_ART", "FAC", "NORP", "PRODUCT", "LOC"):
                words = self._trim(sentence, first, last)
                if len(words) == 1:
                    self._rejected[fold(words[0])] += 1
        for number, lower in enumerate(sentence.lower):
            if lower == "," and number >= 2 and self._introduced(sentence, number):
                first = number
                while first > 0 and number - first < 3 and self._may_name(sentence, first - 1):
                    first -= 1
                if number - first >= 2:
                    self._take(self._trim(sentence, first, number))
            if (
                lower in self._names.last_title_words
                and number + 1 < len(sentence.words)
                and number not in sentence.inside
            ):
                self._take_titled(sentence, number)

    def _take_titled(self, sentence: SentenceView, number: int) -> None:
        words = sentence.words
        start = number + 1
        while start < len(words) and words[start] == "." and start == number + 1:
            start += 1
        end = start
        while end < len(words) and end - start < 4 and end not in sentence.inside:
            word = words[end]
            named = word[:1].isupper() and bare_word(word) and sentence.lower[end] not in _NOT_NAMES
            if not named and not (end > start and word.lower() in _PARTICLES | {"-"}):
                break
            if sentence.lower[end] in self._names.last_title_words:
                return
            end += 1
            if word.endswith(("'s", "’s", "‘s")):
                break
        while end > start and not words[end - 1][:1].isupper():
            end -= 1
        if end == start:
            return
        tokens = sentence.span[start:end]
        head = sentence.span[number]
        # A title inside an organisation's name names no person: "Justice Department", "General Motors".
        shared = head.ent_type_ == tokens[0].ent_type_ and tokens[0].ent_iob_ == "I"
        if shared and head.ent_type_ in _BODIES and sentence.lower[number] not in _ALWAYS_PERSONAL:
            return
        if end - start == 1 and not tokens[0].ent_type_ and tokens[0].pos_ in ("VERB", "AUX", "ADP", "DET"):
            return
        title = self._names.title(sentence.lower[number])
        if title is not None and not words[number][:1].isupper() and tokens[0].ent_type_ not in ("PERSON", "ORG", ""):
            return
        if title is not None and not words[number][:1].isupper() and end - start == 1 and not tokens[0].ent_type_:
            return
        kept = self._trim(sentence, start, end)
        self._take(kept)
        if len(kept) == 1:
            self._titled.add(fold(kept[0]))

    def _trim(self, sentence: SentenceView, first: int, last: int) -> list[str]:
        """Return the name's own words in [first, last): titles, demonyms, possessives and punctuation cut off."""
        first = max(first, 0)
        last = min(last, len(sentence.words))
        while first < last:
            lower = sentence.lower[first]
            titled = lower in self._names.title_words and first + 1 < last
            entry = sentence.entries.get(first)
            if entry is not None and entry[0] < last and entry[1].kind in ("adjective", "institution", "country"):
                first = entry[0]
            elif titled or lower in _NOT_NAMES or not lower[:1].isalpha():
                first += 1
            else:
                break
        kept: list[str] = []
        joined = False
        for number in range(first, last):
            word = sentence.words[number]
            if word == "-" and kept:
                kept[-1] += "-"
                joined = True
                continue
            bare = bare_word(word) if not (len(word) == 2 and word.endswith(".")) else word
            if not bare or (not bare[:1].isalpha() or any(mark.isdigit() for mark in bare)):
                break
            if not bare[:1].isupper() and bare.lower() not in _PARTICLES and not joined:
                break
            if joined:
                kept[-1] += bare
                joined = False
            else:
                kept.append(bare)
            if bare != word and word.endswith(("'s", "’s", "‘s")):
                break
        while kept and (kept[-1].lower() in _SUFFIXES or kept[-1].lower() in _PARTICLES):
            kept.pop()
        return kept

    @staticmethod
    def _with_particles(sentence: SentenceView, last: int) -> int:
        """Go on over "von der Leyen" where the tagger stopped before the particles."""
        end = last
        while end < len(sentence.lower) and sentence.lower[end] in _PARTICLES and end - last < 3:
            end += 1
        open_ended = last < end or sentence.lower[last - 1] in _PARTICLES
        return end + 1 if open_ended and end < len(sentence.words) and sentence.words[end][:1].isupper() else last

    def _collect_pairs(self, sentence: SentenceView) -> None:
        """Keep pairs of capitalised words that no tagger has read: a lone surname may need its first name."""
        for number in range(1, len(sentence.words)):
            if self._may_name(sentence, number) and self._may_name(sentence, number - 1):
                pair = tuple(bare_word(word) for word in sentence.words[number - 1 : number + 1])
                if all(pair) and sentence.lower[number - 1] not in self._names.title_words:
                    self._pairs.setdefault(fold(pair[1]), Counter())[pair] += 1

    @staticmethod
    def _may_name(sentence: SentenceView, number: int) -> bool:
        word = sentence.words[number]
        plain = word[:1].isupper() and word.replace("-", "").isalpha()
        return plain and number not in sentence.inside and sentence.lower[number] not in _NOT_NAMES

    def _introduced(self, sentence: SentenceView, last: int) -> bool:
        """True where an age or a role follows, as with a person: "Ines Costa, 35", "Ines Costa, a Portuguese judge"."""
        after = sentence.lower[last : last + 8]
        if len(after) < 3 or after[0] != ",":
            return False
        if after[1].isdigit() and len(after[1]) == 2:
            return True
        if after[1] not in ("a", "an", "the"):
            return False
        for word in after[2:]:
            if word in _STOPS:
                return False
            title = self._names.titles.get(word)
            if title is not None and title.sector not in ("BUS", "") and not title.capital:
                return True
        return False

    def _take(self, words: list[str]) -> None:
        if not words or len(words) > 5:
            return
        name = " ".join(words)
        if self._names.lookup(name) is not None or len(name) < 2:
            return
        lowers = [word.lower() for word in words]
        if any(lower in _NOT_NAMES for lower in lowers) or any(len(word) > 24 for word in words):
            return
        if len(words) == 1:
            if words[0][:1].isupper() and len(words[0]) > 2 and lowers[0] not in self._names.parties:
                self._singles[words[0]] += 1
            return
        surname = fold(" ".join(words[_surname(words) :]))
        key = f"{fold(words[0])} {surname}"
        if key not in self._known:
            self._known[key] = _Known(order=len(self._known))
            self._index(key, words)
        self._known[key].variants[name] += 1
        variant = tuple(fold(word) for word in words)
        bucket = self._full.setdefault(variant[0], [])
        if (variant, key) not in bucket:
            bucket.append((variant, key))
            bucket.sort(key=lambda item: -len(item[0]))

    def _index(self, key: str, words: Sequence[str]) -> None:
        at = _surname(words)
        surname = fold(words[-1])
        for part in {surname, surname.split("-", 1)[-1] if surname.startswith(("al-", "el-")) else surname}:
            self._by_surname.setdefault(part, []).append(key)
        for word in words[:at]:
            if len(word.rstrip(".")) > 1:
                self._by_part.setdefault(fold(word), []).append(key)

    def _collect_title(self, title: str) -> None:
        words = [bare_word(word) for word in title.split()]
        lower_case = sum(1 for word in words if word[:1].islower())
        if not words or lower_case < len(words) / 3:
            return  # A headline With Capitals Everywhere tells nothing about names.
        for first, second in itertools.pairwise(words):
            if first[:1].isupper() and second[:1].isupper() and fold(second) in {fold(name) for name in self._singles}:
                if first.lower() in self._names.title_words or self._names.lookup(first) is not None:
                    continue
                self._take([first, second])

    def _settle_singles(self) -> None:
        """Give persons that have one name only an entry, unless the name is part of a full name."""
        for name in list(self._singles):
            word = fold(name)
            if word not in self._by_surname and word in self._pairs:
                self._take(list(self._pairs[word].most_common(1)[0][0]))
        for name, count in self._singles.items():
            word = fold(name)
            if word in self._by_surname or word in self._known:
                continue
            if word in self._by_part:
                if word in self._titled:
                    # "Mr. Kim" after "Kim Young-ho": the family name stands first.
                    self._by_surname[word] = list(self._by_part[word])
                continue
            if word not in self._titled and self._rejected[word] > count:
                continue
            if self._names.lookup(name) is not None or name.lower() in self._names.title_words:
                continue
            if word not in self._titled and count < MIN_TOWN_NAMESAKE and word in place_tables().cities:
                continue
            self._known[word] = _Known(order=len(self._known))
            self._known[word].variants[name] += 1
            self._by_surname.setdefault(word, []).append(word)

    # Finding mentions -------------------------------------------------------------------------------------------

    def _scan(self, sentence: SentenceView) -> Iterator[tuple[int, int, int, int, str]]:
        number = 0
        last: dict[str, str] = getattr(self, "_latest", {})
        self._latest = last
        while number < len(sentence.words):
            word = sentence.words[number]
            if not word[:1].isupper() and word[:1] not in "‘'’“\"":
                number += 1
                continue
            found = self._match(sentence, number, last)
            if found is None:
                number += 1
                continue
            end, key = found
            known = self._known[key]
            known.count += 1
            last[key.rsplit(" ", 1)[-1]] = key
            lead = self._lead(sentence, number)
            yield sentence.index, sentence.start + number, sentence.start + end, sentence.start + lead, key
            number = end

    def _match(self, sentence: SentenceView, number: int, last: dict[str, str]) -> tuple[int, str] | None:
        word = fold(bare_word(sentence.words[number]))
        if not word:
            return None
        for variant, key in self._full.get(word, ()):
            end = self._match_words(sentence, number, variant)
            if end:
                return end, key
        keys = self._by_surname.get(word)
        weak = keys is None
        if keys is None:
            keys = self._by_part.get(word)
        if keys is None or (number in sentence.inside and self._elsewhere(sentence, number)):
            return None
        if not self._stands_alone(sentence, number, weak):
            return None
        key = keys[0]
        if len(set(keys)) > 1:
            if weak:
                return None
            key = self._choose(sentence, number, word, keys, last)
        return number + 1, key

    def _match_words(self, sentence: SentenceView, number: int, variant: tuple[str, ...]) -> int:
        at = number
        for part in variant:
            built = ""
            while at < len(sentence.words) and len(built) < len(part):
                built += fold(bare_word(sentence.words[at]) or sentence.words[at])
                at += 1
            if built != part and built != part.rstrip("."):
                return 0
        return at

    def _elsewhere(self, sentence: SentenceView, number: int) -> bool:
        """True where the word belongs to a longer gazetteer name or names a country itself."""
        before = sentence.lower[number - 1] if number else ""
        return before.rstrip(".") not in ("mr", "mrs", "ms", "dr", "president", "minister", "sen")

    def _stands_alone(self, sentence: SentenceView, number: int, weak: bool) -> bool:
        """True where a surname is not just a word of another name: "Black Sea", "Trump Tower", "Black smoke"."""
        words, token = sentence.words, sentence.span[number]
        word = words[number]
        if number + 1 < len(words) and bare_word(word) == word:
            after = words[number + 1]
            if after[:1].isupper() and after.isalpha() and sentence.lower[number + 1] not in self._names.title_words:
                known = fold(after) in self._by_surname or number + 1 in sentence.inside
                if (
                    not known
                    and token.ent_type_ != "PERSON"
                    and sentence.span[number + 1].pos_ in ("PROPN", "", "NOUN")
                ):
                    return False
        if number:
            before = words[number - 1]
            lower = sentence.lower[number - 1]
            if before[:1].isupper() and before.isalpha() and len(before) > 1 and number - 1 > 0:
                fits = lower in self._names.title_words or number - 1 in sentence.inside or lower in _NOT_NAMES
                if (
                    not fits
                    and not before.isupper()
                    and sentence.span[number - 1].ent_type_ in ("PERSON", "ORG", "FAC")
                ) and token.ent_iob_ == "I":
                    return False
        if weak and token.ent_type_ not in ("PERSON", "ORG"):
            return False
        lone = number == 0 or words[number - 1] in ("“", "‘", '"')
        return not (lone and not token.ent_type_ and token.pos_ in ("ADJ", "ADV", "DET", "ADP", "PRON", "SCONJ"))

    def _choose(self, sentence: SentenceView, number: int, word: str, keys: list[str], last: dict[str, str]) -> str:
        title = self._names.title(sentence.lower[number - 1]) if number else None
        if title is not None and title.gender:
            fitting = [key for key in keys if self._may_be(key, title.gender)]
            if len(set(fitting)) == 1:
                return fitting[0]
        return last.get(word) or max(keys, key=lambda key: sum(self._known[key].variants.values()))

    def _may_be(self, key: str, gender: str) -> bool:
        """True unless the words before the person's full name tell another gender: "his wife, |Jamie Lassiter|"."""
        known = self._known[key].genders
        return not known or gender in known

    # Titles, countries, gender ----------------------------------------------------------------------------------

    def _lead(self, sentence: SentenceView, number: int) -> int:
        """Return where the words that introduce the name begin: "Russian foreign minister |Sergey Lavrov"."""
        lead = at = number
        while at > 0 and number - at < MAX_PREFIX_WORDS:
            at -= 1
            lower = sentence.lower[at]
            if lower in _STOPS or lower == "the":
                break
            if at in sentence.inside or lower in self._names.title_words or lower == ".":
                lead = at
            elif (not lower.isalpha() and lower not in _JOINTS) or sentence.span[at].pos_ in ("VERB", "AUX", "ADP"):
                break
        return lead

    def _read_contexts(self, raw: Sequence[tuple[int, int, int, int, str]]) -> None:
        starts = {(number, start): key for number, start, _, _, key in raw}
        for number, start, end, lead, key in raw:
            sentence = self._sentences[number]
            first, last = start - sentence.start, end - sentence.start
            known = self._known[key]
            begin = max(lead - sentence.start, 0)
            titled = self._read(known, sentence, begin, first)
            if titled and not known.countries and self._after_state(sentence, begin):
                known.countries["USA"] += 1
            self._read_before_comma(known, sentence, lead - sentence.start)
            self._read_after(known, sentence, last, starts)

    @staticmethod
    def _after_state(sentence: SentenceView, begin: int) -> bool:
        """True for "Ohio |Governor X|": a title that follows the name of a state of the United States."""
        return any(
            begin >= length and fold(" ".join(sentence.words[begin - length : begin])) in us_states()
            for length in (1, 2)
        )

    def _read(self, known: _Known, sentence: SentenceView, first: int, last: int) -> bool:
        """Read titles and a country from the words [first, last); False where there is no title."""
        office = ""
        at = last - 1
        found_title = False
        while at >= first:
            title, begin = self._title_ending(sentence, at)
            if title is not None and at not in sentence.inside:
                found_title = True
                office = office or title.office
                self._note(known, title)
                at = begin - 1
                continue
            at -= 1
        self._read_country(known, sentence, first, last, office)
        return found_title

    @staticmethod
    def _note(known: _Known, title: Title) -> None:
        if title.gender:
            known.genders[title.gender] += 1
        if title.sector:
            known.sectors[title.sector] += 1
        if title.office:
            known.offices.add(title.office)

    def _title_ending(self, sentence: SentenceView, at: int) -> tuple[Title | None, int]:
        """Return the longest title whose last word is word ``at``, and where it begins."""
        if sentence.lower[at] not in self._names.last_title_words:
            return None, at
        for length in (5, 4, 3, 2):
            begin = at - length + 1
            if begin >= 0:
                title = self._names.titles.get(" ".join(sentence.lower[begin : at + 1]))
                if title is not None:
                    return title, begin
        if at > 1 and sentence.lower[at - 1] == "-":
            joined = self._names.titles.get("".join(sentence.lower[at - 2 : at + 1]))
            if joined is not None:
                return joined, at - 2
        title = self._names.titles.get(sentence.lower[at])
        if title is not None and title.capital and not sentence.words[at][:1].isupper():
            return None, at
        return title, at

    def _read_country(self, known: _Known, sentence: SentenceView, first: int, last: int, office: str) -> None:
        for at in range(last - 1, first - 1, -1):
            found = sentence.entries.get(at)
            if found is None:
                if sentence.lower[at] in self._names.parties and sentence.words[at][:1].isupper():
                    known.countries[self._names.parties[sentence.lower[at]]] += 1
                    return
                continue
            end, entry = found
            if not entry.country:
                continue
            if entry.kind == "adjective" or entry.kind == "institution":
                if end < len(sentence.lower) and sentence.lower[end] == "-":
                    continue
                known.countries[entry.country] += 2
                if entry.kind == "institution" and entry.sector:
                    known.sectors[entry.sector] += 1
                return
            if office in _ABROAD and sentence.lower[at] not in _OWN_ENVOYS:
                return
            possessive = end < len(sentence.words) and sentence.lower[end] in ("'s", "’s", "‘s", "'", "’")
            glued = sentence.words[end - 1].endswith(("'s", "’s", "‘s"))
            if (
                possessive
                or glued
                or end == last
                or sentence.lower[end] in self._names.title_words | {"former", "deputy"}
            ):
                known.countries[entry.country] += 2
            return

    def _read_before_comma(self, known: _Known, sentence: SentenceView, lead: int) -> None:
        """Read "The Russian president, |Vladimir Putin": the description must end in a title right at the comma."""
        if lead < 2 or sentence.words[lead - 1] != ",":
            return
        title, begin = self._title_ending(sentence, lead - 2)
        if title is None or lead - 2 in sentence.inside:
            return
        first = begin
        while first > 0 and lead - first < MAX_PREFIX_WORDS and sentence.lower[first - 1] not in _STOPS:
            first -= 1
            if sentence.lower[first] == "the":
                break
        self._note(known, title)
        self._read_country(known, sentence, first, lead - 1, title.office)

    def _read_after(self, known: _Known, sentence: SentenceView, last: int, starts: dict[tuple[int, int], str]) -> None:
        """Read what follows a name: "of Russia", ", 35, a US staff sergeant", ", the Kremlin spokesman"."""
        lower, words = sentence.lower, sentence.words
        at = last
        if lower[at : at + 1] == ["("]:
            while at < len(lower) and lower[at] != ")" and at - last < 6:
                at += 1
            at += 1
        if lower[at : at + 1] == ["of"] or lower[at : at + 2] == [",", "of"]:
            self._read_home(known, sentence, at + 1 + (lower[at] == ","))
        for _ in range(2):
            if lower[at : at + 1] != [","]:
                return
            end = at + 1
            while end < len(lower) and lower[end] not in (",", ".", ";", "(", "who", "said", "—", "–", "”", "which"):
                end += 1
            if end - at - 1 > MAX_APPOSITION_WORDS or end == at + 1:
                return
            if lower[at + 1].isdigit() or (lower[at + 1].replace("-", "").isalnum() and "year-old" in lower[at + 1]):
                at = end
                continue
            opener = lower[at + 1]
            if (sentence.index, sentence.start + at + 1) in starts or opener in ("and", "but", "said"):
                return
            if (
                opener in ("a", "an", "the", "former", "then", "his", "her")
                or at + 1 in sentence.inside
                or (opener in self._names.title_words)
            ):
                self._read_apposition(known, sentence, at + 1, end, words, starts)
            return

    def _read_apposition(
        self,
        known: _Known,
        sentence: SentenceView,
        first: int,
        end: int,
        words: list[str],
        starts: dict[tuple[int, int], str],
    ) -> None:
        lower = sentence.lower
        for at in range(first, end):
            title, _ = self._title_ending(sentence, at)
            if title is None or at in sentence.inside or (sentence.index, sentence.start + at + 1) in starts:
                continue
            self._note(known, title)
            before = Counter(known.countries)
            self._read_country(known, sentence, first, at + 1, title.office)
            if known.countries == before and lower[at + 1 : at + 2] in (["of"], ["for"]):
                self._read_home(known, sentence, at + 2)
                for further in range(at + 2, min(at + 5, end)):
                    employer = starts.get((sentence.index, sentence.start + further))
                    if employer is not None:
                        known.employers.append(employer)
            return

    def _read_home(self, known: _Known, sentence: SentenceView, at: int) -> None:
        if sentence.lower[at : at + 1] == ["the"]:
            at += 1
        found = sentence.entries.get(at)
        if found is not None and found[1].kind in ("country", "institution"):
            if found[1].country:
                known.countries[found[1].country] += 2
            return
        if at < len(sentence.words) and sentence.words[at][:1].isupper():
            for length in (2, 1):
                state = us_states().get(fold(bare_word(" ".join(sentence.words[at : at + length]))))
                if state is not None:
                    known.countries[state.country] += 1
                    return

    # Persons named by office ------------------------------------------------------------------------------------

    def _describe(self, sentence: SentenceView, raw: Sequence[tuple[int, int, int, int, str]]) -> Iterator[Description]:
        named = {
            at
            for number, _, end, lead, _ in raw
            if number == sentence.index
            for at in range(lead - sentence.start, end - sentence.start)
        }
        at = len(sentence.words) - 1
        while at >= 0:
            lower = sentence.lower[at]
            title, begin = (None, at)
            if lower in self._names.last_title_words and at not in named and at not in sentence.inside:
                title, begin = self._title_ending(sentence, at)
                if sentence.span[at].pos_ == "ADJ" or sentence.span[at].dep_ in ("amod", "compound"):
                    title = None
            elif lower == "counterpart":
                title = Title("", "", "counterpart")
            if title is None or not title.office:
                at -= 1
                continue
            yield self._describe_at(sentence, title, begin, at)
            at = begin - 1

    def _describe_at(self, sentence: SentenceView, title: Title, begin: int, at: int) -> Description:
        country, first, determiner = "", begin, ""
        while first > 0 and begin - first < 6:
            lower = sentence.lower[first - 1]
            if lower in ("the", "a", "an", "his", "her", "their", "its", "this", "that"):
                determiner = lower
                first -= 1
                break
            if lower in _STOPS:
                break
            first -= 1
        for number in range(begin - 1, first - 1, -1):
            found = sentence.entries.get(number)
            if found is not None and found[1].country:
                country = found[1].country
                break
            party = self._names.parties.get(sentence.lower[number])
            if party and sentence.words[number][:1].isupper():
                country = party
                break
        else:
            number = begin
        if not determiner:
            # Without an article the phrase is only as wide as its country: "US president branded him".
            first = number if country else begin
        if not country and sentence.lower[at + 1 : at + 2] == ["of"]:
            after = at + 2 + (sentence.lower[at + 2 : at + 3] == ["the"])
            found = sentence.entries.get(after)
            country = found[1].country if found is not None and found[1].kind == "country" else ""
        definite = determiner not in ("a", "an") and bool(determiner or country)
        return Description(
            sentence.index, sentence.start + first, sentence.start + at + 1, title.office, title, country, definite
        )

    def _assign_leaders(self) -> None:
        """Learn a country by elimination: "the US president" is the president whose country nobody else holds."""
        for key, known in self._known.items():
            for employer in known.employers:
                if not known.countries and employer != key and self._known[employer].countries:
                    known.countries[self._known[employer].country()] += 1
        wanted = Counter(
            (found.office, found.country) for found in self.descriptions if found.country and found.definite
        )
        for (office, country), _ in wanted.most_common():
            fitting = LEADS if office in LEADS else {office}
            natives = [known for known in self._known.values() if known.country() == country]
            if any(known.offices & fitting for known in natives):
                continue
            free = [known for known in natives if not known.offices] if office in LEADS else []
            free = free or [known for known in self._known.values() if not known.countries and known.offices & fitting]
            if not free and office in LEADS:
                free = [
                    known
                    for known in self._known.values()
                    if known.count >= 2 and not known.offices and known.country() in ("", country)
                ]
            if free:
                chosen = max(free, key=lambda known: (known.count, -known.order))
                chosen.countries[country] += 1
                chosen.offices.add(office)
                chosen.sectors["GOV" if office in LEADS else ""] += 1
        for key, known in self._known.items():
            for employer in known.employers:
                if not known.countries and employer != key and self._known[employer].countries:
                    known.countries[self._known[employer].country()] += 1

    def _finish(self, key: str) -> Person:
        known = self._known[key]
        sectors = [(sector, n) for sector, n in known.sectors.items() if sector]
        # What somebody is for news (minister, general) counts before what anybody may be (teacher, father).
        sector = max(sectors, key=lambda item: (item[0] != "CVL", item[1]))[0] if sectors else ""
        gender = known.genders.most_common(1)[0][0] if known.genders else ""
        return Person(known.name(), known.country(), sector, gender, frozenset(known.offices), known.count)
